"""The mapping file: how a lender's column names, codes and number formats become the tape's."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from simcollect.configfile import load
from simcollect.errors import nearest
from simcollect.portfolio.schema import NAMES, by_name


def _key(value: Any) -> Any:
    """Return a lender's code as text; YAML reads a bare ``yes`` or ``no`` as a truth value and loses it."""
    if isinstance(value, bool):
        raise ValueError("put the code in quotes, or YAML reads it as true or false")
    return str(value) if isinstance(value, int | float) else value


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float | date) else value


Key = Annotated[str, BeforeValidator(_key)]
Value = Annotated[str, BeforeValidator(_value)]


class Mapping(BaseModel):
    """How to read one lender's tape; without one, the file has the tape's own names and codes.

    Attributes
    ----------
    as_of : date of the snapshot
    currency : ISO 4217 code of all amounts
    country : ISO 3166 alpha-2 code, for working days and holidays
    columns : tape column -> the lender's column; columns not named keep their own name
    codes : tape column -> {the lender's code: the tape's}; codes not named pass unchanged, "" makes a blank
    constants : tape column -> one value for all rows
    date_format : as in `datetime.strptime`
    decimal, thousands : signs inside numbers; `thousands` may be empty
    delimiter, encoding : of the CSV file

    Examples
    --------
    >>> Mapping(columns={"dpd": "DAYS_LATE"}, codes={"product": {1: "consumer"}}).column("dpd")
    'DAYS_LATE'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    columns: dict[str, str] = {}
    codes: dict[str, dict[Key, Value]] = {}
    constants: dict[str, Value] = {}
    date_format: str = "%Y-%m-%d"
    decimal: str = Field(default=".", min_length=1, max_length=1)
    thousands: str = Field(default="", max_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"

    @classmethod
    def read(cls, path: str | Path) -> Mapping:
        """Read a mapping file.

        Raises
        ------
        ConfigError
            The file is missing or wrong; all problems at once, each with its line.
        """
        return load(path, cls)

    @field_validator("columns", "codes", "constants")
    @classmethod
    def _known_names(cls, names: dict[str, Any]) -> dict[str, Any]:
        for name in names:
            if name not in NAMES:
                raise ValueError(f"{name} is not a column of the tape; {nearest(name, NAMES)}")
        return names

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            raise ValueError(f"{encoding} is not a known encoding; utf-8 and gb18030 are usual") from None
        return encoding

    @model_validator(mode="after")
    def _consistent(self) -> Mapping:
        for name in self.constants:
            if name in self.columns:
                raise ValueError(f"{name} is both under columns and under constants; keep one")
        given = [(name, list(ours.values())) for name, ours in self.codes.items()]
        given += [(name, [value]) for name, value in self.constants.items()]
        for name, values in given:
            words = by_name(name).codes
            for value in values:
                if words and value and value not in words:
                    raise ValueError(f"{value} is not a code of {name}; {nearest(value, words)}")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must be different signs")
        return self

    def column(self, name: str) -> str:
        """Return the lender's name of a tape column."""
        return self.columns.get(name, name)
