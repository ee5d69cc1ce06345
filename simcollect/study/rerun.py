"""Running a finished study again from its folder, and proving that nothing differs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from simcollect.errors import InputError, Problem
from simcollect.study.compute import Results, compute
from simcollect.study.folder import RunFolder
from simcollect.study.inputs import Inputs, load_inputs
from simcollect.study.progress import Progress, silent
from simcollect.study.spec import Study
from simcollect.study.steps import Steps
from simcollect.study.tables import tables, write_table
from simcollect.versions import versions


@dataclass(frozen=True)
class Rerun:
    """What a rerun found.

    Attributes
    ----------
    folder : the run
    same : number of table files whose bytes are those of the run
    differ : table files that are not, are missing, or are new
    inputs : inputs in the run's folder that are not those of the run any more
    versions : libraries whose version is another now, as ``(then, now)``
    """

    folder: Path
    same: int
    differ: tuple[str, ...]
    inputs: tuple[str, ...]
    versions: dict[str, tuple[str, str]]

    def __repr__(self) -> str:
        what = "reproduced to the byte" if not self.differ else f"{len(self.differ)} files differ"
        return f"<Rerun of {self.folder}: {self.same} files the same; {what}>"


def recompute(folder: str | Path, *, progress: Progress = silent, jobs: int = 1) -> tuple[Study, Inputs, Results]:
    """Compute a finished run again from its folder, and return its study, inputs and results.

    Raises
    ------
    InputError
        It is not a run's folder, or the tape is missing or is not the one of the run.
    """
    run = RunFolder(Path(folder))
    study = Study.read(run.study)
    inputs = load_inputs(study)
    if inputs.portfolio.digest() != run.manifest["portfolio"]["digest"]:
        rule = "the book is not the one of the run (its fingerprint differs)"
        where = study.tape or study.taiwan or "made-up book"
        raise InputError([Problem(where, None, None, None, rule, "put the tape of the run in its place")])
    return study, inputs, compute(study, inputs, Steps(None), progress, jobs)


def rerun(folder: str | Path, *, progress: Progress = silent, jobs: int = 1) -> Rerun:
    """Compute a finished run again from its folder and compare every table file byte for byte.

    Parameters
    ----------
    folder : of the run; nothing in it is changed
    progress : told about each step
    jobs : threads; the same figures for any number

    Raises
    ------
    InputError
        It is not a run's folder, or the tape is missing or is not the one of the run.
    """
    run = RunFolder(Path(folder))
    _, inputs, results = recompute(folder, progress=progress, jobs=jobs)
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place)
        for name, frame in tables(inputs.portfolio, results).items():
            write_table(frame, fresh / name)
        then, now = _files(run.path / "tables"), _files(fresh)
    differ = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    same = len(then.keys() | now.keys()) - len(differ)
    before = run.manifest["versions"]
    changed = {name: (before.get(name, "unknown"), v) for name, v in versions().items() if before.get(name) != v}
    return Rerun(run.path, same, tuple(differ), _changed_inputs(run, inputs), changed)


def _changed_inputs(run: RunFolder, inputs: Inputs) -> tuple[str, ...]:
    before = {(entry["what"], entry["name"]): entry["sha256"] for entry in run.manifest["inputs"]}
    copied = ("scenario", "strategy", "mapping", "parameters", "draws")
    now = {(file.what, file.name): file.sha256 for file in inputs.files if file.what in copied}
    changed = [
        what if what == name else f"{what} {name}"
        for (what, name), digest in now.items()
        if before.get((what, name)) != digest
    ]
    if inputs.resources.model_dump(mode="json") != run.manifest["resources"]:
        changed.append("resources")
    return tuple(changed)


def _files(root: Path) -> dict[str, bytes]:
    return {f.relative_to(root).as_posix(): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}
