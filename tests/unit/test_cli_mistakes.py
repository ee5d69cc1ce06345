"""Every mistake a user can make ends in a message that says how to mend it, and never in a traceback."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simcollect.cli import app
from simcollect.cli.bars import Bars
from simcollect.portfolio import Portfolio
from simcollect.portfolio.schema import template_csv

DATED = ("--as-of", "2026-06-30")


def run(*args: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def edited(folder: Path, old: str, new: str) -> Path:
    """Write the template tape with one slip in it."""
    text = template_csv()
    assert old in text
    file = folder / "tape.csv"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def refused(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.parquet"
    Portfolio.synthetic(100, seed=1).write(file)
    return file


class TestTape:
    def test_missing_file(self) -> None:
        result = run("check", "no_such.csv", *DATED)
        assert result.exit_code == 1
        assert "no_such.csv: cannot be read (No such file or directory)" in result.stdout

    def test_a_file_of_another_kind(self, tmp_path: Path) -> None:
        file = tmp_path / "tape.xlsx"
        file.write_bytes(b"PK\x03\x04" + bytes(range(256)))
        result = run("check", file, *DATED)
        assert result.exit_code == 1
        assert "tape.xlsx" in result.stdout

    def test_missing_column(self, tmp_path: Path) -> None:
        result = run("check", edited(tmp_path, "principal", "balance"), *DATED)
        assert result.exit_code == 1
        assert "column principal: is required and not in the file" in result.stdout

    def test_duplicate_account(self, tmp_path: Path) -> None:
        result = run("check", edited(tmp_path, "A-1002", "A-1001"), *DATED)
        assert result.exit_code == 1
        assert "row 3, column account_id: A-1001" in result.stdout

    def test_negative_balance(self, tmp_path: Path) -> None:
        result = run("check", edited(tmp_path, "18400.00", "-18400.00"), *DATED)
        assert result.exit_code == 1
        assert "row 3, column principal: -18400.00: must not be negative" in result.stdout

    def test_unknown_date_format(self, tmp_path: Path) -> None:
        result = run("check", edited(tmp_path, "2024-02-01", "01/02/2024"), *DATED)
        assert result.exit_code == 1
        assert "row 3, column opened: 01/02/2024" in result.stdout
        assert "date_format" in result.stdout

    def test_all_problems_are_listed_and_counted(self, tmp_path: Path) -> None:
        header = "account_id,product,principal,instalment,due_day,dpd\n"
        rows = "".join(f"B{i},consumer,-1,10,40,0\n" for i in range(60))
        (tmp_path / "tape.csv").write_text(header + rows, encoding="utf-8")
        result = run("check", tmp_path / "tape.csv", *DATED)
        assert result.stdout.count("column principal: -1") == 60
        assert result.stdout.count("column due_day: 40") == 60
        assert f"{len(result.stdout.splitlines())} problems, listed above" in result.stderr

    def test_no_accounts(self, tmp_path: Path) -> None:
        (tmp_path / "tape.csv").write_text(template_csv().splitlines()[0] + "\n", encoding="utf-8")
        result = run("check", tmp_path / "tape.csv", *DATED)
        assert result.exit_code == 1
        assert "has a header but no accounts" in result.stdout

    def test_no_date(self, tmp_path: Path) -> None:
        (tmp_path / "tape.csv").write_text(template_csv(), encoding="utf-8")
        result = run("check", tmp_path / "tape.csv")
        assert result.exit_code == 1
        assert "the as-of date of the tape is not known" in result.stdout

    def test_the_simulator_refuses_it_too(self, tmp_path: Path) -> None:
        result = run("simulate", edited(tmp_path, "18400.00", "-18400.00"), *DATED)
        assert result.exit_code == 1
        assert "must not be negative" in result.stderr
        assert result.stdout == ""


class TestOptions:
    @pytest.mark.parametrize(
        "args",
        [
            ["nonsense"],
            ["simulate"],
            ["simulate", "a.csv", "--days", "many"],
            ["simulate", "a.csv", "--days", "0"],
            ["simulate", "a.csv", "--as-of", "30.06.2026"],
            ["staff", "a.csv", "--unknown"],
        ],
    )
    def test_a_command_that_is_not_understood_exits_with_2(self, args: list[str]) -> None:
        result = run(*args)
        assert result.exit_code == 2
        assert result.stdout == ""

    def test_a_misspelt_ready_made_name(self, tape: Path) -> None:
        result = run("simulate", tape, "--scenario", "sever_downturn", "--strategy", "champ")
        assert result.exit_code == 1
        assert "did you mean severe_downturn.yaml?" in result.stderr
        assert "champ" in result.stderr

    def test_a_currency_that_is_none(self, tape: Path) -> None:
        result = run("simulate", tape, "--currency", "dollars")
        assert result.exit_code == 1
        assert "column --currency: dollars" in result.stderr

    def test_an_unknown_key_in_a_scenario(self, tape: Path, tmp_path: Path) -> None:
        file = tmp_path / "ours.yaml"
        file.write_text("name: ours\nunemployment: {change_12m: [0.0]}\nlag_month: 3\n", encoding="utf-8")
        result = run("simulate", tape, "--scenario", file)
        assert result.exit_code == 1
        assert "row 3, column lag_month: unknown key; did you mean lag_months?" in result.stderr

    def test_parameters_that_are_unknown_or_misshapen(self, tape: Path, tmp_path: Path) -> None:
        file = tmp_path / "ours.yaml"
        for text, told in (
            ("values: {call.live_answr: 0.2}", "did you mean call.live_answer?"),
            ("values: {call.live_answer: [0.2, 0.3]}", "has shape ()"),
            ("values: {call.live_answer: many}", "each value must be a number"),
        ):
            file.write_text(text, encoding="utf-8")
            result = run("simulate", tape, "--parameters", file)
            assert result.exit_code == 1
            assert told in result.stderr

    def test_people_that_are_no_number(self, tmp_path: Path) -> None:
        (tmp_path / "work.csv").write_text("month,team,minutes\n2026-07,early,900\n", encoding="utf-8")
        result = run("staff", tmp_path / "work.csv", "--people", "early:4")
        assert result.exit_code == 2
        assert "must look like early=12" in result.stderr

    def test_minutes_that_are_no_number(self, tmp_path: Path) -> None:
        (tmp_path / "work.csv").write_text("month,team,minutes\n2026-07,early,many\n", encoding="utf-8")
        result = run("staff", tmp_path / "work.csv")
        assert result.exit_code == 1
        assert "row 2, column minutes: many: must be a number" in result.stderr

    def test_real_data_that_nobody_pointed_to(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SIMCOLLECT_DATA", raising=False)
        result = run("demo", "--real")
        assert result.exit_code == 1
        assert "SIMCOLLECT_DATA: is not set" in result.stderr
        monkeypatch.setenv("SIMCOLLECT_DATA", str(tmp_path / "nowhere"))
        result = run("demo", "--real")
        assert result.exit_code == 1
        assert "taiwan_card_clients_2005.csv: cannot be read" in result.stderr
        assert not list(tmp_path.iterdir())


class TestPlace:
    def test_a_folder_that_is_taken_is_left_alone(self, tape: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        (out / "mine.txt").write_text("mine", encoding="utf-8")
        for command in ("simulate", "compare", "optimise"):
            result = run(command, tape, "--out", out)
            assert result.exit_code == 1
            assert "exists already, and nothing is ever overwritten" in result.stderr
        assert [file.name for file in out.iterdir()] == ["mine.txt"]

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "work.csv").write_text("month,team,minutes\n2026-07,early,900\n", encoding="utf-8")
        result = run("staff", tmp_path / "work.csv", "--out", tmp_path / "work.csv" / "out")
        assert result.exit_code == 1
        assert "cannot be written" in result.stderr

    def test_a_folder_without_leave_to_write(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "work.csv").write_text("month,team,minutes\n2026-07,early,900\n", encoding="utf-8")
        monkeypatch.setattr(Path, "mkdir", refused)
        result = run("staff", tmp_path / "work.csv", "--out", tmp_path / "out")
        assert result.exit_code == 1
        assert "cannot be written (Permission denied); name a folder that you may write to" in result.stderr

    def test_a_folder_of_no_run(self, tmp_path: Path) -> None:
        for command in (["rerun"], ["report", "--out", "x.html"]):
            result = run(*command, tmp_path)
            assert result.exit_code == 1
            assert "is not the folder of a finished run" in result.stderr


def test_nobody_to_call_is_no_mistake(tape: Path, tmp_path: Path) -> None:
    (tmp_path / "nobody.yaml").write_text("teams: {early: {people: 0, hour_cost: 28}}\n", encoding="utf-8")
    result = run("simulate", tape, "--resources", tmp_path / "nobody.yaml", "--days", "30", "--replications", "1")
    assert result.exit_code == 0
    assert "attempts" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_says_what_is_kept_and_the_same_command_goes_on(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(
        "name: long\nsynthetic: {accounts: 100}\nscenarios: [baseline, severe_downturn]\n"
        "strategies: [champion]\nweeks: 4\nreplications: 2000\noptimise: false\nout: long\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "simcollect.cli", "run", str(study), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    assert first == "simulating baseline ...\n", first + told
    assert process.returncode == 130, told
    assert "kept in" in told
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert (tmp_path / "long.partial").is_dir()
    assert not (tmp_path / "long").exists()


def test_an_interrupt_that_compiled_code_swallows_ends_the_run_when_progress_is_next_told() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Bars() as bars:
        with contextlib.suppress(KeyboardInterrupt):  # as a callback from compiled code does
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            bars("simulating baseline", 1, 10)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_at_an_objects_end_is_not_printed_but_other_errors_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ends:
        def __init__(self, how: Callable[[], object]) -> None:
            self.how = how

        def __del__(self) -> None:
            self.how()

    printed: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: printed.append(lost.exc_type))
    with Bars() as bars:
        Ends(lambda: signal.raise_signal(signal.SIGINT))
        assert printed == []
        with pytest.raises(KeyboardInterrupt):
            bars("simulating baseline", 1, 10)
        Ends(lambda: 1 / 0)
        assert printed == [ZeroDivisionError]


def test_a_mistake_in_a_real_shell() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simcollect.cli", "simulate", "none.csv"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: 1 problem found:\n  - none.csv: cannot be read")
