"""The command line as a strategist meets it: what each command shows and writes."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from simcollect.cli import app
from simcollect.portfolio import Portfolio
from simcollect.portfolio.schema import NAMES

DATED = ["--as-of", "2026-06-30"]


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.parquet"
    Portfolio.synthetic(200, seed=1).write(file)
    return file


def commands() -> list[str]:
    return [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Example:" in result.output
    assert f"simcollect {command}" in result.output


def test_help_comes_at_once_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, simcollect.cli; "
        "print(sorted({'numpy', 'pandas', 'numba', 'scipy', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert time.perf_counter() - start < 5, "well under a second where nothing else is running"


def test_the_template_passes_the_check(tmp_path: Path) -> None:
    file = tmp_path / "template.csv"
    file.write_text(run("template").stdout, encoding="utf-8")
    result = run("check", file, *DATED)
    assert result.exit_code == 0
    assert "2 accounts on 2026-06-30" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_parameters_are_printed_whole_as_csv() -> None:
    table = pd.read_csv(io.StringIO(run("parameters", "--csv").stdout), keep_default_na=False)
    assert table.columns.tolist() == ["parameter", "value", "by", "unit", "low", "high", "standing", "source"]
    assert table["parameter"].is_unique
    assert not table["value"].str.contains("...", regex=False).any()
    assert (table["source"] != "").all()


def test_parameters_are_printed_to_read() -> None:
    assert "call.live_answer" in run("parameters").stdout


def test_versions_name_the_package_first() -> None:
    assert run("versions").stdout.startswith("simcollect")


def test_simulate_shows_a_summary_and_writes_its_tables(tape: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("simulate", tape, "--days", "40", "--replications", "2", "--out", out)
    assert result.exit_code == 0, result.output
    assert "champion in baseline: 200 accounts, 40 days from 2026-07-01, 2 replications" in result.stdout
    written = sorted(file.name for file in out.iterdir())
    assert written == ["by_stage.csv", "costs.csv", "daily.csv", "roll_rates.csv", "summary.csv", "workload.csv"]
    assert len(pd.read_csv(out / "daily.csv")) == 80


def test_the_same_seed_writes_the_same_bytes_for_any_number_of_threads(tape: Path, tmp_path: Path) -> None:
    for name, jobs in (("one", "1"), ("two", "2")):
        settings = ["--days", "40", "--replications", "2", "--jobs", jobs]
        assert run("simulate", tape, *settings, "--out", tmp_path / name).exit_code == 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_compare_shows_differences_to_the_first_strategy(tape: Path, tmp_path: Path) -> None:
    given = ["--strategy", "champion", "--strategy", "do_nothing", "--weeks", "5", "--replications", "2"]
    result = run("compare", tape, *given, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "do_nothing against champion" in result.stdout
    table = pd.read_csv(tmp_path / "out/comparison.csv", index_col="strategy")
    assert table.loc["champion", "difference"] == 0


def test_optimise_hands_its_workload_to_staff(tape: Path, tmp_path: Path) -> None:
    result = run("optimise", tape, "--weeks", "9", "--out", tmp_path / "plan")
    assert result.exit_code == 0, result.output
    assert "below the best possible" in result.stdout
    assert "What to do, in the first 13 weeks" in result.stdout
    people = ["--people", "early=1", "--people", "late=1", "--people", "desk=0", "--people", "field=0"]
    result = run("staff", tmp_path / "plan/workload.csv", *people, "--out", tmp_path / "people")
    assert result.exit_code == 0, result.output
    staffing = pd.read_csv(tmp_path / "people/staffing.csv", keep_default_na=False)
    assert set(staffing["team"]) == {"early", "late", "desk", "field"}


def test_run_rerun_and_report(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(
        "name: quick\nsynthetic: {accounts: 200}\nscenarios: [baseline]\nstrategies: [champion, do_nothing]\n"
        "weeks: 5\nreplications: 2\noptimise: false\nout: quick\n",
        encoding="utf-8",
    )
    result = run("run", study)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "quick"
    assert result.stdout.rstrip().endswith(f"Report: {folder / 'report.html'}")
    assert "writing report ..." in result.stderr

    result = run("rerun", folder)
    assert result.exit_code == 0, result.output
    assert "reproduced to the byte" in result.stdout

    page = tmp_path / "committee.html"
    assert run("report", folder, "--out", page, "--title", "For the committee").exit_code == 0
    assert "For the committee" in page.read_text(encoding="utf-8")
    assert "nothing is ever overwritten" in run("report", folder, "--out", page).stderr

    (folder / "tables/baseline/daily.csv").write_text("changed", encoding="utf-8")
    result = run("rerun", folder)
    assert result.exit_code == 1
    assert "Differs: baseline/daily.csv" in result.stdout


def test_a_tape_in_a_lenders_own_words_is_read_by_a_mapping(tmp_path: Path) -> None:
    book = Portfolio.synthetic(50, seed=1)
    book.write(tmp_path / "plain.csv")
    theirs = pd.read_csv(tmp_path / "plain.csv", dtype=str, keep_default_na=False).rename(columns={NAMES[0]: "LOAN"})
    theirs.to_csv(tmp_path / "export.csv", index=False)
    (tmp_path / "map.yaml").write_text(
        "as_of: 2026-06-30\ncurrency: CNY\ncountry: CN\ncolumns: {account_id: LOAN}\n", encoding="utf-8"
    )
    result = run("check", tmp_path / "export.csv", "--mapping", tmp_path / "map.yaml")
    assert result.exit_code == 0
    assert "50 accounts" in result.stdout


def test_stress_shows_what_bad_times_change(tape: Path, tmp_path: Path) -> None:
    result = run("stress", tape, "--days", "35", "--replications", "2", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "champion under baseline, severe_downturn" in result.stdout
    table = pd.read_csv(tmp_path / "out/stress.csv", index_col=["scenario", "measure"])
    assert table.loc[("baseline", "cash"), "difference"] == 0
    assert table.loc[("severe_downturn", "cash"), "difference"] < 0


def test_calibrate_writes_parameters_that_simulate_takes(tape: Path, tmp_path: Path) -> None:
    rows = ["date,what,channel,outcome,attempt,seconds"]
    outcomes = ["right_party", *["no_answer"] * 4]
    rows += [f"2026-03-{1 + i % 28:02d},call,call,{outcomes[i % 5]},1,{60 + i}" for i in range(300)]
    history = tmp_path / "history"
    history.mkdir()
    (history / "events.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = run("calibrate", history, "--out", tmp_path / "learned")
    assert result.exit_code == 0, result.output
    assert "Calibrated on" in result.stdout
    file = tmp_path / "learned/parameters.yaml"
    assert "values:" in file.read_text(encoding="utf-8")
    settings = ["--days", "10", "--replications", "1"]
    assert run("simulate", tape, *settings, "--parameters", file).exit_code == 0


def test_backtest_says_what_was_forecast_and_what_happened(tmp_path: Path) -> None:
    status = np.random.default_rng(1).choice([0, 0, 0, 1], (400, 8))
    row, month = np.indices(status.shape)
    months = pd.DataFrame({"account_id": row.ravel(), "month": month.ravel() + 1, "status": status.ravel()})
    history = tmp_path / "history.csv"
    months.assign(month=months["month"].map("2024-{:02d}".format)).to_csv(history, index=False)
    result = run("backtest", history, "--months", "2", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Back-test over 2 months" in result.stdout
    figures = pd.read_csv(tmp_path / "out/figures.csv")
    assert {"stage share", "roll"} <= set(figures["group"])
    observed = figures.set_index("figure").loc["month 2, status 1", "observed"]
    assert observed == pytest.approx((status[:, 7] == 1).mean())
    missed = pd.read_csv(tmp_path / "out/missed.csv")
    cured = missed.set_index(["from", "to"]).loc[(1, 0), "seen"]
    then, now = status[:, :5], status[:, 1:6]
    assert cured == pytest.approx(((then == 1) & (now == 0)).sum() / (then == 1).sum())
    assert "<svg" in (tmp_path / "out/rolls.svg").read_text(encoding="utf-8")


def test_backtest_refuses_a_history_that_is_too_short(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("account_id,month,status\na,2024-01,0\na,2024-02,0\n", encoding="utf-8")
    result = run("backtest", history)
    assert result.exit_code == 1
    assert "too few months" in result.output


def test_backtest_tells_what_is_wrong_with_a_history(tmp_path: Path) -> None:
    months = [f"{a},2024-0{m},{int(a % 3 == m % 3)}" for a in range(30) for m in range(1, 6)]
    rows = ["account_id,month,status", *months]
    rows[7] = "1,2024-02,-7"
    history = tmp_path / "history.csv"
    history.write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = run("backtest", history, "--months", "1")
    assert result.exit_code == 0, result.output
    assert "Problem:" in result.stdout
    assert "-7" in result.stdout
