"""Consent withdrawn, and the weariness of those who are contacted too often."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain, row_of
from simcollect.behaviour.week import COMPLAINTS, MESSAGES, TALKS
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.strategy import TEAMS, Catalogue, Resources, Strategy, Team
from simcollect.strategy.compliance import Caps, audit
from simcollect.strategy.strategy import StrategyFile

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
AMPLE = Resources(teams={team: Team(people=300, hour_cost=10) for team in TEAMS})
FREE = Caps("none", "test")


@pytest.fixture(scope="module")
def book() -> Portfolio:
    whole = Portfolio.synthetic(40_000, seed=2, as_of=date(2026, 5, 31), currency="USD", country="US")
    return whole.subset((whole.accounts["dpd"] > 20) & (whole.accounts["dpd"] < 90)).head(800)


def always(action: str) -> Strategy:
    return StrategyFile(name=action, rules=[{"when": {"weeks": (-1, 25)}, "do": action}]).strategy()


def run(book: Portfolio, strategy: Strategy, **changes: object) -> SimulationResult:
    behaviour = Behaviour.default().replace({name.replace("__", "."): value for name, value in changes.items()})
    return simulate(
        book, strategy, FLAT, days=90, seed=4, resources=AMPLE, compliance=FREE, events=True, behaviour=behaviour
    )


@pytest.mark.parametrize("action", ["sms", "wechat", "call", "visit"])
def test_a_channel_is_not_used_once_its_consent_is_withdrawn(book: Portfolio, action: str) -> None:
    result = run(book, always(action), optout__message=np.full(7, 0.3), optout__call=0.3)
    out = result.events[result.events["what"] == "opt-out"]
    assert out["account_id"].is_unique
    assert len(out) == result.daily["opt_outs"].sum() == result.summary().loc["opt_outs", "mean"]
    assert set(out["detail"]) == ({action} if action != "visit" else set())
    assert audit(result.events, FREE).empty


def test_another_channel_goes_on(book: Portfolio) -> None:
    both = StrategyFile(
        name="both",
        rules=[{"when": {"weeks": (w, w)}, "do": "sms" if w % 2 else "wechat"} for w in range(-1, 26)],
    ).strategy()
    events = run(book, both, optout__message=np.array([1.0, 0, 0, 0, 0, 0, 0])).events
    sent = events[events["what"] == "message"]
    assert sent[sent["detail"] == "sms"].groupby("account_id").size().max() == 1
    assert sent[sent["detail"] == "wechat"].groupby("account_id").size().max() > 3


def test_the_audit_finds_a_call_after_an_opt_out_but_not_a_visit() -> None:
    log = pd.DataFrame(
        {
            "account_id": "A",
            "day": [0, 0, 2, 3, 4, 5],
            "what": ["attempt", "opt-out", "attempt", "message", "attempt", "attempt"],
            "detail": ["10:00", "call", "10:00, by visit", "sms", "11:30", "09:00"],
            "hour": [10.0, np.nan, 10.0, np.nan, 11.5, 9.0],
        }
    )
    found = audit(log, FREE)
    assert found[["day", "rule"]].to_numpy().tolist() == [[4, "contact after opt-out"], [5, "contact after opt-out"]]


def test_each_earlier_day_with_a_contact_within_the_week_raises_complaints(book: Portfolio) -> None:
    """Whoever is reached at the third attempt complains four times as often with a factor of two."""
    events = run(book, always("call"), complaint__call=0.02, fatigue__factor=2.0, optout__call=0.02).events
    attempts = events[events["what"] == "attempt"].copy()
    talks = events[events["what"] == "talk"]
    days = attempts.groupby("account_id")["day"].apply(list)
    earlier = np.array(
        [sum(day - 7 < d < day for d in days[a]) for a, day in zip(talks["account_id"], talks["day"], strict=True)]
    )
    expected = (0.02 * 2.0**earlier).sum()
    complaints = run(book, always("call"), complaint__call=0.02, fatigue__factor=2.0, optout__call=0.02).daily
    assert expected > 1.5 * 0.02 * len(talks)
    for name in ("complaints", "opt_outs"):
        assert complaints[name].sum() == pytest.approx(expected, abs=3.5 * np.sqrt(expected))


def test_the_chain_expects_the_complaints_of_the_weeks_own_contacts() -> None:
    """By hand: with a certain factor of one, talks and messages times their rates; more with a greater one."""
    rates = {"complaint.call": 0.01, "complaint.message": 0.001}
    acts = Catalogue.default().acts()[:6]
    call, sms = row_of(5, 3, 0, 1), row_of(1, 3, 0, 1)
    plain, tired = (
        build_chain(Behaviour.default().replace(rates | {"fatigue.factor": factor}), acts, [1.0]).kernel.stats[0]
        for factor in (1.0, 2.0)
    )
    assert plain[call, COMPLAINTS] == pytest.approx(0.01 * plain[call, TALKS])
    assert plain[sms, COMPLAINTS] == tired[sms, COMPLAINTS] == pytest.approx(0.001 * plain[sms, MESSAGES])
    assert plain[call, COMPLAINTS] < tired[call, COMPLAINTS] < 4 * plain[call, COMPLAINTS]
