"""Least staff whose shifts cover a need: Dantzig's set-covering form.

    min Σ_s cost[s] x[s]   s.t.   Σ_s shifts[s, t] x[s] ≥ need[t] for every period t,   x ≥ 0 whole

Dantzig, Operations Research 2(3), 1954; for five days in seven also Tibrewala, Philippe & Browne, Management
Science 19(1), 1972. Solved to proof by HiGHS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcollect.errors import InfeasibleError, InputError, Problem, SolverError


@dataclass(frozen=True, eq=False)
class Roster:
    """How many people start each shift.

    Attributes
    ----------
    starts : people on each shift
    coverage : people present in each period, never fewer than the need
    need : the need that was covered
    cost : what the roster costs (the number of people, when no costs were given)
    lp_bound : cost below which no roster can go, people divided into fractions allowed
    """

    starts: NDArray[np.int64]
    coverage: NDArray[np.int64]
    need: NDArray[np.float64]
    cost: float
    lp_bound: float

    @property
    def staff(self) -> int:
        """People in all.

        Examples
        --------
        >>> cover([1, 2], shifts=[[1, 0], [0, 1]]).staff
        3
        """
        return int(self.starts.sum())

    def __repr__(self) -> str:
        return (
            f"<Roster {self.staff} people, starts {self.starts.tolist()}, cost {self.cost:g} "
            f"(bound {self.lp_bound:.4f}), {self.coverage.sum() - self.need.sum():g} person-periods to spare>"
        )


def cover(need: Sequence[float], shifts: ArrayLike, costs: Sequence[float] | None = None) -> Roster:
    """Return the cheapest roster that puts enough people in every period.

    Parameters
    ----------
    need : people needed in each period
    shifts : one row a shift, one column a period, 1 where the shift works
    costs : cost of one person on each shift; all 1 when left out, so that the head-count is least

    Raises
    ------
    InputError
        Shapes do not fit, or a number is negative.
    InfeasibleError
        A period with a need is worked by no shift.
    SolverError
        The solver stopped without proof that nothing cheaper exists.

    Examples
    --------
    Five days in a row, from Monday, Tuesday, ... on:

    >>> roster = cover([17, 13, 15, 19, 14, 16, 11], five_day_shifts())
    >>> roster.staff, round(roster.lp_bound, 4)
    (23, 22.3333)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    wanted, works, price = _checked(need, shifts, costs)
    bare = np.flatnonzero((wanted > 0) & ~works.any(axis=0))
    if bare.size:
        raise InfeasibleError(
            f"cover: no shift works in period {', '.join(str(t + 1) for t in bare)}, where some are needed; "
            "add a shift that does"
        )
    # HiGHS proves a relative gap; with whole costs and this gap the answer is exact to a million people.
    relaxed, whole = (
        milp(
            c=price,
            constraints=LinearConstraint(works.T, lb=wanted),
            bounds=Bounds(lb=0),
            integrality=np.full(len(price), integral),
            options={"mip_rel_gap": 1e-7},
        )
        for integral in (0, 1)
    )
    if relaxed.x is None or whole.x is None or relaxed.status != 0 or whole.status != 0:
        raise SolverError(f"cover: the solver stopped without proof: {relaxed.message}; {whole.message}")
    starts = np.rint(whole.x).astype(np.int64)
    coverage = (starts @ works).astype(np.int64)
    if np.any(coverage < wanted):
        raise SolverError("cover: the solver's roster, rounded to whole people, leaves a period short")
    return Roster(starts, coverage, wanted, float(price @ starts), float(price @ relaxed.x))


def cyclic_shifts(periods: int, length: int) -> NDArray[np.int64]:
    """Return the shifts of a given length, one starting in each period of a cycle (a day, a week).

    Parameters
    ----------
    periods : periods in the cycle
    length : periods that a shift works, in a row, past the end of the cycle into its beginning

    Examples
    --------
    Six blocks of four hours, shifts of eight:

    >>> cyclic_shifts(6, 2)[-1].tolist()
    [1, 0, 0, 0, 0, 1]
    """
    if not 1 <= length <= periods:
        raise InputError(
            [
                Problem(
                    "cyclic_shifts",
                    None,
                    "length",
                    str(length),
                    f"must be 1 to {periods}",
                    "shorten the shift",
                )
            ]
        )
    first = np.arange(periods)
    return ((first[None, :] - first[:, None]) % periods < length).astype(np.int64)


def five_day_shifts() -> NDArray[np.int64]:
    """Return the shifts of five days in a row: rows start Monday to Sunday, columns are Monday to Sunday.

    Examples
    --------
    >>> five_day_shifts()[5].tolist()
    [1, 1, 1, 0, 0, 1, 1]
    """
    return cyclic_shifts(7, 5)


def _checked(
    need: Sequence[float], shifts: ArrayLike, costs: Sequence[float] | None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    wanted, table = np.asarray(need, dtype=float), np.asarray(shifts)
    price = np.ones(len(table)) if costs is None else np.asarray(costs, dtype=float)
    problems = []
    if table.ndim != 2 or table.shape[1:] != wanted.shape:
        rule = f"must have one column for each of the {wanted.size} periods of need"
        problems.append(Problem("cover", None, "shifts", str(table.shape), rule, "one row a shift"))
    elif not np.isin(table, (0, 1)).all():
        problems.append(
            Problem("cover", None, "shifts", None, "must hold only 0 and 1", "1 where the shift works")
        )
    if price.shape != (len(table),):
        problems.append(
            Problem("cover", None, "costs", str(price.shape), "must be one a shift", "or leave it out")
        )
    for name, values in (("need", wanted), ("costs", price)):
        if not np.all(np.isfinite(values) & (values >= 0)):
            problems.append(
                Problem("cover", None, name, str(values.tolist()), "must not be negative", "correct it")
            )
    if problems:
        raise InputError(problems)
    return wanted, table.astype(np.int64), price
