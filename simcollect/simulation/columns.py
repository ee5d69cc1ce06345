"""The accounts of a running simulation as one table of fixed-width records, 192 bytes each.

What a day's sweep reads lies in the first 64 bytes, one cache line, because most accounts are only glanced
at; what contacts and payments need follows in the second; the third is for what payments alone and reports need.
A column of the table is a view: ``accounts["due"]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, IN_LEGAL, ON_PLAN, OPEN, Opening
from simcollect.behaviour.parameters import CHANNELS
from simcollect.behaviour.prior import Prior
from simcollect.behaviour.states import (
    AGENCY,
    CLOSED,
    FIRST_WEEK,
    LAST_WEEK,
    LEGAL,
    PLAN_WEEKS,
    SETTLE_WEEKS,
    SETTLEMENT,
    open_state,
    plan_state,
    settle_state,
)
from simcollect.portfolio import Portfolio
from simcollect.simulation.stages import FIRST, LAST, lay_out
from simcollect.strategy import Strategy
from simcollect.streams import Purpose, uniform
from simcollect.worktime import Calendar, due_date_index

NEVER = 2**30  # a day that does not come
CALL_CONSENT = 7  # bit of `consents` for telephone; bits 0-6 are the message channels

ACCOUNT = np.dtype(
    {
        "names": [
            "key", "due", "clock", "promise", "month", "left",
            "mode", "strained", "disposition", "product", "level", "message", "done", "action",
            "attempts", "reached", "sent", "flag", "late", "offer", "stage", "missed",
            "due_day", "band", "column", "consents", "attempt_mask", "kind", "state", "counted",
            "patience", "attempt_day", "talk_day", "segment", "contact_day", "contact_mask",
            "credit", "instalment", "principal", "rate",
            "paid", "principal_paid", "interest", "recovered", "written_off", "conceded",
            "principal_0", "credit_0", "score",
            "due_seen", "entered", "worst", "stage_now", "contacts",
        ],
        "formats": [
            "u8", "i4", "i4", "i4", "i2", "i2",
            "i1", "i1", "i1", "i1", "i1", "i1", "i1", "i1",
            "i1", "i1", "i1", "i1", "i1", "i1", "i1", "i1",
            "i1", "i1", "i2", "u1", "u1", "i2", "i2", "i2",
            "f4", "i4", "i4", "i2", "i4", "u1",
            "i8", "i8", "i8", "f8",
            "i8", "i8", "i8", "i8", "i8", "i8",
            "i8", "i8", "f8",
            "i4", "i4", "i2", "i1", "u1",
        ],
        "offsets": [
            0, 8, 12, 16, 20, 22,
            24, 25, 26, 27, 28, 29, 30, 31,
            32, 33, 34, 35, 36, 37, 118, 39,
            40, 41, 42, 38, 44, 46, 48, 50,
            52, 120, 124, 116, 60, 45,
            64, 72, 80, 168,
            96, 104, 176, 184, 128, 136,
            144, 152, 160,
            88, 92, 112, 114, 115,
        ],
        "itemsize": 192,
    }
)  # fmt: skip
"""Columns of the table.

key : all random numbers of the account follow from it
due, month, due_day : the oldest unpaid due date as day index, calendar month and day of the month
clock : next day on which liquidity moves; promise : day on which a pending promise or an agreed settlement
    falls due, -1 for none
patience : intensity of payment that is left until the borrower pays, used up to `counted` days past the due day;
    negative while not drawn
left : instalments left, -1 revolving; mode : see `simcollect.behaviour.opening.MODES`
strained, disposition : hidden; product, band, kind (group class of the scenario), segment, score
level, flag, late : what the lender knows; state : observed state at the last review
message : channel of the message read since the last review, -1 for none; sent : whether the week's message
    went out
done : paid, or a promise was broken, since the last review; action, attempts, reached : this week's
offer, missed : of a plan; stage : of the legal process; column : which table of the strategy is followed
consents : bit by channel; attempt_mask : attempts on `attempt_day` (bit 0) and the six days before; talk_day;
contact_mask, contact_day : likewise for contacts of any kind
credit : paid towards the oldest instalment; instalment, principal, paid (all cash), principal_paid, interest,
recovered (after charge-off), written_off, conceded : minor units; rate : interest a month
principal_0, credit_0 : as they were on the first day
due_seen, stage_now, entered, contacts, worst : kept by `simcollect.simulation.follow`: due date that the stage
    follows from, position of the stage, day of entry (negative: before the run), who has contacted the account
    there, most days past due under earlier due dates
"""

Accounts = npt.NDArray[Any]


def empty(n: int) -> Accounts:
    """Return `n` zeroed records, aligned to cache lines.

    Examples
    --------
    >>> empty(3).shape, empty(3).ctypes.data % 64
    ((3,), 0)
    """
    raw = np.zeros(n * ACCOUNT.itemsize + 64, np.uint8)
    shift = -raw.ctypes.data % 64
    return raw[shift : shift + n * ACCOUNT.itemsize].view(ACCOUNT)


def reorder(acc: Accounts, order: npt.NDArray[np.int64]) -> None:
    """Put the records in a new order, eight bytes of each at a time: a second table would be half a run's memory.

    Examples
    --------
    >>> acc = empty(3)
    >>> acc["due"] = [5, 6, 7]
    >>> reorder(acc, np.array([2, 0, 1]))
    >>> acc["due"].tolist()
    [7, 5, 6]
    """
    words = acc.view(np.uint64).reshape(len(acc), -1)
    for column in words.T:
        column[:] = column[order]


def open_accounts(
    portfolio: Portfolio,
    start: Opening,
    calendar: Calendar,
    prior: Prior,
    strategy: Strategy,
    segments: npt.NDArray[np.int32],
    kinds: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
) -> Accounts:
    """Lay out a portfolio on the morning of day 0 and draw what is hidden.

    Parameters
    ----------
    start : the accounts on the due-date grid
    prior : hidden classes given the observed state
    segments, kinds : segment and group class of each account
    keys : random key of each account
    """
    acc = empty(len(portfolio))
    tape = portfolio.accounts
    for name in ("mode", "due", "month", "due_day", "left", "credit", "late", "flag", "level", "offer"):
        acc[name] = getattr(start, name)
    for name in ("instalment", "principal", "rate", "product", "band"):
        acc[name] = getattr(start, name)
    acc["key"], acc["segment"], acc["kind"] = keys, segments, kinds
    acc["score"] = np.nan_to_num(tape["score"].to_numpy(dtype=float))
    acc["promise"], acc["message"] = -1, -1
    acc["patience"] = -1.0
    acc["attempt_day"] = acc["talk_day"] = acc["contact_day"] = -NEVER
    acc["consents"] = _consents(portfolio)
    acc["principal_0"], acc["credit_0"] = acc["principal"], acc["credit"]
    _enter_stages(acc, strategy)
    # What was charged off before the run is owed still, but no asset any more.
    gone = acc["mode"] == CHARGED_OFF
    acc["written_off"][gone] = acc["principal"][gone]
    acc["principal"][gone] = 0
    _plans_in_future(acc, calendar)
    share = (
        strategy.weights[segments]
        if len(strategy.weights) > 1
        else np.tile(strategy.weights[0], (len(acc), 1))
    )
    acc["column"] = _pick(share, _uniforms(keys, int(Purpose.COLUMN)))
    believed = prior.table[acc["product"], acc["band"], weekly_states(acc, 0)]
    hidden = _pick(believed, _uniforms(keys, int(Purpose.HIDDEN)))
    acc["disposition"], acc["strained"] = hidden % 4, hidden // 4
    acc["clock"] = (-np.floor(7 * _uniforms(keys, int(Purpose.CLOCK))).astype(np.int64)) % 7
    return acc


@njit(cache=True, nogil=True)
def state_at(r: Any, week: int) -> int:
    """Return the observed state of one account at an age of `week` weeks."""
    if r.mode == OPEN:
        return open_state(max(week, FIRST_WEEK), r.level, r.flag, r.late) if week <= LAST_WEEK else AGENCY
    if r.mode == ON_PLAN and r.offer == SETTLEMENT:
        due_week = (r.promise - r.due) // 7
        return settle_state(due_week - SETTLE_WEEKS, min(max(due_week - week, 1), SETTLE_WEEKS - 1))
    if r.mode == ON_PLAN:
        return plan_state(r.offer, min(max(-week, 1), PLAN_WEEKS), r.missed)
    if r.mode == IN_LEGAL:
        return LEGAL + r.stage
    return AGENCY if r.mode == CHARGED_OFF else CLOSED


@njit(cache=True, nogil=True)
def weekly_states(acc: Accounts, day: int) -> npt.NDArray[np.int16]:
    """Return the observed state of each account on a day, its age rounded down to whole weeks, shape (n,)."""
    out = np.empty(acc.size, np.int16)
    for i in range(acc.size):
        out[i] = state_at(acc[i], (day - acc[i].due) // 7)
    return out


def _consents(portfolio: Portfolio) -> npt.NDArray[np.uint8]:
    tape = portfolio.accounts
    bits = np.zeros(len(tape), np.uint8)
    for bit, channel in [*enumerate(CHANNELS), (CALL_CONSENT, "call")]:
        # An automated call is a call.
        name = "consent_call" if channel == "voice" else f"consent_{channel}"
        agreed = tape[name].to_numpy(dtype=bool) if name in tape else np.ones(len(tape), bool)
        bits |= (agreed.astype(np.uint8) << bit).astype(np.uint8)
    return bits


def _enter_stages(acc: Accounts, strategy: Strategy) -> None:
    """Place open accounts in the strategy's stages; the day on which one was entered follows from its age."""
    layout = lay_out(strategy.owners)
    followed = acc["mode"] == OPEN
    age = (-acc["due"].astype(np.int64)).clip(FIRST, LAST)
    stage = layout.of_day[age - FIRST].astype(np.int64)
    since = np.concatenate([[-NEVER], layout.to[:-1] + 1])[stage]
    acc["due_seen"] = np.where(followed, acc["due"], NEVER)
    acc["stage_now"] = stage
    acc["entered"] = np.where(stage > 0, acc["due"] + since, -NEVER)
    acc["worst"] = np.where(followed, -1 - acc["due"], 0).clip(0, 32_000)


def _plans_in_future(acc: Accounts, calendar: Calendar) -> None:
    """Move plans to their next due date: what a plan missed before the run is not on the tape."""
    plan = acc["mode"] == ON_PLAN
    while (late := plan & (acc["due"] < 0)).any():
        acc["month"][late] += 1
        acc["due"][late] = due_date_index(calendar, acc["due_day"][late], acc["month"][late].astype(np.int64))


def _pick(weights: npt.NDArray[np.float64], u: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return a category for each row of weights, by the inverse of their cumulative sum."""
    edges = np.cumsum(weights, axis=1)
    return np.minimum((u[:, None] * edges[:, -1:] >= edges).sum(axis=1), weights.shape[1] - 1)


@njit(cache=True)
def _uniforms(keys: npt.NDArray[np.uint64], purpose: int) -> npt.NDArray[np.float64]:
    out = np.empty(keys.size)
    for i in range(keys.size):
        out[i] = uniform(keys[i], 0, purpose)
    return out
