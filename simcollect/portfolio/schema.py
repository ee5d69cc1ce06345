"""The tape's column table: the one truth that drives checking, `docs/tape.md` and the template file.

A tape is one row an account on the as-of date. In a file, money is in major units (dollars, yuan); inside the
package it is whole minor units (cents, fen) in 64-bit integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KINDS: Final = {
    "text": "text",
    "code": "one of the words listed",
    "money": "amount in major units",
    "number": "decimal number",
    "whole": "whole number",
    "flag": "true or false (also yes/no, y/n, 1/0)",
    "date": "date, YYYY-MM-DD unless the mapping says otherwise",
}

# Largest amount accepted, in major units. Judgement: a typing slip shows, and sums over a million accounts
# still fit a 64-bit integer of minor units with room to spare.
LARGEST_AMOUNT: Final = 1e10

REVOLVING: Final = -1  # `remaining_term` of an account without a fixed end


@dataclass(frozen=True)
class Column:
    """One column of the tape.

    Attributes
    ----------
    name : as used everywhere in the package
    kind : a key of `KINDS`
    unit : unit in a file, "" if none
    required : whether a file must have it
    default : what a blank means, in words of the file; "" where `meaning` explains how it is derived
    meaning : what it is, for the person who maps a lender's tape
    low, high : least and greatest value allowed, in file units
    codes : words allowed, for kind "code"

    Examples
    --------
    >>> by_name("due_day").rule
    '1 to 31'
    """

    name: str
    kind: str
    unit: str
    required: bool
    default: str
    meaning: str
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """What must hold for a value, in words."""
        if self.codes:
            return "one of " + ", ".join(self.codes)
        if self.low is None and self.high is None:
            return KINDS[self.kind]
        if self.kind == "money":
            return "not negative"
        return f"{self.low:g} or more" if self.high is None else f"{self.low:g} to {self.high:g}"


def _money(name: str, required: bool, default: str, meaning: str) -> Column:
    return Column(name, "money", "major units", required, default, meaning, 0, LARGEST_AMOUNT)


def _consent(channel: str, words: str) -> Column:
    meaning = f"the borrower may be contacted by {words}"
    return Column(f"consent_{channel}", "flag", "", False, "true", meaning)


COLUMNS: Final[tuple[Column, ...]] = (
    Column("account_id", "text", "", True, "", "the lender's key of the account; every row has another"),
    Column("product", "code", "", True, "", "loan or card to a person, or to a micro or small business",
           codes=("consumer", "micro_sme")),
    _money("principal", True, "", "principal outstanding, the overdue part included"),
    _money("instalment", True, "", "contractual payment a month; for a card, the minimum payment"),
    Column("rate_per_year", "number", "share a year", False, "0",
           "interest rate a year, 0.18 for 18 %", 0, 5),
    Column("remaining_term", "whole", "months", False, "",
           "instalments still unpaid, overdue ones included; blank or -1 for revolving credit", 0, 600),
    Column("due_day", "whole", "day of month", True, "",
           "day on which the instalment falls due; the last day in a month too short for it", 1, 31),
    Column("dpd", "whole", "days", True, "",
           "days since the oldest unpaid due date; 0 if nothing is overdue", 0, 36500),
    _money("arrears", False, "",
           "amount overdue; blank is derived: instalment times due dates missed, floor(dpd / 30.436875) + 1, "
           "at most the remaining term (for revolving credit, at most the principal)"),
    Column("score", "number", "", False, "",
           "the lender's credit score, higher is better; blank if there is none"),
    Column("risk_band", "code", "", False, "",
           "A best to C worst; blank is derived from the terciles of score within the product, and is B "
           "without a score", codes=("A", "B", "C")),
    Column("times_30dpd_12m", "whole", "spells", False, "0",
           "earlier spells of 30 or more days past due in the past 12 months, but the present one", 0, 12),
    Column("promises_broken", "whole", "promises", False, "0", "promises to pay that were not kept", 0, 1000),
    Column("disclosed_reason", "code", "", False, "unknown", "why the borrower says the payment is late",
           codes=("unknown", "oversight", "misunderstanding", "hardship", "refusal")),
    Column("mode", "code", "", False, "open", "where the account stands with the lender",
           codes=("open", "on_plan", "in_legal", "charged_off", "closed")),
    Column("region", "text", "", False, "", "region of the borrower, so that a scenario can strike one"),
    Column("sector", "text", "", False, "", "sector of the borrower's trade or work, for the same purpose"),
    _consent("sms", "text message"),
    _consent("app", "app notice"),
    _consent("wechat", "WeChat"),
    _consent("email", "e-mail"),
    _consent("call", "telephone"),
    Column("opened", "date", "", False, "",
           "day on which the loan was paid out or the card opened; blank if unknown"),
)  # fmt: skip

NAMES: Final = tuple(column.name for column in COLUMNS)

# Rules between columns, in the words of docs/tape.md; `rules.py` holds their code under the same keys.
CROSS_RULES: Final = {
    "unique": "no two rows have the same account_id",
    "late_owes": "an account with dpd above 0 has arrears above 0",
    "owing_is_late": "an account with arrears above 0 has dpd above 0",
    "term_over": "an account open or on a plan with principal above 0 has a remaining_term above 0 or blank",
    "closed_owes": "a closed account has no principal and no arrears",
    "not_yet_opened": "opened is not after the as-of date",
    "late_before_opened": "dpd is not more than the days since opened",
}


def by_name(name: str) -> Column:
    """Return one column of the table.

    Raises
    ------
    KeyError
        There is no such column.

    Examples
    --------
    >>> by_name("principal").kind
    'money'
    """
    return _BY_NAME[name]


_BY_NAME: Final = {column.name: column for column in COLUMNS}


def template_csv() -> str:
    """Return a small valid tape to start from: the header, one current card and one overdue business loan.

    Examples
    --------
    >>> template_csv().splitlines()[0].split(",")[:4]
    ['account_id', 'product', 'principal', 'instalment']
    """
    rows = (
        {"account_id": "A-1001", "product": "consumer", "principal": "5200.00", "instalment": "187.20",
         "rate_per_year": "0.18", "due_day": "5", "dpd": "0", "score": "702", "opened": "2021-03-14"},
        {"account_id": "A-1002", "product": "micro_sme", "principal": "18400.00", "instalment": "1014.50",
         "rate_per_year": "0.12", "remaining_term": "20", "due_day": "15", "dpd": "46", "arrears": "2029.00",
         "score": "581", "disclosed_reason": "hardship", "sector": "catering", "consent_email": "false",
         "opened": "2024-02-01"},
    )  # fmt: skip
    lines = [",".join(NAMES)] + [",".join(row.get(name, "") for name in NAMES) for row in rows]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """Return the text of `docs/tape.md`, written from the table so that the two cannot disagree.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '# The tape'
    """
    head = [
        "# The tape",
        "",
        "One row an account, as it stands on the as-of date; CSV or Parquet, amounts in major units. A",
        "lender's own names and codes are translated by a mapping file, as in",
        "`scenarios/mappings/example_bank.yaml`; further columns are left alone.",
        "`simcollect.portfolio.check(path)` lists every problem with its line.",
        "",
        "This page is written by `simcollect.portfolio.schema.markdown()`.",
        "",
        "| column | kind | unit | required | blank means | rule | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    cells = (
        (f"`{c.name}`", c.kind, c.unit, "yes" if c.required else "", _blank(c), c.rule, c.meaning)
        for c in COLUMNS
    )
    rows = ["| " + " | ".join(row) + " |" for row in cells]
    kinds = ["", "Kinds:", ""] + [f"- {kind}: {words}" for kind, words in KINDS.items()]
    rules = ["", "Between columns:", ""] + [f"- {words}" for words in CROSS_RULES.values()]
    return "\n".join([*head, *rows, *kinds, *rules]) + "\n"


def _blank(column: Column) -> str:
    if column.required:
        return "not allowed"
    return column.default or "see meaning"
