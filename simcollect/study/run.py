"""Running a study: everything is kept as it is finished, and the folder gets its name when all is there."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from simcollect.study.compute import Results, compute
from simcollect.study.figures import figures, write_figure
from simcollect.study.folder import MANIFEST, RunFolder, write_inputs
from simcollect.study.inputs import Inputs, load_inputs, sha256, slug
from simcollect.study.place import cannot_write, finish, make_folder, refuse_taken, unfinished
from simcollect.study.progress import Progress, silent
from simcollect.study.spec import Study
from simcollect.study.steps import Steps
from simcollect.study.tables import tables, write_table
from simcollect.versions import versions


class Interrupted(KeyboardInterrupt):
    """A run was interrupted; the text says what is kept and how to go on."""


def run_study(study: Study, out: str | Path | None = None, *, progress: Progress = silent, jobs: int = 1) -> RunFolder:
    """Run a study and write its folder: inputs, tables, figures, report and manifest.

    An interrupted run leaves ``OUT.partial`` with its finished steps; the same call goes on from there.

    Parameters
    ----------
    study : what to compute
    out : folder to write; the study's own if left out, else ``simcollect-run-NAME`` in the current folder
    progress : told about each step
    jobs : threads; the same figures for any number

    Raises
    ------
    InputError
        An input is wrong (the problems of all of them), or the folder is taken or cannot be written.
    Interrupted
        The user stopped it.

    Examples
    --------
    >>> import tempfile
    >>> study = Study(name="small", synthetic={"accounts": 200}, scenarios=["baseline"], strategies=["champion"],
    ...               weeks=4, replications=2, optimise=False)
    >>> run = run_study(study, Path(tempfile.mkdtemp()) / "small")
    >>> run.table("baseline/comparison")["strategy"].tolist()
    ['champion']
    """
    folder = out_folder(study, out)
    refuse_taken(folder)
    inputs = load_inputs(study)
    growing = unfinished(folder)
    make_folder(growing)
    started = datetime.now(UTC)
    try:
        steps = Steps(growing / "steps")
        results = compute(study, inputs, steps, progress, jobs)
        _write(study, inputs, results, growing, progress)
        _write_manifest(study, inputs, results, growing, steps, started)
        shutil.rmtree(growing / "steps")
    except KeyboardInterrupt:
        kept = len(list((growing / "steps").glob("*.pickle")))
        raise Interrupted(
            f"Interrupted. {kept} finished step{'s' if kept != 1 else ''} kept in {growing}; "
            "the same command goes on from there."
        ) from None
    except OSError as error:
        raise cannot_write(growing, error) from error
    finish(folder)
    return RunFolder(folder)


def out_folder(study: Study, out: str | Path | None) -> Path:
    """Return the folder that a study is to be written to.

    Examples
    --------
    >>> out_folder(Study(name="Q3 review", synthetic={}), None).name
    'simcollect-run-Q3_review'
    """
    return Path(out if out is not None else study.out or f"simcollect-run-{slug(study.name)}")


def write_report(study: Study, inputs: Inputs, results: Results, file: Path, title: str | None = None) -> Path:
    """Write the HTML report of computed results."""
    from simcollect.reporting import report

    return report(
        file,
        portfolio=inputs.portfolio,
        comparisons=results.comparisons,
        plans=results.plans,
        staff=results.staff,
        trade_offs=results.trade_offs,
        title=title or study.name,
    )


def _write(study: Study, inputs: Inputs, results: Results, folder: Path, progress: Progress) -> None:
    write_inputs(study, inputs, folder)
    shutil.rmtree(folder / "tables", ignore_errors=True)  # of an interrupted run with other inputs
    found = tables(inputs.portfolio, results)
    for number, (name, frame) in enumerate(found.items()):
        progress("writing tables", number, len(found))
        write_table(frame, folder / "tables" / name)
    progress("writing tables", len(found), len(found))
    shutil.rmtree(folder / "figures", ignore_errors=True)
    drawn = figures(inputs, results)
    for number, (name, draw) in enumerate(drawn.items()):
        progress("drawing figures", number, len(drawn))
        write_figure(draw, folder / "figures" / f"{name}.png")
    progress("drawing figures", len(drawn), len(drawn))
    progress("writing report", 0, 1)
    write_report(study, inputs, results, folder / "report.html")
    progress("writing report", 1, 1)


def _write_manifest(
    study: Study, inputs: Inputs, results: Results, folder: Path, steps: Steps, started: datetime
) -> None:
    manifest = {
        "study": study.model_dump(mode="json"),
        "seed": study.seed,
        "versions": versions(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(seconds, 2) for name, seconds in steps.seconds.items()},
        "resumed": steps.resumed,
        "portfolio": {
            "source": inputs.portfolio.source, "accounts": len(inputs.portfolio),
            "as_of": inputs.portfolio.as_of.isoformat(), "currency": inputs.portfolio.currency,
            "country": inputs.portfolio.country, "digest": inputs.portfolio.digest(),
        },
        "inputs": [
            {"what": file.what, "name": file.name, "path": str(file.path), "sha256": file.sha256}
            for file in inputs.files
        ],
        "resources": inputs.resources.model_dump(mode="json"),
        "plans": {
            name: {"value": plan.value, "bound": plan.bound, "nothing": plan.nothing, "gap": plan.gap}
            for name, plan in results.plans.items()
        },
        "tables": {
            file.relative_to(folder).as_posix(): sha256(file)
            for file in sorted((folder / "tables").rglob("*")) if file.is_file()
        },
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
