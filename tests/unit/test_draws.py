"""Draws of calibrated parameters: their file, a study with them, and what its report says of the decision."""

from pathlib import Path

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.errors import ConfigError, InputError
from simcollect.study import RunFolder, Study, run_study
from simcollect.study import run as running
from simcollect.study.draws import draws_file, draws_text, read_draws
from simcollect.study.inputs import load_inputs
from simcollect.study.parameters import parameters_text

CENTRE = Behaviour.default().replace({"call.live_answer": 0.2, "attention.decay": 0.35}, "our history")


def drawn(n: int) -> list[Behaviour]:
    """Draws around the centre: a single number, and some cells of an entry with two axes."""
    rng = np.random.default_rng(1)
    out = []
    for _ in range(n):
        base = CENTRE["pay.base"].copy()
        base[4, 7:] *= np.exp(0.3 * rng.standard_normal())
        out.append(CENTRE.replace({"pay.base": base, "attention.decay": rng.uniform(0.2, 0.5)}))
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("draws")
    (where / "ours.yaml").write_text(parameters_text(CENTRE), encoding="utf-8")
    (where / "ours_draws.csv").write_text(draws_text(drawn(3)), encoding="utf-8")
    return where


@pytest.fixture(scope="module")
def run(folder: Path) -> RunFolder:
    study = Study(
        name="drawn", synthetic={"accounts": 150}, scenarios=["baseline"], strategies=["champion", "do_nothing"],
        weeks=3, replications=2, parameters=str(folder / "ours.yaml"), draws=2,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "figures", lambda *_: {})  # which take longer than the study itself
        return run_study(study, folder / "run")


def test_draws_come_back_from_their_file_to_the_last_digit(folder: Path) -> None:
    back = read_draws(folder / "ours_draws.csv", CENTRE, 3)
    for was, now in zip(drawn(3), back, strict=True):
        assert {name: value.tobytes() for name, value in was.values.items()} == {
            name: np.asarray(value).tobytes() for name, value in now.values.items()
        }
    header = (folder / "ours_draws.csv").read_text().splitlines()[0]
    assert "call.live_answer" not in header  # it does not differ between draws
    assert '"pay.base[4,7]"' in header


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("attention.decay\n0.3\n", "holds fewer draws than the 2 asked for"),
        ("attention.decoy\n0.3\n0.4\n", "did you mean attention.decay"),
        ('"pay.base[9,0]"\n0.3\n0.4\n', "out of bounds"),
        ("attention.decay\n0.3\nlow\n", "row 3"),
        ("attention.decay\n0.3\n-0.4\n", "not negative"),
    ],
)
def test_a_file_of_draws_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "x_draws.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_draws(file, CENTRE, 2)


def test_a_study_with_draws_needs_parameters_and_their_draws(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("name: x\nsynthetic: {}\ndraws: 20\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="name the file under parameters"):
        Study.read(file)
    (tmp_path / "bare.yaml").write_bytes((folder / "ours.yaml").read_bytes())
    study = Study(name="x", synthetic={"accounts": 100}, parameters=str(tmp_path / "bare.yaml"), draws=2)
    with pytest.raises(InputError, match="no draws beside the parameters; run simcollect calibrate again"):
        run_study(study, tmp_path / "out")


def test_a_study_with_draws_says_how_probable_it_is_that_the_decision_is_right(run: RunFolder) -> None:
    table = run.table("baseline/decision").set_index("strategy")
    assert table.loc["plan", "right"] in {0.0, 0.25, 0.5, 0.75, 1.0}
    assert run.table("baseline/best_of_all")["best"].sum() == pytest.approx(1.0)
    assert len(run.table("baseline/plan_under_draws")) == 2
    page = run.report.read_text(encoding="utf-8")
    assert "How probable is it that this is the right decision?" in page
    assert "is the right decision with probability" in page


def test_its_folder_holds_the_draws_that_it_was_run_with(run: RunFolder, folder: Path) -> None:
    assert draws_file(run.path / "inputs/parameters.yaml").read_bytes() == (folder / "ours_draws.csv").read_bytes()
    again = load_inputs(Study.read(run.study))
    assert [parameters_text(draw) for draw in again.draws] == [parameters_text(draw) for draw in drawn(2)]
    assert "draws" in {entry["what"] for entry in run.manifest["inputs"]}
