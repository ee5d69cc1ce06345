"""From the tape to the model: each account's place on the due-date grid on the first day.

Day 0 is the day after the as-of date. An overdue account's oldest unpaid due date follows from its days past due;
where the tape's due day does not fit it, the days past due win. A current account's next due date is taken as unpaid:
a tape does not say who has already paid ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.states import AGENCY, BROKEN, CLOSED, HARDSHIP, LEGAL, NONE, REFUSAL, open_state, plan_state
from simcollect.portfolio import Portfolio
from simcollect.worktime import Calendar, due_date_index

OPEN, ON_PLAN, IN_LEGAL, CHARGED_OFF, CLOSED_MODE = range(5)
MODES = ("open", "on_plan", "in_legal", "charged_off", "closed")


@dataclass(frozen=True)
class Opening:
    """Accounts on day 0, one entry each.

    Attributes
    ----------
    mode : int8, index into `MODES`; an account without an instalment counts as closed (nothing can fall due)
    due : int32, day index of the oldest unpaid due date
    month, due_day : int16, int8: the calendar month (index) and day of the month of that date
    left : int16, instalments left from the oldest unpaid one on; -1 for revolving credit
    credit : int64, already paid towards the oldest unpaid instalment
    late, flag, level : int8, what the lender knows; see `states`
    offer : int8, restructuring offer of those on a plan
    instalment, principal : int64, minor units
    rate : float64, interest per month
    product, band : int8
    """

    mode: npt.NDArray[np.int8]
    due: npt.NDArray[np.int32]
    month: npt.NDArray[np.int16]
    due_day: npt.NDArray[np.int8]
    left: npt.NDArray[np.int16]
    credit: npt.NDArray[np.int64]
    late: npt.NDArray[np.int8]
    flag: npt.NDArray[np.int8]
    level: npt.NDArray[np.int8]
    offer: npt.NDArray[np.int8]
    instalment: npt.NDArray[np.int64]
    principal: npt.NDArray[np.int64]
    rate: npt.NDArray[np.float64]
    product: npt.NDArray[np.int8]
    band: npt.NDArray[np.int8]


def start_calendar(portfolio: Portfolio, days: int) -> Calendar:
    """Return the calendar of a run that begins the day after the tape's as-of date.

    Examples
    --------
    >>> from simcollect.portfolio import Portfolio
    >>> book = Portfolio.synthetic(10, seed=1)
    >>> (start_calendar(book, 7).start - book.as_of).days
    1
    """
    return Calendar.build(portfolio.country, portfolio.as_of + timedelta(days=1), days)


def opening(portfolio: Portfolio, calendar: Calendar) -> Opening:
    """Place every account of a portfolio on the due-date grid.

    Examples
    --------
    >>> from simcollect.portfolio import Portfolio
    >>> book = Portfolio.synthetic(100, seed=1)
    >>> start = opening(book, start_calendar(book, 30))
    >>> bool(((-start.due - 1 == book.accounts["dpd"]) | (start.due >= 0)).all())
    True
    """
    accounts = portfolio.accounts
    dpd = accounts["dpd"].to_numpy().astype(np.int64)
    overdue = dpd > 0
    tape_day = accounts["due_day"].to_numpy().astype(np.int64)
    due = np.where(overdue, -1 - dpd, 0)
    oldest = np.datetime64(calendar.start) + due
    first = np.datetime64(calendar.start, "M")
    month = (oldest.astype("datetime64[M]") - first).astype(np.int64)
    day_of_month = (oldest - oldest.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    fits = due_date_index(calendar, tape_day, month) == due
    due_day = np.where(overdue & ~fits, day_of_month, tape_day)
    # Current: the first due date from day 0 on.
    this_month = due_date_index(calendar, due_day, month)
    month = np.where(overdue, month, np.where(this_month >= 0, month, month + 1))
    due = np.where(overdue, due, due_date_index(calendar, due_day, month))
    instalment = accounts["instalment"].to_numpy().astype(np.int64)
    missed = _due_dates_before_start(calendar, due_day, month, overdue)
    arrears = accounts["arrears"].to_numpy().astype(np.int64)
    credit = np.clip(missed * instalment - arrears, 0, np.maximum(instalment - 1, 0))
    left = accounts["remaining_term"].to_numpy().astype(np.int64)
    left = np.where(left > 0, np.maximum(left, missed), left)
    mode = _codes(accounts["mode"], MODES)
    mode = np.where((instalment == 0) | (left == 0), CLOSED_MODE, mode)
    reason = accounts["disclosed_reason"].astype(str).to_numpy()
    broken = accounts["promises_broken"].to_numpy() > 0
    flag = np.select([reason == "hardship", reason == "refusal", broken], [HARDSHIP, REFUSAL, BROKEN], NONE)
    return Opening(
        mode=mode.astype(np.int8),
        due=due.astype(np.int32),
        month=month.astype(np.int16),
        due_day=due_day.astype(np.int8),
        left=left.astype(np.int16),
        credit=np.where(overdue, credit, 0),
        late=((accounts["times_30dpd_12m"].to_numpy() > 0) | (dpd >= 34)).astype(np.int8),
        flag=np.where(overdue, flag, NONE).astype(np.int8),
        level=np.zeros(len(accounts), np.int8),
        offer=np.zeros(len(accounts), np.int8),
        instalment=instalment,
        principal=accounts["principal"].to_numpy().astype(np.int64),
        rate=accounts["rate_per_year"].to_numpy().astype(np.float64) / 12,
        product=_codes(accounts["product"], _allowed("product")).astype(np.int8),
        band=_codes(accounts["risk_band"], _allowed("risk_band")).astype(np.int8),
    )


def observed(start: Opening) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.float64]]:
    """Return for each account the two nearest weekly states on day 0 and the weight of the second.

    An account stands between two reviews; splitting it keeps its mean age, as the chain does after payments.
    """
    n = start.due.size
    x = np.clip(-start.due.astype(np.int64), -42, 182)
    low = x // 7
    share = (x - 7 * low) / 7.0
    states = np.empty((2, n), np.int16)
    for step in range(2):
        week = low + step
        for i in range(n):
            w = int(week[i])
            mode = start.mode[i]
            if mode == CLOSED_MODE:
                s = CLOSED
            elif mode == CHARGED_OFF or (mode == OPEN and w > 25):
                s = AGENCY
            elif mode == IN_LEGAL:
                s = LEGAL
            elif mode == ON_PLAN:
                s = plan_state(int(start.offer[i]), min(max(-w, 1), 5), 0)
            else:
                w = max(w, -6)
                s = open_state(w, int(start.level[i]), int(start.flag[i]), int(start.late[i]))
            states[step, i] = s
    return states[0], states[1], share


def _due_dates_before_start(
    calendar: Calendar, due_day: npt.NDArray[np.int64], month: npt.NDArray[np.int64], overdue: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    count = np.zeros(due_day.size, np.int64)
    for ahead in range(int(-month.min()) + 1 if month.size else 0):
        count += overdue & (due_date_index(calendar, due_day, month + ahead) < 0)
    return count


def _allowed(name: str) -> tuple[str, ...]:
    return {"product": ("consumer", "micro_sme"), "risk_band": ("A", "B", "C")}[name]


def _codes(column: object, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
    import pandas as pd

    return pd.Categorical(np.asarray(column, dtype=object), categories=list(names)).codes.astype(np.int64)
