"""Failures of the lender's operations in a scenario, as processes of the simulation."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simcollect.economy.scenario import Operation

if TYPE_CHECKING:
    from simcollect.simulation.engine import Simulation


def failure(sim: Simulation, operation: Operation) -> Generator[Any]:
    """Take capacity away from the first to the last day of an operation, then give it back.

    This is also the pattern for a process of one's own: wait with ``sim.env.timeout(days)``, change what
    `Simulation` lets be changed, wait again.
    """
    yield sim.env.timeout(operation.from_day)
    share = operation.share or 0.0
    length = operation.to_day - operation.from_day + 1
    if operation.what == "collectors":
        gone = {team: people * share for team, people in sim.people.items()}
        for team, people in gone.items():
            sim.people[team] -= people
        yield sim.env.timeout(length)
        for team, people in gone.items():
            sim.people[team] += people
    elif operation.what == "sms_gateway":
        lost = sim.channel_open["sms"] * share
        sim.channel_open["sms"] -= lost
        yield sim.env.timeout(length)
        sim.channel_open["sms"] += lost
    elif operation.what == "law_firm":
        lost = sim.legal_open * share
        sim.legal_open -= lost
        yield sim.env.timeout(length)
        sim.legal_open += lost
    else:
        days = operation.days or 0
        sim.message_delay_days += days
        yield sim.env.timeout(length)
        sim.message_delay_days -= days
