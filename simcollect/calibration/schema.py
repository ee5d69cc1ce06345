"""The history's column tables: the one truth that drives reading, checking and `docs/history.md`.

A lender's history comes in up to four tables, each optional: statuses by month, loans by date, actions and outcomes,
and the delinquency of a whole book or country. The kinds of column are those of the tape.
"""

from __future__ import annotations

from typing import Final

from simcollect.portfolio.schema import LARGEST_AMOUNT, Column

WORDS: Final = ("idle", "closed", "unknown")  # statuses that are not a number of months
WHATS: Final = ("message", "call", "visit", "promise", "offer", "legal", "payment", "inbound", "plan", "agency")
OUTCOMES: Final = ("no_answer", "third_party", "right_party", "promised", "hardship", "paid", "kept", "broken",
                   "accepted", "refused", "won", "lost", "success", "failure", "unknown")  # fmt: skip
# Outcomes of a call or visit that mean a conversation with the customer.
TALKED: Final = ("right_party", "promised", "hardship", "refused", "accepted", "paid", "success")


def _money(name: str, meaning: str) -> Column:
    return Column(name, "money", "major units", False, "", meaning, -LARGEST_AMOUNT, LARGEST_AMOUNT)


def _date(name: str, meaning: str) -> Column:
    return Column(name, "date", "", False, "", meaning)


_ID = Column("account_id", "text", "", True, "", "the lender's key of the account, as on the tape")
_CURRENCY = Column("currency", "text", "", False, "", "ISO 4217 code; rows not in the commonest currency are set aside")

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "months": (
        _ID,
        Column("month", "date", "", True, "", "month of the status: a date in it, or a whole number of months if the "
               "mapping gives `month_zero`"),
        Column("status", "code", "months late", True, "", "whole months since the oldest unpaid due date (0: less than "
               "one), or `idle` (no loan that month), `closed` (paid off), `unknown`"),
        _money("bill", "amount billed; negative is a credit"),
        _money("payment", "amount paid in the month"),
        _money("balance", "amount outstanding at the month's end"),
        _CURRENCY,
    ),
    "loans": (
        _ID,
        _date("opened", "day on which the loan was paid out"),
        _date("due", "due day of the payment (one row a payment), or of the loan"),
        _date("paid", "day on which that payment arrived; blank if it has not"),
        _date("closed", "day on which the loan was paid off"),
        _date("charged_off", "day on which the loan was charged off"),
        _money("amount", "amount lent or billed"),
        _money("lost", "amount charged off"),
        _CURRENCY,
    ),
    "events": (
        Column("account_id", "text", "", False, "", "the lender's key; blank counts each row as an account of its own"),
        _date("date", "day of the event"),
        Column("what", "code", "", True, "", "what happened", codes=WHATS),
        Column("channel", "text", "", False, "", "sms, app, call, ...; the law firm for legal steps"),
        Column("kind", "text", "", False, "", "which offer (`extension`, `instalment_plan`, ...; of `plan`, an "
               "instalment of one that fell due, too); the legal stage that begins (`letter`, `filed`, `judgment`, "
               "`enforcement`); of `agency`, `placed` or `returned`"),
        Column("outcome", "code", "", False, "unknown", "how it ended; of a call, `promised`, `hardship` and `refused` "
               "say what the talk ended in, `right_party` that it ended in none of them", codes=OUTCOMES),
        Column("days_late", "whole", "days", False, "", "days past due on that day", 0, 20000),
        Column("hour", "whole", "hour", False, "", "hour of the day at which it began", 0, 23),
        Column("share", "number", "share", False, "", "what was paid, as a share of the balance (legal steps, "
               "agency)", 0, 2),
        Column("attempt", "whole", "", False, "", "number of the attempt within its case, from 1", 1, 1000),
        Column("seconds", "number", "seconds", False, "", "how long it took", 0, 86400),
        Column("agent", "text", "", False, "", "who did it"),
        Column("segment", "text", "", False, "", "group for rates by group"),
        Column("treated", "flag", "", False, "", "whether the account was contacted (for the effect of contact)"),
        Column("randomised", "flag", "", False, "", "whether chance alone decided that"),
        Column("window", "whole", "days", False, "", "days within which `outcome` says paid or not; 30 if not given", 1,
               366),
    ),
    "rates": (
        Column("date", "date", "", True, "", "any day of the month or quarter"),
        Column("delinquency", "number", "per cent", True, "", "share of the book overdue", 0, 100),
        Column("unemployment", "number", "per cent", False, "", "unemployment; a file of its own may hold it", 0, 100),
    ),
}  # fmt: skip


def columns_of(table: str) -> tuple[str, ...]:
    """Return the column names of a table.

    Examples
    --------
    >>> columns_of("rates")
    ('date', 'delinquency', 'unemployment')
    """
    return tuple(column.name for column in TABLES[table])


def column(table: str, name: str) -> Column:
    """Return one column.

    Examples
    --------
    >>> column("months", "status").unit
    'months late'
    """
    return next(c for c in TABLES[table] if c.name == name)


MEANINGS: Final = {
    "months": "One row an account and month.",
    "loans": "One row a loan, or a payment that fell due. A lender with dates and no monthly status is welcome: where "
    "`due` and `paid` are given and the table months is not, statuses are made of them, 15 days after each due day.",
    "events": "One row an action or what came of it.",
    "rates": "One row a month or quarter, of a whole book or country.",
}

# What is done with rows that cannot be right; `clean.py` holds the code under the same keys.
RULES: Final = {
    "unreadable": "a row whose required value cannot be read is set aside",
    "currency": "rows not in the commonest currency are set aside",
    "order": "rows out of date order are sorted",
    "duplicate": "of identical rows for an account and month one is kept",
    "duplicate_loan": "of identical rows of loans one is kept",
    "conflict": "where rows for an account and month disagree, the month counts as not seen",
    "gap": "a month missing inside a history counts as not seen; after more than six the history starts afresh",
    "jump": "where a status rises by more than the months passed, the history is cut and starts afresh",
    "before_opening": "rows dated before the account was opened are set aside",
    "dates": "a loan due, paid, closed or charged off before it was opened is set aside",
    "after_end": "rows after an account was closed are set aside",
    "leak": "a column that tells the next status almost surely is not used, as it must have been filled in later",
}


def markdown() -> str:
    """Return the text of `docs/history.md`, written from the tables so that the two cannot disagree.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '# The history'
    """
    lines = [
        "# The history",
        "",
        "What `simcollect calibrate` reads. Up to four tables, each optional but one: a CSV file with a mapping",
        "(`scenarios/mappings/history_*.yaml` are examples), or a folder with `months.csv`, `loans.csv`, `events.csv`,",
        "`rates.csv` under the names below. Further columns are left alone.",
        "",
        "This page is written by `simcollect.calibration.schema.markdown()`.",
    ]
    for table, columns in TABLES.items():
        lines += ["", f"## {table}", "", MEANINGS[table], "", "| column | kind | unit | required | rule | meaning |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for c in columns:
            need = "yes" if c.required else ""
            rule = "number, or one of " + ", ".join(WORDS) if c.name == "status" else c.rule
            lines.append(f"| `{c.name}` | {c.kind} | {c.unit} | {need} | {rule} | {c.meaning} |")
    lines += ["", "## Broken histories", "", "Every case is counted and reported:", ""]
    lines += [f"- `{key}`: {words}." for key, words in RULES.items()]
    return "\n".join(lines) + "\n"
