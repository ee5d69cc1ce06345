"""What is counted each day, by column of the counters; amounts in minor units."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.parameters import CHANNELS
from simcollect.strategy import TEAMS

FLOWS = (
    "cash_contract", "cash_promise", "cash_plan", "cash_legal", "cash_agency",
    *(f"messages_{name}" for name in CHANNELS),
    "promises", "kept", "broken", "offers_accepted", "suits", "filed", "complaints",
    "charged_off", "written_off", "conceded", "cures",
    *(f"attempts_{name}" for name in TEAMS),
    *(f"talks_{name}" for name in TEAMS),
)  # fmt: skip
N_FLOWS = len(FLOWS)
(CASH_CONTRACT, CASH_PROMISE, CASH_PLAN, CASH_LEGAL, CASH_AGENCY, MESSAGES) = range(6)
PROMISES = FLOWS.index("promises")
KEPT, BROKEN_PROMISES, OFFERS_ACCEPTED, SUITS, FILED, COMPLAINTS = range(PROMISES + 1, PROMISES + 7)
CHARGED_OFFS, WRITTEN_OFF, CONCEDED, CURES, ATTEMPTS = range(PROMISES + 7, PROMISES + 12)
TALKS = ATTEMPTS + len(TEAMS)

# Kinds of events in the log.
WHAT = (
    "payment", "part payment", "promise", "promise kept", "promise broken", "message", "message read", "attempt",
    "talk", "cleared", "hardship", "refusal", "offer accepted", "plan payment", "plan missed", "plan ended",
    "handed to law", "legal step", "legal payment", "charged off", "agency payment", "closed", "cured", "review",
)  # fmt: skip
(
    PAYMENT, PART, PROMISED, PROMISE_KEPT, PROMISE_BROKEN, MESSAGE, READ, ATTEMPT,
    TALK, CLEARED, HARDSHIP_TOLD, REFUSED, ACCEPTED, PLAN_PAID, PLAN_MISSED, PLAN_ENDED,
    HANDED, LEGAL_STEP, LEGAL_PAID, CHARGE_OFF, AGENCY_PAID, CLOSE, CURED, REVIEW,
) = range(len(WHAT))  # fmt: skip

LIST = -1  # the slot of functions over lists of accounts that waited: the last one
EVENTS_A_DAY = 12  # more than one account can bring on a day


class Log(NamedTuple):
    """The events of a day; all arrays empty where no log is kept.

    Attributes
    ----------
    size : (slots,) events written by each chunk of accounts; chunk s writes from ``start[s]`` on
    account, what, amount, detail : (events,) position of the account, index into `WHAT`, minor units, and a number
        whose meaning depends on `what` (channel, team, hour, action, stage)
    """

    size: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    account: npt.NDArray[np.int32]
    what: npt.NDArray[np.int8]
    amount: npt.NDArray[np.int64]
    detail: npt.NDArray[np.float64]


class Out(NamedTuple):
    """Where compiled code writes what happened: counters by chunk, shape (slots, N_FLOWS), and the log."""

    flows: npt.NDArray[np.int64]
    log: Log


def make_out(starts: list[int], n: int, events: bool) -> Out:
    """Return empty counters and log for chunks that begin at the accounts `starts`, and one slot for lists.

    Examples
    --------
    >>> make_out([0, 10], 15, events=True).flows.shape == (3, N_FLOWS)
    True
    """
    room = 2 * n * EVENTS_A_DAY if events else 0
    slots = len(starts) + 1
    log = Log(
        size=np.zeros(slots if events else 0, np.int64),
        start=np.array([*starts, n], np.int64) * EVENTS_A_DAY,
        account=np.empty(room, np.int32),
        what=np.empty(room, np.int8),
        amount=np.empty(room, np.int64),
        detail=np.empty(room, np.float64),
    )
    return Out(np.zeros((slots, N_FLOWS), np.int64), log)


@njit(cache=True, inline="always")
def note(log: Log, slot: int, i: int, what: int, amount: int, detail: float) -> None:
    """Write one event, if a log is kept."""
    if log.size.size > 0:
        at = log.start[slot] + log.size[slot]
        log.account[at] = i
        log.what[at] = what
        log.amount[at] = amount
        log.detail[at] = detail
        log.size[slot] += 1


def take(out: Out) -> tuple[npt.NDArray[np.int64], dict[str, Any]]:
    """Return the day's counters, shape (N_FLOWS,), and its events as columns; empty both.

    An account's events keep their order: what it does before it has to wait is in its chunk's slot, the rest in the
    slot of lists.
    """
    totals = out.flows.sum(axis=0)
    out.flows[:] = 0
    log = out.log
    if log.size.size == 0:
        return totals, {}
    at = np.concatenate([np.arange(a, a + k) for a, k in zip(log.start, log.size, strict=True)])
    columns = {name: getattr(log, name)[at] for name in ("account", "what", "amount", "detail")}
    log.size[:] = 0
    return totals, columns
