"""The master: mixing columns within the capacities, and the prices that come of it.

    max  sum_{s,k} w[s,k] value[s,k]  -  sum_p cost[p] y[p]
    s.t. sum_{s,k} w[s,k] use[s,k,r,t] <= capacity[r,t] + sum_p y[p] adds[p,r,t]
         sum_k w[s,k] = 1,  w >= 0,  0 <= y <= limit

Rows below the resources are limits of a goal (`limits`); a floor is a cap on the negative, so a capacity may be
negative; a limit on the whole plan stands in its row's first cell, the others are without limit.

Columns are made for each segment at trial prices. These begin by following demand, which finds their order of size;
then they are a mix of the best prices so far and the master's own, which alone would swing (Wentges 1997, "Weighted
Dantzig-Wolfe decomposition for linear mixed-integer programming").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from simcollect.optimisation.columns import Column, Group
from simcollect.optimisation.solver import maximise

Array = npt.NDArray[np.float64]
SEARCH_ROUNDS = 12
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


@dataclass(frozen=True)
class Mix:
    """The solved master.

    Attributes
    ----------
    columns, weights : for each segment its columns in use, and the share of its accounts on each
    value : what the mix earns; it is attainable
    prices : what one more unit of each resource is worth in each week, shape (R, T): those with the lowest ceiling,
        which swing less than the duals of the columns at hand
    ceiling : no policy on any information earns more
    estimate : the same bound if the pricing steps found the best policies (exact when nothing is hidden)
    rounds : how many rounds of pricing it took
    bought : units of each purchase
    """

    columns: tuple[tuple[Column, ...], ...]
    weights: tuple[Array, ...]
    value: float
    prices: Array
    ceiling: float
    estimate: float
    rounds: int
    bought: Array


def solve_master(
    groups: Sequence[Group],
    capacity: Array,
    *,
    purchases: Sequence[Purchase] = (),
    bound_capacity: Array | None = None,
    tolerance: float = 1e-4,
    max_rounds: int = 60,
    sweeps: int = 3,
    threads: int = 2,
    pool: list[list[Column]] | None = None,
    searching: bool = True,
    start: Array | None = None,
    enough: float = np.inf,
    progress: Callable[[int, float], None] | None = None,
) -> Mix:
    """Mix the best columns of each segment within the capacities.

    Parameters
    ----------
    groups : the segments
    capacity : what there is of each resource in each week, shape (R, T)
    purchases : capacity that may be bought on top
    bound_capacity : what the ceiling may use, if more than the mix may; shape (R, T)
    tolerance : stop when the mix is this close (relative to the gain over doing nothing) to the estimate
    max_rounds : stop after so many rounds
    sweeps : improvement sweeps a segment in the first rounds; later ones begin near their goal and take one
    threads : segments priced at once; the result does not depend on it
    pool : columns at hand for each segment, the first that of leaving all alone; new ones are added to it. They must be
        able to meet all limits, with what purchases add
    searching : whether to begin with a search for the order of size of the prices; else with those of the pool
    start : first prices; the search keeps those that are not zero
    enough : stop as soon as the mix is worth so much
    progress : called each round with its number and the gap

    Raises
    ------
    InfeasibleError
        No mix of the columns at hand meets all limits.
    SolverError
        The solver stopped without a proof.
    """
    if pool is None:
        pool = [[group.nothing()] for group in groups]
    held = np.zeros_like(capacity) if start is None else start
    prices, last = held, [columns[0] for columns in pool]
    _, marginal, base, _ = mix_columns(pool, capacity, purchases)
    if not searching:
        prices = np.maximum(marginal, 0.0)
        last = _best_of(pool, prices)
        base = sum(columns[0].value for columns in pool)
    search_rounds = SEARCH_ROUNDS if searching else 0
    best_prices, best_dual, value, trust = prices, np.inf, base, 0.6
    rounds = 0
    with ThreadPoolExecutor(threads) as workers:
        for rounds in range(1, max_rounds + 1):
            at = prices
            last = list(
                workers.map(
                    lambda pair, at=at, n=sweeps if rounds <= 3 else 1: pair[0].improve(at, pair[1], n),
                    zip(groups, last, strict=True),
                )
            )
            dual = sum(_worth(column, at) for column in last) + _rent(at, capacity) + profit(at, purchases)
            use = np.sum([column.use for column in last], axis=0)
            for columns, column in zip(pool, last, strict=True):
                if not any(np.array_equal(column.policy, known.policy) for known in columns):
                    columns.append(column)
            better = dual < best_dual
            if better:
                best_dual, best_prices = dual, at
            if rounds < search_rounds:
                following = _next_prices(rounds, at, last, base, use, capacity, purchases)
                prices = np.where(held > 0, held, following)
                if enough == np.inf:
                    continue
            weights, marginal, value, _ = mix_columns(pool, capacity, purchases)
            gap = (best_dual - value) / max(abs(value - base), 1e-9 * abs(value), 1e-300)
            if progress is not None:
                progress(rounds, gap)
            if gap <= tolerance or value >= enough:
                break
            if rounds < search_rounds:
                continue
            trust = max(0.3, trust * 0.8) if better else min(0.9, trust * 1.05)
            prices = trust * best_prices + (1 - trust) * np.maximum(marginal, 0.0)
            known = _best_of(pool, prices)
            last = [c if _worth(c, prices) >= _worth(k, prices) else k for c, k in zip(last, known, strict=True)]
            pool[:] = _pruned(pool, weights, prices)
    weights, _, value, bought = mix_columns(pool, capacity, purchases)
    with ThreadPoolExecutor(threads) as workers:
        ceilings = list(workers.map(lambda group: group.ceiling(best_prices), groups))
    ceiling = sum(ceilings) + _rent(best_prices, capacity if bound_capacity is None else bound_capacity)
    ceiling += profit(best_prices, purchases)
    used = [[k for k in range(len(columns)) if w[k] > 1e-9] for columns, w in zip(pool, weights, strict=True)]
    return Mix(
        columns=tuple(tuple(columns[k] for k in keep) for columns, keep in zip(pool, used, strict=True)),
        weights=tuple(w[keep] / w[keep].sum() for w, keep in zip(weights, used, strict=True)),
        value=value,
        prices=best_prices,
        ceiling=ceiling,
        estimate=best_dual,
        rounds=rounds,
        bought=bought,
    )


def _worth(column: Column, prices: Array) -> float:
    return column.value - float((column.use * prices).sum())


def _best_of(pool: Sequence[Sequence[Column]], prices: Array) -> list[Column]:
    return [max(columns, key=lambda column: _worth(column, prices)) for columns in pool]


def _pruned(pool: list[list[Column]], weights: Sequence[Array], prices: Array) -> list[list[Column]]:
    """Drop columns that are far from being used once a segment has many: the master stays small."""
    out = []
    for columns, w in zip(pool, weights, strict=True):
        if len(columns) <= 40:
            out.append(columns)
            continue
        order = sorted(range(1, len(columns)), key=lambda k: (w[k] <= 1e-9, -_worth(columns[k], prices)))
        out.append([columns[0]] + [columns[k] for k in order[:29]])
    return out


def _rent(prices: Array, capacity: Array) -> float:
    """Return what all capacity is worth at these prices; what is without limit has no price."""
    return float((prices * np.where(prices > 0, capacity, 0.0)).sum())


def profit(prices: Array, purchases: Sequence[Purchase]) -> float:
    """Return what could be earned at these prices by buying capacity as far as it pays."""
    return sum(p.limit * max(0.0, float((prices * p.capacity).sum()) - p.cost) for p in purchases)


def _worth_buying(prices: Array, purchases: Sequence[Purchase]) -> Array:
    """Return the capacity that it would pay to buy at these prices, shape (R, T)."""
    worth = np.zeros_like(prices)
    for p in purchases:
        if float((prices * p.capacity).sum()) > p.cost:
            worth += p.limit * p.capacity
    return worth


def _next_prices(
    rounds: int,
    at: Array,
    last: Sequence[Column],
    base: float,
    use: Array,
    capacity: Array,
    purchases: Sequence[Purchase],
) -> Array:
    """Follow demand: dearer where more is used than there is, cheaper where less."""
    if rounds == 1:
        return _first_prices(last, base, use, capacity)
    there = capacity + _worth_buying(at, purchases)
    demand = (use + 0.01 * there) / np.maximum(there, 1e-9)
    return np.asarray(at * np.clip(demand, 0.2, 5.0) ** 0.6)


def _first_prices(last: Sequence[Column], base: float, use: Array, capacity: Array) -> Array:
    """Return a first guess: the average gain of a unit of effort, for resources that are short."""
    gain = max(sum(column.value for column in last) - base, 0.0)
    limited = capacity < UNLIMITED
    used = np.where(limited, use, 0.0).sum(axis=1)
    short = used > np.where(limited, capacity, 0.0).sum(axis=1)
    per_unit = np.where(short, gain / np.maximum(used, 1e-9), 0.0) / max(short.sum(), 1)
    return np.where(limited, per_unit[:, None], 0.0)


def mix_columns(
    pool: Sequence[Sequence[Column]], capacity: Array, purchases: Sequence[Purchase]
) -> tuple[list[Array], Array, float, Array]:
    """Solve the master over the columns at hand: weights by segment, prices, value, units bought."""
    flat = [column for columns in pool for column in columns]
    owner = np.repeat(np.arange(len(pool)), [len(columns) for columns in pool])
    # Told as differences to each segment's first column (shares sum to one): gains are a hundredth of values.
    base = sum(columns[0].value for columns in pool)
    room = capacity.ravel() - np.sum([columns[0].use for columns in pool], axis=0).ravel()
    limited = np.isfinite(capacity).ravel() & (capacity.ravel() < UNLIMITED)
    unit = np.maximum(np.abs(room), 1.0)[limited]
    first = [columns[0] for columns in pool for _ in columns]
    use = [(column.use - none.use).ravel()[limited] / unit for none, column in zip(first, flat, strict=True)]
    use += [-purchase.capacity.ravel()[limited] / unit for purchase in purchases]
    gains = [column.value - none.value for none, column in zip(first, flat, strict=True)]
    worth = np.array(gains + [-purchase.cost for purchase in purchases])
    scale = max(1.0, float(np.abs(worth).max()))
    found = maximise(
        worth / scale,
        csr_matrix(np.stack(use, axis=1)),
        room[limited] / unit,
        csr_matrix((np.ones(len(flat)), (owner, np.arange(len(flat)))), shape=(len(pool), worth.size)),
        np.ones(len(pool)),
        np.array([np.inf] * len(flat) + [purchase.limit for purchase in purchases]),
    )
    prices = np.zeros(capacity.size)
    prices[limited] = found.prices * scale / unit
    shares = np.maximum(found.x[: len(flat)], 0.0)
    weights = np.split(shares, np.cumsum([len(columns) for columns in pool])[:-1])
    return weights, prices.reshape(capacity.shape), base + found.objective * scale, found.x[len(flat) :]
