"""The path of unemployment, and its twelve-month change that moves the borrowers' hazards.

Symbols: month ``m`` = 0 is the calendar month of the run's first day; ``u(m)`` unemployment in per cent;
``Δu(m) = u(m) − u(m − 12)`` in percentage points.

A quarterly figure is the quarter's mean and is placed on its middle month; months between are interpolated
linearly, so Δu at a middle month is exactly the four-quarter change of the figures. Before the first and
after the last figure the path is held constant.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Percent = Annotated[float, Field(ge=0, le=100)]
Points = Annotated[float, Field(ge=-100, le=100)]

MONTHS_A_YEAR = 12
QUARTERS_A_YEAR = 4
# Judgement: no economy that this package is meant for has unemployment below this all the time, so a path
# below it was given as fractions (0.043) and would leave a downturn without effect.
LEAST_PEAK = 0.3


class Unemployment(BaseModel):
    """One path of unemployment, given in one of three ways.

    Attributes
    ----------
    monthly : per cent for each month from month 0, with ``history``
    quarterly : per cent for each quarter, the first one starting in month 0, with ``history``
    change_12m : twelve-month change in percentage points for each month from month 0, where no level is known
    history : the months (at least 12) or quarters (at least 4) before month 0, oldest first

    Examples
    --------
    >>> path = Unemployment(quarterly=(4.0, 5.0, 6.0, 7.0), history=(4.0, 4.0, 4.0, 4.0))
    >>> path.change(11)[[1, 4, 7, 10]]  # the middle months of the quarters
    array([0., 1., 2., 3.])
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    monthly: tuple[Percent, ...] | None = Field(default=None, min_length=1)
    quarterly: tuple[Percent, ...] | None = Field(default=None, min_length=1)
    change_12m: tuple[Points, ...] | None = Field(default=None, min_length=1)
    history: tuple[Percent, ...] = ()

    @model_validator(mode="after")
    def _one_way_with_its_history(self) -> Unemployment:
        given = [name for name in ("monthly", "quarterly", "change_12m") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of monthly, quarterly, change_12m")
        if self.change_12m is not None:
            if self.history:
                raise ValueError("change_12m needs no history: leave history out")
            return self
        need = MONTHS_A_YEAR if self.monthly is not None else QUARTERS_A_YEAR
        if len(self.history) < need:
            raise ValueError(f"history needs the {need} {given[0]} figures before month 0, oldest first")
        if max(self._figures) < LEAST_PEAK:
            raise ValueError("unemployment must be in per cent (4.3), not a fraction (0.043)")
        return self

    @property
    def _figures(self) -> tuple[float, ...]:
        return self.history + (self.monthly or ()) + (self.quarterly or ())

    def level(self, months: int) -> NDArray[np.float64] | None:
        """Return unemployment in per cent for months 0 … months − 1; None where only changes are given."""
        return None if self.change_12m is not None else self._level(np.arange(months))

    def change(self, months: int, lag: int = 0) -> NDArray[np.float64]:
        """Return the twelve-month change in percentage points, ``lag`` months earlier, for each month.

        Examples
        --------
        >>> Unemployment(change_12m=(0.0, 1.5)).change(4, lag=1)
        array([0. , 0. , 1.5, 1.5])
        """
        month = np.arange(months) - lag
        if self.change_12m is not None:
            return np.interp(month, np.arange(len(self.change_12m)), self.change_12m)
        return self._level(month) - self._level(month - MONTHS_A_YEAR)

    def _level(self, month: NDArray[np.int64]) -> NDArray[np.float64]:
        position = np.arange(len(self._figures)) - len(self.history)
        return np.interp(month, position if self.monthly is not None else 3 * position + 1, self._figures)
