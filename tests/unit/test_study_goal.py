"""Goals, trade-offs and catalogues in a study file, and the catalogue at the command line."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simcollect.cli import app
from simcollect.economy import scenario_path
from simcollect.errors import ConfigError
from simcollect.optimisation import optimise, tradeoff
from simcollect.portfolio import Portfolio
from simcollect.strategy import Goal
from simcollect.study import RunFolder, Study, run_study
from simcollect.study import compute as computing
from simcollect.study.purpose import actions_of

BOOK = "name: x\nsynthetic: {accounts: 200}\n"
TIGHT = """
name: tight
synthetic: {accounts: 300, seed: 1}
scenarios: [baseline]
strategies: [champion]
weeks: 2
replications: 2
goal:
  objective: recovery
  at_most: {contacts_per_account: 0.4}
catalogue: [sms, call, settlement]
trade_off: {of: recovery, against: contacts, points: 2}
"""


def read(folder: Path, text: str) -> Study:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return Study.read(file)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("goal: {objectve: cost}", r"row 3, column goal.objectve: unknown key; did you mean objective\?"),
        ("goal:\n  objective: recovry", r"row 4, column goal.objective: 'recovry': no objective .* did you mean reco"),
        ("goal:\n  at_most:\n    cost: 5\n    contact: 3", r"row 6, column goal.at_most.contact: .* did you mean cont"),
        ("goal:\n  at_most:\n    cost: -5", r"row 5, column goal.at_most.cost: -5: .* greater than or equal to 0"),
        ("goal:\n  at_most_weekly:\n    headcount: 5", "row 5, .*no weekly limit is called headcount"),
        ("goal:\n  at_least_weekly:\n    cots: 5", "row 5, .*no weekly limit is called cots"),
        ("goal: {at_least: {cash: 9}, at_most: {cash: 3}}", "row 3, column goal: .*the floor lies above the cap"),
        ("goal: {objective: cost}\noptimise: false", "goal belongs to a plan, and optimise is false"),
        ("trade_off: {of: cost, against: cost}", "row 3, .*two different things"),
        ("trade_off:\n  point: 3", "row 4, column trade_off.point: unknown key; did you mean points"),
        ("trade_off:\n  points: 1", "row 4, column trade_off.points"),
        ("catalogue: ful", "row 3, column catalogue: 'ful': must be default, full or a list of actions"),
        ("catalogue: [sms, cal]", r"row 3, column catalogue: .*no action is called cal; did you mean call\?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, entry: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, BOOK + entry)


def test_entries_become_what_the_optimiser_takes(tmp_path: Path) -> None:
    study = read(tmp_path, BOOK + "goal: {objective: cost, at_least: {recovery: 5}, at_most_weekly: {contacts: 9}}")
    assert study.goal is not None
    assert study.goal.goal() == Goal("cost", at_least={"recovery": 5}, at_most_weekly={"contacts": 9})
    assert actions_of(study.catalogue).names == actions_of("default").names
    assert "settlement" in actions_of("full").names


def test_the_example_reads() -> None:
    study = Study.read(scenario_path("studies/within_a_budget.yaml"))
    assert study.goal is not None
    assert study.trade_off is not None
    assert study.catalogue == "full"


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("goal")
    with pytest.MonkeyPatch.context() as patch:  # fewer rounds of pricing: the limits hold in any mix
        patch.setattr(computing, "optimise", partial(optimise, max_rounds=13))
        patch.setattr(computing, "tradeoff", partial(tradeoff, max_rounds=13))
        return run_study(read(folder, TIGHT), folder / "run")


def test_a_study_plans_under_its_goal_with_its_actions_only(tight: RunFolder) -> None:
    limit = tight.table("baseline/limits").to_dict("records")[0]
    assert limit["limit"] == "contacts_per_account"
    assert limit["reached"] <= 0.4 + 1e-6
    assert limit["price"] > 0  # without the goal there would be more
    done = set(tight.table("baseline/strategy_table")["action"])
    assert done <= {"leave alone", "SMS reminder", "call by a collector", "call with an offer to settle at a discount"}
    assert "plan" in tight.table("baseline/comparison")["strategy"].tolist()


def test_the_trade_off_is_a_table_a_figure_and_a_section_of_the_report(tight: RunFolder) -> None:
    curve = tight.table("baseline/trade_off")
    assert list(curve.columns) == ["contacts", "recovery", "bound", "price"]
    assert len(curve) == 2
    assert curve["recovery"].is_monotonic_increasing
    assert curve["contacts"].iloc[-1] <= 0.4 * 300 + 1e-6  # the goal's limits hold at every point
    assert (tight.path / "figures" / "baseline" / "trade_off.png").stat().st_size > 1000
    page = tight.report.read_text(encoding="utf-8")
    for said in ("What more of one costs of the other", "What the plan strives for", "contacts per account"):
        assert said in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_runs_folder_asks_for_the_same_again(tmp_path: Path, tight: RunFolder) -> None:
    before, again = read(tmp_path, TIGHT), Study.read(tight.study)
    assert (again.goal, again.trade_off, again.catalogue) == (before.goal, before.trade_off, before.catalogue)


def test_the_command_line_takes_a_catalogue(tmp_path: Path) -> None:
    tape = tmp_path / "accounts.parquet"
    Portfolio.synthetic(200, seed=1).write(tape)
    common = ["optimise", str(tape), "--as-of", "2026-06-30", "--weeks", "1", "--catalogue"]
    runner = CliRunner()
    out = tmp_path / "plan"
    assert runner.invoke(app, [*common, "sms,settlement", "--out", str(out)]).exit_code == 0
    assert "collector" not in (out / "strategy_table.csv").read_text(encoding="utf-8")
    wrong = runner.invoke(app, [*common, "sms,cal"])
    assert wrong.exit_code != 0
    assert "no action is called cal; did you mean call?" in " ".join(wrong.output.split())
