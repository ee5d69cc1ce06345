"""What a lender's log of talks, promises, offers and legal steps says of the entries `talk.*`, `offer.*`, `legal.*`.

Counts by group (age group, offer, legal stage), shrunk as `shrinkage.py` states. A talk is a call or visit that reached
the customer. Model order (docs/model.md): an offer taken ends the talk; else promise, hardship, refusal or nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import BEHAVIOURS
from simcollect.behaviour.law import age_group
from simcollect.behaviour.parameters import AGE_GROUPS, DEFAULTS, LEGAL_STAGES, OFFERS
from simcollect.calibration.learned import Block, Learned
from simcollect.calibration.mix import legal_mix, overdue_mix
from simcollect.calibration.schema import TALKED
from simcollect.calibration.shrinkage import Evidence, share_evidence, shrunk

Array = npt.NDArray[np.float64]
LEAST = 30  # cases in all needed for an entry: judgement


def from_outcomes(events: pd.DataFrame, learned: Learned, product: int = 0) -> None:
    """Add to `learned` what talks, promises, offers and legal steps came to.

    Parameters
    ----------
    events : a history's events; `outcome` is needed, `days_late` gives age groups, `kind` offers and stages
    product : index of the product whose customers these are
    """
    if "outcome" not in events:
        return
    behaviour = Behaviour.default()
    decided = events[events["outcome"].ne("unknown") & events["outcome"].notna()]
    by_age = overdue_mix(behaviour, product, reached=True)
    _talks(decided, by_age, learned)
    promises = decided[decided["what"].eq("promise")]
    kept = promises["outcome"].isin(["kept", "paid"])
    _by_age("talk.keep", promises, kept, by_age * behaviour["talk.promise"].T, learned, "promises")
    _offers(decided, by_age, learned)
    if "kind" in events and "account_id" in events and "date" in events:
        _law(events, legal_mix(behaviour, product), learned)


def _talks(decided: pd.DataFrame, by_age: Array, learned: Learned) -> None:
    contacts = decided[decided["what"].isin(["call", "visit"]) & decided["outcome"].isin(TALKED)]
    # Only a log that says what talks ended in can teach it: one without any promise does not.
    if not contacts["outcome"].eq("promised").any():
        return
    talks = contacts[contacts["outcome"].ne("accepted")]
    _by_age("talk.promise", talks, talks["outcome"].eq("promised"), by_age, learned, "talks")
    ages = _age(talks)
    weight = by_age.mean(axis=0)
    if (ages >= 0).any():
        weight = np.bincount(ages[ages >= 0], minlength=len(AGE_GROUPS)) @ by_age
    for entry, outcome in (("talk.hardship", "hardship"), ("talk.refuse", "refused")):
        won = talks["outcome"].eq(outcome)
        if won.any() and len(talks) >= LEAST:
            every = np.ones(len(BEHAVIOURS), np.bool_)
            found = share_evidence(entry, "", every, weight, float(won.sum()), len(talks))
            learned.block(shrunk(entry, "odds", [found]), [len(talks)], "talks")


def _by_age(entry: str, rows: pd.DataFrame, won: pd.Series, mix: Array, learned: Learned, unit: str) -> None:
    """Shift each age group of an entry (behaviours × ages); all together where the log does not say how late."""
    if len(rows) < LEAST or not won.any():
        return
    ages = _age(rows)
    good = won.to_numpy()
    cells = np.zeros(DEFAULTS[entry].array().shape, np.bool_)
    if not (ages >= 0).any():
        weight = np.tile(mix.sum(axis=0) / mix.sum(), (len(AGE_GROUPS), 1)).T.ravel()
        found = [share_evidence(entry, "", ~cells, weight, float(good.sum()), len(rows))]
    else:
        found = []
        for g, label in enumerate(AGE_GROUPS):
            own = cells.copy()
            own[:, g] = True
            here = ages == g
            found.append(share_evidence(entry, label, own, mix[g], float(good[here].sum()), float(here.sum())))
    learned.block(shrunk(entry, "odds", found), [e.n for e in found], unit)


def _age(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the age group of each row, -1 where the log does not say."""
    if "days_late" not in rows:
        return np.full(len(rows), -1)
    late = rows["days_late"].to_numpy(np.float64)
    return np.array([age_group(int(x)) if np.isfinite(x) else -1 for x in late], np.int64)


def _offers(decided: pd.DataFrame, by_age: Array, learned: Learned) -> None:
    offers = decided[decided["what"].eq("offer")]
    won = offers["outcome"].isin(["accepted", "paid", "success"])
    if len(offers) < LEAST or not won.any():
        return
    kind = offers["kind"] if "kind" in offers else pd.Series("", index=offers.index)
    shape = DEFAULTS["offer.accept"].array().shape
    found = []
    mix = by_age.mean(axis=0)
    if kind.isin(OFFERS).any():
        for o, name in enumerate(OFFERS):
            own = np.zeros(shape, np.bool_)
            own[o] = True
            here = kind.eq(name)
            found.append(share_evidence("offer.accept", name, own, mix, float(won[here].sum()), float(here.sum())))
    else:
        every = np.ones(shape, np.bool_)
        weight = np.tile(mix, shape[0])
        found.append(share_evidence("offer.accept", "", every, weight, float(won.sum()), len(offers)))
    learned.block(shrunk("offer.accept", "odds", found), [e.n for e in found], "offers")


def _law(events: pd.DataFrame, mix: Array, learned: Learned) -> None:
    """Durations, payments, judgments and shares paid, from dated stages of each account.

    A row `legal` with a `kind` says that the stage began that day; `outcome` paid that the account settled in it, won
    or lost what came of a judgment. A stage ends with the account's next legal row; one that has none is still under
    way on the last day of the log, and counts with the weeks it has lasted (exponential law, right-censored).
    """
    rows = events[events["what"].eq("legal") & events["kind"].isin(LEGAL_STAGES) & events["date"].notna()]
    if len(rows) < LEAST:
        return
    rows = rows.sort_values(["account_id", "date"], kind="stable")
    last = events["date"].max()
    after = rows["account_id"].eq(rows["account_id"].shift(-1))
    outcome = rows["outcome"].fillna("unknown")
    moved = after & rows["kind"].ne(rows["kind"].shift(-1))
    until = rows["date"].shift(-1).where(after, last)
    weeks = (until - rows["date"]).dt.days.clip(lower=0.5) / 7.0
    paid = outcome.eq("paid")
    exits, pays = [], []
    for s, stage in enumerate(LEGAL_STAGES):
        here = rows["kind"].eq(stage)
        lived, left = float(weeks[here].sum()), int((moved & here & ~paid).sum())
        one = np.arange(len(LEGAL_STAGES)) == s
        default = float(DEFAULTS["legal.weeks"].array()[s])
        shift = float(np.log(lived / left / default)) if left else 0.0
        exits.append(Evidence(stage, one, shift, 1 / np.sqrt(left) if left else np.inf, left))
        own = np.zeros(DEFAULTS["legal.pay"].array().shape, np.bool_)
        own[s] = True
        pays.append(share_evidence("legal.pay", stage, own, mix[s], float((paid & here).sum()), lived))
    if sum(e.n for e in exits) >= LEAST:
        learned.block(shrunk("legal.weeks", "factor", exits), [e.n for e in exits], "stages that ended")
    if int(paid.sum()) >= LEAST:
        learned.block(shrunk("legal.pay", "odds", pays), [e.n for e in pays], "weeks in the stage")
    judged = rows["kind"].eq("judgment") & outcome.isin(["won", "lost"])
    n = int(judged.sum())
    if n >= LEAST:
        share = float(outcome[judged].eq("won").sum() + 0.5) / (n + 1)
        learned.number("legal.judgment", share, float(np.sqrt(share * (1 - share) / n)), n)
    if "share" in rows:
        _shares_paid(rows, outcome, mix, learned)


def _shares_paid(rows: pd.DataFrame, outcome: pd.Series, mix: Array, learned: Learned) -> None:
    shares = rows["share"].astype(float)
    settled = outcome.eq("paid") & shares.gt(0)
    if int(settled.sum()) >= LEAST:
        found = []
        for s, stage in enumerate(LEGAL_STAGES):
            own = np.arange(len(LEGAL_STAGES)) == s
            default = float(DEFAULTS["legal.settle_share"].array()[s])
            found.append(_mean(stage, own, shares[settled & rows["kind"].eq(stage)], default))
        learned.block(shrunk("legal.settle_share", "odds", found), [e.n for e in found], "settlements")
    ended = rows["kind"].eq("enforcement") & outcome.isin(["won", "lost"]) & shares.notna()
    if int(ended.sum()) >= LEAST and shares[ended].gt(0).any():
        default = float(mix[-1] @ DEFAULTS["legal.enforced"].array())
        found = [_mean("", np.ones(len(BEHAVIOURS), np.bool_), shares[ended], default)]
        learned.block(shrunk("legal.enforced", "odds", found), [int(ended.sum())], "enforcements")


def _mean(label: str, cells: npt.NDArray[np.bool_], values: pd.Series, default: float) -> Evidence:
    """Return the shift of log-odds from the default to the mean of shares."""
    n = len(values)
    if n < 3:
        return Evidence(label, cells, 0.0, np.inf, n)
    mean = float(np.clip(values.mean(), 1e-3, 1 - 1e-3))
    error = max(float(values.std(ddof=1)), 1e-3) / np.sqrt(n) / (mean * (1 - mean))
    return Evidence(label, cells, float(np.log(mean / (1 - mean) * (1 - default) / default)), error, n)


def hours(events: pd.DataFrame, learned: Learned) -> None:
    """Add the relative chance of a live answer by hour of the day to `call.hour_index` (mean 1 over the shift)."""
    if "hour" not in events or "outcome" not in events:
        return
    heard = ("third_party", *TALKED)
    dials = events[events["what"].eq("call") & events["outcome"].isin(["no_answer", *heard]) & events["hour"].notna()]
    index = DEFAULTS["call.hour_index"].array()
    first = 8  # the table's first hour
    hour = dials["hour"].to_numpy(np.float64) - first
    live = dials["outcome"].isin(heard).to_numpy()
    inside = (hour >= 0) & (hour < index.size)
    if inside.sum() < LEAST * index.size or live[inside].sum() < LEAST or live[inside].all():
        return
    at = hour[inside].astype(np.int64)
    n, won = np.bincount(at, minlength=index.size), np.bincount(at[live[inside]], minlength=index.size)
    there = n >= 3
    level = float(won[there].sum() / (n[there] @ index[there]))  # so that hours differ from the table, not the level
    found = []
    for h in range(index.size):
        p = (won[h] + 0.5) / (n[h] + 1)
        error = float(np.sqrt((1 - p) / (p * n[h]))) if there[h] else np.inf
        found.append(Evidence(f"{first + h} h", np.arange(index.size) == h, float(np.log(p / level / index[h])), error,
                              int(n[h])))  # fmt: skip
    block = shrunk("call.hour_index", "factor", found)
    mean = float((block.at(block.theta)["call.hour_index"]).mean())
    centred = Block(block.free, block.theta - np.log(mean), block.covariance)
    learned.block(centred, [e.n for e in found], "dials")
