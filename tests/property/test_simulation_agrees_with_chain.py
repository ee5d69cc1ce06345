"""The simulator samples by day the law that the chain multiplies out by week: their means must agree."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain, move_hidden, step
from simcollect.behaviour.law import instalments_due
from simcollect.behaviour.opening import observed, opening, start_calendar
from simcollect.behaviour.prior import weekly
from simcollect.behaviour.states import AGENCY, EARLY, FIRST_WEEK, LEGAL, LEVELS, N_STATES, N_WEEKS, PLAN, SETTLE
from simcollect.behaviour.week import ALL_HIGH, ALL_LOW, CASH, N_STATS
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, simulate
from simcollect.simulation.columns import weekly_states
from simcollect.strategy import TEAMS, Resources, Strategy, Team, usual_prior
from simcollect.strategy.compliance import Caps
from simcollect.strategy.strategy import StrategyFile
from simcollect.worktime import WEEKDAY_SHARE

WEEKS, ACCOUNTS, INSTALMENT, RUNS = 26, 20_000, 10_000, 3
PRINCIPAL = 60  # instalments
COMPARED = range(21, 26)  # five weeks in April and May: the place in the month averages out
FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})


def revolving_book() -> Portfolio:
    """Return consumer accounts of band B, revolving, all of one size: one chain describes them."""
    book = Portfolio.synthetic(60_000, seed=4, as_of=date(2025, 11, 30), currency="USD", country="US")
    like = (book.accounts["product"] == "consumer") & (book.accounts["risk_band"] == "B")
    accounts = book.subset(like).resample(ACCOUNTS, seed=5).accounts.copy()
    # Overdue accounts begin at whole weeks, current ones more than a week before their due day, on all days
    # of the week: then the chain, which knows no days in between, believes the same of each account as the
    # simulator.
    weeks = (accounts["dpd"].to_numpy() + 6) // 7
    dpd = np.where(weeks > 0, 7 * weeks - 1, 0).astype(np.int32)
    accounts["dpd"], accounts["instalment"] = dpd, INSTALMENT
    accounts["arrears"] = (dpd.astype(np.int64) + 29) // 30 * INSTALMENT
    accounts["due_day"] = (9 + np.arange(ACCOUNTS) % 21).astype(np.int32)
    accounts["principal"] = PRINCIPAL * INSTALMENT
    accounts["remaining_term"] = np.int32(-1)
    accounts["opened"] = np.datetime64("2020-01-01", "s")
    for channel in ("sms", "app", "wechat", "email", "call"):
        accounts[f"consent_{channel}"] = True
    return Portfolio(accounts, book.as_of, book.currency, book.country)


def forecast(book: Portfolio, strategy: Strategy) -> tuple[np.ndarray, np.ndarray]:
    """Return the chain's cash by week, in instalments, and its mean measure in the weeks `COMPARED`."""
    behaviour = Behaviour.default()
    share = np.array(WEEKDAY_SHARE) / np.mean(WEEKDAY_SHARE)
    chain = build_chain(behaviour, strategy.catalogue.acts(), [1.0], pay_index=share)
    prior = usual_prior(behaviour).table[0, 1]
    low, high, later = observed(opening(book, start_calendar(book, 7 * WEEKS)))
    mass = np.zeros((N_STATES, 8))
    np.add.at(mass, low, prior[low] * (1 - later)[:, None])
    np.add.at(mass, high, prior[high] * later[:, None])
    law = behaviour.law()
    loss, regain = weekly(law.loss[0, 1]), weekly(law.regain[0, 1])
    kernel = chain.kernel
    row_cash = cash_by_row(kernel.stats[0])
    actions, closing = strategy.tables[0, 0], np.zeros(10)
    moved, after = np.empty_like(mass), np.empty_like(mass)
    cash, seen = np.zeros(WEEKS), np.zeros_like(mass)
    states = np.arange(PLAN)
    behaviour_of = np.array([0, 1, 2, 3, 4, 4, 4, 4])
    for week in range(WEEKS):
        move_hidden(mass, loss, regain, kernel, moved)
        totals = np.zeros((len(chain.acts), N_STATS + 2))
        step(moved, actions, 0, closing, kernel, after, totals)
        rows = (actions[states].astype(int) * N_WEEKS + kernel.week_of[states] - FIRST_WEEK) * LEVELS
        rows = (rows + kernel.level_of[states])[:, None] * 5 + behaviour_of
        cash[week] = (moved[:PLAN] * row_cash[rows] * ~kernel.legal[actions[states]][:, None]).sum()
        for state in range(PLAN, AGENCY):
            row = (state - PLAN) * 5 + behaviour_of
            cash[week] += (moved[state] * kernel.mode_cash[row]).sum()
            if SETTLE <= state < LEGAL:
                cash[week] += (moved[state] * kernel.mode_balance[row]).sum() * PRINCIPAL
        if week in COMPARED:
            seen += mass / len(COMPARED)
        mass = after.copy()
    return cash, seen


def cash_by_row(stats: np.ndarray) -> np.ndarray:
    """Return expected instalments paid by row of the open kernel, all kinds of payment."""
    week = np.arange(len(stats)) // (LEVELS * 5) % N_WEEKS + FIRST_WEEK
    due = np.array([instalments_due(7 * w) for w in week])
    return stats[:, CASH] + stats[:, ALL_LOW] * due + stats[:, ALL_HIGH] * (due + 1)


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return revolving_book()


def every_offer() -> Strategy:
    """Return a strategy of messages and offers that the champion does not use, by age."""
    ages = {"voice": (0, 1), "holiday": (2, 4), "rate_cut": (5, 8), "settlement": (9, 21)}
    ages |= {"standing_order": (-1, -1), "letter": (22, 23), "email": (24, 25)}
    rules = [{"when": {"weeks": weeks}, "do": name} for name, weeks in ages.items()]
    return StrategyFile(name="every offer", rules=rules).strategy()


@pytest.mark.parametrize(
    "strategy", [Strategy.named("do_nothing"), Strategy.champion(), every_offer()], ids=lambda strategy: strategy.name
)
def test_cash_and_balances_by_age_agree(book: Portfolio, strategy: Strategy) -> None:
    ample = Resources(teams={team: Team(people=500, hour_cost=1) for team in TEAMS}, legal_slots_a_week=1e6)
    counts = np.zeros(N_STATES)
    run = simulate(
        book, strategy, FLAT, days=7 * WEEKS, replications=RUNS, seed=11, resources=ample,
        compliance=Caps("none", "test"),
        processes=[lambda sim: at_reviews(sim, counts)],
    )  # fmt: skip
    cash, final = forecast(book, strategy)
    daily = run.daily
    simulated = (
        (daily["cash_contract"] + daily["cash_promise"] + daily["cash_plan"]).sum()
        / RUNS
        / (INSTALMENT / 100)
    )
    assert simulated == pytest.approx(cash.sum(), rel=0.01)
    chain = final.sum(axis=1)
    table = pd.DataFrame({"sim": by_age(counts), "chain": by_age(chain)})
    # Around the due day, where accounts come and go daily, the calendar's months of 30 and 31 days show.
    calendar = pd.Series({"current": 0.02, "0-34 days": 0.05}).reindex(table.index, fill_value=0.02)
    tolerance = 3 * np.sqrt(table["chain"] / RUNS) + calendar * table["chain"]
    assert ((table["sim"] - table["chain"]).abs() <= tolerance).all(), table


def at_reviews(sim: Simulation, counts: np.ndarray) -> Generator[Any]:
    """Count open accounts when their age is whole weeks, as the chain sees them; others weekly."""
    yield sim.env.timeout(7 * COMPARED[0])
    for _ in range(7 * len(COMPARED)):
        states = weekly_states(sim._acc, sim.day)
        age = sim.day - sim._acc["due"]
        here = (states < PLAN) & (age % 7 == 0) | (states >= PLAN) & (sim.day % 7 == 0)
        counts += np.bincount(states[here], minlength=N_STATES) / len(COMPARED) / RUNS
        yield sim.env.timeout(1)


def by_age(states: np.ndarray) -> dict[str, float]:
    """Return the measure by block: current, weeks late in two groups, on a plan, in law, charged off."""
    late = EARLY + 5 * 32
    return {
        "current": states[:EARLY].sum(),
        "0-34 days": states[EARLY:late].sum(),
        "35-181 days": states[late:PLAN].sum(),
        "plan": states[PLAN : AGENCY - 4].sum(),
        "legal": states[AGENCY - 4 : AGENCY].sum(),
        "agency": states[AGENCY].sum(),
    }
