"""Integrals over the wait of a caller with endless patience, from which Erlang A follows.

But for a constant, the density of that wait at t > 0 is e^{g(t)}, g(t) = λ (1 − e^{−θt})/θ − cμ t. The
exponent is concave, so the mass lies in one interval around its peak, found first; there Gauss' rule on short
panels is exact to rounding. Unlike sums over queue lengths this neither grows nor loses digits as patience
goes to infinity, overloaded or not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# Density below e^-45 of its peak (3e-20) is left out: less than rounding.
NEGLIGIBLE = 45.0
PANELS, POINTS = 48, 16


@dataclass(frozen=True)
class VirtualWait:
    """Integrals of e^{g − peak}, all in seconds.

    Attributes
    ----------
    peak : largest value of g, taken out so that nothing overflows when the team is overloaded
    total : over all waits
    abandoned : of those whose patience ends first
    answered_in_target : of those answered within the target
    abandoned_in_target : of those who hang up within the target
    """

    peak: float
    total: float
    abandoned: float
    answered_in_target: float
    abandoned_in_target: float


def virtual_wait(rate: float, capacity: float, patience_s: float, target_s: float) -> VirtualWait:
    """Integrate the density of the endless-patience wait.

    Parameters
    ----------
    rate : λ, calls a second
    capacity : cμ, calls a second that the team answers when all are busy
    patience_s : 1/θ, mean patience, seconds
    target_s : seconds

    Examples
    --------
    When calls come as fast as they can be answered and patience is long, the wait is spread like half a
    normal curve with variance patience / capacity:

    >>> wait = virtual_wait(rate=1.0, capacity=1.0, patience_s=1e8, target_s=20.0)
    >>> round(wait.total / math.sqrt(math.pi / 2 * 1e8), 3)
    1.0
    """

    def exponent(t: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.asarray(
            -rate * patience_s * np.expm1(-np.asarray(t) / patience_s) - capacity * np.asarray(t)
        )

    top = patience_s * max(0.0, math.log(rate / capacity))
    peak = float(exponent(top))
    low, high = top, top
    step = 1 / capacity
    while peak - float(exponent(high)) < NEGLIGIBLE:
        high, step = high + step, 2 * step
    step = 1 / capacity
    while low > 0 and peak - float(exponent(low)) < NEGLIGIBLE:
        low, step = max(0.0, low - step), 2 * step

    # Cuts where the integrands bend: at the target, and where the last patient caller has gone.
    cuts = np.unique(np.clip([low, target_s, NEGLIGIBLE * patience_s, high], low, high))
    edges = np.concatenate([np.linspace(a, b, PANELS, endpoint=False) for a, b in pairwise(cuts)])
    edges = np.append(edges, high)
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    half = np.diff(edges)[:, None] / 2
    t = edges[:-1, None] + half * (nodes + 1)
    density = half * weights * np.exp(exponent(t) - peak)
    gone = -np.expm1(-t / patience_s)
    gone_by_target = -np.expm1(-np.minimum(t, target_s) / patience_s)
    return VirtualWait(
        peak=peak,
        total=float(density.sum()),
        abandoned=float((density * gone).sum()),
        answered_in_target=float((density * (1 - gone))[t <= target_s].sum()),
        abandoned_in_target=float((density * gone_by_target).sum()),
    )
