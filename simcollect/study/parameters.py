"""A file of the borrower's parameters: what a calibration learned, to compute with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, field_validator

from simcollect.behaviour import Behaviour
from simcollect.configfile import load
from simcollect.errors import InputError


class ParametersFile(BaseModel):
    """The entries of the parameter table that differ from its defaults.

    Attributes
    ----------
    origin : where the values come from, for reports
    values : by dotted name, as ``simcollect parameters`` lists them; lists in lists where a parameter has several axes

    Examples
    --------
    >>> file = ParametersFile(values={"call.live_answer": 0.1})
    >>> float(file.behaviour()["call.live_answer"])
    0.1
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = "a file of parameters"
    values: dict[str, Any]

    @field_validator("values")
    @classmethod
    def _usable(cls, values: dict[str, Any]) -> dict[str, Any]:
        try:
            Behaviour.default().replace(values)
        except InputError as error:
            raise ValueError(str(error)) from None
        except (TypeError, ValueError):
            raise ValueError("each value must be a number, or lists of numbers of equal length") from None
        return values

    def behaviour(self) -> Behaviour:
        """Return the parameters: those of the file, and the defaults for the rest."""
        return Behaviour.default().replace(self.values, self.origin)


def read_parameters(path: str | Path) -> Behaviour:
    """Read a file of parameters.

    Raises
    ------
    ConfigError
        The file cannot be read, names an unknown parameter, or gives one a wrong shape or value.
    """
    return load(path, ParametersFile).behaviour()


def parameters_text(behaviour: Behaviour) -> str:
    """Return the text of a file of parameters: the values that are not defaults, exact to the last digit.

    Examples
    --------
    >>> print(parameters_text(Behaviour.default().replace({"call.live_answer": 0.1}, "our call log")))
    origin: our call log
    values:
      call.live_answer: 0.1
    <BLANKLINE>
    """
    values = {name: behaviour[name].tolist() for name in sorted(behaviour.values)}
    text = yaml.safe_dump({"origin": behaviour.origin, "values": values}, sort_keys=False, allow_unicode=True)
    return str(text)
