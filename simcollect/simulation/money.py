"""How money moves through one account: instalments, part payments, charge-off.

Symbols: P principal, r interest a month, n instalments left, A amount paid for an instalment.

    principal part = min(P r / ((1 + r)^n − 1), A, P)        (P / n where r = 0)
    interest       = A − principal part

For a contract whose instalment amortises it in n months this is the same as interest P r and the rest principal; it
also closes contracts whose term was changed by a restructuring. Revolving accounts pay their minimum and keep P.

The ledger, true for each account on each day:

    principal_0 = principal + principal_paid + written_off + conceded
    paid        = principal_paid + interest + recovered + credit − credit_0
    owed_t      = owed_{t−1} + instalment · [due date today] − paid_t          (open accounts; owed < 0: paid ahead)

Payments go to the oldest instalment. A part payment waits as credit until an instalment is full. Who pays "one
instalment" pays the usual amount, whatever the credit, as the finite chain has it; the credit then counts towards the
next one. Who pays "all" pays what is owed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, CLOSED_MODE
from simcollect.simulation.flows import CHARGE_OFF, CHARGED_OFFS, CLOSE, CONCEDED, WRITTEN_OFF, Out, note
from simcollect.simulation.rules import Tables


@njit(cache=True, inline="always")
def due_date(first: npt.NDArray[np.int64], low: int, month: int, due_day: int) -> int:
    """Return the day index of a due date, the month's last day where it is too short.

    Parameters
    ----------
    first : first day of each month; low : month index of the first entry
    """
    return min(first[month - low] + due_day, first[month - low + 1]) - 1


@njit(cache=True, inline="always")
def due_dates_until(r: Any, t: int, month_now: int, first: npt.NDArray[np.int64], low: int) -> int:
    """Return the number of due dates from the oldest unpaid one to day t, both included, at most what is left."""
    count = month_now - r.month + (1 if t >= due_date(first, low, month_now, r.due_day) else 0)
    return min(count, r.left) if r.left > 0 else count


@njit(cache=True)
def settle(r: Any, i: int, amount: int, tables: Tables, low: int, out: Out, slot: int) -> None:
    """Book one full instalment of `amount` and move the due date a month on; the last one closes the account."""
    if r.left < 0:
        part = 0
    else:
        even = r.principal * r.rate / ((1.0 + r.rate) ** r.left - 1.0) if r.rate > 0 else r.principal / r.left
        part = min(int(round(even)), amount, r.principal)
    r.principal -= part
    r.principal_paid += part
    r.interest += amount - part
    r.month += 1
    r.due = due_date(tables.first, low, r.month, r.due_day)
    if r.left > 0:
        r.left -= 1
        if r.left == 0:
            # What a tape's own figures leave open at the last instalment.
            concede(r, r.principal, out, slot)
            close(r, i, out, slot)


@njit(cache=True)
def concede(r: Any, amount: int, out: Out, slot: int) -> None:
    """Let the borrower off a part of the principal."""
    r.principal -= amount
    r.conceded += amount
    out.flows[slot, CONCEDED] += amount


@njit(cache=True)
def write_off(r: Any, out: Out, slot: int) -> None:
    """Take the rest of the principal off the books."""
    out.flows[slot, WRITTEN_OFF] += r.principal
    r.written_off += r.principal
    r.principal = 0


@njit(cache=True)
def release_credit(r: Any) -> None:
    """Use what was paid towards the oldest instalment on the principal, before the instalments stop to count."""
    part = min(r.credit, r.principal) if r.left > 0 else 0
    r.principal -= part
    r.principal_paid += part
    r.interest += r.credit - part
    r.credit = 0


@njit(cache=True)
def pay_principal(r: Any, amount: int) -> None:
    """Book a payment on the principal itself."""
    r.principal -= amount
    r.principal_paid += amount
    r.paid += amount


@njit(cache=True)
def close(r: Any, i: int, out: Out, slot: int) -> None:
    """End the account."""
    r.mode = CLOSED_MODE
    note(out.log, slot, i, CLOSE, 0, 0.0)


@njit(cache=True)
def charge_off(r: Any, i: int, out: Out, slot: int) -> None:
    """Write the account off and place it for recovery."""
    release_credit(r)
    note(out.log, slot, i, CHARGE_OFF, r.principal, 0.0)
    write_off(r, out, slot)
    r.mode = CHARGED_OFF
    out.flows[slot, CHARGED_OFFS] += 1
