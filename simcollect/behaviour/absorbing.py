"""Ageing of balances as a chain that ends: paid, or bad.

Symbols: n open buckets, m ends (paid, bad, ...).

    Q : n × n, chance of moving from one open bucket to another in a step
    R : n × m, chance of ending from an open bucket in a step
    N = (I − Q)⁻¹ : n × n, expected number of steps spent in each bucket, by the bucket started from
    B = N R       : n × m, chance of each end, by the bucket started from

Kemeny & Snell, *Finite Markov Chains* (1960), chapter 3; for receivables, Cyert, Davidson & Thompson,
Management Science 8(3), 1962.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcollect.errors import InputError, Problem

# A row is accepted when it sums to one within this; figures typed to six decimals pass, slips do not.
ROW_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False, init=False)
class AbsorbingChain:
    """What becomes of a balance in each bucket, in the end.

    Parameters
    ----------
    Q : n × n array, chance a step of moving between open buckets (rows: from, columns: to)
    R : n × m array, chance a step of each end, say paid and bad; each row of Q and R together sums to one

    Raises
    ------
    InputError
        Shapes do not fit, a chance is negative or missing, a row does not sum to one, or some bucket never
        ends; all problems at once.

    Examples
    --------
    Two buckets, 0–30 and 31–90 days, ending paid or bad; 1,000 and 2,000 are outstanding:

    >>> chain = AbsorbingChain(Q=[[0.3, 0.3], [0.3, 0.1]], R=[[0.4, 0.0], [0.4, 0.2]])
    >>> chain.fundamental.round(5).tolist()
    [[1.66667, 0.55556], [0.55556, 1.2963]]
    >>> (np.array([1000, 2000]) @ chain.absorption).round(2).tolist()
    [2370.37, 629.63]
    """

    Q: NDArray[np.float64]
    R: NDArray[np.float64]

    def __init__(self, Q: ArrayLike, R: ArrayLike) -> None:
        for name, given in (("Q", Q), ("R", R)):
            try:
                matrix = np.array(given, dtype=float)
            except (TypeError, ValueError):
                raise InputError(
                    [_problem(None, name, "must be a table of numbers", "give rows of equal length")]
                ) from None
            matrix.setflags(write=False)
            object.__setattr__(self, name, matrix)
        problems = _shape_problems(self.Q, self.R) or _row_problems(self.Q, self.R)
        if problems:
            raise InputError(problems)

    @cached_property
    def fundamental(self) -> NDArray[np.float64]:
        """Expected steps spent in each bucket (columns) by a balance that starts in each (rows), n × n.

        Examples
        --------
        >>> AbsorbingChain(Q=[[0.5]], R=[[0.5]]).fundamental.tolist()
        [[2.0]]
        """
        return np.asarray(np.linalg.inv(np.eye(len(self.Q)) - self.Q), dtype=np.float64)

    @cached_property
    def absorption(self) -> NDArray[np.float64]:
        """Chance of each end (columns) for a balance that starts in each bucket (rows), n × m.

        Examples
        --------
        >>> AbsorbingChain(Q=[[0.5]], R=[[0.4, 0.1]]).absorption.round(6).tolist()
        [[0.8, 0.2]]
        """
        return self.fundamental @ self.R

    @cached_property
    def expected_steps(self) -> NDArray[np.float64]:
        """Expected number of steps until the end, from each bucket, n.

        Examples
        --------
        >>> AbsorbingChain(Q=[[0.5]], R=[[0.5]]).expected_steps.tolist()
        [2.0]
        """
        return self.fundamental.sum(axis=1)


def _problem(row: int | None, column: str, rule: str, remedy: str, value: str | None = None) -> Problem:
    return Problem("AbsorbingChain", row, column, value, rule, remedy)


def _shape_problems(Q: NDArray[np.float64], R: NDArray[np.float64]) -> list[Problem]:
    problems = []
    if Q.ndim != 2 or Q.shape[0] != Q.shape[1] or Q.size == 0:
        problems.append(_problem(None, "Q", "must be square", "one row and one column a bucket", str(Q.shape)))
    if R.ndim != 2 or R.size == 0:
        problems.append(_problem(None, "R", "must be a table", "one row a bucket, one column an end", str(R.shape)))
    elif len(Q) != len(R):
        problems.append(
            _problem(None, "R", "must have the rows of Q", "one row a bucket", f"{len(R)} rows, Q {len(Q)}")
        )
    return problems


def _row_problems(Q: NDArray[np.float64], R: NDArray[np.float64]) -> list[Problem]:
    problems = []
    for row in range(len(Q)):
        for name, matrix in (("Q", Q), ("R", R)):
            bad = [float(x) for x in matrix[row] if not 0 <= x <= 1]
            if bad:
                problems.append(_problem(row + 1, name, "a chance lies between 0 and 1", "correct it", str(bad[0])))
        total = float(Q[row].sum() + R[row].sum())
        if np.isfinite(total) and abs(total - 1) > ROW_SUM_TOLERANCE:
            problems.append(
                _problem(
                    row + 1,
                    "Q and R",
                    "a row must sum to 1",
                    "every balance must go somewhere",
                    f"{total:.6g}",
                )
            )
    return problems or _endless_problems(Q, R)


def _endless_problems(Q: NDArray[np.float64], R: NDArray[np.float64]) -> list[Problem]:
    """Name the buckets from which no end can be reached: for them I − Q has no inverse."""
    ends = R.sum(axis=1) > 0
    for _ in range(len(Q)):
        ends = ends | ((Q > 0) @ ends)
    return [
        _problem(int(row) + 1, "R", "no end can be reached from this bucket", "let some of it be paid or bad")
        for row in np.flatnonzero(~ends)
    ]
