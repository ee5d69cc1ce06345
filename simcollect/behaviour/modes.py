"""Account-weeks outside the open mode: on a plan, in law, charged off, closed.

Their weekly law has no actions and no days inside: each row is a short list of destinations.

- plan: the payment falls due when the weeks run out; a missed one is remembered, the second ends the plan and the
  account stands one month late with two instalments due;
- holiday: two months without a payment, then the account is current and its next instalment a month away;
- settlement: the lump sum falls due when the weeks run out; missed, the account is as late as it would have been;
- legal: each week pay (and settle at a share of the balance), or leave the stage with probability 1 / mean weeks;
  without a judgment the account is charged off, enforcement ends with a share of the balance and closes it;
- agency: each week a payment of a share of the balance with some probability; recovery dries up at a constant rate,
  which gives the exponential decay with age that placements show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.classes import N_BEHAVIOURS
from simcollect.behaviour.law import MONTH, Law
from simcollect.behaviour.parameters import LEGAL_STAGES
from simcollect.behaviour.states import (
    AGENCY,
    BROKEN,
    CLOSED,
    FIRST_SETTLED,
    HOLIDAY,
    LEGAL,
    N_STATES,
    NONE,
    PLAN,
    PLAN_WEEKS,
    SETTLE,
    SETTLE_WEEKS,
    open_state,
    plan_state,
    settle_state,
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ModeRows:
    """The rows of all states from `PLAN` on, by behaviour, as a compressed list.

    Attributes
    ----------
    ptr : (states * 5 + 1,) start of each row ``(state - PLAN) * 5 + b``
    dest : destination state of each entry
    paid : whether the entry is reached by paying an instalment (the last one closes the loan)
    prob : probability of each entry
    instalments : (rows,) expected cash of the week in instalments
    balance : (rows,) expected cash of the week as a share of the balance, before fees
    filed : (rows,) probability that a suit is filed this week
    """

    ptr: npt.NDArray[np.int64]
    dest: npt.NDArray[np.int16]
    paid: npt.NDArray[np.bool_]
    prob: Array
    instalments: Array
    balance: Array
    filed: Array


def next_due(end: float = MONTH / 7) -> list[tuple[int, float]]:
    """Return the weeks to the next due day after a payment, with probabilities that keep the mean.

    Examples
    --------
    >>> [(weeks, round(share, 3)) for weeks, share in next_due()]
    [(4, 0.652), (5, 0.348)]
    """
    low = int(end)
    return [(low, 1 - (end - low)), (low + 1, end - low)]


def mode_rows(law: Law) -> ModeRows:
    """Work out the rows of all states outside the open mode.

    Examples
    --------
    >>> from simcollect.behaviour import Behaviour
    >>> rows = mode_rows(Behaviour.default().law())
    >>> round(float(rows.prob[rows.ptr[0]:rows.ptr[1]].sum()), 12)
    1.0
    """
    entries: list[list[tuple[int, float, bool]]] = []
    instalments, balance, filed = [], [], []
    for state in range(PLAN, N_STATES):
        for b in range(N_BEHAVIOURS):
            row, cash, share, suits = _row(law, state, b)
            entries.append(row)
            instalments.append(cash)
            balance.append(share)
            filed.append(suits)
    flat = [entry for row in entries for entry in row]
    return ModeRows(
        ptr=np.concatenate([[0], np.cumsum([len(row) for row in entries])]).astype(np.int64),
        dest=np.array([entry[0] for entry in flat], np.int16),
        prob=np.array([entry[1] for entry in flat]),
        paid=np.array([entry[2] for entry in flat], np.bool_),
        instalments=np.array(instalments),
        balance=np.array(balance),
        filed=np.array(filed),
    )


def _row(law: Law, state: int, b: int) -> tuple[list[tuple[int, float, bool]], float, float, float]:
    if state < SETTLE:
        return *_plan_row(law, state - PLAN, b), 0.0, 0.0
    if state < LEGAL:
        return _settlement_row(law, state - SETTLE, b)
    if state < AGENCY:
        return _legal_row(law, state - LEGAL, b)
    if state == AGENCY:
        leave = law.agency_exit
        collected = law.agency_pays[b] * law.agency_share
        return [(AGENCY, 1 - leave, False), (CLOSED, leave, False)], 0.0, float(collected), 0.0
    return [(CLOSED, 1.0, False)], 0.0, 0.0, 0.0


def _plan_row(law: Law, index: int, b: int) -> tuple[list[tuple[int, float, bool]], float]:
    offer, rest = divmod(index, PLAN_WEEKS * 2)
    weeks, missed = rest // 2 + 1, rest % 2
    if weeks > 1:
        return [(plan_state(offer, weeks - 1, missed), 1.0, False)], 0.0
    if offer == HOLIDAY and missed == 0:
        return [(plan_state(offer, w, 1), share, False) for w, share in next_due()], 0.0
    if offer == HOLIDAY:
        return [(open_state(-w, 0, NONE, 1), share, False) for w, share in next_due()], 0.0
    miss = float(law.miss[offer, b])
    row = [(plan_state(offer, w, missed), (1 - miss) * share, True) for w, share in next_due()]
    if missed == 0:
        row += [(plan_state(offer, w, 1), miss * share, False) for w, share in next_due()]
    else:
        row += [(open_state(w, 0, BROKEN, 1), miss * share, False) for w, share in next_due()]
    return row, (1 - miss) * (1 - float(law.cut[offer]))


def _settlement_row(law: Law, index: int, b: int) -> tuple[list[tuple[int, float, bool]], float, float, float]:
    agreed, weeks = FIRST_SETTLED + index // (SETTLE_WEEKS - 1), index % (SETTLE_WEEKS - 1) + 1
    if weeks > 1:
        return [(settle_state(agreed, weeks - 1), 1.0, False)], 0.0, 0.0, 0.0
    keep = float(law.settle_keep[b])
    row = [(CLOSED, keep, False), (open_state(agreed + SETTLE_WEEKS, 0, BROKEN, 1), 1 - keep, False)]
    return row, 0.0, keep * law.settle_share, 0.0


def _legal_row(law: Law, stage: int, b: int) -> tuple[list[tuple[int, float, bool]], float, float, float]:
    pay = float(law.legal_pay[stage, b])
    leave = (1 - pay) * float(law.legal_exit[stage])
    stay = 1 - pay - leave
    share = pay * float(law.legal_share[stage])
    row = [(CLOSED, pay, False), (LEGAL + stage, stay, False)]
    if stage == len(LEGAL_STAGES) - 1:
        return [*row, (CLOSED, leave, False)], 0.0, share + leave * float(law.enforced[b]), 0.0
    if stage == 2:
        won = leave * law.judgment
        return [*row, (LEGAL + 3, won, False), (AGENCY, leave - won, False)], 0.0, share, 0.0
    return [*row, (LEGAL + stage + 1, leave, False)], 0.0, share, leave if stage == 0 else 0.0
