"""A descent that ends as soon as its asker knows enough: steps by the curvature, which each step corrects (BFGS).

Reference: Nocedal & Wright, Numerical Optimization, 2nd ed., 2006, chapter 6. The numbers are few and a look at the
data is dear, so the whole inverse is kept, and one that is known before makes the first step a Newton step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ENOUGH_FALL = 1e-4  # of what the slope promises, that a step must bring
SHORTEST = 1e-3  # share of a step below which there is no way down


class End(NamedTuple):
    """Where a descent ended.

    Attributes
    ----------
    value : there; gain : what a further step would bring if the curvature were right
    x : where; inverse : of the curvature, as corrected
    """

    value: float
    gain: float
    x: Array
    inverse: Array


def descend(
    of: Callable[[Array], tuple[float, Array]],
    start: Array,
    inverse: Array,
    limit: Array,
    enough: Callable[[float, float], bool],
    most: int,
) -> End:
    """Go down from a start until enough is known.

    Parameters
    ----------
    of : value and gradient; limit : largest size of each number
    start : where to begin, and `inverse` the inverse of the curvature expected there
    enough : of the value and of what a further step would gain: whether to stop
    most : looks at most

    Examples
    --------
    >>> bowl = lambda x: (float(x @ x), 2 * x)
    >>> wide = np.full(2, 9.0)
    >>> end = descend(bowl, np.array([3.0, 4.0]), np.eye(2) / 2, wide, lambda value, gain: gain < 1e-6, 9)
    >>> end.value, end.x.tolist()
    (0.0, [0.0, 0.0])
    """
    x, looks = np.clip(start, -limit, limit), 1
    value, slope = of(x)
    while True:
        held = (np.abs(x) >= limit) & (slope * x < 0)
        step = np.where(held, 0.0, -inverse @ np.where(held, 0.0, slope))
        gain = -0.5 * float(slope @ step)
        if not np.isfinite(value) or gain <= 0 or enough(value, gain):
            return End(value, max(gain, 0.0), x, inverse)
        share = 1.0
        while True:
            if looks >= most or share < SHORTEST:
                return End(value, gain, x, inverse)
            there = np.clip(x + share * step, -limit, limit)
            found, changed = of(there)
            looks += 1
            short = found - value + 2 * share * gain
            if np.isfinite(found) and short <= 2 * (1 - ENOUGH_FALL) * share * gain:
                break
            share *= float(np.clip(share * gain / short, 0.1, 0.5)) if np.isfinite(found) else 0.1
        inverse = _corrected(inverse, there - x, changed - slope)
        x, value, slope = there, found, changed


def _corrected(inverse: Array, step: Array, change: Array) -> Array:
    """Return the inverse with what a step has shown of the curvature along it."""
    shown = float(step @ change)
    if shown <= 1e-12:
        return inverse
    turned = inverse @ change
    scale = (1 + float(change @ turned) / shown) / shown
    cross = np.outer(turned, step) / shown
    return np.asarray(inverse + scale * np.outer(step, step) - cross - cross.T)
