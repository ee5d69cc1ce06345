"""The mapping file of a history: how a lender's names, codes and dates become those of `docs/history.md`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simcollect.calibration.schema import TABLES, columns_of
from simcollect.configfile import load
from simcollect.errors import nearest
from simcollect.portfolio.mapping import Key, Value

Table = Literal["months", "loans", "events", "rates"]


class Unemployment(BaseModel):
    """Where unemployment is found if it is not in the file itself: a file beside it, and its two columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    date: str = "date"
    value: str = "unemployment"


class HistoryMapping(BaseModel):
    """How to read one file of a history.

    Attributes
    ----------
    table : which of the four tables the file is
    columns : our column -> the lender's; columns not named keep their own name
    codes : our column -> {the lender's code: ours}; codes not named pass unchanged
    constants : our column -> one value for all rows
    wide : month (YYYY-MM) -> {our column: the lender's}, where each month has columns of its own; rows are accounts
    month_zero : calendar month (YYYY-MM) that the lender's month 0 stands for, where months are counted
    status_counts : ``months_late`` (whole months since the oldest unpaid due date) or ``instalments_due``
    first_status : ``running`` where the first month is of accounts that had lived before, ``new`` where it is of
        accounts just opened
    phase : days from the due day to the day of the monthly status, 0 to 20; 15 where it is not known (judgement)
    product : consumer or micro_sme
    currency, date_format, delimiter, encoding, decimal : of the file; ``date_format`` may be ``sas`` for days since
        1960
    id_format : how the key is written on the tape, such as ``T{:0>5}`` for T00042
    row_id : number rows where the file names no account
    unemployment : a further file, for ``rates``
    source : where the data come from, for reports

    Examples
    --------
    >>> HistoryMapping(table="months", columns={"account_id": "ID"}).column("account_id")
    'ID'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Table = "months"
    columns: dict[str, str] = {}
    codes: dict[str, dict[Key, Value]] = {}
    constants: dict[str, Value] = {}
    wide: dict[str, dict[str, str]] = {}
    month_zero: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}$")
    status_counts: Literal["months_late", "instalments_due"] = "months_late"
    first_status: Literal["running", "new"] = "running"
    phase: float = Field(default=15.0, ge=0, le=20)
    product: Literal["consumer", "micro_sme"] = "consumer"
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    date_format: str = "%Y-%m-%d"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    decimal: str = Field(default=".", min_length=1, max_length=1)
    id_format: str = "{}"
    row_id: bool = False
    unemployment: Unemployment | None = None
    source: str = ""

    @classmethod
    def read(cls, path: str | Path) -> HistoryMapping:
        """Read a mapping file.

        Raises
        ------
        ConfigError
            The file is missing or wrong; all problems at once, each with its line.
        """
        return load(path, cls)

    @model_validator(mode="after")
    def _known(self) -> HistoryMapping:
        names = columns_of(self.table)
        given = [*self.columns, *self.codes, *self.constants, *(n for month in self.wide.values() for n in month)]
        for name in given:
            if name not in names:
                raise ValueError(f"{name} is not a column of the table {self.table}; {nearest(name, names)}")
        if self.wide and self.table != "months":
            raise ValueError("wide is for the table months only")
        try:
            self.id_format.format("7")
        except (ValueError, IndexError, KeyError):
            raise ValueError(f"id_format {self.id_format} is not a format of one text, such as T{{:0>5}}") from None
        for name in self.constants:
            if name in self.columns:
                raise ValueError(f"{name} is both under columns and under constants; keep one")
        return self

    def column(self, name: str) -> str:
        """Return the lender's name of one of our columns."""
        return self.columns.get(name, name)


assert set(TABLES) == {"months", "loans", "events", "rates"}
