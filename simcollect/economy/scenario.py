"""A scenario: what happens to the borrowers' economy and to the lender's operations.

Months count from 0, the calendar month of the run's first day; days count from 0, the run's first day. Both
ends of a window are included, and a window without an end lasts to the end of the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from simcollect.configfile import load
from simcollect.economy.library import scenario_path
from simcollect.economy.unemployment import Unemployment

# Row order of every array with a product axis.
PRODUCTS = ("consumer", "micro_sme")

# Days of the calendar months, for means over a (common) year.
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

Factor = Annotated[float, Field(gt=0, le=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Strict):
    """Months in which something holds.

    Examples
    --------
    >>> Window(from_month=1, to_month=2).active(5)
    array([False,  True,  True, False, False])
    """

    from_month: int = Field(default=0, ge=0)
    to_month: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.to_month is not None and self.to_month < self.from_month:
            raise ValueError("to_month must not lie before from_month")
        return self

    def active(self, months: int) -> NDArray[np.bool_]:
        """Return which of the months 0 … months − 1 lie in the window."""
        month = np.arange(months)
        return (month >= self.from_month) & (month <= (months if self.to_month is None else self.to_month))


class Links(_Strict):
    """How strongly unemployment moves the hazards of losing and regaining liquidity.

    Attributes
    ----------
    loss_per_pp_change : β, rise of the log-odds of being strained for each percentage point that
        unemployment rose over twelve months; 0.20, range 0.10–0.40 (evidence 7: US cards 1991–2019; Hong
        Kong 0.40)
    share_through_regain : φ, the part of β that acts by slower regain instead of more loss; 0.75 (Shimer
        2012)
    """

    loss_per_pp_change: float = Field(default=0.20, ge=0, le=1)
    share_through_regain: float = Field(default=0.75, ge=0, le=1)


class Relief(Window):
    """A relief programme (furlough pay, moratorium) that breaks the link from unemployment to the hazards.

    Attributes
    ----------
    strength : part of a change of unemployment that relief keeps from the borrowers; 1 breaks the link.
        More than 1 reverses it for a rise; a fall then has no effect, as nobody felt the rise before it.
    """

    strength: float = Field(default=1.0, ge=0, le=2)


class PaymentFactor(Window):
    """Multiplier on the payment intensity of borrowers who are able to pay."""

    factor: Factor


class Where(_Strict):
    """Which accounts a group shock hits: those that match every key given."""

    region: str | None = None
    sector: str | None = None
    product: Literal["consumer", "micro_sme"] | None = None

    @model_validator(mode="after")
    def _some_key(self) -> Where:
        if not self.columns():
            raise ValueError("give at least one of region, sector, product")
        return self

    def columns(self) -> dict[str, str]:
        """Return the tape columns that are asked for, with the value each must have."""
        return {key: value for key, value in self if value is not None}


class Group(Window):
    """A harder blow to one group: a multiplier on its hazard of losing liquidity."""

    where: Where
    loss_factor: Factor


class Operation(_Strict):
    """Something that fails in the lender's own operations; the simulator acts on it.

    Attributes
    ----------
    what : ``sms_gateway``, ``collectors``, ``law_firm`` (a ``share`` of the capacity is missing), or
        ``reminders_delayed`` (reminders go out ``days`` late)
    from_day, to_day : first and last day
    """

    what: Literal["sms_gateway", "collectors", "law_firm", "reminders_delayed"]
    from_day: int = Field(ge=0)
    to_day: int = Field(ge=0)
    share: float | None = Field(default=None, gt=0, le=1)
    days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _measure_and_order(self) -> Operation:
        need, other = ("days", "share") if self.what == "reminders_delayed" else ("share", "days")
        if getattr(self, need) is None or getattr(self, other) is not None:
            raise ValueError(f"{self.what} needs {need}, and not {other}")
        if self.to_day < self.from_day:
            raise ValueError("to_day must not lie before from_day")
        return self


class Scenario(_Strict):
    """One economic scenario, as read from YAML.

    Attributes
    ----------
    name, description : for reports
    unemployment : its path; what acts is the twelve-month change
    links : how strongly it acts
    lag_months : months between the change and its effect; 0, because the fit of evidence 13 has no lag and
        delinquency peaks before unemployment does
    relief : a relief programme, if any
    payment_factor : windows in which the able pay more or less; overlapping windows multiply
    groups : harder blows to single groups
    seasonal : micro-SME revenue for January … December; only the shape counts (mean 1 over a year)
    operations : failures of the lender's operations

    Examples
    --------
    >>> scenario = Scenario(name="flat", unemployment={"change_12m": [0.0]})
    >>> scenario.links.loss_per_pp_change
    0.2
    """

    name: str = Field(min_length=1)
    description: str = ""
    unemployment: Unemployment
    links: Links = Links()
    lag_months: int = Field(default=0, ge=0, le=24)
    relief: Relief | None = None
    payment_factor: tuple[PaymentFactor, ...] = ()
    groups: tuple[Group, ...] = ()
    seasonal: tuple[Factor, ...] = Field(default=(1.0,) * 12, min_length=12, max_length=12)
    operations: tuple[Operation, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> Scenario:
        """Read a scenario from a YAML file.

        Raises
        ------
        ConfigError
            The file cannot be read or breaks a rule; all problems at once, each with its line.
        """
        return load(path, cls)

    @classmethod
    def baseline(cls) -> Scenario:
        """Return the Federal Reserve's 2025 supervisory baseline."""
        return cls.read(scenario_path("baseline.yaml"))

    @classmethod
    def severe(cls) -> Scenario:
        """Return the Federal Reserve's 2025 severely adverse scenario."""
        return cls.read(scenario_path("severe_downturn.yaml"))

    def effective_change(self, months: int) -> NDArray[np.float64]:
        """Return the change of unemployment (pp) that reaches borrowers in each month: lagged, less relief.

        Examples
        --------
        >>> path = {"change_12m": [0.0, 2.0]}
        >>> Scenario(name="x", unemployment=path, relief={"from_month": 2}).effective_change(4)
        array([0., 2., 0., 0.])
        """
        change = self.unemployment.change(months, self.lag_months)
        if self.relief is None:
            return change
        kept = 1 - self.relief.strength * self.relief.active(months)
        return change * np.where(change > 0, kept, np.maximum(kept, 0))

    def payment_factors(self, months: int) -> NDArray[np.float64]:
        """Return the multiplier on the able's payment intensity for each month.

        Examples
        --------
        >>> windows = [{"factor": 0.5, "from_month": 1, "to_month": 1}]
        >>> Scenario(
        ...     name="x", unemployment={"change_12m": [0.0]}, payment_factor=windows
        ... ).payment_factors(3)
        array([1. , 0.5, 1. ])
        """
        factor = np.ones(months)
        for window in self.payment_factor:
            factor[window.active(months)] *= window.factor
        return factor

    def seasonal_factors(self) -> NDArray[np.float64]:
        """Return micro-SME revenue factors January … December with mean 1 over the days of a common year."""
        factor = np.array(self.seasonal)
        return factor / np.average(factor, weights=MONTH_DAYS)

    def describe(self) -> str:
        """Return the scenario in a few sentences, for a report; see `simcollect.economy.describe`."""
        # Here, because the text is made from scenarios and so imports this module.
        from simcollect.economy.describe import describe

        return describe(self)
