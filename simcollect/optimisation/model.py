"""The planning problem: segments of a book as joint chains, coupled only by what the lender has.

Amounts are in major units of the book's currency. Weeks count from the day after the tape's as-of date; each week
takes the scenario of its middle day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.chain import Chain, build_chain
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.law import MAX_DUE, MONTH
from simcollect.behaviour.opening import observed, opening, start_calendar
from simcollect.behaviour.parameters import CHANNELS, LEGAL_STAGES
from simcollect.behaviour.prior import Prior
from simcollect.behaviour.states import AGENCY, FIRST_WEEK, LAST_WEEK, LEGAL, N_STATES, PLAN
from simcollect.behaviour.week import ACCEPTED, ALL_HIGH, ALL_LOW, ATTEMPTS, CASH, COMPLAINTS, MESSAGES, READS, TALKS
from simcollect.economy import Scenario, hazard_paths
from simcollect.optimisation.backward import left_alone
from simcollect.optimisation.recursion import LEGAL_SLOTS, Series, Terms
from simcollect.optimisation.recursion import MESSAGES as MESSAGE_ROW
from simcollect.portfolio import Portfolio, Segmentation, segment
from simcollect.strategy import TEAMS, Catalogue, Resources, usual_prior
from simcollect.units import to_major
from simcollect.worktime import WEEKDAY_SHARE, Calendar

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int16]
# Shares of a segment's accounts below the instalments at which bounds are worked out. Judgement: of four cuts (a
# quarter, three quarters, the ends) the chords were 0.3 % looser on Taiwan's cards, whose bills spread widely; ten cuts
# were 0.1 % tighter than these.
UNITS = (0.0, 0.25, 0.6, 0.85, 0.97, 1.0)
BOOK_YEARS = 2  # how long the book is valued for beyond the horizon, left alone: judgement
CHARGEOFF_LAG = 26  # weeks between the last instalment paid and the balance that goes to law or charge-off
RESOURCES = (*TEAMS, "messages", "legal slots")
# A full shift cannot be filled to the last minute day by day: the plan leaves this share of it free. Judgement,
# checked by simulating the plan (docs/performance.md).
HEADROOM = 0.05


@dataclass(frozen=True)
class Segment:
    """One segment of the book as the chain sees it.

    Attributes
    ----------
    name : as in the segmentation
    accounts, instalments : starting measures, shape (S, H); instalments in money a month
    units : instalments at which the bound is worked out, ascending, shape (U,); covers all accounts
    unit_weights : starting accounts near each of the units, shape (U, S, H): each account split between the two
        nearest so that its instalment is kept
    series : what changes from week to week
    later : the same for the weeks after the horizon for which the book is valued
    end : values at the horizon, shape (S, 2, H): money per unit of instalment, cost per account
    faith : hidden classes given the observed state, shape (S, H)
    """

    name: str
    accounts: Array
    instalments: Array
    units: Array
    unit_weights: Array
    series: Series
    later: Series
    end: Array
    faith: Array

    @property
    def mean_instalment(self) -> float:
        """Return the mean instalment of the segment's accounts."""
        return float(self.instalments.sum() / max(self.accounts.sum(), 1e-12))


@dataclass(frozen=True)
class Model:
    """Everything that a plan is made from.

    Attributes
    ----------
    chain, terms : the weekly law, and what account-weeks bring, cost and use
    segments : the segments with accounts in them
    segmentation : which account is in which
    capacity : what there is of each resource in each week, shape (R, T); rows as `RESOURCES`
    calendar, weeks, resources, catalogue, behaviour : what it was made with
    """

    chain: Chain
    terms: Terms
    segments: tuple[Segment, ...]
    segmentation: Segmentation
    capacity: Array
    calendar: Calendar
    weeks: int
    resources: Resources
    catalogue: Catalogue
    behaviour: Behaviour
    currency: str


def build_model(
    portfolio: Portfolio,
    scenario: Scenario,
    resources: Resources,
    *,
    weeks: int = 52,
    behaviour: Behaviour | None = None,
    catalogue: Catalogue | None = None,
    prior: Prior | None = None,
    hires: bool = False,
) -> Model:
    """Prepare the planning problem of a book under a scenario.

    Parameters
    ----------
    hires : whether people are planned too; the early team then answers incoming calls, even if there is none today

    Examples
    --------
    >>> book = Portfolio.synthetic(500, seed=1)
    >>> model = build_model(book, Scenario.baseline(), Resources.default(book), weeks=4)
    >>> len(model.segments), model.capacity.shape
    (18, (6, 4))
    """
    behaviour = behaviour or Behaviour.default()
    catalogue = catalogue or Catalogue.default()
    horizon = weeks + 52 * BOOK_YEARS
    calendar = start_calendar(portfolio, 7 * horizon)
    paths = hazard_paths(scenario, calendar)
    middle = np.arange(horizon) * 7 + 3
    # Seasons are rounded to a thousandth, so that months with the same factor share a kernel.
    season = np.round(paths.pay[:, middle], 3)
    seasons, index = np.unique(season, return_inverse=True)
    index = index.reshape(season.shape)
    weekday = np.asarray(WEEKDAY_SHARE) / np.mean(WEEKDAY_SHARE)
    selling = resources.after_sale(behaviour)
    chain = build_chain(_with_consent(selling, portfolio), catalogue.acts(), seasons, pay_index=weekday)
    prior = prior or usual_prior(behaviour)
    segmentation = segment(portfolio)
    answers = TEAMS[0] if hires else resources.answering_team
    terms = build_terms(chain, selling, resources, catalogue, answers)
    law = behaviour.law()
    start = opening(portfolio, calendar)
    low, high, share = observed(start)
    instalment = np.asarray(to_major(start.instalment, portfolio.currency), dtype=np.float64)
    principal = np.asarray(to_major(start.principal, portfolio.currency), dtype=np.float64)
    month_of_week = calendar.month[middle]
    last_month = np.where(start.left >= 0, start.month + start.left - 1, 10**6)
    segments = []
    for g, name in enumerate(segmentation.table["name"]):
        rows = np.flatnonzero(segmentation.codes == g)
        p, r = int(start.product[rows[0]]), int(start.band[rows[0]])
        live = rows[instalment[rows] > 0]
        first_month = start.month[live].astype(np.float64)
        closing, owed = _endings(first_month, last_month[live], instalment[live], month_of_week)
        series = Series(
            season=index[p].astype(np.int64),
            loss=-np.expm1(-7 * law.loss[p, r] * paths.loss[p, middle]),
            regain=-np.expm1(-7 * law.regain[p, r] * paths.regain[p, middle]),
            closing=closing,
            owed=owed,
            balance=_balance(
                principal[live],
                instalment[live],
                start.rate[live],
                last_month[live],
                start.due[live] < 0,
                month_of_week,
            ),
            discount=(1 + resources.discount_a_year) ** (-(np.arange(horizon) + 0.5) / 52),
        )
        faith = prior.table[p, r]
        units = np.unique(np.quantile(instalment[live], UNITS)) if live.size else np.array([1.0])
        accounts = _measure(low[rows], high[rows], share[rows], np.ones(rows.size), faith)
        segments.append(
            Segment(
                name=str(name),
                accounts=accounts,
                instalments=_measure(low[rows], high[rows], share[rows], instalment[rows], faith),
                units=units,
                unit_weights=_spread(units, low[rows], high[rows], share[rows], instalment[rows], faith),
                series=_weeks(series, 0, weeks),
                later=_weeks(series, weeks, horizon),
                end=_book_value(chain, terms, _weeks(series, weeks, horizon)),
                faith=faith,
            )
        )
    return Model(
        chain=chain,
        terms=terms,
        segments=tuple(segments),
        segmentation=segmentation,
        capacity=_capacity(resources, calendar, weeks),
        calendar=calendar,
        weeks=weeks,
        resources=resources,
        catalogue=catalogue,
        behaviour=behaviour,
        currency=portfolio.currency,
    )


def _weeks(series: Series, first: int, end: int) -> Series:
    """Return some of the weeks; the endings keep their rows before and after."""
    cut = {name: column[first:end] for name, column in series._asdict().items()}
    beyond = end + LAST_WEEK - FIRST_WEEK
    return Series(**cut | {"closing": series.closing[first:beyond], "owed": series.owed[first:beyond]})


def build_terms(
    chain: Chain, behaviour: Behaviour, resources: Resources, catalogue: Catalogue, answers: str | None
) -> Terms:
    """Work out cost and use of each account-week from the kernel's statistics.

    Parameters
    ----------
    answers : the team that takes incoming calls; None for nobody
    """
    stats = chain.kernel.stats
    by_action = np.repeat(np.arange(len(catalogue)), stats.shape[1] // len(catalogue))
    price = np.array([resources.message_cost.get(a.channel, 0.0) if a.channel else 0.0 for a in catalogue.actions])
    live, right = float(behaviour["call.live_answer"]), float(behaviour["call.right_party"])
    third = live * (1 - right) / (1 - live * right)
    miss = third * float(behaviour["time.third_party"]) + (1 - third) * float(behaviour["time.no_answer"])
    visit = np.array([a.team == "field" for a in catalogue.actions])[by_action]
    talk = float(behaviour["time.talk"] + behaviour["time.wrap"])
    minutes = np.where(
        visit,
        stats[..., ATTEMPTS] * float(behaviour["time.visit"]),
        (stats[..., ATTEMPTS] - stats[..., TALKS]) * miss
        + stats[..., TALKS] * talk
        + stats[..., ACCEPTED] * float(behaviour["time.offer"]),
    )
    # Incoming calls take time of whoever answers, or of the team whose own action the message goes with.
    if answers is not None:
        minutes += stats[..., READS] * float(behaviour["inbound.share"] * behaviour["time.inbound"])
    team = catalogue.teams()
    for code, action in enumerate(catalogue.actions):
        if action.channel is not None and action.team is None and answers is not None:
            team[code] = TEAMS.index(answers)
    kernel = chain.kernel
    keep = np.ones(kernel.mode_balance.size)
    mode_state = PLAN + np.arange(kernel.mode_balance.size) // 5
    keep[(mode_state >= LEGAL) & (mode_state < LEGAL + len(LEGAL_STAGES))] = 1 - resources.legal_fee_share
    keep[mode_state == AGENCY] = 1 - float(behaviour["agency.fee"])
    return Terms(
        cash=np.ascontiguousarray(stats[..., CASH]),
        all_low=np.ascontiguousarray(stats[..., ALL_LOW]),
        all_high=np.ascontiguousarray(stats[..., ALL_HIGH]),
        cost=np.ascontiguousarray(
            stats[..., MESSAGES] * price[by_action]
            + stats[..., COMPLAINTS] * resources.complaint_cost
            + stats[..., ACCEPTED] * resources.plan_setup_cost
        ),
        minutes=np.ascontiguousarray(minutes),
        messages=np.ascontiguousarray(stats[..., MESSAGES]),
        mode_cash=kernel.mode_cash,
        mode_balance=kernel.mode_balance * keep,
        mode_cost=kernel.mode_filed * resources.filing_cost,
        entry_cost=resources.legal_letter_cost,
        team=team,
        allowed=catalogue.allowed(),
        teams=len(TEAMS),
    )


def _with_consent(behaviour: Behaviour, portfolio: Portfolio) -> Behaviour:
    """Scale the reach of each channel by the share of accounts that have consented to it."""
    share = np.ones(len(CHANNELS))
    for c, channel in enumerate(CHANNELS):
        column = "consent_call" if channel == "voice" else f"consent_{channel}"
        if column in portfolio.accounts:
            share[c] = portfolio.accounts[column].to_numpy(dtype=float).mean()
    return behaviour.replace({"message.reach": behaviour["message.reach"] * share})


def _measure(low: Codes, high: Codes, share: Array, amount: Array, faith: Array) -> Array:
    """Return accounts (or amounts) by state and hidden class, shape (S, H)."""
    by_state = np.bincount(low, amount * (1 - share), N_STATES) + np.bincount(high, amount * share, N_STATES)
    return np.asarray(by_state[:, None] * faith)


def _spread(units: Array, low: Codes, high: Codes, share: Array, instalment: Array, faith: Array) -> Array:
    """Split accounts between the two nearest units so that the instalment is kept, shape (U, S, H)."""
    out = np.zeros((units.size, *faith.shape))
    if units.size == 1:
        out[0] = _measure(low, high, share, np.ones(instalment.size), faith)
        return out
    i = np.clip(np.searchsorted(units, instalment, side="right") - 1, 0, units.size - 2)
    upper = np.clip((instalment - units[i]) / (units[i + 1] - units[i]), 0, 1)
    for u in range(units.size):
        weight = np.where(i == u, 1 - upper, 0) + np.where(i + 1 == u, upper, 0)
        out[u] = _measure(low, high, share, weight, faith)
    return out


def _endings(
    first_month: Array, last_month: Array, amount: Array, month_of_week: npt.NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return how terms end: P(k instalments cleared pay the loan off) and mean instalments billed of k due.

    Both follow from the share of a month's instalments that are their loan's last, as a cumulated hazard drawn as a
    line through the months: an instalment takes the month around its due date, so that consecutive ones neither skip
    nor repeat any. Rows run over the week in which the oldest unpaid instalment fell due, from 25
    weeks before day 0 (overdue accounts, whose missed instalments stand on the tape) to 6 weeks after the last week.

    Parameters
    ----------
    first_month, last_month : calendar months of each account's oldest unpaid and last instalment
    amount : weight of each account
    """
    weeks = month_of_week.size
    months = np.arange(-7, int(month_of_week[-1]) + 3)
    going_on = np.ones(months.size)
    for i, month in enumerate(months):
        due = (first_month <= month) if month < 0 else np.ones(amount.size, np.bool_)
        running = amount[due & (last_month >= month)].sum()
        ending = amount[due & (last_month == month)].sum()
        going_on[i] = 1 - ending / running if running > 0 else float(month < 0)
    hazard = np.concatenate([[0.0], np.cumsum(-np.log(np.maximum(going_on, 1e-4)))])
    ends = np.searchsorted(month_of_week, months[(months >= 0) & (months < months[-1] - 1)], side="right")
    clock = np.concatenate([np.arange(-7, 1) * MONTH / 7, ends, ends[-1] + np.array([1, 2]) * MONTH / 7])
    due_week = np.arange(-LAST_WEEK, weeks - FIRST_WEEK, dtype=np.float64)
    half = MONTH / 14
    before = np.interp(due_week - half, clock, hazard)
    closing, owed = np.zeros((due_week.size, MAX_DUE + 1)), np.zeros((due_week.size, MAX_DUE + 1))
    left, billed = np.ones(due_week.size), np.zeros(due_week.size)
    for k in range(1, MAX_DUE + 1):
        billed = billed + left
        newest = due_week + (k - 1) * MONTH / 7
        left = np.exp(before - np.interp(newest + half, clock, hazard))
        closing[:, k], owed[:, k] = 1 - left, billed
    return closing, owed


def _balance(
    principal: Array,
    instalment: Array,
    rate: Array,
    last_month: Array,
    overdue: npt.NDArray[np.bool_],
    month_of_week: npt.NDArray[np.int64],
) -> Array:
    """Return the balance in instalments that goes to law or charge-off in each week.

    As it stood when the borrower last paid: in the first half-year that of the accounts overdue on the tape, later that
    of the loans still running, amortised by contract.
    """
    out = np.zeros(month_of_week.size)
    at_risk = overdue if overdue.any() else np.ones(overdue.size, np.bool_)
    out[:CHARGEOFF_LAG] = principal[at_risk].sum() / max(instalment[at_risk].sum(), 1e-12)
    for t in range(CHARGEOFF_LAG, month_of_week.size):
        month = month_of_week[t - CHARGEOFF_LAG]
        alive = last_month >= month
        if not alive.any():
            out[t] = out[t - 1] if t else 0.0
            continue
        growth = (1 + rate[alive]) ** month
        paid = np.where(rate[alive] > 0, (growth - 1) / np.where(rate[alive] > 0, rate[alive], 1), month)
        left = np.maximum(principal[alive] * growth - instalment[alive] * paid, 0)
        revolving = last_month[alive] >= 10**6
        left = np.where(revolving, principal[alive], left)
        out[t] = left.sum() / instalment[alive].sum()
    return out


def _book_value(chain: Chain, terms: Terms, series: Series) -> Array:
    """Return what an account left alone brings after the horizon, shape (S, 2, H)."""
    return left_alone(chain.kernel, terms, series, np.zeros((N_STATES, 2, N_HIDDEN)))


def _capacity(resources: Resources, calendar: Calendar, weeks: int) -> Array:
    """Return what there is of each resource in each week, shape (R, T)."""
    working = calendar.working[: 7 * weeks].reshape(weeks, 7).sum(axis=1)
    out = np.empty((len(RESOURCES), weeks))
    for i, team in enumerate(TEAMS):
        out[i] = resources.minutes_a_day(team) * working
    out[len(TEAMS) + MESSAGE_ROW] = resources.messages_a_week
    out[len(TEAMS) + LEGAL_SLOTS] = resources.legal_slots_a_week
    return out
