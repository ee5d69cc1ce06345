"""How money moves through one account: instalments, part payments, charge-off.

Symbols: P principal, r interest a month, n instalments left, A amount paid for an instalment.

    principal part = min(P r / ((1 + r)^n − 1), A, P)        (P / n where r = 0)
    interest       = A − principal part

For a contract whose instalment amortises it in n months this is the same as interest P r and the rest
principal; it also closes contracts whose term was changed by a restructuring. Revolving accounts pay their
minimum and keep P.

The ledger, true for each account on each day:

    principal_0 = principal + principal_paid + written_off + conceded
    paid        = principal_paid + interest + recovered + credit − credit_0
    owed_t      = owed_{t−1} + instalment · [due date today] − paid_t     (open accounts; < 0: paid ahead)

Payments go to the oldest instalment. A part payment waits as credit; an instalment counts as paid once
`PAID_FROM` of it is, and what lacks then is a negative credit, owed with the next one. Who pays "one
instalment" pays the usual amount whatever the credit; who pays "all", or the last instalment, pays what is
owed. All this is so because the finite chain moves an account back by the very fraction of a month that was
paid: counting in whole instalments with parts rounded to the nearest keeps its mean, counting full ones only
would leave part-payers half a month later than the chain has them.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, CLOSED_MODE
from simcollect.simulation.flows import CHARGE_OFF, CLOSE, note

PAID_FROM = 0.5  # see above; lenders use tolerances of this kind, mostly narrower


@njit(cache=True, inline="always")
def due_date(rules: Any, month: int, due_day: int) -> int:
    """Return the day index of a due date, the month's last day where it is too short."""
    m = month - rules.month_low
    return min(rules.first[m] + due_day, rules.first[m + 1]) - 1


@njit(cache=True, inline="always")
def due_dates_until(r: Any, t: int, month_now: int, rules: Any) -> int:
    """Return the due dates from the oldest unpaid one to day t, both included, at most what is left."""
    count = month_now - r.month + (1 if t >= due_date(rules, month_now, r.due_day) else 0)
    return min(count, r.left) if r.left > 0 else count


@njit(cache=True)
def settle(r: Any, amount: int, rules: Any, tally: Any) -> None:
    """Book a full instalment of `amount` and move the due date a month on; the last one closes."""
    if r.left < 0:
        part = 0
    else:
        even = r.principal * r.rate / ((1.0 + r.rate) ** r.left - 1.0) if r.rate > 0 else r.principal / r.left
        part = min(round(even), amount, r.principal)
    r.principal -= part
    r.principal_paid += part
    r.interest += amount - part
    r.month += 1
    r.due = due_date(rules, r.month, r.due_day)
    if r.left > 0:
        r.left -= 1
        if r.left == 0:
            # What a tape's own figures leave open at the last instalment.
            concede(r, r.principal, tally)
            close(r, tally)


@njit(cache=True)
def concede(r: Any, amount: int, tally: Any) -> None:
    """Let the borrower off a part of the principal."""
    r.principal -= amount
    r.conceded += amount
    tally.conceded += amount


@njit(cache=True)
def write_off(r: Any, tally: Any) -> None:
    """Take the rest of the principal off the books."""
    tally.written_off += r.principal
    r.written_off += r.principal
    r.principal = 0


@njit(cache=True)
def release_credit(r: Any) -> None:
    """Use the credit on the principal, before instalments stop to count.

    What an instalment that counted as paid still lacks is taken back from the principal paid, then from interest.
    """
    part = max(min(r.credit, r.principal), -r.principal_paid) if r.left > 0 else 0
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
def close(r: Any, tally: Any) -> None:
    """End the account."""
    r.mode = CLOSED_MODE
    note(tally, CLOSE, 0, 0.0)


@njit(cache=True)
def charge_off(r: Any, tally: Any) -> None:
    """Write the account off and place it for recovery."""
    release_credit(r)
    note(tally, CHARGE_OFF, r.principal, 0.0)
    write_off(r, tally)
    r.mode = CHARGED_OFF
    tally.charged_off += 1
