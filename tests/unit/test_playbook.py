"""The playbook: few rows that a strategist can read, grown from what each action gains in each observed state."""

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import simcollect as sc
from simcollect.behaviour.states import FIRST_WEEK, N_STATES, PLAN, describe
from simcollect.optimisation.atoms import ASKED_FOR, atoms_of, phases
from simcollect.optimisation.rulelist import fit_rules
from simcollect.optimisation.table import STAGES
from simcollect.strategy import TEAMS


@pytest.fixture(scope="module")
def plan() -> sc.Plan:
    book = sc.Portfolio.synthetic(400, seed=1)
    return sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=8, max_rounds=14)  # two phases


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
    assert few.table["priority_last"].notna().eq(listed).all()
    assert few.table["deadline_days"].notna().eq(few.table["owner"] != "nobody").all()
    assert (few.table.loc[few.table["action"] == "call by a collector", "owner"].str.endswith("team")).all()


def test_the_playbook_never_asks_for_what_the_catalogue_forbids(plan: sc.Plan) -> None:
    codes = plan.playbook(rows=20).strategy.tables.astype(int)
    assert plan.model.catalogue.allowed()[codes, np.arange(N_STATES)].all()
    assert not codes[:, :, PLAN:].any()


def age_range(dpd: str) -> tuple[int, int]:
    """Return the first and last weekly age of a row."""
    if dpd == "before due":
        return FIRST_WEEK, -1
    first, _, last = dpd.rpartition("-")
    return FIRST_WEEK if first == "before due" else int(first) // 7, int(last) // 7


def read_row(row: dict[str, str], segment: dict[str, str], weeks: int) -> npt.NDArray[np.bool_]:
    """Return where a row of the table holds for a segment, as a person reads it, shape (T, PLAN)."""

    def says(words: str, value: object) -> bool:
        return words == "any" or str(value) in words.split(", ")

    first, last = (1, weeks) if row["weeks"] == "any" else map(int, row["weeks"].split("-"))
    low, high = age_range(row["dpd"])
    states = describe().iloc[:PLAN]
    inside = states["week"].astype(int).between(low, high).to_numpy(copy=True)
    for name, column in (("flag", "flag"), ("attention", "level")):
        inside &= np.array([says(row[name], value) for value in states[column]])
    inside &= np.array([says(row["late_before"], "yes" if late else "no") for late in states["late_before"]])
    inside &= all(says(row[name], segment[name]) for name in ("product", "risk_band", "size"))
    held = np.zeros(weeks, np.bool_)
    held[first - 1 : last] = True
    return held[:, None] & inside


def test_the_simulator_follows_the_table_as_a_person_reads_it_week_by_week(plan: sc.Plan) -> None:
    """The first row that fits decides, in the weeks it names; priorities run evenly over its days past due."""
    few = plan.playbook()
    rows = few.table.to_dict("records")
    assert {row["weeks"] for row in rows} >= {"1-4", "5-8"}
    label = {action.label: code for code, action in enumerate(plan.model.catalogue.actions)}
    allowed = plan.model.catalogue.allowed()[:, :PLAN]
    age = describe().iloc[:PLAN]["week"].astype(int).to_numpy()
    strategy = few.strategy
    assert strategy.gain is not None
    assert strategy.tables.shape[1] == plan.weeks
    changes = 0
    for g, segment in enumerate(plan.model.segmentation.table.to_dict("records")):
        left = np.ones((plan.weeks, PLAN), np.bool_)
        for row in rows:
            hit = left & read_row(row, segment, plan.weeks)
            left &= ~hit
            code = label[row["action"]]
            done = hit & allowed[code]
            assert (strategy.tables[g, :, :PLAN][done] == code).all()
            assert (strategy.tables[g, :, :PLAN][hit & ~allowed[code]] == 0).all()
            if done.any() and not np.isnan(row["priority"]):
                ages = np.broadcast_to(age, done.shape)[done]
                first, last = age_range(row["dpd"])
                share = (ages - first) / max(last - first, 1)
                line = row["priority"] + share * (row["priority_last"] - row["priority"])
                assert 100 * strategy.gain[g, :, :PLAN][done] == pytest.approx(line, abs=1e-9)
        assert not strategy.tables[g, :, :PLAN][left].any()
        changes += int((np.diff(strategy.tables[g], axis=0) != 0).any())
    assert changes > 0


def test_a_row_counts_only_the_accounts_that_get_its_action(plan: sc.Plan) -> None:
    """A call cannot be made before the due day: accounts there are left alone, whatever row they fall under."""
    few = plan.playbook()
    codes = few.strategy.tables[:, :, :PLAN]
    label = {action.label: code for code, action in enumerate(plan.model.catalogue.actions)}
    for action, rows in few.table.groupby("action"):
        treated = sum(
            float(accounts[:, :PLAN][own == label[str(action)]].sum()) / plan.weeks
            for own, (accounts, _) in zip(codes, plan.seen(), strict=True)
        )
        assert rows["accounts_a_week"].sum() == pytest.approx(treated)


def test_a_simulated_lender_can_run_the_playbook(plan: sc.Plan) -> None:
    book = sc.Portfolio.synthetic(400, seed=1)
    run = sc.simulate(book, plan.playbook(rows=10).strategy, sc.Scenario.baseline(), days=28, seed=1)
    assert run.summary().loc["talks", "mean"] > 0


def test_no_work_list_is_many_times_longer_than_its_team_can_work_in_any_phase(plan: sc.Plan) -> None:
    """At one part of all prices lists for law and desk come out ten times too long, and others idle meanwhile."""
    codes = plan.playbook(rows=40).strategy.tables.astype(int)
    resource, use = plan.uses()
    state = np.arange(N_STATES)
    for span in phases(plan.weeks):
        asked = np.zeros(len(plan.model.capacity))
        for weekly, (accounts, _) in zip(codes, plan.seen(), strict=True):
            own = weekly[span.start]
            busy = own > 0
            np.add.at(asked, resource[own, state][busy], (accounts[span].mean(axis=0) * use[own, state])[busy])
        assert (asked <= 2.5 * plan.model.capacity[:, span].mean(axis=1)).all()


def test_of_what_is_scarce_little_more_is_asked_for_than_there_is_in_each_phase() -> None:
    """A third of the usual people: the desk has a price, and without a charge twice its time would be asked for."""
    book = sc.Portfolio.synthetic(2000, seed=1)
    usual = sc.Resources.default(book)
    few = {name: team.model_copy(update={"people": team.people / 3}) for name, team in usual.teams.items()}
    plan = sc.optimise(book, sc.Scenario.baseline(), usual.model_copy(update={"teams": few}), weeks=8, max_rounds=14)
    atoms, (resource, use) = atoms_of(plan), plan.uses()
    best = np.where(atoms.allowed, atoms.gains, 0.0).argmax(axis=1)
    state = np.tile(np.arange(PLAN), len(best) // PLAN)
    taken = np.where(best > 0, atoms.accounts * use[best, state], 0.0)
    assert len(atoms.spans) == 2
    for phase, span in enumerate(atoms.spans):
        own = atoms.features["phase"].to_numpy() == phase
        there = plan.model.capacity[:, span].mean(axis=1)
        asked = np.bincount(resource[best, state][own], taken[own], minlength=there.size)
        assert plan.prices["desk"].iloc[span].mean() > 0
        assert 0.9 * ASKED_FOR < asked[TEAMS.index("desk")] / there[TEAMS.index("desk")] < 1.1 * ASKED_FOR


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
