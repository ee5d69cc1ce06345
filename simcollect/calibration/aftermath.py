"""What a log of instalment plans and of placed debt says of `plan.miss` and `agency.*`.

*Plans.* A row `plan` is an instalment of a plan that fell due: kept or broken, `kind` the offer. With cut c of the
offer and the relief r of the table, a behaviour misses with ``1 − (1 − miss)^exp(−r c)``; the log-odds of `plan.miss`
are shifted alike for all behaviours until their mix on plans misses as often as was counted.

*Agency.* Rows `agency`: kind `placed` the day on which an account was handed over, kind `returned` the day on which it
was given back, outcome `paid` with its `share` of the balance a payment. A week's payments of the accounts still there
are Poisson counts with mean ``n_w c (1 − e)^w``, w weeks since placement; c moves `agency.collects`, e `agency.exit`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import DEFAULTS, OFFERS
from simcollect.behaviour.states import PLANS
from simcollect.calibration.free import Free, spread
from simcollect.calibration.learned import Block, Learned
from simcollect.calibration.mix import agency_mix, plan_mix
from simcollect.calibration.shrinkage import Evidence, share_evidence, shrunk

Array = npt.NDArray[np.float64]
LEAST = 30  # cases needed for an entry: judgement


def plan_misses(decided: pd.DataFrame, learned: Learned, product: int = 0) -> None:
    """Add `plan.miss` to `learned`.

    Parameters
    ----------
    decided : events whose outcome is known
    """
    from scipy.optimize import brentq

    rows = decided[decided["what"].eq("plan") & decided["outcome"].isin(["kept", "paid", "broken"])]
    n, missed = len(rows), float(rows["outcome"].eq("broken").sum())
    if n < LEAST or missed == 0:
        return
    behaviour = Behaviour.default()
    kind = rows["kind"] if "kind" in rows else pd.Series("", index=rows.index)
    number = np.array([kind.eq(name).sum() for name in PLANS], np.float64)
    number[OFFERS.index("instalment_plan")] += n - number.sum()  # what the log does not name
    mix, mild = plan_mix(behaviour, product), np.exp(-behaviour["plan.relief"] * behaviour["offer.cut"])[: len(PLANS)]
    odds = behaviour["plan.miss"] / (1 - behaviour["plan.miss"])

    def shown(shift: float) -> float:
        kept = 1 / (1 + odds * np.exp(shift))
        return float(number @ (1 - kept[None, :] ** mild[:, None] @ mix)) / n

    share = float(np.clip((missed + 0.5) / (n + 1), shown(-8.0), shown(8.0)))
    shift = float(brentq(lambda s: shown(s) - share, -8.001, 8.001))
    slope = (shown(shift + 1e-4) - shown(shift - 1e-4)) / 2e-4
    every = np.ones(odds.shape, np.bool_)
    error = float(np.sqrt(share * (1 - share) / n) / slope)
    learned.block(shrunk("plan.miss", "odds", [Evidence("", every, shift, error, n)]), [n], "instalments of plans")


def agency(events: pd.DataFrame, learned: Learned, product: int = 0) -> None:
    """Add `agency.collects`, `agency.exit` and `agency.share` to `learned`."""
    if not {"account_id", "date", "kind", "outcome"} <= set(events):
        return
    rows = events[events["what"].eq("agency") & events["date"].notna()]
    placed = rows[rows["kind"].eq("placed")].groupby("account_id")["date"].min()
    paid = rows[rows["outcome"].eq("paid") & rows["account_id"].isin(placed.index)]
    if len(placed) < LEAST or len(paid) < LEAST:
        return
    _intensity(rows, placed, paid, events["date"].max(), learned, product)
    shares = paid["share"].astype(float).dropna() if "share" in paid else pd.Series(dtype=float)
    if len(shares) >= LEAST:
        error = float(shares.std(ddof=1) / np.sqrt(len(shares)))
        learned.number("agency.share", float(shares.mean()), error, len(shares))


def _intensity(
    rows: pd.DataFrame, placed: pd.Series, paid: pd.DataFrame, last: pd.Timestamp, learned: Learned, product: int
) -> None:
    returned = rows[rows["kind"].eq("returned")].groupby("account_id")["date"].min()
    end = returned.reindex(placed.index).fillna(last)
    weeks = ((end - placed).dt.days // 7).clip(lower=0).to_numpy(np.int64)
    since = ((paid["date"] - paid["account_id"].map(placed)).dt.days // 7).to_numpy(np.int64)
    size = int(max(weeks.max(), 1))
    there = np.array([(weeks > w).sum() for w in range(size)], np.float64)
    counted = np.bincount(since[(since >= 0) & (since < size)], minlength=size).astype(np.float64)
    if counted.sum() < LEAST:
        return
    level, fall, covariance = fading(there, counted)
    every = np.ones(DEFAULTS["agency.collects"].array().shape, np.bool_)
    one = share_evidence("agency.collects", "", every, agency_mix(Behaviour.default(), product), level * 1e6, 1e6)
    # The error of a log rate is that of a log-odds, but for 1 − p: payments of a week are rare.
    error = float(np.sqrt(covariance[0, 0]) / (1 - level))
    n = int(counted.sum())
    learned.block(
        shrunk("agency.collects", "odds", [Evidence("", every, one.shift, error, n)]), [n], "payments to the agency"
    )
    default, sd = float(DEFAULTS["agency.exit"].array()), spread("agency.exit")
    shift, noise = float(np.log(fall / default)), float(covariance[1, 1])
    gain = sd**2 / (sd**2 + noise)
    free = (Free("agency.exit", "agency.exit", "factor", np.array(True), sd),)
    block = Block(free, np.array([gain * shift]), np.array([[gain * noise]]))
    # Statuses, where there are any, have told the same entry already, from accounts that are all still there.
    if "agency.exit" not in learned.changes:
        learned.block(block, [n], "payments to the agency")


def fading(there: Array, counted: Array) -> tuple[float, float, Array]:
    """Return the payments an account and week at the start, their fall a week, and the covariance of the two logs.

    Maximum likelihood of Poisson counts with mean ``there c (1 − e)^w``.

    Examples
    --------
    >>> w = np.arange(104)
    >>> level, fall, _ = fading(np.full(104, 1e5), 1e5 * 0.03 * (1 - 0.0176) ** w)
    >>> round(level, 4), round(fall, 4)
    (0.03, 0.0176)
    """
    from scipy.optimize import minimize

    w = np.arange(there.size)

    def mean(x: Array) -> Array:
        return np.asarray(there * np.exp(x[0] + w * np.log1p(-min(np.exp(x[1]), 0.99))))

    def loss(x: Array) -> float:
        expected = mean(x)
        return float((expected - counted * np.log(np.maximum(expected, 1e-300))).sum())

    start = np.array([np.log(counted.sum() / there.sum()), np.log(0.01)])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8, "maxiter": 4000}).x
    level, fall = float(np.exp(found[0])), float(np.exp(found[1]))
    slopes = np.stack([np.ones(there.size), -w * fall / (1 - fall)])
    return level, fall, np.asarray(np.linalg.pinv((slopes * mean(found)) @ slopes.T), np.float64)
