"""How sure a decision is: known cases, and the parameters' uncertainty carried through the simulator."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.strategy import Strategy
from simcollect.stressing import compare, decide
from simcollect.stressing.decide import Decision, decision_table

BOOK = Portfolio.synthetic(400, seed=1)


def made(difference: np.ndarray) -> pd.DataFrame:
    """Values of two strategies with given differences, shape (draws, replications)."""
    draws, replications = difference.shape
    rows = [
        (name, i, r, 100.0 + (difference[i, r] if name == "b" else 0.0))
        for name in ("a", "b") for i in range(draws) for r in range(replications)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])
    return frame.set_index(["strategy", "draw", "replication"])


def test_equal_effects_give_about_a_half_and_the_interval_of_right_holds_it() -> None:
    holds = 0
    for seed in range(40):
        row = decision_table(made(np.random.default_rng(seed).standard_normal((60, 2))), ["a", "b"]).loc["b"]
        assert row["right"] == pytest.approx(0.5, abs=0.25)
        assert row["luck"] > 0.5  # nothing but luck lies between the draws
        holds += row["right_low"] <= 0.5 <= row["right_high"]
    assert holds >= 36


def test_a_probability_that_is_known_is_found() -> None:
    """Effects drawn from N(1, 1): the better strategy is better with probability Φ(1) = 0.841."""
    covered = 0
    for seed in range(40):
        effect = 1.0 + np.random.default_rng(seed).standard_normal((100, 1))
        row = decision_table(made(effect), ["a", "b"]).loc["b"]
        assert row["better"] == "b"
        covered += row["right_low"] <= 0.841 <= row["right_high"]
    assert 35 <= covered <= 40


def test_a_clear_winner_is_near_one_and_the_loser_is_named() -> None:
    row = decision_table(made(-5.0 + 0.5 * np.random.default_rng(1).standard_normal((40, 2))), ["a", "b"]).loc["b"]
    assert (row["better"], row["right"]) == ("a", 1.0)
    assert row["right_low"] > 0.9


def test_the_best_of_all_is_counted_and_ties_are_shared() -> None:
    """Two draws: in one `b` wins, in the other `a` and `c` tie."""
    rows = [("a", 0, 0, 1.0), ("b", 0, 0, 2.0), ("c", 0, 0, 0.0), ("a", 1, 0, 3.0), ("b", 1, 0, 1.0), ("c", 1, 0, 3.0)]
    by_draw = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])
    by_draw = by_draw.set_index(["strategy", "draw", "replication"])
    best = Decision("baseline", "a", "USD", by_draw, decision_table(by_draw, ["a", "b", "c"])).best
    assert best["best"].to_dict() == {"a": 0.25, "b": 0.5, "c": 0.25}
    assert (best["low"] < best["best"]).all()


def test_draws_go_through_the_simulator_and_the_comparison_carries_the_decision() -> None:
    champion = Strategy.champion()
    same = replace(champion, name="same under another name")
    draws = [Behaviour.default().replace({"attention.decay": x}) for x in (0.2, 0.6)]
    found = compare(
        BOOK, [champion, same, Strategy.named("do_nothing")], Scenario.baseline(), days=56, replications=1, seed=1,
        draws=draws,
    ).decision  # fmt: skip
    assert found is not None
    assert found.table.loc["same under another name", "right"] == 0.5  # no difference under any draw
    assert found.table.loc["same under another name", "difference"] == 0.0
    values = found.by_draw["value"].loc["champion"]
    assert values.nunique() == 2  # the parameters matter
    assert "right with probability" in repr(found)


def test_a_decision_needs_draws() -> None:
    with pytest.raises(InputError, match="two draws of the parameters or more, not 1"):
        decide(BOOK, [Strategy.champion()], Scenario.baseline(), draws=[Behaviour.default()], days=7, seed=1)
