"""The master: mixing columns within the capacities, and the prices that come of it.

    max  sum_{s,k} w[s,k] value[s,k]  -  sum_p cost[p] y[p]
    s.t. sum_{s,k} w[s,k] use[s,k,r,t] <= capacity[r,t] + sum_p y[p] adds[p,r,t]
         sum_k w[s,k] = 1,  w >= 0,  0 <= y <= limit

Rows below the resources are limits of a goal (`limits`); a floor is a cap on the negative, so a capacity may be
negative; a limit on the whole plan stands in its row's first cell, the others are without limit.

Columns are made for each segment at trial prices. These begin by following demand, which finds their order of size.
Then two kinds take turns. Proximal steps from the best prices so far (`proximal`) soon have the right prices, but their
columns, all made at nearly the same prices, can hardly be mixed to fill each row exactly. The master's own prices say
which rows that is hard in: the best prices moved a little towards them bring columns that fill these. A mix of the best
prices and the master's own alone (Wentges 1997, "Weighted Dantzig-Wolfe decomposition for linear mixed-integer
programming") took half as long again on three books of half a year, and in a downturn had not closed after forty
rounds: that plan promised 5 % less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.optimisation.athand import UNLIMITED, Purchase, at_hand, net_worth, profit, rent
from simcollect.optimisation.columns import Column, Group
from simcollect.optimisation.proximal import proximal_step
from simcollect.optimisation.restarted import RestartedMaster

Array = npt.NDArray[np.float64]
SEARCH_ROUNDS = 6  # that follow demand: judgement
INWARD = 0.2  # of the way to the master's own prices: chosen on the instance of tests/benchmarks/test_master.py
FIRST_WEIGHT, LEAST_WEIGHT = 1.0, 0.02  # of the distance in proximal steps: see `proximal`; the least is judgement


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
    bound_purchases: Sequence[Purchase] | None = None,
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
    bound_capacity, bound_purchases : what the ceiling may use and buy, if more than the mix may
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
    master = RestartedMaster(capacity, purchases)
    _, marginal, value, _ = master.mix(pool)
    base = value
    if not searching:
        prices = np.maximum(marginal, 0.0)
        last = _best_of(pool, prices)
        base = sum(columns[0].value for columns in pool)
    search_rounds = SEARCH_ROUNDS if searching else 0
    best_prices, best_dual, weight = prices, np.inf, FIRST_WEIGHT
    promised: float | None = None  # what the model promised for the prices that are tried, if they are a proximal step
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
            dual = sum(net_worth(column, at) for column in last) + rent(at, capacity) + profit(at, purchases)
            use = np.sum([column.use for column in last], axis=0)
            for columns, column in zip(pool, last, strict=True):
                if not any(np.array_equal(column.policy, known.policy) for known in columns):
                    columns.append(column)
            if promised is not None:
                weight = _next_weight(weight, best_dual - dual, best_dual - promised)
            if dual < best_dual:
                best_dual, best_prices = dual, at
            if rounds < search_rounds:
                following = _next_prices(rounds, at, last, base, use, capacity, purchases)
                prices = np.where(held > 0, held, following)
                if enough == np.inf:
                    continue
            stepping = rounds >= search_rounds and promised is None
            if not stepping or enough < np.inf:
                weights, marginal, value, _ = master.mix(pool)
            gap = (best_dual - value) / max(abs(value - base), 1e-9 * abs(value), 1e-300)
            if progress is not None:
                progress(rounds, gap)
            if gap <= tolerance or value >= enough:
                break
            if rounds < search_rounds:
                continue
            promised = None
            if stepping:
                # Where pricing is not exact, columns found since may show that the best prices are not that good.
                best_dual = max(best_dual, _known_worth(pool, best_prices, capacity, purchases))
                prices, promised = _step(pool, capacity, purchases, best_prices, best_dual, weight, gap)
            else:
                prices = (1 - INWARD) * best_prices + INWARD * np.maximum(marginal, 0.0)
                pool[:] = _pruned(pool, weights, prices)
            known = _best_of(pool, prices)
            last = [c if net_worth(c, prices) >= net_worth(k, prices) else k for c, k in zip(last, known, strict=True)]
    weights, _, value, bought = master.mix(pool)
    with ThreadPoolExecutor(threads) as workers:
        ceilings = list(workers.map(lambda group: group.ceiling(best_prices), groups))
    ceiling = sum(ceilings) + rent(best_prices, capacity if bound_capacity is None else bound_capacity)
    ceiling += profit(best_prices, purchases if bound_purchases is None else bound_purchases)
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


def _best_of(pool: Sequence[Sequence[Column]], prices: Array) -> list[Column]:
    return [max(columns, key=lambda column: net_worth(column, prices)) for columns in pool]


def _pruned(pool: list[list[Column]], weights: Sequence[Array], prices: Array) -> list[list[Column]]:
    """Drop columns that are far from being used once a segment has many: the master stays small."""
    out = []
    for columns, w in zip(pool, weights, strict=True):
        if len(columns) <= 40:
            out.append(columns)
            continue
        order = sorted(range(1, len(columns)), key=lambda k: (w[k] <= 1e-9, -net_worth(columns[k], prices)))
        out.append([columns[0]] + [columns[k] for k in order[:29]])
    return out


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


def _step(
    pool: Sequence[Sequence[Column]],
    capacity: Array,
    purchases: Sequence[Purchase],
    best_prices: Array,
    best_dual: float,
    weight: float,
    gap: float,
) -> tuple[Array, float]:
    """Take a proximal step from the best prices so far: prices to try, and what the columns at hand promise there."""
    lp = at_hand(pool, capacity, purchases)
    scale = max(abs(best_dual - lp.base), 1e-9 * abs(lp.base), 1e-300)
    step = proximal_step(
        lp.worth / scale,
        lp.use,
        lp.room,
        np.where(lp.owner < len(pool), lp.owner, -1),
        lp.most,
        best_prices.ravel()[lp.limited] * lp.unit / scale,
        weight,
        max(1e-7, 1e-3 * min(gap, 0.1)),
    )
    prices = np.zeros(capacity.size)
    prices[lp.limited] = step.prices * scale / lp.unit
    return prices.reshape(capacity.shape), lp.base + step.model * scale


def _next_weight(weight: float, gained: float, promised: float) -> float:
    """Hold less to the best prices after a step that kept a third of its promise, more after one far astray."""
    kept = gained / max(promised, 1e-300)
    if kept > 0.3:
        return max(0.7 * weight, LEAST_WEIGHT)
    return 1.5 * weight if kept < -1.0 else weight


def _known_worth(
    pool: Sequence[Sequence[Column]], prices: Array, capacity: Array, purchases: Sequence[Purchase]
) -> float:
    """Return what the columns at hand are worth at these prices: the dual is no lower there."""
    best = sum(max(net_worth(column, prices) for column in columns) for columns in pool)
    return best + rent(prices, capacity) + profit(prices, purchases)
