"""The master over the columns at hand: a linear programme, and what a column or a purchase is worth at given prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from simcollect.optimisation.columns import Column
from simcollect.optimisation.solver import maximise

Array = npt.NDArray[np.float64]
UNLIMITED = 1e11  # a capacity from which on a resource has no row and no price


@dataclass(frozen=True, eq=False)
class Purchase:
    """Capacity that may be bought: people for a month, overtime, an agency's seats, messages.

    Attributes
    ----------
    name : what it is
    cost : what one unit takes from the objective: for net present value its money, discounted to day 0
    capacity : what one unit adds to each row, shape (R, T); negative where it takes of a limit
    limit : most units that can be had
    """

    name: str
    cost: float
    capacity: Array
    limit: float


def net_worth(column: Column, prices: Array) -> float:
    """Return what a column earns less what it uses at these prices."""
    return column.value - float((column.use * prices).sum())


def rent(prices: Array, capacity: Array) -> float:
    """Return what all capacity is worth at these prices; what is without limit has no price."""
    return float((prices * np.where(prices > 0, capacity, 0.0)).sum())


def profit(prices: Array, purchases: Sequence[Purchase]) -> float:
    """Return what could be earned at these prices by buying capacity as far as it pays."""
    return sum(p.limit * max(0.0, float((prices * p.capacity).sum()) - p.cost) for p in purchases)


class AtHand(NamedTuple):
    """The master over the columns at hand, in gains over each segment's first column and rows of about one."""

    owner: npt.NDArray[np.int64]  # (K,) segment of each column, purchases -1
    worth: Array  # (K,) gain of each column, then minus the cost of each purchase
    use: Array  # (rows, K)
    room: Array  # (rows,)
    most: Array  # (K,)
    limited: npt.NDArray[np.bool_]  # (R * T,) which rows there are
    unit: Array  # (rows,) what a row was divided by
    base: float  # value of the first columns


def at_hand(pool: Sequence[Sequence[Column]], capacity: Array, purchases: Sequence[Purchase]) -> AtHand:
    """Lay the master out.

    Shares sum to one, so that differences to each segment's first column do: gains are a hundredth of values.
    """
    flat = [column for columns in pool for column in columns]
    first = [columns[0] for columns in pool for _ in columns]
    room = capacity.ravel() - np.sum([columns[0].use for columns in pool], axis=0).ravel()
    limited = np.isfinite(capacity).ravel() & (capacity.ravel() < UNLIMITED)
    unit = np.maximum(np.abs(room), 1.0)[limited]
    use = [(column.use - none.use).ravel()[limited] / unit for none, column in zip(first, flat, strict=True)]
    use += [-purchase.capacity.ravel()[limited] / unit for purchase in purchases]
    gains = [column.value - none.value for none, column in zip(first, flat, strict=True)]
    return AtHand(
        owner=np.repeat(np.arange(len(pool) + 1), [*(len(columns) for columns in pool), len(purchases)]),
        worth=np.array(gains + [-purchase.cost for purchase in purchases]),
        use=np.stack(use, axis=1),
        room=room[limited] / unit,
        most=np.array([np.inf] * len(flat) + [purchase.limit for purchase in purchases]),
        limited=limited,
        unit=unit,
        base=sum(columns[0].value for columns in pool),
    )


def mix_columns(
    pool: Sequence[Sequence[Column]], capacity: Array, purchases: Sequence[Purchase]
) -> tuple[list[Array], Array, float, Array]:
    """Solve the master over the columns at hand: weights by segment, prices, value, units bought."""
    lp = at_hand(pool, capacity, purchases)
    columns = np.flatnonzero(lp.owner < len(pool))
    scale = max(1.0, float(np.abs(lp.worth).max()))
    found = maximise(
        lp.worth / scale,
        csr_matrix(lp.use),
        lp.room,
        csr_matrix((np.ones(columns.size), (lp.owner[columns], columns)), shape=(len(pool), lp.worth.size)),
        np.ones(len(pool)),
        lp.most,
    )
    prices = np.zeros(capacity.size)
    prices[lp.limited] = found.prices * scale / lp.unit
    shares = np.maximum(found.x[columns], 0.0)
    weights = np.split(shares, np.cumsum([len(columns) for columns in pool])[:-1])
    return weights, prices.reshape(capacity.shape), lp.base + found.objective * scale, found.x[columns.size :]
