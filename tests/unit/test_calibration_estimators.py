"""The simple estimators: each gives back what was put in, with an error that covers it."""

import numpy as np
import pandas as pd
import pytest

from simcollect.calibration import History, calibrate
from simcollect.calibration.calls import attempts, talk_times
from simcollect.calibration.contact import contact_effect
from simcollect.calibration.likelihood import fit
from simcollect.calibration.markov import chain_log_loss, matrix, rolls
from simcollect.calibration.nextstatus import hidden
from simcollect.calibration.panel import sequences
from simcollect.calibration.pilot import analyse, design, power
from simcollect.calibration.recovery import draw
from simcollect.calibration.score import score_of
from simcollect.calibration.shares import shrunk_shares
from simcollect.calibration.statuses import example_model
from simcollect.calibration.timing import days_late, weekdays
from simcollect.errors import InfeasibleError, InputError


def test_talk_times_and_the_spread_between_agents_are_recovered() -> None:
    rng = np.random.default_rng(3)
    agent = np.repeat(np.arange(40), 200)
    log = 4.8 + 0.26 * rng.standard_normal(40)[agent] + 0.9 * rng.standard_normal(agent.size)
    table = talk_times(np.exp(log), agent).set_index("figure")
    spread = table.loc["sd between agents of mean log time"]
    assert spread["low"] <= 0.26 <= spread["high"]
    assert table.loc["log-seconds, sd", "estimate"] == pytest.approx(np.hypot(0.9, 0.26), abs=0.05)


def test_cases_are_at_risk_at_every_earlier_attempt() -> None:
    table, fit = attempts(
        ["failure"] * 400 + ["success"] * 100 + ["success"] * 40, [2] * 400 + [1] * 100 + [2] * 40, cases=True
    )
    assert table["n"].tolist() == [540.0, 440.0]
    assert fit["decay"] == pytest.approx((40 / 440) / (100 / 540), rel=1e-3)


def test_days_late_and_weekdays() -> None:
    rng = np.random.default_rng(1)
    due = pd.Series(pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 20000), unit="D"))
    delay = np.ceil(rng.lognormal(1.45, 1.17, due.size)).astype(int)
    table = days_late(pd.DataFrame({"due": due, "paid": due + pd.to_timedelta(delay, unit="D")})).set_index("figure")
    assert table.loc["log-days late, mean", "estimate"] == pytest.approx(
        1.6, abs=0.1
    )  # rounding up to whole days lifts it
    assert weekdays(due)["index"].mean() == pytest.approx(1.0)


def test_small_segments_are_drawn_to_the_whole_and_large_ones_are_not() -> None:
    segment = ["large"] * 5000 + ["small"] * 5 + ["other"] * 3000
    success = [i % 2 == 0 for i in range(5000)] + [True] * 5 + [i % 5 < 2 for i in range(3000)]
    table = shrunk_shares(segment, success).set_index("segment")
    assert table.loc["large", "share"] == pytest.approx(0.5, abs=0.005)
    assert 0.4 < table.loc["small", "share"] < 0.95
    assert table.loc["small", "weight"] < 0.6
    assert table.loc["large", "weight"] > 0.95


def test_calling_the_likeliest_payers_first_is_seen_through_and_a_hard_cut_is_refused() -> None:
    rng = np.random.default_rng(7)
    likely = rng.uniform(size=20_000)
    pays = rng.uniform(size=likely.size) < likely
    soft = contact_effect(rng.uniform(size=likely.size) < 0.1 + 0.8 * likely, pays, pd.DataFrame({"score": likely}))
    assert soft.naive > 0.25
    assert abs(soft.adjusted) < 3 * soft.adjusted_error + 0.01
    assert not soft.causal
    assert "mostly selection" in soft.words
    hard = contact_effect(likely > 0.5, pays, pd.DataFrame({"score": likely}))
    assert hard.naive > 0.4
    assert hard.by == "refused"
    assert "NOT an effect of contact" in hard.words


def test_with_a_randomised_hold_out_the_interval_covers_the_truth() -> None:
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        likely = rng.uniform(0.2, 0.8, 8000)
        chance = rng.uniform(size=likely.size) < 0.25
        called = np.where(chance, rng.uniform(size=likely.size) < 0.5, likely > 0.5)
        pays = rng.uniform(size=likely.size) < likely + 0.05 * called
        low, high = contact_effect(called, pays, pd.DataFrame({"score": likely}), chance).interval
        covered += low <= 0.05 <= high
    assert 35 <= covered <= 40


def test_the_score_is_calibrated_on_accounts_it_has_not_seen_and_drops_a_leak() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal(6000)
    y = rng.uniform(size=x.size) < 1 / (1 + np.exp(-x))
    frame = pd.DataFrame({"account_id": np.arange(x.size) // 2, "x": x, "paid_later": y.astype(float)})
    found = score_of(frame, y)
    assert found.leaking == ("paid_later",)
    assert found.features == ("x",)
    off = (found.reliability["predicted"] - found.reliability["happened"]).abs()
    assert (off < 3 * found.reliability["standard_error"]).all()
    assert found.auc == pytest.approx(0.74, abs=0.03)


def test_pilot_sizes_agree_with_the_closed_form_and_few_teams_cannot_do() -> None:
    plan = design(0.55, 0.03, weekly=800)
    p = 0.565
    closed = 2 * 2 * p * (1 - p) * (1.96 + 0.8416) ** 2 / 0.03**2  # textbook two-sample size, both arms
    assert plan.accounts == pytest.approx(closed, rel=0.06)
    assert plan.size == pytest.approx(0.05, abs=0.015)
    with pytest.raises(InfeasibleError, match="put both arms in each team"):
        design(0.55, 0.02, weekly=800, teams=4, team_sd=0.3, by_team=True, largest=200_000)
    assert power(4000, 0.5, 0.0, teams=10, team_sd=0.4, by_team=True, draws=4000) == pytest.approx(0.05, abs=0.015)


def test_a_pilot_is_compared_within_teams() -> None:
    # The better team has more treated accounts; within each team nothing differs.
    treated = [True] * 300 + [False] * 100 + [True] * 100 + [False] * 300
    paid = [i % 5 < 4 for i in range(400)] + [i % 5 < 2 for i in range(400)]
    assert analyse(treated, paid).low > 0.0
    within = analyse(treated, paid, ["a"] * 400 + ["b"] * 400)
    assert within.difference == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(InputError, match="both arms"):
        analyse([True] * 10, [True] * 10)


def test_chains_are_counted_over_known_months_only() -> None:
    status = np.array([[0, 1, -1, 0, 1], [1, -2, 0, -3, -3]], np.int8)
    assert rolls(status, 2).tolist() == [[0.0, 2.0], [1.0, 0.0]]  # late, then without a loan: paid up
    assert matrix(np.array([[0.0, 0.0], [1.0, 3.0]])).tolist() == [[1.0, 0.0], [0.25, 0.75]]
    memory = np.array([[0, 0, 1], [1, 0, 0]] * 50, np.int8)
    assert chain_log_loss(memory, memory, 2, 2) < 0.01
    assert chain_log_loss(memory, memory, 1, 2) > 0.3


def test_only_dates_of_loans_are_accepted_and_what_they_cannot_tell_is_said() -> None:
    due = pd.Series(pd.to_datetime("2024-01-05") + pd.to_timedelta(np.arange(200), unit="D"))
    loans = pd.DataFrame({"account_id": np.arange(200).astype(str), "due": due})
    found = calibrate(History.of(loans=loans.assign(paid=due + pd.to_timedelta(np.arange(200) % 9, unit="D"))))
    assert {"days late", "payments by weekday"} == set(found.learned)
    kept = found.kept.set_index("parameter")["why"]
    assert kept["hidden.disposition"] == "needs monthly statuses"
    assert "0 numbers estimated" in found.summary()


def test_a_call_log_changes_the_table_and_says_where_from() -> None:
    rng = np.random.default_rng(2)
    outcome = rng.choice(["no_answer", "third_party", "right_party"], 3000, p=[0.7, 0.1, 0.2])
    events = pd.DataFrame({"what": "call", "outcome": outcome, "seconds": rng.lognormal(5, 0.9, 3000), "attempt": 1})
    found = calibrate(History.of(events=events))
    assert float(found.behaviour["call.live_answer"]) == pytest.approx(0.30, abs=0.03)
    assert found.behaviour.origin == "calibrated on memory"
    assert set(found.table["parameter"]) == {"time.talk", "time.talk_sigma", "call.live_answer", "call.right_party"}
    assert found.table["low"].lt(found.table["estimate"]).all()


def test_what_to_believe_of_an_account_follows_its_history_and_is_right_on_average() -> None:
    model = draw(example_model(8), np.zeros(29), accounts=4000, months=8, seed=3)
    rows = pd.DataFrame({"account_id": np.repeat(["good", "bad"], 6), "month": [f"2024-0{m}" for m in range(1, 7)] * 2})
    data = sequences(History.of(months=rows.assign(status=[0] * 6 + [0, 1, 2, 3, 3, 3])), most=3)
    fitted = fit(model, most=3, errors=False)
    believed = hidden(fitted, data).set_index("account_id")
    assert believed.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert believed.loc["bad", "prompt"] < 0.3 < believed.loc["good", "prompt"]
    assert believed.loc["bad", ["unwilling", "strained"]].sum() > 0.3


def test_draws_of_a_calibration_stay_where_the_likelihood_allows() -> None:
    model = draw(example_model(8), np.zeros(29), accounts=4000, months=8, seed=3)
    fitted = fit(model, most=60)
    drawn = fitted.draws(5, seed=1)
    assert drawn.shape == (5, 29)
    assert (drawn.std(axis=0) > 0).all()
    assert np.array_equal(drawn, fitted.draws(5, seed=1))
    best = -model.objective(fitted.theta)[0]
    assert all(best + model.objective(theta)[0] < 60 for theta in drawn)  # 29 numbers: half a chi-square, mean 14.5
