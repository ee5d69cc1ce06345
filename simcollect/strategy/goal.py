"""What a plan is for: the objective, and the limits it has to keep.

>>> Goal("recovery", at_most={"cost": 200_000})
Goal(objective='recovery', at_most={'cost': 200000}, at_least={}, at_most_weekly={}, at_least_weekly={})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite

from simcollect.errors import InfeasibleError, InputError, nearest

# What can be limited, and what one unit of it is. All count the plan's weeks and what follows from them: the two years
# after the plan in which every account is left alone, so that nothing is gained by putting a loss off or by taking
# next month's payments. Only "cash" counts the plan's weeks alone.
MEASURES = {
    "recovery": "money: what customers, law firm and agency pay in, net of the fees of the two, not discounted",
    "cash": "money: the same within the plan's weeks only",
    "charge_off": "money: balances charged off",
    "loss": "money: balances that leave the book unpaid, less what comes in from law firm and agency",
    "conceded": "money: what offers let customers off, as it falls due",
    "contact_cost": "money: messages, set-up of accepted offers, letters and filing at law",
    "message_cost": "money: messages",
    "offer_cost": "money: set-up of accepted offers",
    "legal_cost": "money: letters and filing at law",
    "cost": "money: contact_cost, handling of complaints, and what is bought (people, overtime, seats, messages)",
    "contacts": "messages sent and attempts to call or visit",
    "conversations": "talks with the right party",
    "offers": "restructuring offers accepted",
    "complaints": "complaints",
    "headcount": "people on the payroll, on average over the plan, where people are chosen",
}
# What can be striven for, and in which direction.
OBJECTIVES = {"value": 1, "recovery": 1, "cost": -1, "charge_off": -1, "loss": -1}
PER_ACCOUNT = "_per_account"
_COUNTS = ("contacts", "conversations", "offers", "complaints")
LIMITS = (*MEASURES, *(name + PER_ACCOUNT for name in _COUNTS))
WEEKLY = tuple(name for name in LIMITS if name not in ("cost", "headcount"))  # people are bought by the month


@dataclass(frozen=True)
class Goal:
    """What to strive for, and within which limits.

    Attributes
    ----------
    objective : "value" (net present value, the book at the end included), "recovery" (most money in), "cost" (least
        money spent), "charge_off" or "loss" (least of it). A least-cost plan does nothing unless `at_least` asks for
        something
    at_most, at_least : limits on totals over the plan, by name; see `MEASURES`. Counts may be given on average per
        account: "contacts_per_account", "complaints_per_account", ...
    at_most_weekly, at_least_weekly : limits on each week; money is that of the week itself

    Raises
    ------
    InputError
        A name is not known (the nearest one is given), or a limit is negative or not a number.
    InfeasibleError
        A floor lies above a cap of the same measure.

    Examples
    --------
    Least cost for a recovery target, with no more than two contacts a customer on average:

    >>> goal = Goal("cost", at_least={"recovery": 5e6}, at_most={"contacts_per_account": 2})

    >>> Goal("recovry")
    Traceback (most recent call last):
    simcollect.errors.InputError: no objective is called recovry; did you mean recovery?
    """

    objective: str = "value"
    at_most: Mapping[str, float] = field(default_factory=dict)
    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most_weekly: Mapping[str, float] = field(default_factory=dict)
    at_least_weekly: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise InputError(f"no objective is called {self.objective}; {nearest(self.objective, OBJECTIVES)}")
        problem = limit_problem(self.at_most, LIMITS) or limit_problem(self.at_least, LIMITS)
        problem = problem or limit_problem(self.at_most_weekly, WEEKLY) or limit_problem(self.at_least_weekly, WEEKLY)
        if problem:
            raise InputError(problem)
        refuse_floor_above_cap(self.at_least, self.at_most, "")
        refuse_floor_above_cap(self.at_least_weekly, self.at_most_weekly, " a week")

    @property
    def plain(self) -> bool:
        """Whether it is net present value within nothing but the capacities."""
        return self.objective == "value" and not any(
            (self.at_most, self.at_least, self.at_most_weekly, self.at_least_weekly)
        )

    def within(self, at_most: Mapping[str, float], at_most_weekly: Mapping[str, float]) -> Goal:
        """Return the same goal under further limits; of two on the same measure the tighter holds.

        Examples
        --------
        >>> Goal(at_most={"contacts": 90}).within({"contacts": 80, "offers": 5}, {}).at_most
        {'contacts': 80, 'offers': 5}
        """

        def tighter(own: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
            return {name: min(own.get(name, inf), other.get(name, inf)) for name in {**own, **other}}

        return replace(
            self,
            at_most=tighter(self.at_most, at_most),
            at_most_weekly=tighter(self.at_most_weekly, at_most_weekly),
        )


def refuse_floor_above_cap(floors: Mapping[str, float], caps: Mapping[str, float], period: str) -> None:
    """Refuse a floor that lies above a cap of the same measure.

    Examples
    --------
    >>> refuse_floor_above_cap({"contacts": 9}, {"contacts": 9}, " a week")

    Raises
    ------
    InfeasibleError
        One does.
    """
    for name in set(floors) & set(caps):
        if floors[name] > caps[name]:
            floor = f"{name} at least {floors[name]:,.10g}{period}"
            cap = f"{name} at most {caps[name]:,.10g}{period}"
            text = f"{floor} and {cap}: the floor lies above the cap; lower the one or raise the other"
            raise InfeasibleError(text, (floor, cap), {name: caps[name]})


def limit_problem(limits: Mapping[str, float], known: Iterable[str]) -> str | None:
    """Return what is wrong with limits by name, or None.

    Examples
    --------
    >>> limit_problem({"contact": 3}, LIMITS)
    'no limit is called contact; did you mean contacts?'
    """
    for name, limit in limits.items():
        if name not in known:
            return f"no limit is called {name}; {nearest(name, known)}"
        if not isfinite(limit) or limit < 0:
            return f"the limit on {name} must be a number from 0 on, not {limit}"
    return None
