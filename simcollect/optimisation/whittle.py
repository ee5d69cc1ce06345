"""Whittle's index of a two-action arm: what one use of the scarce resource is worth in each state.

An arm (an account) is active (worked) or passive in each step. Passivity is paid a subsidy λ. The index of a
state is the subsidy at which both actions are equally good there; it exists when states that are passive at
one subsidy stay so at every higher one (indexability).

Symbols, for an active set S and a discount β:

    F, G : n, discounted reward and discounted work (steps active) of the policy "active in S"
    f = R1 − R0 + β (P1 − P0) F   reward gained by being active once, then following S
    g = 1       + β (P1 − P0) G   work used by being active once, then following S

Active beats passive in a state when f − λ g > 0. From λ = −∞, where all are active, λ rises; the state whose
f/g is met next turns passive and f/g is its index. A passive state whose f − λ g turns positive again breaks
indexability. Whittle, J. Appl. Prob. 25A, 1988; the sweep is that of Gast, Gaujal & Khun, Math. Meth. Oper.
Res. 97, 2023.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcollect.errors import InputError, Problem

Array = NDArray[np.float64]

# The average-reward index is the limit of the discounted one. Two discounts this close to one are
# extrapolated, which leaves an error of order STEP²; arms whose chains fall apart lose about 1e-16 / STEP to
# rounding (judgement: balances both).
STEP = 1e-7
TOLERANCE = 1e-9
ROW_SUM_TOLERANCE = 1e-6


def whittle_index(
    P0: ArrayLike, P1: ArrayLike, R0: ArrayLike, R1: ArrayLike, discount: float | None = None
) -> NDArray[np.float64]:
    """Return Whittle's index of each state: the price at which working the account there just pays.

    Parameters
    ----------
    P0, P1 : n × n transition matrices when passive and when active (rows: from, columns: to)
    R0, R1 : n rewards a step when passive and when active
    discount : factor a step, at least 0 and below 1; None for the long-run average, taken as the limit of the
        discounted index as the factor goes to one, so that it is defined for arms with several closed classes
        too (there a state may have an infinite index: being active once changes the average for ever)

    Returns
    -------
    array of n indices, in the unit of the rewards

    Raises
    ------
    InputError
        An input is not what it must be, or the arm is not indexable: no index exists.

    Examples
    --------
    >>> passive, active = [[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0.5, 0.5]]
    >>> whittle_index(passive, active, [0.5, 0.5], [2, 1], discount=0.9).round(6).tolist()
    [1.5, 0.909091]
    >>> whittle_index(passive, active, [0.5, 0.5], [2, 1]).round(6).tolist()
    [1.5, 1.0]
    """
    arm = _checked(P0, P1, R0, R1, discount)
    if discount is not None:
        return _sweep(*arm, discount)
    near, far = _sweep(*arm, 1 - STEP), _sweep(*arm, 1 - 2 * STEP)
    limit = 2 * near - far
    # An index that grows like 1 / (1 − β) doubles from the farther discount to the nearer one.
    scale = 1 + max(float(np.abs(arm[2]).max()), float(np.abs(arm[3]).max()))
    endless = (np.abs(near) > scale / STEP**0.5) & (np.abs(near) > 1.5 * np.abs(far))
    return np.where(endless, np.sign(near) * np.inf, limit)


def _sweep(P0: Array, P1: Array, R0: Array, R1: Array, discount: float) -> Array:
    """Raise the subsidy from −∞ and note where each state turns passive."""
    n = len(R0)
    index = np.full(n, np.nan)
    active = np.ones(n, dtype=bool)
    subsidy = -np.inf
    while active.any():
        f, g = _marginals(P0, P1, R0, R1, active, discount)
        slope = TOLERANCE * max(1.0, float(np.abs(g).max()))
        crossing = f / np.where(g == 0, np.nan, g)
        leaves = np.where(active & (g > slope), np.maximum(crossing, subsidy), np.inf)
        returns = np.where(~active & (g < -slope), np.maximum(crossing, subsidy), np.inf)
        state = int(leaves.argmin())
        subsidy = float(leaves[state])
        if returns.min() < subsidy - TOLERANCE * (1 + abs(subsidy)) or not np.isfinite(subsidy):
            back = int(returns.argmin())
            raise InputError(
                f"whittle_index: the arm is not indexable: state {back} is passive at a subsidy of "
                f"{index[back]:.6g} but active again above {returns[back]:.6g}; no index exists, "
                "use the prices of a plan instead"
            )
        index[state] = subsidy
        active[state] = False
    return index


def _marginals(
    P0: Array, P1: Array, R0: Array, R1: Array, active: NDArray[np.bool_], discount: float
) -> tuple[Array, Array]:
    """Return f and g of the policy that is active in the given states.

    F and G grow like 1 / (1 − β), but only their differences between states matter: solve for the value
    relative to the first state, h = r − c + β P h with h[0] = 0 and c the same for all, which stays well
    scaled as β → 1.
    """
    P = np.where(active[:, None], P1, P0)
    system = np.eye(len(P)) - discount * P
    system[:, 0] = 1.0  # the first unknown is the constant c in place of h[0]
    relative = np.linalg.solve(system, np.column_stack([np.where(active, R1, R0), active.astype(float)]))
    relative[0] = 0.0
    change = discount * (P1 - P0) @ relative
    return R1 - R0 + change[:, 0], 1 + change[:, 1]


def _checked(
    P0: ArrayLike, P1: ArrayLike, R0: ArrayLike, R1: ArrayLike, discount: float | None
) -> tuple[Array, Array, Array, Array]:
    arm = tuple(np.asarray(x, dtype=float) for x in (P0, P1, R0, R1))
    problems = []

    def add(name: str, row: int | None, value: object, rule: str, remedy: str) -> None:
        problems.append(Problem("whittle_index", row, name, str(value), rule, remedy))

    n = arm[2].size
    for name, matrix in zip(("P0", "P1"), arm[:2], strict=True):
        if n == 0 or matrix.shape != (n, n):
            add(name, None, matrix.shape, f"must be {n} × {n}", "one row and one column for each reward in R0")
            continue
        for row in range(n):
            if not np.all(matrix[row] >= 0):
                add(name, row + 1, matrix[row].min(), "a chance must not be negative", "correct it")
            elif abs(matrix[row].sum() - 1) > ROW_SUM_TOLERANCE:
                add(name, row + 1, f"{matrix[row].sum():.6g}", "a row must sum to 1", "correct it")
    for name, reward in zip(("R0", "R1"), arm[2:], strict=True):
        if reward.shape != (n,) or not np.isfinite(reward).all():
            add(name, None, reward.tolist(), f"must be {n} finite numbers", "one for each state")
    if discount is not None and not 0 <= discount < 1:
        add("discount", None, discount, "must be at least 0 and below 1", "leave it out for the average")
    if problems:
        raise InputError(problems)
    return arm[0], arm[1], arm[2], arm[3]
