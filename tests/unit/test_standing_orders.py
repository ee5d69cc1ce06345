"""Prevention: a forgetful borrower who sets up a standing order pays on the day from then on."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain, row_of
from simcollect.behaviour.classes import FORGETFUL, MISINFORMED, PROMPT
from simcollect.behaviour.week import MESSAGES
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, simulate
from simcollect.strategy import Catalogue, Resources, Strategy
from simcollect.strategy.strategy import StrategyFile

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
INVITE = StrategyFile(name="invite", rules=[{"when": {"weeks": (-1, -1)}, "do": "standing_order"}]).strategy()


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(2000, seed=2, as_of=date(2026, 5, 31))


def test_only_the_forgetful_change_and_only_by_an_invitation(book: Portfolio) -> None:
    before, after = np.zeros(len(book)), np.zeros(len(book))

    def watch(sim: Simulation) -> Generator[Any]:
        before[:] = sim._acc["disposition"]
        yield sim.env.timeout(89)
        after[:] = sim._acc["disposition"]

    certain = Behaviour.default().replace({"prevention.enrol": 1.0, "message.clears": np.zeros(7)})
    run = simulate(book, INVITE, FLAT, days=90, seed=1, behaviour=certain, processes=[watch], events=True, check=True)
    changed = before != after
    assert changed.sum() > 50
    assert set(before[changed]) == {FORGETFUL}
    assert set(after[changed]) == {PROMPT}
    enrolled = (run.events["what"] == "standing order").sum()
    assert enrolled == run.daily["standing_orders"].sum() >= changed.sum()
    reminder = StrategyFile(name="remind", rules=[{"when": {"weeks": (-1, -1)}, "do": "sms"}]).strategy()
    plain = simulate(book, reminder, FLAT, days=90, seed=1, behaviour=certain)
    assert plain.daily["standing_orders"].sum() == 0


def test_standing_orders_prevent_lateness(book: Portfolio) -> None:
    """Compared with leaving all alone, months later fewer borrowers are late."""
    late = {}
    for strategy in (Strategy.named("do_nothing"), INVITE):
        certain = Behaviour.default().replace({"prevention.enrol": 1.0})
        arguments = {"days": 180, "seed": 1, "replications": 2, "resources": Resources(teams={}), "behaviour": certain}
        late[strategy.name] = simulate(book, strategy, FLAT, **arguments).summary().loc["overdue_accounts", "mean"]
    assert late["invite"] < 0.9 * late["do_nothing"]


def test_the_chain_enrols_with_reading_times_the_probability() -> None:
    behaviour = Behaviour.default()
    catalogue = Catalogue.full()
    kernel = build_chain(behaviour, catalogue.acts(), [1.0]).kernel
    code = catalogue.code("standing_order")
    for b, chance in ((FORGETFUL, 0.10), (MISINFORMED, 0.03), (PROMPT, 0.0)):
        row = row_of(code, -1, 0, b)
        entries = slice(kernel.ptr[row], kernel.ptr[row + 1])
        cleared = kernel.prob[0, entries][kernel.cleared[entries]].sum()
        messages = kernel.stats[0, row, MESSAGES]  # some have paid before it goes out
        assert cleared == pytest.approx(messages * 0.80 * 0.95 * chance)
    assert set(np.flatnonzero(catalogue.allowed()[code])) < set(range(12))
