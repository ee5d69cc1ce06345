"""What the lender has to work with, and what it costs: people, messages, legal slots.

Amounts are in major units of the book's currency. A capacity of zero is valid (nobody works that team).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from simcollect import configfile
from simcollect.strategy.catalogue import TEAMS
from simcollect.strategy.goal import LIMITS, WEEKLY, limit_problem

if TYPE_CHECKING:
    from simcollect.behaviour import Behaviour
    from simcollect.portfolio import Portfolio


ANSWERING = ("early", "late", "desk")  # who takes incoming calls: the first of these that there is (judgement)


class Team(BaseModel):
    """One team of collectors: people who are paid, and what an hour of theirs costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: float = Field(ge=0, description="full-time people on the payroll")
    hour_cost: float = Field(ge=0, description="loaded cost of a paid hour")
    overtime_hours: float = Field(0.0, ge=0, le=60, description="hours a person and week that a plan may buy")
    overtime_premium: float = Field(0.5, ge=0, description="time and a half (29 USC 207, PRC Art. 44)")
    seats: float = Field(0.0, ge=0, description="seats at an agency that a plan may buy")
    seat_cost: float = Field(0.0, ge=0, description="cost of an agency's seat for a month")


class Resources(BaseModel):
    """Capacities and unit costs.

    A team's productive minutes a working day are ``people * hours * 60 * (1 - shrinkage) * occupancy``: shrinkage is
    paid time away from the list (breaks, training, sickness), occupancy the share of the rest spent on dialling,
    talking and wrapping up.

    Examples
    --------
    >>> teams = {name: Team(people=2, hour_cost=45) for name in TEAMS}
    >>> resources = Resources(teams=teams)
    >>> round(resources.minutes_a_day("early"))
    538
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    teams: dict[str, Team]
    hours: float = Field(8.0, gt=0, le=12, description="paid hours a working day")
    shift_start: int = Field(9, ge=0, le=20, description="hour at which the shift begins")
    shrinkage: float = Field(0.30, ge=0, lt=1, description="usual planning rule; unverified")
    occupancy: float = Field(0.80, gt=0, le=1, description="40 to 57 busy minutes an hour (WIKI)")
    messages_a_week: float = Field(1e12, ge=0)
    legal_slots_a_week: float = Field(0.0, ge=0)
    message_cost: dict[str, float] = Field(default_factory=dict, description="by channel; absent is free")
    plan_setup_cost: float = Field(0.0, ge=0)
    legal_letter_cost: float = Field(0.0, ge=0)
    filing_cost: float = Field(0.0, ge=0)
    after_chargeoff: Literal["agency", "sale"] = Field(
        "agency", description="what becomes of charged-off debt: placed with an agency, or sold at once"
    )
    legal_fee_share: float = Field(0.30, ge=0, lt=1, description="law firm's share of what it collects; ENCORE 40.8 %")
    complaint_cost: float = Field(0.0, ge=0)
    discount_a_year: float = Field(0.10, ge=0, lt=1, description="judgement: a lender's cost of funds and capital")
    extra_messages_a_week: float = Field(0.0, ge=0, description="beyond messages_a_week; a plan may buy")
    extra_message_cost: float = Field(0.0, ge=0, description="of one of these, on top of its channel's cost")
    at_most: dict[str, float] = Field(default_factory=dict, description="limits on the whole plan, by name as in Goal")
    at_most_weekly: dict[str, float] = Field(default_factory=dict, description="limits on each week")

    def model_post_init(self, context: object) -> None:
        """Refuse unknown teams, channels and limits."""
        from simcollect.behaviour.parameters import CHANNELS
        from simcollect.errors import nearest

        for name in self.teams:
            if name not in TEAMS:
                raise ValueError(f"no team is called {name}; {nearest(name, TEAMS)}")
        for name in self.message_cost:
            if name not in CHANNELS:
                raise ValueError(f"no channel is called {name}; {nearest(name, CHANNELS)}")
        problem = limit_problem(self.at_most, LIMITS) or limit_problem(self.at_most_weekly, WEEKLY)
        if problem:
            raise ValueError(problem)

    def team(self, name: str) -> Team:
        """Return a team; one that is not listed has nobody."""
        return self.teams.get(name, Team(people=0, hour_cost=0))

    def minutes_a_day(self, team: str) -> float:
        """Return the productive minutes of a team on a working day."""
        return self.team(team).people * self.hours * 60 * (1 - self.shrinkage) * self.occupancy

    @property
    def answering_team(self) -> str | None:
        """Return the team that takes customers' calls: the early team; without one the late team, then the desk.

        A small lender has one team for everything, and it is not always called early. Where nobody works at a telephone
        nobody answers, and messages cost nobody's time.

        Examples
        --------
        >>> Resources(teams={"late": {"people": 3, "hour_cost": 28}}).answering_team
        'late'
        >>> Resources(teams={"field": {"people": 3, "hour_cost": 28}}).answering_team is None
        True
        """
        there = (name for name in ANSWERING if self.team(name).people > 0 or self.team(name).seats > 0)
        return next(there, None)

    def after_sale(self, behaviour: Behaviour) -> Behaviour:
        """Return the behaviour that a lender meets who sells charged-off debt; as it is where an agency collects.

        To the chain, a sale is a debtor who pays the price in the first week, without a fee, and nothing afterwards.

        Examples
        --------
        >>> from simcollect.behaviour import Behaviour
        >>> selling = Resources(teams={}, after_chargeoff="sale").after_sale(Behaviour.default())
        >>> float(selling["agency.share"]), float(selling["agency.exit"])
        (0.08, 1.0)
        """
        if self.after_chargeoff == "agency":
            return behaviour
        return behaviour.replace(
            {
                "agency.collects": np.ones_like(behaviour["agency.collects"]),
                "agency.share": behaviour["sale.price"],
                "agency.exit": 1.0,
                "agency.fee": 0.0,
            }
        )

    @classmethod
    def read(cls, path: str | Path) -> Resources:
        """Read a YAML file; every problem in it is named with its line."""
        return configfile.load(path, cls)

    @classmethod
    def default(cls, book: Portfolio) -> Resources:
        """Return a team sized for a book by customary caseloads, with unit costs of its currency.

        Caseloads per collector by age are those of ``evidence 2`` (early 1,500, then 600; 350 and 250 later): 150-600
        seen for agencies (ALLIED), early ones judgement. Unit costs: see `COSTS`.

        Examples
        --------
        >>> import simcollect as sc
        >>> Resources.default(sc.Portfolio.synthetic(1000, seed=1)).team("early").people > 0
        True
        """
        dpd = book.accounts["dpd"].to_numpy()
        early = np.count_nonzero((dpd > 0) & (dpd <= 34)) / 1500
        late = (
            np.count_nonzero((dpd > 34) & (dpd <= 60)) / 600
            + np.count_nonzero((dpd > 60) & (dpd <= 90)) / 350
            + np.count_nonzero(dpd > 90) / 250
        )
        people = {
            "early": max(1.0, np.ceil(2 * early) / 2),
            "late": max(1.0, np.ceil(2 * late) / 2),
            "desk": max(0.5, np.ceil(2 * 0.25 * (early + late)) / 2),
            "field": max(0.5, np.ceil(2 * 0.25 * late) / 2),
        }
        cost = COSTS.get(book.currency, COSTS["USD"])
        return cls(
            teams={name: Team(people=float(people[name]), hour_cost=cost.hour) for name in TEAMS},
            legal_slots_a_week=float(np.ceil(0.05 * np.count_nonzero(dpd > 90) / 13)),
            message_cost={
                "sms": cost.sms,
                "voice": cost.voice,
                "letter": cost.letter,
                "statement": cost.sms,
                "app": cost.push,
                "wechat": cost.push,
                "email": cost.push,
            },
            plan_setup_cost=0.0,
            legal_letter_cost=cost.letter * 4,
            filing_cost=cost.filing,
            complaint_cost=cost.complaint,
        )


@dataclass(frozen=True)
class Costs:
    """Unit costs of one currency, major units."""

    hour: float
    sms: float
    push: float
    letter: float
    voice: float
    filing: float
    complaint: float


# Hour, SMS, push, letter, minute of automated voice, filing a suit, firm-level complaint. USD: BLS x 1.35, TWI,
# judgement, postal tariff (unverified), carrier tariff (unverified), ENCORE, judgement. CNY and HKD: evidence 1, 2, 5
# (judgement or unverified). TWD: judgement.
COSTS = {
    "USD": Costs(28.0, 0.0113, 0.001, 0.90, 0.02, 139.0, 40.0),
    "CNY": Costs(45.0, 0.04, 0.007, 6.0, 0.15, 800.0, 280.0),
    "HKD": Costs(120.0, 0.40, 0.008, 6.0, 0.15, 1000.0, 310.0),
    "TWD": Costs(300.0, 0.80, 0.03, 30.0, 0.60, 3500.0, 1200.0),
}
