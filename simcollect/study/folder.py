"""The folder of a finished run, and its manifest.

    manifest.json        what was computed with what: inputs with fingerprints, versions, seed, times, tables
    inputs/              the study and every small input as it was read; `study.yaml` there runs as it stands
    tables/              CSV and Parquet, one sub-folder a scenario
    figures/             PNG, one sub-folder a scenario
    report.html          the report

The tape itself is not copied, as it may hold personal data: the manifest keeps its path and fingerprint.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from simcollect.errors import InputError, Problem, nearest
from simcollect.study.draws import draws_file
from simcollect.study.inputs import ONE_DAY_LP, Inputs, slug
from simcollect.study.spec import Study

MANIFEST = "manifest.json"
STUDY = "inputs/study.yaml"


@dataclass(frozen=True)
class RunFolder:
    """A finished run.

    Attributes
    ----------
    path : the folder

    Raises
    ------
    InputError
        It is not the folder of a finished run.
    """

    path: Path

    def __post_init__(self) -> None:
        if not (self.path / MANIFEST).is_file():
            rule = "is not the folder of a finished run (no manifest.json)"
            raise InputError([Problem(str(self.path), None, None, None, rule, "name one that simcollect run wrote")])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was computed, with what, and when."""
        try:
            found = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            rule = "is not readable JSON"
            problem = Problem(str(self.path / MANIFEST), None, None, None, rule, "run the study again")
            raise InputError([problem]) from None
        return dict(found)

    @property
    def study(self) -> Path:
        """The study file as it was run; it can be run again as it stands."""
        return self.path / STUDY

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    def tables(self) -> list[str]:
        """Return the names of the tables, those of a scenario as ``scenario/table``."""
        root = self.path / "tables"
        return sorted(file.relative_to(root).with_suffix("").as_posix() for file in root.rglob("*.csv"))

    def table(self, name: str) -> pd.DataFrame:
        """Return one table.

        Raises
        ------
        InputError
            There is no such table; the nearest name is given.
        """
        if name not in self.tables():
            raise InputError(f"{self.path} has no table {name}; {nearest(name, self.tables())}")
        return pd.read_parquet(self.path / "tables" / f"{name}.parquet")

    def __repr__(self) -> str:
        return f"<RunFolder {self.path}: study {self.manifest['study']['name']!r}, {len(self.tables())} tables>"


def write_inputs(study: Study, inputs: Inputs, folder: Path) -> None:
    """Write the study and its small inputs, so that the run can be repeated from its folder alone (and the tape).

    A made-up book is written too, as a tape to work on.
    """
    there = folder / "inputs"
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir(parents=True)
    copied: dict[str, list[str]] = {"scenario": [], "strategy": [], "mapping": [], "parameters": []}
    for file in inputs.files:
        if file.what in copied:
            name = f"{file.what}.yaml" if file.name == file.what else f"{file.what}_{slug(file.name)}.yaml"
            (there / name).write_bytes(file.path.read_bytes())
            copied[file.what].append(name)
        elif file.what == "draws":
            draws_file(there / "parameters.yaml").write_bytes(file.path.read_bytes())
    _yaml(there / "resources.yaml", inputs.resources.model_dump(mode="json"))
    if study.synthetic is not None:
        inputs.portfolio.write(there / "made_up_book.parquet")
    files = iter(copied["strategy"])
    resolved = study.model_dump(mode="json", exclude_none=True) | {
        "scenarios": copied["scenario"],
        "strategies": [name if name == ONE_DAY_LP else next(files) for name in study.strategies],
        "resources": "resources.yaml",
        **{what: copied[what][0] for what in ("mapping", "parameters") if copied[what]},
    }
    for key in ("tape", "taiwan"):
        if key in resolved:
            resolved[key] = str(Path(resolved[key]).resolve())
    resolved.pop("out", None)
    _yaml(there / "study.yaml", resolved)


def _yaml(file: Path, data: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
