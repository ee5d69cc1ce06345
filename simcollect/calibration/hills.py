"""The hills of a posterior: searches from several starts, and from what each new highest hill suggests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

Array = npt.NDArray[np.float64]

APART = 0.2  # prior spreads between two points of different hills: judgement
HIGHER = 0.1  # by how much a hill must be higher for its neighbours to be looked for too: judgement
ROUNDS = 4  # times that neighbours of the highest hill are looked for, at most: judgement
# A start's own height says little of the hill above it; after a few steps on, the best are among the highest. So each
# of many starts goes so many steps, and so many of the highest then go on to their hill's top: judgement.
AT_FIRST, GO_ON = 10, 16


class Hill(NamedTuple):
    """Where a search ended.

    Attributes
    ----------
    value : of the objective, there; x : where
    steps : taken; converged : whether the search met its tolerance
    """

    value: float
    x: Array
    steps: int
    converged: bool


def find_hills(
    objective: Callable[[Array], tuple[float, Array]],
    size: float,
    sd: Array,
    limit: Array,
    starts: Sequence[Array],
    others: Callable[[Array], Sequence[Array]],
    most: int,
) -> list[Hill]:
    """Return the ends of all searches that differ, the best (lowest objective) first.

    Parameters
    ----------
    objective : value and gradient; size : how many accounts stand behind it, for the tolerance
    sd : in whose units two ends are compared; limit : largest size of each number
    starts : where the first searches begin
    others : where further ones do, given the best end so far, of which those go on that are highest after a few steps;
        called again whenever they find a better one
    most : steps of a search at most

    Examples
    --------
    >>> def two(x):  # the lower of two bowls, at 1 and at -3
    ...     near, far = float((x[0] - 1) ** 2), float((x[0] + 3) ** 2) - 1
    ...     return (near, 2 * (x - 1)) if near < far else (far, 2 * (x + 3))
    >>> found = find_hills(two, 1.0, np.ones(1), np.full(1, 9.0), [np.array([3.0])], lambda x: [x - 5], 50)
    >>> [(round(hill.value, 3), hill.x.round(2).tolist()) for hill in found]
    [(-1.0, [-3.0]), (0.0, [1.0])]
    """
    from scipy.optimize import minimize

    hills: list[Hill] = []

    def mean(x: Array) -> tuple[float, Array]:
        value, gradient = objective(x)
        return value / size, gradient / size

    def known(x: Array) -> bool:
        return any(float(np.abs((x - hill.x) / sd).max()) < APART for hill in hills)

    def watch(x: Array) -> None:
        if known(x):
            raise StopIteration

    def climb(start: Array, most: int) -> Hill | None:
        """Search for at most so many steps; None if that leads to a hill already found."""
        end = minimize(
            mean, np.clip(start, -limit, limit), jac=True, method="L-BFGS-B",
            bounds=list(zip(-limit, limit, strict=True)), callback=watch,
            options={"maxiter": most, "ftol": 1e-8, "gtol": 1e-5, "maxcor": 20},
        )  # fmt: skip
        x = np.asarray(end.x, np.float64)
        return None if known(x) else Hill(float(end.fun) * size, x, int(end.nit), bool(end.success))

    def search(start: Array) -> None:
        if hill := climb(start, most):
            hills.append(hill)

    # The search's own matrices are small: more threads on them would only keep others from working.
    with threadpool_limits(1, "blas"):
        for start in starts:
            search(start)
        for _ in range(ROUNDS):
            top = min(hills, key=_value)
            begun = [hill for hill in (climb(start, AT_FIRST) for start in others(top.x)) if hill]
            for hill in sorted(begun, key=_value)[:GO_ON]:
                search(hill.x)
            if min(hill.value for hill in hills) > top.value - HIGHER:
                break
    return sorted(hills, key=_value)


def _value(hill: Hill) -> float:
    return hill.value
