"""What does not change while a simulation runs, and what a single day brings, packed for compiled code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import N_BEHAVIOURS
from simcollect.behaviour.law import Law
from simcollect.behaviour.parameters import CHANNELS, DAY_BINS, OFFERS
from simcollect.behaviour.states import LEVELS, N_STATES
from simcollect.behaviour.week import Act
from simcollect.economy import PRODUCTS, GroupFactors, Paths
from simcollect.simulation.stages import MAX_PIECES, WAIT_BINS, lay_out
from simcollect.strategy import Resources, Strategy
from simcollect.strategy.compliance import Caps
from simcollect.worktime import Calendar, due_date_index, payment_index

MAX_ACTIONS = 128  # action codes are int8
MAX_MONTHS = 2400  # the tape allows a century past due; as long a run is not in sight
FIRST_DAY = DAY_BINS[0]  # no payment earlier than this many days before the due day
LATEST = DAY_BINS[-1] - FIRST_DAY  # from so many days after the first on the intensity is constant
N_BOOSTS = LEVELS * (len(CHANNELS) + 1)

Record = npt.NDArray[Any]
_F, _I = "f8", "i8"

# The law by field, then minutes, complaints, the shift, caps and acts. A single record, so that a compiled
# function takes one pointer in place of sixty arrays.
RULES = np.dtype(
    [
        ("partial", _F, 2), ("all_", _F, 2), ("part_size", _F), ("read", _F, 7), ("clears", _F, 7),
        ("enrol", _F), ("decay", _F),
        ("right_party", _F, (2, 5)), ("attempt_decay", _F), ("promise", _F, (5, 4)), ("keep", _F, (5, 4)),
        ("hardship", _F, 5), ("refuse", _F, 5), ("clear", _F), ("horizon", _I),
        ("accept", _F, (len(OFFERS), 5)), ("cut", _F, len(OFFERS)), ("stretch", _F, len(OFFERS)),
        ("miss", _F, (len(OFFERS), 5)), ("settle_share", _F), ("settle_keep", _F, 5),
        ("legal_exit", _F, 4), ("legal_pay", _F, (4, 5)), ("legal_share", _F, 4),
        ("judgment", _F), ("enforced", _F, 5), ("agency_pays", _F, 5),
        ("agency_share", _F), ("agency_exit", _F), ("sale_price", _F),
        ("live_answer", _F), ("no_answer", _F), ("third_party", _F),
        ("talk", _F), ("talk_sigma", _F), ("wrap", _F),
        ("wrap_sigma", _F), ("inbound", _F), ("inbound_minutes", _F), ("visit", _F), ("set_up", _F),
        ("complaint_call", _F), ("complaint_message", _F),
        ("optout_message", _F, len(CHANNELS)), ("optout_call", _F), ("fatigue", _F),
        ("hour_index", _F, 24), ("shift_start", _F), ("shift_hours", _F), ("minutes", _F),
        ("open_from", _F), ("open_to", _F), ("attempts_a_day", _I), ("talks_a_day", _I),
        ("attempts_a_week", _I), ("silence", _I),
        ("channel", _I, MAX_ACTIONS), ("day_current", _I, MAX_ACTIONS), ("day_arrears", _I, MAX_ACTIONS),
        ("attempts", _I, MAX_ACTIONS), ("contact", _I, MAX_ACTIONS), ("offer", _I, MAX_ACTIONS),
        ("invites", _I, MAX_ACTIONS),
        ("legal", _I, MAX_ACTIONS),
        ("intensity", _F, (N_BOOSTS, N_BEHAVIOURS, LATEST + 1)),
        ("first", _I, MAX_MONTHS), ("month_low", _I), ("asks_policy", _I),
        ("stage_of", "i1", WAIT_BINS), ("stage_to", _I, MAX_PIECES), ("stage_owner", _I, MAX_PIECES),
        ("stage_deadline", _I, MAX_PIECES),
    ],
    align=True,
)  # fmt: skip

DAY = np.dtype(
    [("t", _I), ("month", _I), ("day_of_month", _I), ("week", _I), ("column", _I), ("calls", _I), ("barred", _I),
     ("delay", _I), ("limited", _I), ("channel_open", _F, 7), ("to_shift", _I), ("season", _F, len(PRODUCTS))],
    align=True,
)  # fmt: skip
"""A day: index, month, day of the month, week, column of the counters (day of the month from 0); whether collectors
work, calls of any kind are forbidden, and message capacity is short; days of delay; share of each channel that works;
days to the next shift after today's; multiplier of the payment intensity by product."""


class Tables(NamedTuple):
    """The larger arrays.

    Attributes
    ----------
    actions : (C, T, S) the strategy, 0 (wait) where an action is not allowed
    loss : (days, classes, products, bands), regain : (days, products, bands), weekly hazard that liquidity moves, its
        sum over a day and those any number of weeks before
    season : (days, products) multiplier of the payment intensity, weekday and season of the year together
    """

    actions: npt.NDArray[np.int8]
    loss: npt.NDArray[np.float64]
    regain: npt.NDArray[np.float64]
    season: npt.NDArray[np.float64]


def make_rules(
    behaviour: Behaviour,
    strategy: Strategy,
    resources: Resources,
    caps: Caps,
    calendar: Calendar,
    month_low: int,
) -> Record:
    """Pack a run's constants into one record, shape (1,)."""
    rules = np.zeros(1, RULES)
    law = behaviour.law()
    for name in set(Law._fields) & set(RULES.names or ()):
        rules[name][0] = getattr(law, name)
    for name, parameter in _PARAMETERS.items():
        rules[name] = float(behaviour[parameter])
    if resources.after_chargeoff == "sale":
        rules["sale_price"] = float(behaviour["sale.price"])
    rules["optout_message"][0] = behaviour["optout.message"]
    start, hours = float(resources.shift_start), resources.hours
    opens, shuts = max(start, caps.hours[0]), min(start + hours, caps.hours[1])
    rules["shift_start"], rules["shift_hours"] = start, hours
    rules["minutes"] = hours * 60 * (1 - resources.shrinkage) * resources.occupancy
    rules["open_from"], rules["open_to"] = opens, shuts
    rules["hour_index"][0] = hour_index(behaviour["call.hour_index"], opens, shuts)
    rules["attempts_a_day"] = caps.attempts_a_day
    rules["talks_a_day"] = caps.talks_a_day
    rules["attempts_a_week"] = caps.attempts_a_week
    rules["silence"] = caps.silence_days
    for code, act in enumerate(strategy.catalogue.acts()):
        _pack(rules, code, act)
        rules["legal"][0, code] = strategy.catalogue.actions[code].legal
    rules["month_low"] = month_low
    rules["first"][0] = due_date_index(calendar, 1, month_low + np.arange(MAX_MONTHS))
    rules["intensity"][0] = intensities(law)
    rules["asks_policy"] = strategy.policy is not None
    layout = lay_out(strategy.owners)
    rules["stage_of"][0] = layout.of_day
    for name, values in (("to", layout.to), ("owner", layout.owner), ("deadline", layout.deadline)):
        rules[f"stage_{name}"][0, : values.size] = values
    return rules


_PARAMETERS = {
    "live_answer": "call.live_answer", "no_answer": "time.no_answer", "third_party": "time.third_party",
    "talk": "time.talk", "talk_sigma": "time.talk_sigma", "wrap": "time.wrap",
    "wrap_sigma": "time.wrap_sigma",
    "inbound": "inbound.share", "inbound_minutes": "time.inbound",
    "visit": "time.visit", "set_up": "time.offer", "optout_call": "optout.call",
}  # fmt: skip


def _pack(rules: Record, code: int, act: Act) -> None:
    rules["channel"][0, code] = act.channel
    rules["day_current"][0, code] = act.message_day_current
    rules["day_arrears"][0, code] = act.message_day_arrears
    rules["attempts"][0, code] = act.attempts
    rules["contact"][0, code] = act.contact
    rules["offer"][0, code] = act.offer
    rules["invites"][0, code] = act.invites


def hour_index(by_hour: npt.NDArray[np.float64], opens: float, shuts: float) -> npt.NDArray[np.float64]:
    """Return the relative live answer by hour of the day, shape (24,), mean 1 over the hours of calling.

    Parameters
    ----------
    by_hour : values from 8 h on; hours without one count as average
    opens, shuts : first and last hour of calling

    Examples
    --------
    >>> index = hour_index(np.array([1.2, 0.8]), 8.0, 10.0)
    >>> index[8:11].round(3).tolist()
    [1.2, 0.8, 1.0]
    """
    index = np.ones(24)
    index[8 : 8 + by_hour.size] = by_hour
    hours = np.arange(24)
    share = np.clip(np.minimum(hours + 1, shuts) - np.maximum(hours, opens), 0, None)
    return np.asarray(index / ((index * share).sum() / share.sum())) if share.sum() > 0 else index


def make_tables(
    behaviour: Behaviour,
    strategy: Strategy,
    calendar: Calendar,
    paths: Paths,
    groups: GroupFactors,
) -> Tables:
    """Lay out the larger arrays of a run."""
    law = behaviour.law()
    allowed = strategy.catalogue.allowed()
    loss = paths.loss.T[:, None, :, None] * groups.loss.T[:, :, None, None] * law.loss[None, None]
    regain = paths.regain.T[:, :, None] * law.regain[None]
    return Tables(
        actions=np.where(allowed[strategy.tables, np.arange(N_STATES)], strategy.tables, 0).astype(np.int8),
        loss=_summed(7.0 * loss),
        regain=_summed(7.0 * regain),
        season=np.ascontiguousarray((paths.pay * payment_index(calendar)).T),
    )


def _summed(weekly: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sums over each day (first axis) and those any number of weeks before."""
    out = np.array(weekly, order="C")
    for day in range(7, len(out)):
        out[day] += out[day - 7]
    return out


def make_days(calendar: Calendar, days: int, season: npt.NDArray[np.float64], limited: bool) -> Record:
    """Lay out a run's days with what is known of each beforehand; see `DAY`."""
    out, t = np.zeros(days, DAY), np.arange(days)
    out["t"], out["week"], out["month"] = t, t // 7, calendar.month[:days]
    out["day_of_month"] = calendar.day_of_month[:days]
    out["column"] = out["day_of_month"] - 1
    out["season"], out["limited"] = season[:days], limited
    # To the next day on which collectors work, or to the end.
    ahead = np.append(np.flatnonzero(calendar.working), days)
    out["to_shift"] = ahead[np.searchsorted(ahead, t + 1)] - t
    return out


def intensities(law: Law) -> npt.NDArray[np.float64]:
    """Return the payment intensity on an average day by (level and message read, behaviour, days past the due day).

    Shape (32, 5, 102); the first index is ``level * 8 + channel + 1``, channel -1 being no message. Days count from
    `FIRST_DAY` to the day from which the intensity is constant.

    Examples
    --------
    >>> intensities(Behaviour.default().law()).shape
    (32, 5, 102)
    """
    none = np.full((1, law.effect.shape[1]), -np.inf)
    message = np.concatenate([none, law.effect])
    boost = np.maximum(law.attention[:, None, :], message[None])
    bin_of = np.searchsorted(law.bins, FIRST_DAY + np.arange(LATEST + 1), side="right") - 1
    return np.asarray((1 + boost)[..., None] * law.base[:, bin_of]).reshape(N_BOOSTS, N_BEHAVIOURS, LATEST + 1)
