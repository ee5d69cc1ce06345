"""Where the ready-made scenarios and strategies lie, in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

from simcollect.errors import InputError, Problem, nearest


def scenario_path(name: str) -> Path:
    """Return the path of a ready-made file under ``scenarios/``.

    An installed package carries the folder inside itself; a checkout has it beside the package.

    Parameters
    ----------
    name : path under ``scenarios/``, such as ``baseline.yaml`` or ``strategies/champion.yaml``

    Raises
    ------
    InputError
        There is no such file; the nearest name is given.

    Examples
    --------
    >>> scenario_path("baseline.yaml").name
    'baseline.yaml'
    """
    package = Path(__file__).resolve().parents[1]
    folders = [folder for folder in (package / "scenarios", package.parent / "scenarios") if folder.is_dir()]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    known = [file.relative_to(folder).as_posix() for folder in folders for file in folder.rglob("*.yaml")]
    rule = "is not a ready-made file"
    raise InputError([Problem("scenarios", None, None, name, rule, nearest(name, known))])
