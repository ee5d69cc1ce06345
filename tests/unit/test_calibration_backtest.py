"""The back-test: what a model misses goes into its forecast, the late of the play stay, joint intervals hold all."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from simcollect.calibration import History
from simcollect.calibration.backtest import _stretch, back_test
from simcollect.calibration.filter import ENDED, IDLE
from simcollect.calibration.future import held_open
from simcollect.calibration.likelihood import Fit, Model
from simcollect.calibration.overlay import YEAR, Overlay, _in_climate, overlay
from simcollect.calibration.panel import Sequences, sequences
from simcollect.calibration.reading import CLOSED
from simcollect.calibration.replay import new_histories
from simcollect.calibration.statuses import example_model, model

ACCOUNTS, MONTHS, HELD_OUT = 10_000, 30, 6
TWO_DUE = 2  # instalments due at status 1, a month late: of those one is paid when they stay there
Array = np.ndarray


@cache
def lender(change: float = 1.0, seed: int = 1) -> History:
    """A lender's months, drawn from the default law.

    Parameters
    ----------
    change : factor on the chance that two instalments are due again after a month: another law than the model's
    """
    empty = example_model(MONTHS)
    kernels, start, _ = empty.build(np.zeros(len(empty.free)))
    kernels[:, :, :, TWO_DUE, :, TWO_DUE] *= change
    kernels /= kernels.sum(axis=(5, 6), keepdims=True)
    group = np.zeros(ACCOUNTS, np.int8)
    status = new_histories(ACCOUNTS, MONTHS, start, kernels, group, empty.panel.low, empty.panel.high, seed)
    return history_of(status)


def history_of(status: Array) -> History:
    when = pd.period_range("2024-01", periods=MONTHS, freq="M").astype(str)
    row, t = np.indices(status.shape)
    seen = status >= 0
    rows = {"account_id": row[seen].astype(str), "month": np.array(when)[t[seen]], "status": status[seen]}
    return History.of(months=pd.DataFrame(rows))


def as_known(history: History) -> tuple[Fit, Sequences]:
    """The default law as a fit without doubt, of all but the last months."""
    data = sequences(history, most=3)
    train = data.until(int(data.first.min()) + MONTHS - HELD_OUT - 1)
    made: Model = model(train, history)
    size = len(made.free)
    return Fit(made, np.zeros(size), 1e-12 * np.eye(size), 1e12 * np.eye(size), 0.0, True, 1), train


def test_a_lender_who_keeps_to_the_law_needs_no_overlay() -> None:
    found = overlay(*as_known(lender())).table
    often = found["n"] * found["expected"] > 100
    assert often.sum() > 5
    assert found.loc[often, "ratio"].to_numpy() == pytest.approx(1.0, abs=0.1)
    assert (np.abs(np.log(found["ratio"])) < 2 * found["error"]).all()


def test_a_move_that_the_law_gets_wrong_is_found_and_no_other() -> None:
    found = overlay(*as_known(lender(change=0.5))).table.set_index(["from", "to"])
    wrong = found.loc[(1, 1)]
    assert wrong["ratio"] == pytest.approx(wrong["seen"] / wrong["expected"], rel=0.1)
    assert wrong["ratio"] < 0.75
    others = found.drop(index=[(1, y) for y in range(3)])
    assert (np.abs(np.log(others["ratio"])) < 2 * others["error"]).all()


def test_what_is_missed_is_in_the_forecast_and_can_be_left_out() -> None:
    history = lender(change=0.5)
    fit, _ = as_known(history)
    told, bare = (
        back_test(history, HELD_OUT, replications=60, fitted=fit, most=3, overlaid=overlaid)
        .table.set_index(["group", "figure"])
        .loc[("roll", "1 to 1")]
        for overlaid in (True, False)
    )
    assert told["inside"]
    assert not bare["inside"]
    assert 0 <= told["joint_low"] <= told["low"]
    assert told["high"] <= told["joint_high"] <= 1
    assert abs(told["forecast"] - told["observed"]) < 0.3 * abs(bare["forecast"] - bare["observed"])


def test_a_year_in_which_all_the_late_cure_less_is_the_climates() -> None:
    """A fifth fewer cures from every late status, whoever stays moving on as expected: nothing is missed."""
    expected = 100 * np.array([[[90.0, 10.0, 0.0], [6.0, 1.0, 3.0], [2.0, 1.0, 7.0]]])
    moved = expected.copy()
    moved[:, 1:, 0] *= 0.8
    moved[:, 1:, 1:] *= (10 - np.array([4.8, 1.6])[:, None]) / (10 - np.array([6.0, 2.0])[:, None])
    assert _in_climate(expected, np.array([0.8])) == pytest.approx(moved)


def test_kernels_under_an_overlay_give_the_rolls_that_it_wants_year_by_year() -> None:
    fit, data = as_known(lender())
    over = overlay(fit, data)
    kernels = fit.model.build(fit.theta, ease=((1.0, 1.0),) * (2 + YEAR)).kernels
    ratios = np.stack([np.ones((4, 4)), np.ones((4, 4))])
    ratios[1, 2, 1] = 0.5
    moved = over.on(kernels, ratios)
    assert moved.sum(axis=(5, 6)) == pytest.approx(1.0)
    assert np.allclose(moved[:, 0], kernels[:, 0])
    assert np.allclose(moved[:, YEAR], kernels[:, YEAR], rtol=2e-3)
    wanted = over.expected[2] * ratios[1, 2]
    assert rolls(over, moved[:, 1 + YEAR])[2] == pytest.approx(wanted / wanted.sum(), rel=5e-3)


def rolls(over: Overlay, kernel: Array) -> Array:
    """Rolls (Y, Y) of those standing, added up one status at a time."""
    out = np.zeros_like(over.expected)
    for k in range(8):
        for to in range(8):
            there = np.einsum("gyld,gdlm->y", over.standing[:, :, k], kernel[:, :, k, :, to])
            out[:, over.of[to]] += there
    return out / out.sum(axis=1, keepdims=True)


def test_draws_of_an_overlay_have_its_mean_and_its_error() -> None:
    over = overlay(*as_known(lender(change=0.5)))
    drawn = np.log(over.draws(4000, 2 * YEAR, seed=3))
    assert drawn.shape == (4000, 2, 4, 4)
    row = over.table.set_index(["from", "to"]).loc[(1, 1)]
    assert drawn[:, 0, 1, 1].mean() == pytest.approx(np.log(row["ratio"]), abs=4 * row["error"] / 60)
    assert drawn[:, 0, 1, 1].std() == pytest.approx(row["error"], rel=0.1)
    both = np.corrcoef(drawn[:, 0, 1, 1], drawn[:, 1, 1, 1])[0, 1]
    assert 0.0 < both < 1.0  # what is always missed is in both years, what is missed in one is not


def test_an_account_that_closed_stands_without_a_loan_to_the_last_month_and_one_that_left_does_not() -> None:
    status = np.array([[0, IDLE, ENDED, ENDED, ENDED], [0, 1, ENDED, ENDED, ENDED], [0, 0, 0, IDLE, ENDED]], np.int8)
    held = held_open(status, np.array([10, 10, 11]), final=13)
    assert held[0].tolist() == [0, IDLE, IDLE, IDLE, ENDED]
    assert held[1].tolist() == status[1].tolist()
    assert held[2].tolist() == status[2].tolist()


def test_the_late_are_forecast_right_though_one_in_twelve_of_the_punctual_closes_each_month() -> None:
    """Who is late cannot close: cut the play where the real account closed, and too few late are left."""
    history = lender()
    assert history.months is not None
    data = sequences(history, most=3)
    rng = np.random.default_rng(7)
    may = (data.status == 0) & (rng.random(data.status.shape) < 1 / 12) & (np.arange(MONTHS) > 1)
    closed = np.where(may.any(axis=1), may.argmax(axis=1), MONTHS)[:, None]
    t = np.arange(MONTHS)[None, :]
    months = pd.DataFrame(
        {"account_id": np.repeat(data.account, MONTHS), "t": np.tile(t[0], len(data.account)),
         "status": np.where(t == closed, CLOSED, data.status).ravel(), "keep": (t <= closed).ravel()}
    )  # fmt: skip
    months = months[months["keep"]]
    months["month"] = pd.period_range("2024-01", periods=MONTHS, freq="M").astype(str).to_numpy()[months["t"]]
    closing = History.of(months=months[["account_id", "month", "status"]])
    fit, _ = as_known(closing)
    table = back_test(closing, HELD_OUT, replications=40, fitted=fit, most=3).table.set_index(["group", "figure"])
    for status in (2, 3):
        row = table.loc[("stage share", f"month {HELD_OUT}, status {status}")]
        assert row["forecast"] == pytest.approx(row["observed"], rel=0.12)


def test_joint_intervals_hold_all_figures_of_a_play_in_95_of_100_cases() -> None:
    """Of 40 independent normals the largest stays below its 95 % point: a factor known on paper."""
    rng = np.random.default_rng(2)
    drawn = rng.standard_normal((20_000, 40))
    low, middle, high = np.full(40, -1.96), np.zeros(40), np.full(40, 1.96)
    on_paper = norm.ppf(1 - (1 - 0.95 ** (1 / 40)) / 2) / 1.96
    assert _stretch(drawn, low, middle, high) == pytest.approx(on_paper, rel=0.02)
