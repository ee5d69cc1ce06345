"""What is counted each day, and the log of events.

Compiled code writes to one row of `TALLY` records for each chunk of accounts, and one for the lists of accounts that
had to wait; no two threads share one. A row has a record for each day of the month, because accounts are carried
several days ahead. Amounts are in minor units.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.parameters import CHANNELS
from simcollect.simulation.stages import MAX_PIECES, WAIT_BINS
from simcollect.strategy import TEAMS

COUNTS = (
    "cash_contract", "cash_promise", "cash_plan", "cash_legal", "cash_agency", "cash_sale", "promises", "kept",
    "broken", "offers_accepted", "suits", "filed", "complaints", "opt_outs", "charged_off", "written_off",
    "conceded", "cures", "standing_orders", "inbound",
)  # fmt: skip
FLOWS = (
    *COUNTS,
    *(f"messages_{name}" for name in CHANNELS),
    *(f"attempts_{name}" for name in TEAMS),
    *(f"talks_{name}" for name in TEAMS),
)

# Kinds of events in the log.
WHAT = (
    "payment", "part payment", "promise", "promise kept", "promise broken", "message", "message read",
    "attempt", "talk", "cleared", "hardship", "refusal", "offer accepted", "plan payment", "plan missed",
    "plan ended", "handed to law", "legal step", "legal payment", "charged off", "agency payment",
    "closed", "cured", "review", "settlement paid", "settlement missed", "holiday ended",
    "opt-out", "debt sale", "standing order", "incoming call",
)  # fmt: skip
(
    PAYMENT, PART, PROMISED, PROMISE_KEPT, PROMISE_BROKEN, MESSAGE, READ, ATTEMPT,
    TALK, CLEARED, HARDSHIP_TOLD, REFUSED, ACCEPTED, PLAN_PAID, PLAN_MISSED, PLAN_ENDED,
    HANDED, LEGAL_STEP, LEGAL_PAID, CHARGE_OFF, AGENCY_PAID, CLOSE, CURED, REVIEW,
    SETTLED, SETTLE_MISSED, HOLIDAY_ENDED, OPTED_OUT, SOLD, ENROLLED, CALLED_IN,
) = range(len(WHAT))  # fmt: skip

BY_VISIT = 24  # added to the hour of an attempt made by visit
NOTES = 16  # more events than one account can bring in one go
_WAITING = NOTES  # and as much room again for accounts that are resumed

TALLY = np.dtype(
    [(name, "i8") for name in COUNTS]
    + [("messages", "i8", len(CHANNELS)), ("attempts", "i8", len(TEAMS)), ("talks", "i8", len(TEAMS))]
    + [
        ("inbound_seconds", "i8"),
        ("logging", "i8"),
        ("notes", "i8"),
        ("what", "i8", NOTES),
        ("amount", "i8", NOTES),
        ("detail", "f8", NOTES),
    ]
)
"""Counters of a day, in the order of `FLOWS`, and the seconds that its incoming calls take; then the notes of the
account at work: kind, amount, and a number whose meaning depends on the kind (channel, offer, hour, action, stage)."""
_DAILY = len(FLOWS) + 1  # leading integers of a record that count, `inbound_seconds` the last

STAGE_TALLY = np.dtype(
    [
        ("first", "i8", (MAX_PIECES, WAIT_BINS)),
        ("left", "i8", (MAX_PIECES, 2)),
        ("waiting", "i8", (MAX_PIECES, 2)),
        ("untouched", "i8", MAX_PIECES),
        ("reached", "i8", MAX_PIECES),
    ]
)
"""Over the whole run and by stage: first contacts by their owner by days since the stage began; accounts that left, or
are there at the end, without one (before the deadline, after it); those that left without a contact by anybody;
accounts reached by the owner."""
FOLLOWED: tuple[str, ...] = STAGE_TALLY.names or ()

Tallies = npt.NDArray[Any]


class Log(NamedTuple):
    """The events of a day; all arrays empty where no log is kept.

    Attributes
    ----------
    size, start : events written by each slot, and where it begins to write
    account, what, amount, detail : columns
    """

    size: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    account: npt.NDArray[np.int32]
    what: npt.NDArray[np.int8]
    amount: npt.NDArray[np.int64]
    detail: npt.NDArray[np.float64]


def make_tallies(starts: list[int], n: int, events: bool) -> tuple[Tallies, Tallies, Log]:
    """Return empty counters (by day of the month; by stage) and log for chunks from `starts`, and lists.

    The last slot is for lists of accounts.

    Examples
    --------
    >>> tallies, followed, log = make_tallies([0, 10], 15, events=True)
    >>> tallies.shape, len(followed), len(log.size)
    ((3, 31), 3, 3)
    """
    tallies = np.zeros((len(starts) + 1, 31), TALLY)
    tallies["logging"] = events
    room = n * (NOTES + _WAITING) if events else 0
    log = Log(
        size=np.zeros(len(tallies), np.int64),
        start=np.array([*starts, n], np.int64) * NOTES,
        account=np.empty(room, np.int32),
        what=np.empty(room, np.int8),
        amount=np.empty(room, np.int64),
        detail=np.empty(room, np.float64),
    )
    return tallies, np.zeros(len(tallies), STAGE_TALLY), log


@njit(cache=True, inline="always")
def note(tally: Any, what: int, amount: int, detail: float) -> None:
    """Write one event of the account at work, if a log is kept."""
    if tally.logging:
        tally.what[tally.notes] = what
        tally.amount[tally.notes] = amount
        tally.detail[tally.notes] = detail
        tally.notes += 1


@njit(cache=True)
def file_notes(tally: Any, log: Log, slot: int, account: int) -> None:
    """Move the notes of one account to the log."""
    for n in range(tally.notes):
        at = log.start[slot] + log.size[slot]
        log.account[at] = account
        log.what[at] = tally.what[n]
        log.amount[at] = tally.amount[n]
        log.detail[at] = tally.detail[n]
        log.size[slot] += 1
    tally.notes = 0


def take_followed(followed: Tallies) -> dict[str, npt.NDArray[np.int64]]:
    """Return what was counted by stage over the whole run, see `STAGE_TALLY`."""
    return {name: followed[name].sum(axis=0) for name in FOLLOWED}


def incoming_minutes(tallies: Tallies, column: int) -> float:
    """Return the minutes that the day's incoming calls take."""
    return float(tallies["inbound_seconds"][:, column].sum()) / 60


def take(tallies: Tallies, log: Log, day_of_month: int) -> tuple[npt.NDArray[np.int64], dict[str, Any]]:
    """Return the day's counters in the order of `FLOWS` and its events as columns; empty both.

    An account's events keep their order: what it does before it has to wait is in its chunk's slot, the rest
    in the slot of lists.
    """
    daily = tallies.view(np.int64).reshape(*tallies.shape, -1)[:, day_of_month - 1, :_DAILY]
    counts = daily.sum(axis=0)
    daily[:] = 0
    events: dict[str, Any] = {}
    if log.account.size:
        at = np.concatenate([np.arange(a, a + k) for a, k in zip(log.start, log.size, strict=True)])
        events = {name: getattr(log, name)[at] for name in ("account", "what", "amount", "detail")}
        log.size[:] = 0
    return counts[: len(FLOWS)], events
