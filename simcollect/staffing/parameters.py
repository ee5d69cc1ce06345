"""What turns work into people, each figure with its unit, range and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simcollect.units import DAYS_A_MONTH

if TYPE_CHECKING:
    import pandas as pd


def _parameter(
    default: Any,
    meaning: str,
    *,
    unit: str,
    span: tuple[float, float],
    source: str,
    status: str,
    **limits: Any,
) -> Any:
    extra: dict[str, Any] = {
        "unit": unit,
        "low": span[0],
        "high": span[1],
        "source": source,
        "status": status,
    }
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


class StaffingParameters(BaseModel):
    """Assumptions of a staffing plan; `StaffingParameters.table` prints them with their sources.

    Money is in major units of `currency`. Change every money figure together with the currency.

    Examples
    --------
    >>> round(StaffingParameters().productive_minutes_per_month)
    5844
    >>> StaffingParameters(occupancy=0.70).model_dump(include={"occupancy", "shrinkage"})
    {'occupancy': 0.7, 'shrinkage': 0.3}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field(default="USD", description="currency of the money figures")
    occupancy: float = _parameter(
        0.80,
        "share of an agent's time at work spent on cases",
        unit="share",
        span=(0.67, 0.95),
        source="40 busy minutes an hour dialling singly, 57 with a predictive dialler (Wikipedia)",
        status="computed",
        gt=0,
        le=1,
    )
    shrinkage: float = _parameter(
        0.30,
        "share of paid time away from work: leave, illness, training, breaks",
        unit="share",
        span=(0.20, 0.40),
        source="usual planning rule",
        status="memory, unverified",
        ge=0,
        lt=1,
    )
    attrition_per_year: float = _parameter(
        0.45,
        "leavers in a year for each person employed",
        unit="per year",
        span=(0.30, 0.70),
        source="mean 32.6 % (callcriteria.com); large centres 49 %, outbound over 60 % (iq.callme.io)",
        status="seen C",
        ge=0,
        le=12,
    )
    ramp: tuple[float, ...] = _parameter(
        (0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
        "productivity in the first, second, ... month at work; full afterwards",
        unit="share by month",
        span=(0, 1),
        source="worked example, about six months is typical (CRMXchange 2016)",
        status="seen C",
    )
    lead_time_weeks: float = _parameter(
        9.0,
        "weeks from the decision to hire to the first day at work",
        unit="weeks",
        span=(4, 14),
        source="none published",
        status="judgement",
        ge=0,
    )
    hire_cost: float = _parameter(
        6000.0,
        "cost of a hire: search, training, equipment",
        unit="currency",
        span=(5000, 7500),
        source="callcriteria.com",
        status="seen C",
        ge=0,
    )
    cost_per_hour: float = _parameter(
        28.0,
        "cost of a paid hour, with charges on wages",
        unit="currency an hour",
        span=(12, 40),
        source="mean wage USD 20.59 (BLS 43-3011, May 2022) times 1.35",
        status="seen A",
        ge=0,
    )
    unmet_cost_per_hour: float = _parameter(
        280.0,
        "what an hour of work left undone loses; better taken from a plan's price of a collector hour",
        unit="currency an hour",
        span=(40, 600),
        source="ten paid hours: a gap is a last resort",
        status="judgement",
        ge=0,
    )
    hours_per_day: float = _parameter(
        8.0,
        "paid hours in a working day of one full-time person",
        unit="hours",
        span=(6, 10),
        source="convention",
        status="judgement",
        gt=0,
        le=24,
    )
    days_per_week: float = _parameter(
        5.0,
        "paid days in a week of one full-time person",
        unit="days",
        span=(4, 6),
        source="convention",
        status="judgement",
        gt=0,
        le=7,
    )

    @field_validator("ramp")
    @classmethod
    def _shares(cls, ramp: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 <= share <= 1 for share in ramp):
            raise ValueError("each month's productivity must lie between 0 and 1")
        return ramp

    @property
    def paid_hours_per_week(self) -> float:
        """Paid hours of one full-time person in a week.

        Examples
        --------
        >>> StaffingParameters().paid_hours_per_week
        40.0
        """
        return self.hours_per_day * self.days_per_week

    @property
    def paid_hours_per_month(self) -> float:
        """Paid hours of one full-time person in an average month (public holidays belong to shrinkage).

        Examples
        --------
        >>> round(StaffingParameters().paid_hours_per_month, 1)
        173.9
        """
        return self.paid_hours_per_week * DAYS_A_MONTH / 7

    @property
    def productive_minutes_per_month(self) -> float:
        """Minutes of handling that one full-time person does in an average month.

        Examples
        --------
        >>> round(StaffingParameters(shrinkage=0, occupancy=1).productive_minutes_per_month)
        10435
        """
        return 60 * self.paid_hours_per_month * (1 - self.shrinkage) * self.occupancy

    @classmethod
    def table(cls) -> pd.DataFrame:
        """Return the defaults with meaning, unit, range, source and status, one row a parameter.

        Examples
        --------
        >>> StaffingParameters.table().loc["shrinkage", ["default", "status"]].tolist()
        [0.3, 'memory, unverified']
        """
        import pandas as pd

        rows = {
            name: {"default": field.default, "meaning": field.description, **field.json_schema_extra}
            for name, field in cls.model_fields.items()
            if isinstance(field.json_schema_extra, dict)
        }
        return pd.DataFrame.from_dict(rows, orient="index")
