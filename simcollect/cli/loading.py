"""From what was typed to loaded inputs: a command on one tape is a small study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcollect.errors import Problem
    from simcollect.study import Study
    from simcollect.study.inputs import Inputs


def load(**given: Any) -> Inputs:
    """Load the inputs of a command, with the problems of all files in one report.

    Parameters
    ----------
    given : entries of `Study`; paths and dates as the command line has them

    Raises
    ------
    InputError
        An option or a file cannot be used.
    """
    from simcollect.study.inputs import load_inputs

    return load_inputs(study_of(**given))


def study_of(**given: Any) -> Study:
    """Return the study that a command's options describe.

    Raises
    ------
    InputError
        An option breaks a rule.

    Examples
    --------
    >>> study_of(synthetic={"accounts": 100}, scenarios=["baseline"]).scenarios
    ('baseline',)
    """
    from datetime import datetime
    from pathlib import Path

    from pydantic import ValidationError

    from simcollect.errors import InputError
    from simcollect.study import Study

    plain = {
        name: str(value) if isinstance(value, Path) else value.date() if isinstance(value, datetime) else value
        for name, value in given.items()
    }
    try:
        return Study(**{"name": "command line", "optimise": False, **plain})
    except ValidationError as error:
        raise InputError([_problem(dict(item)) for item in error.errors(include_url=False)]) from None


def _problem(item: dict[str, Any]) -> Problem:
    from simcollect.errors import Problem

    rule = str(item["msg"]).removeprefix("Value error, ")
    if not item["loc"]:
        return Problem("command line", None, None, None, rule, "correct it")
    option = "--" + str(item["loc"][0]).replace("_", "-")
    return Problem("command line", None, option, str(item["input"]), rule, "correct it")
