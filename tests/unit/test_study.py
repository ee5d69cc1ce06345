"""A study: one file, one folder; nothing lost, nothing overwritten, the same bytes again."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pandas as pd
import pytest

from simcollect.economy import Scenario
from simcollect.errors import ConfigError, InputError
from simcollect.portfolio import Portfolio
from simcollect.strategy import Strategy
from simcollect.stressing import compare as compare_strategies
from simcollect.study import Interrupted, RunFolder, Study, rerun, run_study
from simcollect.study import compute as computing
from simcollect.study import run as running

SMALL = {
    "name": "small", "synthetic": {"accounts": 200}, "scenarios": ["baseline", "severe_downturn"],
    "strategies": ["champion", "do_nothing"], "weeks": 5, "replications": 2, "optimise": False,
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small run with a plan."""
    out = tmp_path_factory.mktemp("study") / "planned"
    return run_study(Study(**{**SMALL, "scenarios": ["baseline"], "optimise": True}), out)


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out figures and report, which take longer than a small study itself."""
    monkeypatch.setattr(running, "figures", lambda *_: {})
    monkeypatch.setattr(running, "write_report", lambda *given: given[3].write_text("", encoding="utf-8"))


class TestFile:
    def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"row 3, column replication: unknown key; did you mean replications\?"):
            Study.read(write(tmp_path, "name: x\nsynthetic: {}\nreplication: 4\n"))

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("name: x", "none of them given"),
            ("name: x\ntape: a.csv\nsynthetic: {}", "tape and synthetic given"),
            ("name: x\nsynthetic: {}\nas_of: 2026-06-30", "as_of belongs to a tape"),
        ],
    )
    def test_there_is_exactly_one_book(self, tmp_path: Path, text: str, told: str) -> None:
        with pytest.raises(ConfigError, match=told):
            Study.read(write(tmp_path, text))

    def test_paths_are_relative_to_the_study_file_and_other_words_are_ready_made_names(self, tmp_path: Path) -> None:
        study = Study.read(write(tmp_path, "name: x\ntape: a.csv\nscenarios: [baseline, ours.yaml]"))
        assert study.tape == str(tmp_path / "a.csv")
        assert study.scenarios == ("baseline", str(tmp_path / "ours.yaml"))

    def test_the_problems_of_all_inputs_come_in_one_report(self, tmp_path: Path) -> None:
        text = "name: x\ntape: none.csv\nscenarios: [basline]\nstrategies: [champoin]\nresources: none.yaml"
        with pytest.raises(InputError) as caught:
            run_study(Study.read(write(tmp_path, text)), tmp_path / "out")
        told = str(caught.value)
        assert "4 problems" in told
        assert "did you mean baseline.yaml?" in told
        assert "did you mean strategies/champion.yaml?" in told
        assert not list(tmp_path.glob("out*"))

    def test_two_strategies_cannot_share_a_name_nor_take_the_plans(self, tmp_path: Path) -> None:
        (tmp_path / "one.yaml").write_text("name: plan\n", encoding="utf-8")
        text = "name: x\nsynthetic: {accounts: 100}\nstrategies: [champion, champion, one.yaml]"
        with pytest.raises(InputError, match="champion: the name is used twice") as caught:
            run_study(Study.read(write(tmp_path, text)), tmp_path / "out")
        assert "plan: the name is kept for the optimised plan" in str(caught.value)


class TestFolder:
    def test_it_holds_tables_figures_report_inputs_and_a_manifest(self, planned: RunFolder) -> None:
        expected = {
            "comparison", "measures", "daily", "by_stage", "roll_rates", "plan", "strategy_table", "playbook", "prices",
            "capacity", "forecast", "workload", "workload_simulated", "staffing", "bought",
        }  # fmt: skip
        assert set(planned.tables()) == {"book"} | {f"baseline/{name}" for name in expected}
        assert (planned.path / "figures/baseline/balance.png").read_bytes().startswith(b"\x89PNG")
        assert planned.report.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
        assert not planned.path.with_name("planned.partial").exists()
        assert not list(planned.path.rglob("*.pickle"))

    def test_the_plan_is_compared_with_the_first_strategy(self, planned: RunFolder) -> None:
        assert planned.table("baseline/comparison")["strategy"].tolist() == [
            "champion",
            "plan",
            "playbook",
            "do_nothing",
        ]
        plan = planned.manifest["plans"]["baseline"]
        assert plan["nothing"] <= plan["value"] <= plan["bound"]

    def test_csv_and_parquet_hold_the_same_figures(self, planned: RunFolder) -> None:
        for name in planned.tables():
            from_csv = pd.read_csv(planned.path / "tables" / f"{name}.csv", keep_default_na=False, na_values=[""])
            kept = planned.table(name)
            numbers = kept.select_dtypes("number").columns.tolist()
            pd.testing.assert_frame_equal(
                from_csv[numbers].astype(float), kept[numbers].astype(float), check_exact=True, obj=name
            )

    def test_the_manifest_says_what_was_computed_with_what(self, planned: RunFolder) -> None:
        manifest = planned.manifest
        assert manifest["seed"] == 1
        assert {entry["what"] for entry in manifest["inputs"]} == {"scenario", "strategy"}
        assert all(len(entry["sha256"]) == 64 for entry in manifest["inputs"])
        assert {"simcollect", "numpy", "highspy"} <= manifest["versions"].keys()

    def test_a_made_up_book_is_there_as_a_tape(self, planned: RunFolder) -> None:
        book = Portfolio.read(planned.path / "inputs/made_up_book.parquet")
        assert book.digest() == planned.manifest["portfolio"]["digest"]

    def test_a_misspelt_table_is_answered_with_the_nearest(self, planned: RunFolder) -> None:
        with pytest.raises(InputError, match=r"did you mean baseline/prices\?"):
            planned.table("baseline/price")

    def test_any_other_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="is not the folder of a finished run"):
            RunFolder(tmp_path)


@pytest.mark.usefixtures("no_pictures")
class TestRerun:
    def test_it_gives_the_same_bytes_for_any_number_of_threads(self, planned: RunFolder) -> None:
        found = rerun(planned.path, jobs=2)
        assert found.differ == ()
        assert found.same == 2 * len(planned.tables())
        assert found.versions == {}

    def test_a_changed_input_and_the_tables_that_differ_are_named(self, tmp_path: Path) -> None:
        run = run_study(Study(**{**SMALL, "scenarios": ["baseline"]}), tmp_path / "run")
        scenario = run.path / "inputs/scenario_baseline.yaml"
        scenario.write_text(scenario.read_text(encoding="utf-8") + "lag_months: 0\n", encoding="utf-8")
        (run.path / "tables/book.csv").write_text("dpd\n", encoding="utf-8")
        found = rerun(run.path)
        assert found.differ == ("book.csv",)
        assert found.inputs == ("scenario baseline",)

    def test_the_parameters_of_a_calibration_are_computed_with_and_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "parameters.yaml"
        file.write_text("values: {pay.partial: [0.1, 0.6]}\n", encoding="utf-8")
        settings = {**SMALL, "scenarios": ["baseline"], "parameters": str(file)}
        run = run_study(Study(**settings), tmp_path / "run")
        plain = run_study(Study(**{**settings, "parameters": None}), tmp_path / "plain")
        assert not run.table("baseline/measures").equals(plain.table("baseline/measures"))
        file.unlink()
        found = rerun(run.path)
        assert (found.differ, found.inputs) == ((), ())

    def test_another_tape_in_the_old_ones_place_is_refused(self, tmp_path: Path) -> None:
        tape = tmp_path / "accounts.parquet"
        Portfolio.synthetic(100, seed=1).write(tape)
        settings = {**SMALL, "synthetic": None, "tape": str(tape), "scenarios": ["baseline"]}
        run = run_study(Study(**settings), tmp_path / "run")
        assert not (run.path / "inputs/accounts.parquet").exists(), "a tape may hold personal data"
        Portfolio.synthetic(100, seed=2).write(tape)
        with pytest.raises(InputError, match="fingerprint differs"):
            rerun(run.path)


@pytest.mark.usefixtures("no_pictures")
class TestInterruption:
    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Comparisons made; Ctrl-C is pressed during the second one."""
        made: list[str] = []
        # The figures do not matter here: one comparison serves for all.
        book, ways, calm = Portfolio.synthetic(100, seed=1), [Strategy.champion()], Scenario.baseline()
        real = functools.cache(lambda: compare_strategies(book, ways, calm, days=7, seed=1))

        def compare(portfolio, strategies, scenario, **rest):  # type: ignore[no-untyped-def]
            made.append(scenario.name)
            if len(made) == 2:
                raise KeyboardInterrupt
            return real()

        monkeypatch.setattr(computing, "compare", compare)
        return made

    def test_what_is_finished_is_kept_and_not_computed_again(self, tmp_path: Path, calls: list[str]) -> None:
        study, out = Study(**SMALL), tmp_path / "run"
        with pytest.raises(Interrupted, match=r"1 finished step kept in .*run\.partial"):
            run_study(study, out)
        assert not out.exists()
        run = run_study(study, out)
        assert calls == ["baseline", "severe_downturn", "severe_downturn"]
        assert run.manifest["resumed"] == ["comparison baseline"]
        assert not (tmp_path / "run.partial").exists()

    def test_after_a_change_of_the_study_nothing_old_is_used(self, tmp_path: Path, calls: list[str]) -> None:
        with pytest.raises(Interrupted):
            run_study(Study(**SMALL), tmp_path / "run")
        run = run_study(Study(**{**SMALL, "seed": 2}), tmp_path / "run")
        assert calls == ["baseline", "severe_downturn", "baseline", "severe_downturn"]
        assert run.manifest["resumed"] == []

    def test_a_step_cut_short_on_disk_is_computed_again(self, tmp_path: Path, calls: list[str]) -> None:
        with pytest.raises(Interrupted):
            run_study(Study(**SMALL), tmp_path / "run")
        (step,) = (tmp_path / "run.partial/steps").glob("*.pickle")
        step.write_bytes(step.read_bytes()[:100])
        run_study(Study(**SMALL), tmp_path / "run")
        assert calls[2:] == ["baseline", "severe_downturn"]


@pytest.mark.usefixtures("no_pictures")
class TestPlace:
    def test_a_finished_run_is_never_overwritten(self, planned: RunFolder) -> None:
        with pytest.raises(InputError, match="exists already, and nothing is ever overwritten"):
            run_study(Study(**SMALL), planned.path)

    def test_an_empty_folder_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        assert run_study(Study(**{**SMALL, "scenarios": ["baseline"]}), tmp_path / "run").report.is_file()

    def test_a_place_that_cannot_be_written_is_refused_before_any_work(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(computing, "compare", lambda *_, **__: pytest.fail("worked in vain"))
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(InputError, match="cannot be written"):
            run_study(Study(**SMALL), tmp_path / "file" / "run")


def test_nobody_to_call_is_a_valid_study(tmp_path: Path) -> None:
    (tmp_path / "nobody.yaml").write_text("teams: {}\n", encoding="utf-8")
    settings = {**SMALL, "scenarios": ["baseline"], "optimise": True, "resources": str(tmp_path / "nobody.yaml")}
    run = run_study(Study(**settings), tmp_path / "run")
    measures = run.table("baseline/measures").set_index(["strategy", "measure"])["mean"]
    assert measures["champion", "attempts"] == 0
    assert measures["champion", "cash"] > 0
    assert run.table("baseline/staffing")["hires"].sum() == 0


def test_the_example_study_is_valid() -> None:
    example = Path(__file__).parents[2] / "scenarios/studies/example.yaml"
    assert Study.read(example).scenarios == ("baseline", "severe_downturn")


def test_manifests_are_plain_json(planned: RunFolder) -> None:
    odd: list[str] = []  # NaN and Infinity, which JSON does not know but Python writes
    json.loads((planned.path / "manifest.json").read_text(encoding="utf-8"), parse_constant=odd.append)
    assert odd == []
