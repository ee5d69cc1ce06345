"""Prices at which a bound is low: any that are not negative give a valid one, but a plan's own were made for tables.

A bound is convex in its prices. Those of the plan were found with a part of each shift left free, for accounts of a
segment that are all treated alike, and only as closely as the plan was asked for; they also swing from week to week
around what would serve as well. So two moves are tried as long as they lower the bound: the means over the weeks
around, and for one resource after the other all its prices in proportion.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
AROUND = 4  # weeks on either side that a mean takes in: judgement, two months in all
DOWN, UP = 0.8, 1.25  # steps of a resource's prices: judgement
MOST_STEPS = 6  # of one resource one way, to a quarter or four times: judgement, more served no plan that was tried


def lower_prices(prices: Array, bound: Callable[[Array], float], least: float) -> Array:
    """Return prices at which a bound is no higher than at the given ones, and mostly lower.

    Parameters
    ----------
    prices : to begin with, of each resource in each week, shape (R, T)
    bound : the bound at any prices, convex in them
    least : what a step must lower the bound by to be worth another

    Examples
    --------
    One hour a week, and one customer who would take two for a gain of 3: worth 1.5 an hour.

    >>> def bound(prices):
    ...     return float((prices + np.maximum(3.0 - 2.0 * prices, 0.0)).sum())
    >>> start = np.array([[1.0, 4.0, 2.5, 2.5]])
    >>> better = lower_prices(start, bound, 1e-3)
    >>> bound(start), bound(better) < 6.6  # 6 is the least there is
    (11.0, True)
    """
    best, lowest = prices, bound(prices)
    smooth = _smoothed(prices)
    here = bound(smooth)
    if here < lowest:
        best, lowest = smooth, here
    for row in np.flatnonzero(prices.any(axis=1)):
        for factor in (DOWN, UP):
            moved = False
            for _ in range(MOST_STEPS):
                trial = best.copy()
                trial[row] *= factor
                here = bound(trial)
                if here >= lowest:
                    break
                gained, moved = lowest - here, True
                best, lowest = trial, here
                if gained < least:
                    break
            if moved:
                break  # it is convex: the other way leads up again
    return best


def _smoothed(prices: Array) -> Array:
    """Return for each week the mean over the weeks around it, those that there are."""
    weeks = np.arange(prices.shape[1])
    near = (np.abs(weeks[:, None] - weeks[None, :]) <= AROUND).astype(float)
    return np.asarray(prices @ (near / near.sum(axis=0)))
