"""A simulation under draws of the borrower's parameters: each draw is a run of its own, and the tables say which."""

import numpy as np
import pandas as pd
import pytest

from simcollect import Behaviour, Portfolio, Scenario, Strategy, simulate
from simcollect.errors import InputError

BOOK, DEFAULT = Portfolio.synthetic(300, seed=1), Behaviour.default()
# The second draw pays twice as readily, and its agency keeps all it collects.
DRAWS = [DEFAULT, DEFAULT.replace({"pay.base": 2 * DEFAULT["pay.base"], "agency.fee": 1.0})]
WAYS = (BOOK, Strategy.champion(), Scenario.baseline())


def test_each_draw_is_the_run_that_its_parameters_give_with_luck_of_its_own() -> None:
    run = simulate(*WAYS, days=35, replications=2, seed=3, draws=DRAWS)
    alone = simulate(*WAYS, days=35, replications=2, seed=3, behaviour=DEFAULT)
    other = simulate(*WAYS, days=35, replications=4, seed=3, behaviour=DRAWS[1])
    assert run.replications == 4
    first = run.daily[run.daily["draw"] == 0].drop(columns="draw").reset_index(drop=True)
    pd.testing.assert_frame_equal(first, alone.daily)
    cash = run.daily.groupby("replication")["cash"].sum()
    assert cash[2:].tolist() == other.daily.groupby("replication")["cash"].sum()[2:].tolist()
    for table in (run.daily, run.by_stage, run.roll_rates, run.vintages):
        assert (table["draw"] == table["replication"] // 2).all()
    assert "draw" not in alone.daily


def test_the_summary_spans_the_draws_and_costs_are_those_of_each() -> None:
    run = simulate(*WAYS, days=35, replications=2, seed=3, draws=DRAWS)
    means = run.measures().groupby(np.arange(4) // 2).mean()["cash"]
    row = run.summary().loc["cash"]
    assert row["mean"] == pytest.approx(means.mean())
    assert row["high"] - row["low"] == pytest.approx(0.95 * abs(means[1] - means[0]))
    assert run.agency_fee.tolist() == [float(DEFAULT["agency.fee"])] * 2 + [1.0] * 2


def test_draws_bring_their_own_behaviour() -> None:
    with pytest.raises(InputError, match="give neither beside them"):
        simulate(*WAYS, days=7, seed=1, draws=DRAWS, behaviour=DEFAULT)
