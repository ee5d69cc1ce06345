"""The daily check of the ledger: every account, to the cent. The identities are those of `money`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.opening import OPEN
from simcollect.simulation.columns import Accounts
from simcollect.simulation.flows import FLOWS
from simcollect.simulation.money import due_date
from simcollect.simulation.rules import Record

RULES_BROKEN = (
    "",
    "principal is not what was lent less what was paid, written off and conceded",
    "cash is not principal, interest, recovery and credit together",
    "what is owed did not move by what was billed less what was paid",
    "an amount is negative",
)


class LedgerError(AssertionError):
    """The ledger does not balance: a defect of the simulator, never of the input."""


class Ledger:
    """Yesterday's position of each account, against which today's is checked."""

    def __init__(self, acc: Accounts, month: int, rules_: Record) -> None:
        self._rules = rules_
        self._owed = np.empty(len(acc), np.int64)
        self._paid = np.empty(len(acc), np.int64)
        self._mode = np.empty(len(acc), np.int8)
        self._totals = self._sums(acc)
        _remember(acc, -1, month, rules_, self._owed, self._paid, self._mode)

    def verify(self, acc: Accounts, t: int, month: int, flows: npt.NDArray[np.int64]) -> None:
        """Check the evening of day t; `flows` are the day's counters.

        Raises
        ------
        LedgerError
            An identity does not hold; account position, day and identity are named.
        """
        rule, i = _verify(acc, t, month, self._rules, self._owed, self._paid, self._mode)
        if rule:
            raise LedgerError(f"day {t}, account {i}: {RULES_BROKEN[rule]}: {acc[i]}")
        totals = self._sums(acc)
        moved = {name: totals[name] - self._totals[name] for name in totals}
        booked = {
            "paid": sum(flows[at] for at, name in enumerate(FLOWS) if name.startswith("cash")),
            "written_off": flows[FLOWS.index("written_off")],
            "conceded": flows[FLOWS.index("conceded")],
        }
        for name, amount in booked.items():
            if moved[name] != amount:
                raise LedgerError(
                    f"day {t}: accounts' {name} moved by {moved[name]}, the day's flows say {amount}"
                )
        self._totals = totals
        _remember(acc, t, month, self._rules, self._owed, self._paid, self._mode)

    @staticmethod
    def _sums(acc: Accounts) -> dict[str, int]:
        return {name: int(acc[name].sum()) for name in ("paid", "written_off", "conceded")}


@njit(cache=True)
def owed(r: Any, t: int, month: int, rules: Any) -> int:
    """Return what was billed to day t (included) and not paid; negative if paid ahead."""
    following = month + (1 if t >= due_date(rules, month, r.due_day) else 0)
    return (following - r.month) * r.instalment - r.credit


@njit(cache=True)
def _remember(
    acc: Accounts,
    t: int,
    month: int,
    rules_: Record,
    owed_: npt.NDArray[np.int64],
    paid: npt.NDArray[np.int64],
    mode: npt.NDArray[np.int8],
) -> None:
    rules = rules_[0]
    for i in range(acc.size):
        owed_[i] = owed(acc[i], t, month, rules)
        paid[i] = acc[i].paid
        mode[i] = acc[i].mode


@njit(cache=True)
def _verify(
    acc: Accounts,
    t: int,
    month: int,
    rules_: Record,
    owed_: npt.NDArray[np.int64],
    paid: npt.NDArray[np.int64],
    mode: npt.NDArray[np.int8],
) -> tuple[int, int]:
    rules = rules_[0]
    for i in range(acc.size):
        r = acc[i]
        if r.principal_0 != r.principal + r.principal_paid + r.written_off + r.conceded:
            return 1, i
        if r.paid != r.principal_paid + r.interest + r.recovered + r.credit - r.credit_0:
            return 2, i
        if mode[i] == OPEN and r.mode == OPEN:
            billed = r.instalment if due_date(rules, month, r.due_day) == t else 0
            if owed(r, t, month, rules) != owed_[i] + billed - (r.paid - paid[i]):
                return 3, i
        if min(r.principal, r.credit + r.instalment, r.paid, r.principal_paid, r.written_off, r.conceded) < 0:
            return 4, i
    return 0, -1
