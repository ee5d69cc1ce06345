"""A lender's history, read and cleaned: what calibration learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from simcollect.calibration.clean import clean_events, clean_loans, clean_months, leaks
from simcollect.calibration.loandates import PHASE, months_from_loans
from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.reading import read_table
from simcollect.calibration.schema import TABLES
from simcollect.calibration.tally import Tally
from simcollect.errors import InputError, Problem


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What happened to accounts in the past, as far as the lender has it.

    Attributes
    ----------
    months : account_id, month (months since year 0), status (0, 1, ... months late; negative: unknown, idle, closed),
        spell, and bill, payment, balance where given (minor units); or None
    loans, events, rates : as in `docs/history.md`, or None
    mapping : how the months were coded
    problems : what was wrong, one entry a rule, with counts
    broken : the same as a table
    leaking : columns not used because they tell the future
    source : where it came from

    Examples
    --------
    >>> rows = pd.DataFrame({"account_id": ["a"] * 3, "month": ["2024-01", "2024-02", "2024-03"], "status": [0, 1, 0]})
    >>> History.of(months=rows)
    History of 1 account over 3 months (memory): no problems
    """

    months: pd.DataFrame | None
    loans: pd.DataFrame | None
    events: pd.DataFrame | None
    rates: pd.DataFrame | None
    mapping: HistoryMapping
    problems: tuple[Problem, ...]
    broken: pd.DataFrame
    leaking: tuple[str, ...] = ()
    source: str = "memory"

    @classmethod
    def read(
        cls, path: str | Path, mapping: HistoryMapping | str | Path | None = None, opened: pd.Series | None = None
    ) -> History:
        """Read a file with its mapping, or a folder of files under our own names.

        Parameters
        ----------
        path : a CSV file (may be packed with gzip), or a folder with any of months.csv, loans.csv, events.csv,
            rates.csv
        mapping : a `HistoryMapping` or its YAML file; for a folder, of its months
        opened : day opened by account_id, from the tape

        Raises
        ------
        InputError
            A file is missing or cannot be used; what is merely wrong in single rows is counted in `problems`.
        """
        given = Path(path)
        rule = HistoryMapping.read(mapping) if isinstance(mapping, str | Path) else mapping or HistoryMapping()
        tables: dict[str, pd.DataFrame] = {}
        tallies: list[Tally] = []
        if given.is_dir():
            for table in TABLES:
                if (given / f"{table}.csv").exists():
                    one = rule if rule.table == table else HistoryMapping(table=table)
                    tables[table], tally = _read(given / f"{table}.csv", one)
                    tallies.append(tally)
            if not tables:
                names = ", ".join(f"{table}.csv" for table in TABLES)
                raise InputError([Problem(str(given), None, None, None, f"holds none of {names}", "name a file")])
        else:
            tables[rule.table], tally = _read(given, rule)
            tallies.append(tally)
        return cls._cleaned(tables, rule, tallies, opened, str(given))

    @classmethod
    def of(
        cls,
        *,
        months: pd.DataFrame | None = None,
        loans: pd.DataFrame | None = None,
        events: pd.DataFrame | None = None,
        rates: pd.DataFrame | None = None,
        mapping: HistoryMapping | None = None,
        opened: pd.Series | None = None,
    ) -> History:
        """Make a history from data frames under our names; months as Period, date or ``YYYY-MM``."""
        given = {"months": months, "loans": loans, "events": events, "rates": rates}
        tables = {name: frame.reset_index(drop=True) for name, frame in given.items() if frame is not None}
        if not tables:
            raise InputError("a history needs at least one of months, loans, events, rates")
        if "months" in tables and not pd.api.types.is_integer_dtype(tables["months"]["month"]):
            when = pd.PeriodIndex(tables["months"]["month"], freq="M")
            tables["months"] = tables["months"].assign(month=when.year * 12 + when.month - 1)
        return cls._cleaned(tables, mapping or HistoryMapping(), [], opened, "memory")

    @classmethod
    def _cleaned(
        cls, tables: dict[str, pd.DataFrame], mapping: HistoryMapping, tallies: list[Tally],
        opened: pd.Series | None, source: str,
    ) -> History:  # fmt: skip
        tally = tallies[0] if tallies else Tally(source)
        loans = tables.get("loans")
        if loans is not None:
            loans = clean_loans(loans, tally)
            if opened is None and "opened" in loans:
                opened = loans.groupby("account_id")["opened"].min()
        events = tables.get("events")
        if events is not None and opened is not None:
            events = clean_events(events, opened, tally)
        months, leaking = tables.get("months"), []
        if months is None and loans is not None:
            months = months_from_loans(loans)
            if months is not None:
                mapping = mapping.model_copy(
                    update={"first_status": "new", "phase": float(PHASE), "status_counts": "months_late"}
                )
        if months is not None:
            since = None
            if opened is not None:
                dates = pd.to_datetime(opened).dropna()
                since = dates.dt.year * 12 + dates.dt.month - 1
            months = clean_months(months, since, tally)
            leaking = leaks(months, tally)
            months = months.drop(columns=leaking)
        tallies = tallies or [tally]
        return cls(
            months, loans, events, tables.get("rates"), mapping,
            tuple(p for t in tallies for p in t.problems), pd.concat([t.table() for t in tallies], ignore_index=True),
            tuple(leaking), mapping.source or source,
        )  # fmt: skip

    def until(self, month: int) -> History:
        """Return the monthly history up to and with a month (months since year 0).

        Raises
        ------
        InputError
            There are no months, or none so early.
        """
        if self.months is None or not (self.months["month"] <= month).any():
            raise InputError("the history has no months up to that one")
        kept = self.months[self.months["month"] <= month].reset_index(drop=True)
        return History(kept, None, None, None, self.mapping, (), self.broken.iloc[:0], self.leaking, self.source)

    def __repr__(self) -> str:
        parts = []
        if self.months is not None:
            accounts = self.months["account_id"].nunique()
            span = int(self.months["month"].max() - self.months["month"].min() + 1)
            parts.append(f"{accounts:,} account{'s' if accounts != 1 else ''} over {span} months")
        for name, table in (("loans", self.loans), ("events", self.events), ("rates", self.rates)):
            if table is not None:
                parts.append(f"{len(table):,} {name}")
        count = len(self.problems)
        wrong = "no problems" if count == 0 else f"{count} kind{'s' if count > 1 else ''} of problem"
        return f"History of {', '.join(parts)} ({self.source}): {wrong}"


def _read(path: Path, mapping: HistoryMapping) -> tuple[pd.DataFrame, Tally]:
    tally = Tally(path.name)
    frame = read_table(path, mapping, tally)
    if mapping.unemployment is not None:
        other = mapping.unemployment
        beside = HistoryMapping(
            table="rates", columns={"date": other.date, "delinquency": other.value}, date_format=mapping.date_format
        )
        series = read_table(path.parent / other.file, beside, tally)[["date", "delinquency"]]
        series = series.rename(columns={"delinquency": "unemployment"})
        frame = frame.merge(series, on="date", how="outer", sort=True)
    return frame, tally
