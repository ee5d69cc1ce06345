"""Cases 4–7: Erlang's formulas and Cobham's priorities, with the identities that tie them together.

Wrong figures in circulation, refuted here: .0183 for load 10, 17 lines; .0116 for load 180, 200 lines.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from simcollect.errors import InputError
from simcollect.staffing import agents_for, erlang_b, erlang_c, priority_waits, queue_a, queue_c

TRAFFIC = {"calls": 100, "interval_min": 30, "handling_s": 180}  # load 10


@pytest.mark.parametrize(
    ("agents", "waits", "in_time", "seconds"),
    [(11, 0.682118, 0.389614, 122.781), (13, 0.285270, 0.795595, 17.116), (14, 0.174132, 0.888350, 7.836)],
)
def test_erlang_c(agents, waits, in_time, seconds):
    team = queue_c(**TRAFFIC, agents=agents, target_s=20)
    assert team.p_wait == pytest.approx(waits, abs=5e-7)
    assert team.p_wait == erlang_c(10, agents)
    assert team.service_level == pytest.approx(in_time, abs=5e-7)
    assert team.mean_wait == pytest.approx(seconds, abs=5e-4)
    assert team.occupancy == pytest.approx(10 / agents)


def test_eighty_per_cent_in_twenty_seconds_takes_fourteen_agents_and_twenty_people():
    need = agents_for(**TRAFFIC, target_s=20, service_level=0.80, shrinkage=0.30)
    assert (need.agents, need.people) == (14, 20)
    assert queue_c(**TRAFFIC, agents=13).service_level < 0.80


def test_an_occupancy_cap_of_seventy_per_cent_takes_fifteen_agents_and_twenty_two_people():
    need = agents_for(**TRAFFIC, target_s=20, service_level=0.80, shrinkage=0.30, max_occupancy=0.70)
    assert (need.agents, need.people) == (15, 22)


@pytest.mark.parametrize(
    ("load", "lines", "lost"),
    [
        (10, 11, 0.163232),
        (10, 12, 0.119739),
        (10, 16, 0.022302),
        (10, 17, 0.012949),
        (180, 200, 0.010325),
    ],
)
def test_erlang_b(load, lines, lost):
    assert erlang_b(load, lines) == pytest.approx(lost, abs=5e-7)


def test_erlang_b_agrees_with_its_definition():
    terms = [10.0**n / math.factorial(n) for n in range(13)]
    assert erlang_b(10, 12) == pytest.approx(terms[-1] / sum(terms), rel=1e-13)


def test_erlang_a():
    team = queue_a(**TRAFFIC, agents=14, patience_s=300, target_s=20)
    assert team.p_wait == pytest.approx(0.14526, abs=5e-6)
    assert team.p_abandon == pytest.approx(0.013984, abs=5e-7)
    assert team.occupancy == pytest.approx(0.704297, abs=5e-7)
    assert team.mean_wait / 60 == pytest.approx(0.069919, abs=5e-7)
    assert team.service_level == pytest.approx(0.916792, abs=5e-7)


def by_states(
    load: float, agents: int, handling_s: float, patience_s: float, target_s: float
) -> dict[str, float]:
    """Erlang A from its birth-and-death chain, summed over queue lengths (the package: over waits).

    A caller who finds k waiting is answered after k+1 departures, of rates cμ + jθ, j = k ... 0. Then
    U = exp(−θ wait) is Beta(cμ/θ, k+1), from which the chance to be answered in time follows.
    """
    from scipy.stats import beta

    rate, capacity, leaving = load / handling_s, agents / handling_s, 1 / patience_s
    chance = [1.0]
    for n in range(1, agents + 2000):
        out = min(n, agents) / handling_s + max(n - agents, 0) * leaving
        chance.append(chance[-1] * rate / out)
    p = np.array(chance) / sum(chance)
    k = np.arange(len(p) - agents)
    share = capacity / leaving
    answered = share / (share + k + 1)
    left = math.exp(-leaving * target_s)
    in_time = answered * beta.sf(left, share + 1, k + 1)
    not_yet = left * beta.cdf(left, share, k + 1)
    waiting = p[agents:]
    return {
        "p_wait": waiting.sum(),
        "p_abandon": (waiting * (1 - answered)).sum(),
        "service_level": p[:agents].sum() + (waiting * in_time).sum(),
        "abandoned_in_target": (waiting * (1 - in_time - not_yet)).sum(),
    }


@pytest.mark.parametrize("agents", [1, 6, 10, 14, 20])
@pytest.mark.parametrize("patience_s", [5.0, 60.0, 300.0, 3600.0])
@pytest.mark.parametrize("target_s", [0.0, 20.0, 90.0])
def test_erlang_a_agrees_with_its_birth_and_death_chain(agents, patience_s, target_s):
    team = queue_a(**TRAFFIC, agents=agents, patience_s=patience_s, target_s=target_s)
    for name, value in by_states(10, agents, 180, patience_s, target_s).items():
        assert getattr(team, name) == pytest.approx(value, abs=1e-10), name


@pytest.mark.parametrize("agents", [8, 10, 14])
@pytest.mark.parametrize("patience_s", [0.01, 30.0, 300.0, 1e5])
def test_erlang_a_keeps_its_identities(agents, patience_s):
    team = queue_a(**TRAFFIC, agents=agents, patience_s=patience_s)
    assert team.p_abandon == pytest.approx(team.mean_wait / patience_s)
    assert team.occupancy == pytest.approx(10 * (1 - team.p_abandon) / agents)
    assert 0 <= team.abandoned_in_target <= team.p_abandon <= team.p_wait <= 1
    assert team.occupancy <= 1


def test_endless_patience_gives_erlang_c():
    endless = queue_c(**TRAFFIC, agents=14)
    assert queue_a(**TRAFFIC, agents=14, patience_s=math.inf) == endless
    nearly = queue_a(**TRAFFIC, agents=14, patience_s=1e12)
    assert nearly.p_wait == pytest.approx(endless.p_wait, abs=1e-9)
    assert nearly.mean_wait == pytest.approx(endless.mean_wait, abs=1e-6)
    assert nearly.service_level == pytest.approx(endless.service_level, abs=1e-9)


def test_no_patience_gives_erlang_b():
    team = queue_a(**TRAFFIC, agents=14, patience_s=1e-6)
    assert team.p_abandon == pytest.approx(erlang_b(10, 14), abs=1e-8)


def test_an_overloaded_team_loses_what_it_cannot_answer():
    """Fluid limit: the share lost tends to 1 − agents / load when callers are patient."""
    assert queue_a(**TRAFFIC, agents=8, patience_s=1e9).p_abandon == pytest.approx(0.2, abs=1e-9)
    endless = queue_c(**TRAFFIC, agents=10)
    assert (endless.p_wait, endless.service_level, endless.mean_wait) == (1.0, 0.0, math.inf)
    assert erlang_c(10, 10) == erlang_c(10, 3) == 1.0


def test_the_four_service_levels_differ_with_hang_ups_and_agree_without():
    levels = queue_a(**TRAFFIC, agents=11, patience_s=60).service_levels()
    assert len({round(level, 3) for level in levels.values()}) == 4
    assert levels["of all"] == min(levels.values())
    assert len(set(queue_c(**TRAFFIC, agents=14).service_levels().values())) == 1


def test_priorities_without_interruption():
    waits = priority_waits([0.2, 0.6, 1.2], service_rate=3)
    np.testing.assert_allclose(waits, [0.238095, 0.324675, 0.909091], atol=5e-7)


@pytest.mark.parametrize(("servers", "rate"), [(1, 3.0), (3, 1.0), (12, 0.2)])
def test_priorities_only_share_out_the_first_come_wait(servers, rate):
    rates = np.array([0.2, 0.6, 1.2])
    waits = priority_waits(rates, service_rate=rate, servers=servers)
    first_come = erlang_c(rates.sum() / rate, servers) / (servers * rate - rates.sum())
    assert rates @ waits / rates.sum() == pytest.approx(first_come)
    assert np.all(np.diff(waits) > 0)


def test_only_the_lower_class_is_crowded_out():
    high, low = priority_waits([2.0, 2.0], service_rate=3)
    assert high == pytest.approx((1 / 3) / (1 - 2 / 3))  # always a call of mean 1/3 in hand
    assert low == math.inf


def test_no_calls_need_nobody():
    assert queue_c(calls=0, interval_min=30, handling_s=180, agents=0).service_level == 1.0
    assert queue_a(calls=0, interval_min=30, handling_s=180, agents=5, patience_s=60).occupancy == 0.0
    need = agents_for(calls=0, interval_min=30, handling_s=180, shrinkage=0.3)
    assert (need.agents, need.people) == (0, 0)


def test_without_agents_everybody_hangs_up():
    team = queue_a(**TRAFFIC, agents=0, patience_s=60, target_s=60)
    assert (team.p_abandon, team.service_level, team.mean_wait) == (1.0, 0.0, 60.0)
    assert team.abandoned_in_target == pytest.approx(1 - math.exp(-1))


def test_callers_who_hang_up_make_a_smaller_team_do():
    assert agents_for(**TRAFFIC, patience_s=60).agents < agents_for(**TRAFFIC).agents


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: erlang_b(-1, 3), "erlang_b, column load: -1: must be at least 0"),
        (lambda: erlang_b(1, 2.5), "erlang_b, column lines: 2.5: must be a whole number"),
        (lambda: queue_c(100, 0, 180, 14), "queue_c, column interval_min: 0: must be above 0"),
        (lambda: queue_a(100, 30, 180, 14, patience_s=0), "queue_a, column patience_s: 0: must be above 0"),
        (lambda: queue_c(float("nan"), 30, 180, 14), "queue_c, column calls: nan: must be at least 0"),
        (lambda: agents_for(100, 30, 180, service_level=80), "column service_level: 80: must be at least 0"),
        (
            lambda: agents_for(100, 30, 180, shrinkage=1),
            "column shrinkage: 1: must be at least 0 and below 1",
        ),
        (lambda: priority_waits([1], 0), "column service_rate: 0: must be above 0"),
        (lambda: priority_waits([1], 3, servers=0), "column servers: 0: must be at least 1"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call, said):
    with pytest.raises(InputError) as caught:
        call()
    assert said in str(caught.value)
