"""Cash in the back-test: what played histories pay, drawn from what accounts of the lender paid at the same move.

Symbols: ``a -> b`` move of a month's status, ``q`` tenth of the accounts by what was billed (or owed) before.

A payment in a played month is one that was really made, in the months known, at the same move and tenth (drawn at
random; where there is none, of the same move, else of the same end). So the amounts need no law of their own: many pay
nothing, some all, and that stays so. All accounts of a month share a factor ``exp(z)``: ``z`` wanders on, as the
payment climate does, from the last known month's log ratio of cash to what this rule expects, in Student steps with the
spread of its changes between the months known. Sizes are those of the last month known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.history import History
from simcollect.calibration.panel import Sequences
from simcollect.units import minor_per_major

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]
Figures = dict[tuple[str, str], float]

TENTHS = 10
FEW = 30  # payments a tenth needs to be drawn from: judgement
SIZES = ("bill", "balance")  # what an account's size is taken from, in this order


@dataclass(frozen=True)
class Cash:
    """Payments known and how to draw those of the months ahead.

    Attributes
    ----------
    paid : (N, T) payment in each month of each sequence, major units, NaN where not known
    tenth : (N,) size of each account at the last month known
    donors : payments made, sorted by cell; begin, count : where each cell (a, b, q) begins, and how many it has
    level, step, steps : log of the common factor in the last month known, spread of its changes, and how many were seen
    by_origin : (2, Y) mean payment by the status a month starts with: in the last month known, and in all
    """

    paid: Array
    tenth: Whole
    donors: Array
    begin: Whole
    count: Whole
    level: float
    step: float
    steps: int
    by_origin: Array

    def play(self, status: Bytes, rng: np.random.Generator, from_month: Whole) -> Array:
        """Return payments (N, T) of played histories, zero where a month has none.

        Parameters
        ----------
        from_month : (N, T) months ahead of the last one known, below 1 where the month is known
        """
        statuses = self.begin.shape[0]
        out = np.zeros(status.shape)
        now, nxt = status[:, :-1], status[:, 1:]
        row, column = np.nonzero((now >= 0) & (nxt >= 0) & (from_month[:, 1:] >= 1))
        a, b, q = now[row, column], np.minimum(nxt[row, column], statuses - 1), self.tenth[row]
        n = self.count[a, b, q]
        pick = self.begin[a, b, q] + (rng.random(row.size) * n).astype(np.int64)
        ahead = from_month[:, 1:][row, column].astype(np.int64)
        factor = np.ones(int(ahead.max(initial=0)) + 1)
        if self.steps >= 1:
            z = self.level + (self.step * rng.standard_t(self.steps + 1, factor.size - 1)).cumsum()
            factor[1:] = np.exp(np.clip(z, -3.0, 3.0))
        out[row, column + 1] = np.where(n > 0, self.donors[np.minimum(pick, self.donors.size - 1)], 0.0) * factor[ahead]
        return out


def amounts(history: History, data: Sequences, name: str) -> Array | None:
    """Return a money column of the months as (N, T) in major units, NaN where it is not known; None without it.

    Examples
    --------
    >>> rows = pd.DataFrame({"account_id": ["a"] * 3, "month": ["2024-01", "2024-02", "2024-03"], "status": [0, 1, 0],
    ...                      "payment": [1000.0, 0.0, 2000.0]})
    >>> from simcollect.calibration.panel import sequences
    >>> history = History.of(months=rows)
    >>> amounts(history, sequences(history), "payment").tolist()
    [[10.0, 0.0, 20.0]]
    """
    months = history.months
    if months is None or name not in months or not months[name].notna().any():
        return None
    begins = pd.MultiIndex.from_arrays([data.account, data.first])
    first = months.groupby("spell")["month"].transform("min")
    row = begins.get_indexer(pd.MultiIndex.from_arrays([months["account_id"], first]))
    place = (months["month"] - first).to_numpy(np.int64)
    out = np.full(data.status.shape, np.nan)
    inside = (row >= 0) & (place < data.status.shape[1])
    out[row[inside], place[inside]] = months[name].to_numpy(np.float64)[inside]
    return out / minor_per_major(history.mapping.currency or "USD")


def learn_cash(history: History, data: Sequences, month: int) -> Cash | None:
    """Return what is known of payments up to a month (months since year 0); None if the history has no payments."""
    paid = amounts(history, data, "payment")
    if paid is None:
        return None
    sizes = [found for name in SIZES if (found := amounts(history, data, name)) is not None]
    size = np.abs(sizes[0]) if sizes else np.zeros_like(paid)
    status, statuses = data.status, data.low.size
    when = data.first[:, None] + np.arange(status.shape[1])[None, :]
    now, nxt = status[:, :-1], status[:, 1:]
    row, column = np.nonzero((now >= 0) & (nxt >= 0) & (when[:, 1:] <= month) & np.isfinite(paid[:, 1:]))
    if row.size < FEW:
        return None
    before = np.nan_to_num(size[row, column])
    edges = np.unique(np.quantile(before, np.linspace(0, 1, TENTHS + 1)[1:-1]))
    a, b, q = now[row, column], nxt[row, column], np.searchsorted(edges, before, side="right")
    made = paid[row, column + 1]
    donors, begin, count = _cells(a, b, q, made, statuses)
    cell_mean = np.array([made[i].mean() for i in _groups(a, b, q)])
    expected = cell_mean[_index(a, b, q)]
    seen = when[row, column + 1]
    ratio = np.array([made[seen == m].sum() / max(expected[seen == m].sum(), 1e-9) for m in np.unique(seen)])
    log = np.log(np.maximum(ratio, 1e-3))
    last = seen == month
    origin = np.array(
        [[made[(a == y) & part].mean() if ((a == y) & part).any() else 0.0 for y in range(statuses)]
         for part in (last, np.ones_like(last))]
    )  # fmt: skip
    place = np.clip(month - data.first, 0, status.shape[1] - 1)
    tenth = np.searchsorted(edges, np.nan_to_num(size[np.arange(len(size)), place]), side="right")
    changes = np.diff(log)
    step = float(np.sqrt((changes**2).mean())) if changes.size else 0.0
    return Cash(paid, tenth, donors, begin, count, float(log[-1]), step, changes.size, origin)


def cash_figures(paid: Array, status: Bytes, ahead: Whole, counted: npt.NDArray[np.bool_]) -> Figures:
    """Return cash by month ahead, in all and from accounts that were late a month before.

    Parameters
    ----------
    ahead : (N, T) months after the last one known
    counted : (N, T) where the real payment is known
    """
    out: Figures = {}
    money = np.where(counted, np.nan_to_num(paid), 0.0)
    there = (status[:, :-1] >= 0) & (status[:, 1:] >= 0)
    late = there & (status[:, :-1] > 0)
    for h in range(1, int(ahead.max(initial=0)) + 1):
        here = ahead[:, 1:] == h
        out["cash", f"month {h}, all"] = float(money[:, 1:][there & here].sum())
        out["cash", f"month {h}, from the late"] = float(money[:, 1:][late & here].sum())
    return out


def naive_cash(cash: Cash, chain: int, share: Array, ahead: int) -> Figures:
    """Return the cash of a chain's forecast: accounts by origin status times what such accounts paid on average.

    Parameters
    ----------
    chain : 0 with the payments of the last month known, 1 with those of all
    share : (Y,) accounts expected by status a month before; ahead : which month it is
    """
    by_status = share * cash.by_origin[chain]
    return {
        ("cash", f"month {ahead}, all"): float(by_status.sum()),
        ("cash", f"month {ahead}, from the late"): float(by_status[1:].sum()),
    }


def _index(a: Bytes, b: Bytes, q: Whole) -> Whole:
    code = (a.astype(np.int64) * 100 + b) * 100 + q
    return np.asarray(np.unique(code, return_inverse=True)[1], np.int64)


def _groups(a: Bytes, b: Bytes, q: Whole) -> list[Whole]:
    index = _index(a, b, q)
    order = np.argsort(index, kind="stable")
    return list(np.split(order, np.cumsum(np.bincount(index))[:-1]))


def _cells(a: Bytes, b: Bytes, q: Whole, made: Array, statuses: int) -> tuple[Array, Whole, Whole]:
    """Return donors sorted so that every cell is one stretch, with fallbacks for thin cells."""
    begin = np.zeros((statuses, statuses, TENTHS), np.int64)
    count = np.zeros_like(begin)
    pieces: list[Array] = []
    total = 0
    for end in range(statuses):
        to = b == end
        for origin in range(statuses):
            same = to & (a == origin)
            for tenth in range(TENTHS):
                pool = made[same & (q == tenth)]
                pool = pool if pool.size >= FEW else made[same]
                pool = pool if pool.size >= FEW else made[to]
                begin[origin, end, tenth], count[origin, end, tenth] = total, pool.size
                pieces.append(pool)
                total += pool.size
    return np.concatenate(pieces), begin, count
