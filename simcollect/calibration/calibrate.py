"""`calibrate`: learn what a lender's history can teach, and say what it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import DEFAULTS, PRODUCTS
from simcollect.calibration.events import from_events
from simcollect.calibration.free import apply
from simcollect.calibration.history import History
from simcollect.calibration.identified import COLUMNS, table
from simcollect.calibration.learned import Learned
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.panel import sequences
from simcollect.calibration.readings import in_words, readings
from simcollect.calibration.result import Calibration
from simcollect.calibration.score import Score, score
from simcollect.calibration.scores import pays_when_contacted
from simcollect.calibration.statuses import fit_statuses
from simcollect.calibration.timing import days_late, ends, weekdays
from simcollect.economy import fit_link
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio

# Why an entry can stay at its default, by the beginning of its name.
WHY_KEPT = {
    "hidden.": "needs monthly statuses",
    "liquidity.": "needs monthly statuses",
    "pay.": "needs monthly statuses, or is not told apart by them",
    "message.": "needs messages with a randomised hold-out",
    "attention.decay": "needs contacts with a randomised hold-out, and the dates of payments after them",
    "attention.": "needs contacts with a randomised hold-out",
    "call.": "needs a call log with attempts and outcomes",
    "visit.": "needs a log of visits",
    "talk.": "needs a log of what talks ended in",
    "promise.": "needs promises with their dates",
    "time.": "needs a call log with durations",
    "offer.": "needs offers with their outcomes",
    "settlement.": "needs offers with their outcomes",
    "plan.miss": "needs a log of instalments of plans, kept or broken",
    "plan.relief": "needs plans whose cuts were drawn by chance",
    "legal.": "needs legal steps with their outcomes",
    "chargeoff.": "is the lender's rule",
    "agency.fee": "is the agency's price",
    "agency.": "needs a log of placed debt and its payments",
    "sale.": "needs prices of debt sold",
    "inbound.": "needs a log of incoming calls",
    "prevention.": "needs invitations with a randomised hold-out",
    "complaint.": "needs complaints by contact",
    "optout.": "needs consent withdrawn by contact",
    "fatigue.": "needs complaints by contact",
}


def calibrate(
    history: History | str | Path,
    tape: Portfolio | str | Path | None = None,
    mapping: HistoryMapping | str | Path | None = None,
    *,
    iterations: int = 300,
    seed: int = 0,
) -> Calibration:
    """Estimate the borrower from a lender's own history.

    Works with whatever is there: monthly statuses give dispositions, liquidity and payment intensities; dates of loans
    the days late and the weekdays; logs of calls and outcomes durations, attempts and shares; rates the link to
    unemployment. Everything else stays at the default of the parameter table, and `kept` says why.

    Parameters
    ----------
    history : a `History`, or its file or folder
    tape : the same accounts as a portfolio or its file; its risk bands get shares and losses of their own, its
        credit score enters the score
    mapping : of a history file
    iterations : steps of the likelihood search at most
    seed : of the folds of the score

    Raises
    ------
    InputError
        A file cannot be used at all; what is wrong in single rows is counted in `problems` instead.

    Examples
    --------
    >>> rows = pd.DataFrame({"date": pd.date_range("2000-01-01", periods=40, freq="QS"), "delinquency": 4.0})
    >>> rows["unemployment"] = [5.0, 6.0, 8.0, 7.0, 9.0] * 8
    >>> calibrate(History.of(rates=rows))
    Calibration on memory: 0 estimates (0 identified), 58 entries kept, kinds of problem: 0
    """
    book = Portfolio.read(tape) if isinstance(tape, str | Path) else tape
    accounts = book.accounts if book is not None else None
    opened = None
    if accounts is not None and accounts["opened"].notna().any():
        opened = accounts.set_index("account_id")["opened"]
    given = history if isinstance(history, History) else History.read(history, mapping, opened)
    learned = Learned()
    fitted, scored, contact = None, None, None
    if given.months is not None:
        fitted, scored = _statuses(given, accounts, iterations, seed, learned)
    if given.loans is not None:
        _loans(given.loans, learned)
    if given.events is not None:
        from_events(given.events, learned, PRODUCTS.index(given.mapping.product))
        contact = _contact_score(given, accounts, seed, learned)
    link = _rates(given, learned) if given.rates is not None else None
    behaviour = Behaviour.default().replace(learned.changes, f"calibrated on {given.source}")
    rows = learned.rows if fitted is None else [*table(fitted).itertuples(index=False, name=None), *learned.rows]
    return Calibration(
        behaviour=behaviour,
        table=pd.DataFrame(rows, columns=COLUMNS),
        learned=learned.tables,
        kept=_kept(learned),
        problems=given.problems,
        broken=given.broken,
        source=given.source,
        score=scored,
        contact_score=contact,
        link=link,
        fit=fitted,
        blocks=tuple(learned.blocks),
        notes=tuple(learned.notes),
    )


def _statuses(
    history: History, accounts: pd.DataFrame | None, iterations: int, seed: int, learned: Learned
) -> tuple[Fit | None, Score | None]:
    bands = None
    if accounts is not None:
        bands = accounts.drop_duplicates("account_id").set_index("account_id")["risk_band"].astype(str)
        ours = history.months["account_id"].isin(bands.index).mean() if history.months is not None else 0.0
        if ours < 0.5:
            learned.notes.append(
                f"Only {ours:.0%} of the history's rows are of accounts on the tape: the tape is not used."
            )
            bands, accounts = None, None
    try:
        fitted = fit_statuses(history, bands, iterations=iterations)
    except InputError as error:
        learned.notes.append(f"Monthly statuses could not be used: {error}")
        return None, None
    learned.changes |= apply(fitted.model.base, fitted.model.free, fitted.theta)
    learned.notes.append(
        "Payment intensities hold under the lender's usual treatment: without a log of contacts, its effect is in "
        "them. Days within a month are not seen: only what they add up to over the month is. Classes of borrowers are "
        "told apart by how they pay, not by why: read a class's row of pay.base before its name."
    )
    found = readings(fitted)
    if len(found) > 1:
        learned.tables["readings of the statuses"] = found
        learned.notes += [said for said in [in_words(found)] if said]
    try:
        scored = score(sequences(history), "cure", accounts, seed)
    except InputError as error:
        learned.notes.append(f"No score: {error}")
        return fitted, None
    learned.tables["reliability of the score"] = scored.reliability
    return fitted, scored


def _contact_score(history: History, accounts: pd.DataFrame | None, seed: int, learned: Learned) -> Score | None:
    data = None
    try:
        data = sequences(history) if history.months is not None else None
        found = pays_when_contacted(history, data, accounts, seed)
    except InputError as error:
        learned.notes.append(f"No score of paying when contacted: {error}")
        return None
    learned.tables["reliability of pays when contacted"] = found.reliability
    return found


def _loans(loans: pd.DataFrame, learned: Learned) -> None:
    if "due" in loans and "paid" in loans and loans["paid"].notna().any():
        learned.tables["days late"] = days_late(loans)
    if "paid" in loans and loans["paid"].notna().any():
        learned.tables["payments by weekday"] = weekdays(loans["paid"])
    found = ends(loans)
    if len(found):
        learned.tables["ends of loans"] = found


def _rates(history: History, learned: Learned) -> Any:
    rates = history.rates
    if rates is None or "unemployment" not in rates:
        learned.notes.append("No link to the economy: the rates come without unemployment.")
        return None
    when = pd.DatetimeIndex(rates["date"])
    series = [pd.Series(rates[name].to_numpy(), when).dropna() for name in ("delinquency", "unemployment")]
    try:
        link = fit_link(*series)
    except InputError as error:
        learned.notes.append(f"No link to the economy: {error}")
        return None
    figures: Sequence[tuple[str, float]] = (
        ("intercept", link.intercept),
        ("level", link.level),
        ("change", link.change),
    )
    learned.tables["link to unemployment"] = pd.DataFrame(figures, columns=["figure", "estimate"])
    learned.notes.append(
        f"Link to unemployment over {link.quarters} quarters, R² {link.r2:.2f}; its residuals are autocorrelated, "
        "so it carries no standard errors."
    )
    return link


def _kept(learned: Learned) -> pd.DataFrame:
    rows = [
        (name, learned.kept.get(name) or next(why for start, why in WHY_KEPT.items() if name.startswith(start)))
        for name in DEFAULTS
        if name not in learned.changes
    ]
    return pd.DataFrame(rows, columns=["parameter", "why"])
