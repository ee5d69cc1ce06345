"""How probable each hill of a posterior is: its height times how much of the posterior lies around it.

Laplace's method takes a hill for a bowl, ``exp(-lost) |V|^(1/2)`` with ``lost`` by how much its top is lower than the
highest and ``V`` the inverse of its curvature (Tierney & Kadane, JASA 81(393), 1986). A long ridge on which two
searches ended is one hill, not two: a top within the bowl of a higher one is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.calibration.curvature import curvature, inverse

if TYPE_CHECKING:
    from simcollect.calibration.likelihood import Model

Array = npt.NDArray[np.float64]

APART = 3.0  # standard errors between the tops of two hills: judgement; of thirty numbers most of a bowl lies beyond


class Top(NamedTuple):
    """A hill: where it is, the inverse of its curvature, and by how much it is lower than the estimate."""

    theta: Array
    inverse: Array
    lost: float = 0.0

    @property
    def volume(self) -> float:
        """Log of how much of the posterior lies around it for its height, but for a constant."""
        return 0.5 * float(np.linalg.slogdet(self.inverse)[1])


def tops(model: Model, theta: Array, information: Array, hills: Sequence[Array]) -> tuple[Top, ...]:
    """Return the estimate and the other hills, with their curvatures.

    Parameters
    ----------
    theta, information : the estimate and its curvature without the prior; hills : the others
    """
    sd = model.sd
    out = [Top(theta, inverse(information + np.diag(1 / sd**2), sd))]
    best = model.objective(theta)[0] if hills else 0.0
    for hill in hills:
        value, at = model.objective(hill)
        bend = curvature(lambda x: model.objective(x)[1], hill, sd, at)
        out.append(Top(hill, inverse(bend, sd), value - best))
    return tuple(out)


def probabilities(known: Sequence[Top]) -> Array:
    """Return the probability of each hill; they sum to one, and a top that stands on another's hill has none.

    Examples
    --------
    >>> one = Top(np.array([0.0]), np.array([[1.0]]))
    >>> wide = Top(np.array([9.0]), np.array([[4.0]]), lost=float(np.log(2)))  # half as high, twice as wide
    >>> near = Top(np.array([0.1]), np.array([[1.0]]), lost=0.005)
    >>> probabilities([one, wide, near]).tolist()
    [0.5, 0.5, 0.0]
    """
    alone: list[int] = []
    for i in sorted(range(len(known)), key=lambda i: known[i].lost):
        if all(_distance(known[other], known[i]) >= APART for other in alone):
            alone.append(i)
    weight = np.array([known[i].volume - known[i].lost for i in alone])
    out = np.zeros(len(known))
    out[alone] = np.exp(weight - weight.max())
    return out / out.sum()


def _distance(top: Top, other: Top) -> float:
    away = other.theta - top.theta
    return float(np.sqrt(away @ np.linalg.solve(top.inverse, away)))
