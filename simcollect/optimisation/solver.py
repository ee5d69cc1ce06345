"""The one door to the linear-programming solver: HiGHS, with its own status checked.

Minimisation inside; prices come back with the sign a strategist expects (what one more unit is worth).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from simcollect.errors import InfeasibleError, SolverError

if TYPE_CHECKING:
    from highspy import Highs

Array = npt.NDArray[np.float64]
TIME_LIMIT = 600.0  # seconds for one LP; those of a year's plan take a few hundredths


@dataclass(frozen=True)
class Solution:
    """A proven optimum: variables, objective, and the duals of the two kinds of rows (for a maximisation)."""

    x: Array
    objective: float
    prices: Array
    equalities: Array


def maximise(
    c: Array, a_ub: csr_matrix, b_ub: Array, a_eq: csr_matrix, b_eq: Array, upper: Array | None = None
) -> Solution:
    """Solve max c x, a_ub x <= b_ub, a_eq x = b_eq, 0 <= x <= upper.

    Raises
    ------
    InfeasibleError
        No x meets the limits.
    SolverError
        HiGHS stopped without a proof: time, iterations, numbers. Never taken for success.

    Examples
    --------
    >>> one = csr_matrix([[1.0]])
    >>> found = maximise(np.array([3.0]), one, np.array([2.0]), csr_matrix((0, 1)), np.empty(0))
    >>> float(found.objective), float(found.prices[0])
    (6.0, 3.0)
    """
    bounds = np.column_stack([np.zeros(c.size), np.full(c.size, np.inf) if upper is None else upper])
    result = linprog(
        -c, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=bounds, method="highs",
        options={"time_limit": TIME_LIMIT},
    )  # fmt: skip
    if result.status == 2:
        raise InfeasibleError("no allotment of the resources meets all limits")
    if result.status != 0 or not np.isfinite(result.fun):
        raise SolverError(f"HiGHS stopped without a proof ({result.message}); nothing was planned")
    worst = max(
        float((a_ub @ result.x - b_ub).max(initial=0.0)), float(np.abs(a_eq @ result.x - b_eq).max(initial=0.0))
    )
    if worst > 1e-6 * (1 + float(np.abs(b_ub[np.isfinite(b_ub)]).max(initial=0.0))):
        raise SolverError(f"HiGHS returned a point that breaks a limit by {worst:g}; nothing was planned")
    return Solution(result.x, -float(result.fun), -result.ineqlin.marginals, -result.eqlin.marginals)


def quiet_highs() -> Highs:
    """Return a new HiGHS that writes nothing to the console; what it comes to is in its status.

    Examples
    --------
    >>> quiet_highs().getModelStatus().name
    'kNotset'
    """
    import highspy

    greet_highs()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    return highs


@cache
def greet_highs() -> None:
    """Let the first HiGHS of the process write its name and licence into nothing.

    It does so on being made, before it can be told not to, and to the process's own standard output, where the tables
    of a command go. Nothing is solved here, so no error can be lost.
    """
    import highspy

    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, AttributeError, ValueError):  # there is no standard output to keep clean
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
