"""How long attention lasts (`attention.decay`), from contacts that chance allotted and the payments that followed.

Of accounts drawn to be contacted and accounts drawn not to be, a log shows in which week each paid first. Symbols: week
w = 1, 2, ... after the contact; ``n1, n0`` accounts still at risk as it begins, ``y1, y0`` first payments in it, of
those contacted and not; ``rho_w(f, d)`` ratio of the two shares that pay in week w by the daily law, with the effect of
contact multiplied by f and attention lost with probability d a week. Given the payments of a week,

    y1 ~ Binomial(y1 + y0, n1 rho / (n1 rho + n0)),

in which the lender's own level of payment cancels, whatever it is in each week. That the ready payers of the contacted
are gone first is in ``rho``. Normal priors on log f and logit d, with the spreads of the parameter table (Bayes by the
highest posterior and its curvature).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import CHANNELS, DEFAULTS
from simcollect.calibration.free import Free, spread
from simcollect.calibration.learned import Block, Learned
from simcollect.calibration.mix import overdue_mix
from simcollect.calibration.response import EARLY, paid_within

Array = npt.NDArray[np.float64]
WEEKS = 8  # followed at most: with the default decay a fiftieth of attention is left by then
LEAST = 100  # first payments in each arm: judgement; a decay is the second difference of what is seen
ENTRY = "attention.decay"


def lasting(events: pd.DataFrame, learned: Learned, product: int = 0) -> None:
    """Add to `learned` how fast attention is lost, if the log has randomised contacts and dated payments.

    Parameters
    ----------
    events : a history's events; rows with `treated` and `randomised` and a date open a case, rows `payment` close it
    """
    needed = {"account_id", "date", "treated", "randomised"}
    if not needed <= set(events):
        return
    cases = events[events["treated"].notna() & events["randomised"].eq(True) & events["date"].notna()]
    payments = events[events["what"].eq("payment") & events["date"].notna()]
    if cases.empty or payments.empty:
        return
    followed = []
    for channel in (None, *range(len(CHANNELS))):
        here = cases["what"].isin(["call", "visit"])
        if channel is not None:
            own = cases["channel"] if "channel" in cases else pd.Series("", index=cases.index)
            here = cases["what"].eq("message") & own.eq(CHANNELS[channel])
        if here.any():
            counts = by_week(cases[here], payments, events["date"].max())
            if min(counts[1].sum(), counts[3].sum()) >= LEAST:
                followed.append((channel, _days(cases[here]), counts))
    if followed:
        block, n = _fitted(followed, product)
        learned.block(block, [n], "first payments of accounts that chance allotted")


def by_week(cases: pd.DataFrame, payments: pd.DataFrame, last: pd.Timestamp) -> Array:
    """Return n1, y1, n0, y0 by week since the case began, shape (4, weeks); weeks beyond the log's end are left out."""
    first = cases[["account_id", "date", "treated"]].reset_index(drop=True)
    paid = payments[["account_id", "date"]].rename(columns={"date": "paid"})
    both = first.reset_index().merge(paid, on="account_id")
    after = both[both["paid"] > both["date"]].groupby("index")["paid"].min()
    days = (first.index.to_series().map(after) - first["date"]).dt.days.to_numpy(np.float64)
    seen = (last - first["date"]).dt.days.to_numpy(np.float64)
    week = np.where(np.isfinite(days), np.ceil(days / 7), np.inf)
    whole = np.minimum(seen // 7, WEEKS)
    treated = first["treated"].astype(bool).to_numpy()
    out = np.zeros((4, WEEKS))
    for w in range(1, WEEKS + 1):
        risk = (week >= w) & (whole >= w)
        for arm, ours in enumerate((treated, ~treated)):
            out[2 * arm, w - 1] = (risk & ours).sum()
            out[2 * arm + 1, w - 1] = (risk & ours & (week == w)).sum()
    return out


def ratios(
    mix: Array, days: npt.NDArray[np.int64], channel: int | None, factor: float, decay: float, weeks: int = WEEKS
) -> Array:
    """Return how many times as often the contacted pay first in each week as others still at risk, by the daily law.

    Examples
    --------
    >>> mix = overdue_mix(Behaviour.default(), 0, reached=True)
    >>> slow, fast = (ratios(mix, EARLY, None, 1.0, decay) for decay in (0.2, 0.6))
    >>> bool(slow[3] > fast[3])
    True
    """
    behaviour = Behaviour.default().replace({ENTRY: decay})
    within = [paid_within(behaviour, mix, days, 7 * w, channel, factor) for w in range(1, weeks + 1)]
    paid = np.array([(0.0, 0.0), *within])
    share = np.diff(paid, axis=0) / (1.0 - paid[:-1])
    return np.asarray(share[:, 1] / share[:, 0])


def _fitted(followed: list[tuple[int | None, npt.NDArray[np.int64], Array]], product: int) -> tuple[Block, int]:
    """Return the shift of the decay's log-odds, the effects' sizes (one a kind of contact) left free."""
    from scipy.optimize import minimize

    behaviour = Behaviour.default()
    sd = np.array([spread(ENTRY), *[1.0] * len(followed)])  # of log f: an effect may well be a third or three times
    odds = float(DEFAULTS[ENTRY].array() / (1 - DEFAULTS[ENTRY].array()))
    mixes = [overdue_mix(behaviour, product, reached=channel is None) for channel, *_ in followed]

    def loss(x: Array) -> float:
        moved = odds * np.exp(np.clip(x[0], -6.0, 6.0))
        total = 0.5 * float(((x / sd) ** 2).sum())
        for (channel, days, (n1, y1, n0, y0)), mix, log_f in zip(followed, mixes, x[1:], strict=True):
            rho = ratios(mix, days, channel, float(np.exp(log_f)), moved / (1 + moved))
            total -= float((y1 * np.log(rho) - (y1 + y0) * np.log(n1 * rho + n0 + 1e-300)).sum())
        return total

    found = minimize(loss, np.zeros(sd.size), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3}).x
    step = 0.05
    size = sd.size
    hessian = np.empty((size, size))
    eye = step * np.eye(size)
    for i in range(size):
        for j in range(i + 1):
            corners = [loss(found + a * eye[i] + b * eye[j]) * a * b for a in (1, -1) for b in (1, -1)]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * step**2)
    values, vectors = np.linalg.eigh(hessian)
    inverse = (vectors / np.maximum(values, float((1 / sd**2).min()))) @ vectors.T
    free = (Free(ENTRY, ENTRY, "odds", np.array(True), float(sd[0])),)
    count = int(sum(counts[1].sum() + counts[3].sum() for *_, counts in followed))
    return Block(free, found[:1], inverse[:1, :1]), count


def _days(cases: pd.DataFrame) -> npt.NDArray[np.int64]:
    if "days_late" in cases and cases["days_late"].notna().any():
        return cases["days_late"].dropna().to_numpy(np.float64).astype(np.int64)
    return EARLY
