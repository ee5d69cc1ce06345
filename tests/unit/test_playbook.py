"""The playbook: few rows that a strategist can read, grown from what each action gains in each observed state."""

import itertools

import numpy as np
import pandas as pd
import pytest

import simcollect as sc
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.rulelist import fit_rules
from simcollect.optimisation.table import STAGES


@pytest.fixture(scope="module")
def plan() -> sc.Plan:
    book = sc.Portfolio.synthetic(400, seed=1)
    return sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=6, max_rounds=14)


def test_one_rule_is_the_best_box_there_is() -> None:
    """By brute force over every run of weeks, every set of flags, and every action."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        features = pd.DataFrame({"week": np.repeat(range(6), 3), "flag": np.tile([0, 1, 2], 6)})
        gains = np.column_stack([np.zeros(18), rng.normal(size=(18, 3))])
        rules = fit_rules(features, gains, np.ones_like(gains, dtype=bool), ("week",), 1)
        best = 0.0
        for low, high in itertools.combinations_with_replacement(range(6), 2):
            for flags in itertools.product([False, True], repeat=3):
                inside = features["week"].between(low, high) & np.array(flags)[features["flag"]]
                best = max(best, float(gains[inside].sum(axis=0).max()))
        assert sum(rule.gain for rule in rules) == pytest.approx(best)


def test_a_gain_that_shows_only_after_two_cuts_is_found() -> None:
    """A call pays in weeks 4 to 6 and costs as much on either side: no single cut gains anything."""
    features = pd.DataFrame({"week": range(12)})
    worth = np.where((features["week"] >= 4) & (features["week"] <= 6), 3.0, -3.0)
    rules = fit_rules(features, np.column_stack([np.zeros(12), worth]), np.ones((12, 2), bool), ("week",), 2)
    assert [(np.flatnonzero(rule.box[0]).tolist(), rule.action) for rule in rules] == [([4, 5, 6], 1)]


def test_more_rules_never_keep_less_and_the_first_that_fits_decides() -> None:
    rng = np.random.default_rng(6)
    features = pd.DataFrame(list(itertools.product(range(5), range(4), range(3))), columns=["week", "flag", "size"])
    gains = np.column_stack([np.zeros(60), rng.normal(size=(60, 4))])
    allowed = rng.random(gains.shape) < 0.7
    allowed[:, 0] = True
    kept = []
    for rows in (1, 5, 20, 60):
        rules = fit_rules(features, gains, allowed, ("week", "size"), rows)
        assert len(rules) <= rows
        taken = np.zeros(60, bool)
        for rule in rules:
            fits = np.logical_and.reduce([box[features[name]] for name, box in zip(features, rule.box, strict=True)])
            assert (rule.decides == (fits & ~taken)).all()
            taken |= fits
        kept.append(sum(rule.gain for rule in rules))
    assert kept == sorted(kept)
    # No list keeps more than the best allowed action everywhere.
    assert kept[0] < kept[-1] <= np.where(allowed, gains, 0).max(axis=1).sum()


def test_the_table_has_at_most_the_rows_asked_for_and_says_who_does_what(plan: sc.Plan) -> None:
    few = plan.playbook(rows=10)
    assert 1 <= len(few.table) <= 10
    assert set(few.table["owner"]) <= {
        "reminder system", "early team", "late team", "restructuring desk", "field", "law firm", "nobody",
    }  # fmt: skip
    listed = few.table["owner"].str.contains("team|desk|field")
    assert few.table["priority"].notna().eq(listed).all()
    assert few.table["deadline_days"].notna().eq(few.table["owner"] != "nobody").all()
    assert (few.table.loc[few.table["action"] == "call by a collector", "owner"].str.endswith("team")).all()


def test_the_playbook_never_asks_for_what_the_catalogue_forbids(plan: sc.Plan) -> None:
    codes = plan.playbook(rows=20).strategy.tables[:, 0]
    assert plan.model.catalogue.allowed()[codes, np.arange(N_STATES)].all()
    assert not codes[:, PLAN:].any()


def test_a_row_counts_only_the_accounts_that_get_its_action(plan: sc.Plan) -> None:
    """A call cannot be made before the due day: accounts there are left alone, whatever row they fall under."""
    few = plan.playbook()
    codes = few.strategy.tables[:, 0, :PLAN]
    label = {action.label: code for code, action in enumerate(plan.model.catalogue.actions)}
    for action, rows in few.table.groupby("action"):
        treated = sum(
            float(accounts[:, :PLAN].mean(axis=0)[own == label[str(action)]].sum())
            for own, (accounts, _) in zip(codes, plan.seen(), strict=True)
        )
        assert rows["accounts_a_week"].sum() == pytest.approx(treated)


def test_a_simulated_lender_can_run_the_playbook(plan: sc.Plan) -> None:
    book = sc.Portfolio.synthetic(400, seed=1)
    run = sc.simulate(book, plan.playbook(rows=10).strategy, sc.Scenario.baseline(), days=28, seed=1)
    assert run.summary().loc["talks", "mean"] > 0


def test_no_work_list_is_many_times_longer_than_its_team_can_work(plan: sc.Plan) -> None:
    """At one part of all prices lists for law and desk come out ten times too long, and others idle meanwhile."""
    codes = plan.playbook(rows=40).strategy.tables[:, 0].astype(int)
    resource, use = plan.uses()
    asked, state = np.zeros(len(plan.model.capacity)), np.arange(N_STATES)
    for own, (accounts, _) in zip(codes, plan.seen(), strict=True):
        busy = own > 0
        taken = accounts.mean(axis=0) * use[own, state]
        np.add.at(asked, resource[own, state][busy], taken[busy])
    assert (asked <= 2.5 * plan.model.capacity.mean(axis=1)).all()


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
