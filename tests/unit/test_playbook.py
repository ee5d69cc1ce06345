"""The playbook: few rows that a strategist can read, grown from what each action gains in each observed state."""

import itertools

import numpy as np
import pandas as pd
import pytest

import simcollect as sc
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.policytree import grow
from simcollect.optimisation.table import STAGES


@pytest.fixture(scope="module")
def plan() -> sc.Plan:
    book = sc.Portfolio.synthetic(400, seed=1)
    return sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=6, max_rounds=14)


def test_two_rows_are_the_best_two_rows_there_are() -> None:
    rng = np.random.default_rng(5)
    features = pd.DataFrame({"week": np.repeat(range(6), 2), "flag": np.tile([0, 1], 6)})
    gains = np.column_stack([np.zeros(12), rng.normal(size=(12, 3))])
    boxes = grow(features, gains, np.ones_like(gains, dtype=bool), ("week",), 2)
    cuts = [features["week"] <= w for w in range(5)] + [features["flag"] == 0]
    best = max(gains[cut].sum(axis=0).max() + gains[~cut].sum(axis=0).max() for cut in cuts)
    assert sum(box.gain for box in boxes) == pytest.approx(best)


def test_more_rows_never_keep_less_and_every_atom_has_one_row() -> None:
    rng = np.random.default_rng(6)
    features = pd.DataFrame(list(itertools.product(range(5), range(4), range(3))), columns=["week", "flag", "size"])
    gains = np.column_stack([np.zeros(60), rng.normal(size=(60, 4))])
    allowed = rng.random(gains.shape) < 0.7
    allowed[:, 0] = True
    kept = []
    for rows in (1, 5, 20, 60):
        boxes = grow(features, gains, allowed, ("week", "size"), rows)
        assert len(boxes) <= rows
        assert (np.sum([box.atoms for box in boxes], axis=0) == 1).all()
        kept.append(sum(box.gain for box in boxes))
    assert kept == sorted(kept)
    # No table keeps more than the best allowed action everywhere.
    assert kept[0] < kept[-1] <= np.where(allowed, gains, 0).max(axis=1).sum()


def test_the_table_has_at_most_the_rows_asked_for_and_says_who_does_what(plan: sc.Plan) -> None:
    few = plan.playbook(rows=10)
    assert 1 <= len(few.table) <= 10
    assert few.table["gain"].is_monotonic_decreasing
    assert set(few.table["owner"]) <= {
        "reminder system", "early team", "late team", "restructuring desk", "field", "law firm",
    }  # fmt: skip
    assert (few.table.loc[few.table["action"] == "call by a collector", "owner"].str.endswith("team")).all()


def test_the_playbook_never_asks_for_what_the_catalogue_forbids(plan: sc.Plan) -> None:
    codes = plan.playbook(rows=20).strategy.tables[:, 0]
    assert plan.model.catalogue.allowed()[codes, np.arange(N_STATES)].all()
    assert not codes[:, PLAN:].any()


def test_a_simulated_lender_can_run_the_playbook(plan: sc.Plan) -> None:
    book = sc.Portfolio.synthetic(400, seed=1)
    run = sc.simulate(book, plan.playbook(rows=10).strategy, sc.Scenario.baseline(), days=28, seed=1)
    assert run.summary().loc["talks", "mean"] > 0


def test_who_answers_for_a_stage_does_most_of_the_plans_work_there(plan: sc.Plan) -> None:
    table = plan.table()
    work = table[table["owner"] != "nobody"].pivot_table(
        index="stage", columns="owner", values="accounts_a_week", aggfunc="sum"
    )
    first_day = {name: 7 * first for name, first, _ in STAGES}
    most = {first_day[name]: owner for name, owner in work.idxmax(axis=1).items()}
    assert {stage.from_dpd: stage.owner for stage in plan.by_table.owners} == most
    book = sc.Portfolio.synthetic(400, seed=1)
    kept = sc.simulate(book, plan.by_table, sc.Scenario.baseline(), days=28, seed=1).adherence
    assert kept["stage"].tolist() == [stage.stage for stage in plan.by_table.owners]
    assert kept["in_time"].sum() > 0
