"""A day's linear programme: which groups of accounts get which action, within what there is that day.

    max  sum_i gain[i] x[i]
    s.t. sum_i use[i, r] x[i] <= capacity[r],   sum_{i of group g} x[i] <= accounts[g],   x >= 0

Written in PuLP and solved by HiGHS, which is named: PuLP would pick another solver. PuLP's own status is not believed
either (a stop at the time limit counts as optimal there); HiGHS is asked itself, and the gap is worked out from the
duals.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.errors import SolverError
from simcollect.optimisation.solver import greet_highs

Array = npt.NDArray[np.float64]
TIME_LIMIT = 60.0  # seconds; a day of a book of 20,000 accounts takes a few hundredths
CLOSED = 1e-6  # gap between allotment and duals, as a share of the gain, that counts as none


def allot(
    gain: Array,
    use: Array,
    group: npt.NDArray[np.int64],
    accounts: Array,
    capacity: Array,
    *,
    time_limit: float = TIME_LIMIT,
) -> Array:
    """Return how many accounts of its group each choice gets, shape (I,).

    Parameters
    ----------
    gain : money that one account gains by each choice, shape (I,)
    use : what one account takes of each resource, shape (I, R)
    group : number of the group that each choice is for, shape (I,)
    accounts : accounts of each group, shape (G,)
    capacity : what there is of each resource, shape (R,)
    time_limit : seconds

    Raises
    ------
    SolverError
        HiGHS stopped without a proof, or its duals do not prove the allotment.

    Examples
    --------
    Ten minutes for two groups of one call each, six minutes a call:

    >>> use = np.array([[6.0], [6.0]])
    >>> allot(np.array([3.0, 1.0]), use, np.array([0, 1]), np.array([1.0, 1.0]), np.array([10.0])).round(3).tolist()
    [1.0, 0.667]
    """
    import highspy
    import pulp

    if gain.size == 0:
        return np.empty(0)
    problem = pulp.LpProblem("one_day", pulp.LpMinimize)
    x = [problem.add_variable(f"x{i:06d}", lowBound=0) for i in range(gain.size)]
    problem += pulp.LpAffineExpression(list(zip(x, (-gain).tolist(), strict=True)))
    for r, there in enumerate(capacity.tolist()):
        takers = np.flatnonzero(use[:, r]).tolist()
        if takers:
            problem += pulp.LpAffineExpression([(x[i], float(use[i, r])) for i in takers]) <= there, f"resource{r}"
    members: dict[int, list[int]] = {}
    for i, g in enumerate(group.tolist()):
        members.setdefault(g, []).append(i)
    for g, own in members.items():
        problem += pulp.LpAffineExpression([(x[i], 1.0) for i in own]) <= float(accounts[g]), f"group{g}"
    greet_highs()
    # No number of threads: HiGHS has one for the whole process, and stops if a later programme asks for another.
    problem.solve(pulp.HiGHS(msg=False, timeLimit=time_limit))
    status = problem.solverModel.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverError(f"HiGHS stopped without a proof ({status.name.removeprefix('k')}); nothing was allotted")
    out = np.array([variable.value() for variable in x])
    reached = float(gain @ out)
    allowed = -sum(row.pi * -row.constant for row in problem.constraints())  # dual objective, of the maximum
    if abs(allowed - reached) > CLOSED * (1 + abs(reached)):
        raise SolverError(f"HiGHS' duals leave a gap of {allowed - reached:g}; nothing was allotted")
    return np.maximum(out, 0.0)
