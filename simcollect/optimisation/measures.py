"""What a plan can be judged and limited by, as numbers that every account-week adds to.

All measures of `simcollect.strategy.MEASURES` that accounts make (head-count is bought, not made) are linear in the
two measures of the joint chain, accounts and instalments. So a column carries its totals, any objective is a weighting
of them, and a limit's price is one more weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.states import AGENCY, CLOSED, FIRST_WEEK, LAST_WEEK, LEGAL, LEVELS, N_STATES, N_WEEKS, PLAN
from simcollect.behaviour.week import ACCEPTED, ALL_HIGH, ALL_LOW, ATTEMPTS, CASH, COMPLAINTS, MESSAGES, TALKS
from simcollect.optimisation.backward import left_alone
from simcollect.optimisation.model import Model, Segment
from simcollect.optimisation.recursion import Series, Terms

Array = npt.NDArray[np.float64]
EFFORTS = [MESSAGES, ATTEMPTS, TALKS, ACCEPTED, COMPLAINTS]
# In the order of the rows of `Column.totals`. "book" is the value of the book at the horizon, in money of day 0.
NAMES = (
    "recovery", "cash", "charge_off", "loss", "conceded", "contact_cost", "message_cost", "offer_cost", "legal_cost",
    "cost", "contacts", "conversations", "offers", "complaints", "headcount", "book",
)  # fmt: skip
INDEX = {name: i for i, name in enumerate(NAMES)}


@dataclass(frozen=True)
class Rates:
    """What account-weeks add to each of M measures.

    Attributes
    ----------
    efforts : for one message, attempt, talk and acceptance of each action, shape (M, A, 4)
    entry, filed : for an account handed to the law firm, and for a suit filed, shape (M,)
    instalment : for one instalment paid on an open account, shape (M,)
    charged : for the balance of an open account charged off, shape (M,)
    mode_cash, mode_balance : for instalments and balances outside the open mode, by row of the kernel, (M, rows)
    charge_off : probability that a week of an open account ends in charge-off, shape (K, rows of the open kernel)
    """

    efforts: Array
    entry: Array
    filed: Array
    instalment: Array
    charged: Array
    mode_cash: Array
    mode_balance: Array
    charge_off: Array


def build_rates(model: Model) -> Rates:
    """Work out the rates of a planning problem."""
    kernel, resources = model.chain.kernel, model.resources
    m, actions, modes = len(NAMES), len(model.catalogue), kernel.mode_cash.size
    efforts = np.zeros((m, actions, len(EFFORTS)))
    entry, filed, instalment, charged = np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m)
    mode_cash, mode_balance = np.zeros((m, modes)), np.zeros((m, modes))
    messages, attempts, talks, accepted, complaints = range(len(EFFORTS))
    price = [resources.message_cost.get(a.channel, 0.0) if a.channel else 0.0 for a in model.catalogue.actions]
    for name in ("message_cost", "contact_cost", "cost"):
        efforts[INDEX[name], :, messages] = price
    for name in ("offer_cost", "contact_cost", "cost"):
        efforts[INDEX[name], :, accepted] = resources.plan_setup_cost
    for name in ("legal_cost", "contact_cost", "cost"):
        entry[INDEX[name]], filed[INDEX[name]] = resources.legal_letter_cost, resources.filing_cost
    efforts[INDEX["complaints"], :, complaints] = 1.0
    efforts[INDEX["cost"], :, complaints] = resources.complaint_cost
    efforts[INDEX["contacts"], :, [messages, attempts]] = 1.0
    efforts[INDEX["conversations"], :, talks] = 1.0
    efforts[INDEX["offers"], :, accepted] = 1.0
    for name in ("recovery", "cash"):
        instalment[INDEX[name]] = 1.0
        mode_cash[INDEX[name]], mode_balance[INDEX[name]] = kernel.mode_cash, model.terms.mode_balance
    paid, closed, to_agency = _ends(kernel)
    state = PLAN + np.arange(modes) // N_BEHAVIOURS
    charged[[INDEX["charge_off"], INDEX["loss"]]] = 1.0
    at_law = state < AGENCY
    mode_balance[INDEX["charge_off"]] = np.where(at_law, to_agency, 0.0)
    mode_balance[INDEX["loss"]] = np.where(at_law, to_agency + closed, 0.0) - model.terms.mode_balance
    # A plan's paid instalment is short by its cut; a settlement closes the account for a part of the balance.
    by_offer = state < LEGAL
    mode_cash[INDEX["conceded"]] = np.where(by_offer, paid - kernel.mode_cash, 0.0)
    mode_balance[INDEX["conceded"]] = np.where(by_offer, closed - kernel.mode_balance, 0.0)
    return Rates(efforts, entry, filed, instalment, charged, mode_cash, mode_balance, _charge_off(kernel))


def _ends(kernel: Kernel) -> tuple[Array, Array, Array]:
    """Return for each row outside the open mode: P(instalment paid), P(closed otherwise), P(charged off)."""
    row = np.repeat(np.arange(kernel.mode_cash.size), np.diff(kernel.mode_ptr))

    def total(which: npt.NDArray[np.bool_]) -> Array:
        return np.asarray(np.bincount(row, kernel.mode_prob * which, kernel.mode_cash.size), np.float64)

    paid = kernel.mode_paid
    return total(paid), total(~paid & (kernel.mode_dest == CLOSED)), total(~paid & (kernel.mode_dest == AGENCY))


def _charge_off(kernel: Kernel) -> Array:
    row = np.repeat(np.arange(kernel.ptr.size - 1), np.diff(kernel.ptr))
    gone = kernel.dest[:, 0, 0] == AGENCY
    return np.stack([np.bincount(row[gone], prob[gone], kernel.ptr.size - 1) for prob in kernel.prob])


def weighed_terms(model: Model, rates: Rates, weights: Array, k: int, balance: float) -> Terms:
    """Return the terms of one week of season k in which each measure counts with its weight; not discounted.

    Parameters
    ----------
    weights : shape (M,); what the week adds to the objective for one unit of each measure
    balance : balance in instalments that goes to charge-off in this week
    """
    stats, terms = model.chain.kernel.stats[k], model.terms
    efforts = np.tensordot(weights, rates.efforts, axes=1)
    by_row = np.repeat(efforts, stats.shape[0] // efforts.shape[0], axis=0)
    one = float(weights @ rates.instalment)
    cash = one * stats[:, CASH] + float(weights @ rates.charged) * balance * rates.charge_off[k]
    return terms._replace(
        cash=cash[None],
        all_low=one * stats[None, :, ALL_LOW],
        all_high=one * stats[None, :, ALL_HIGH],
        cost=-(by_row * stats[:, EFFORTS]).sum(axis=1)[None],
        minutes=terms.minutes[k : k + 1],
        messages=terms.messages[k : k + 1],
        mode_cash=weights @ rates.mode_cash,
        mode_balance=weights @ rates.mode_balance,
        mode_cost=-float(weights @ rates.filed) * model.chain.kernel.mode_filed,
        entry_cost=-float(weights @ rates.entry),
    )


def one_week(series: Series, t: int) -> Series:
    """Return the series of week t alone, its season the first, without discount."""
    rows = slice(t, t + N_WEEKS)
    return Series(
        season=np.zeros(1, np.int64),
        loss=series.loss[t : t + 1],
        regain=series.regain[t : t + 1],
        closing=series.closing[rows],
        owed=series.owed[rows],
        balance=series.balance[t : t + 1],
        discount=np.ones(1),
    )


def afterwards(model: Model, segment: Segment, rates: Rates) -> Array:
    """Return what each measure comes to after the horizon if accounts are left alone, shape (M, S, 2, H).

    Per unit of instalment, and (with the sign turned, as a cost) per account.
    """
    out = np.zeros((len(NAMES), N_STATES, 2, N_HIDDEN))
    later = segment.later._replace(discount=np.ones(segment.later.season.size))
    # An account left alone is charged off in its last week only, in which what it owes plays no other part.
    charged = later._replace(owed=np.repeat(_padded(later.balance, len(later.owed))[:, None], later.owed.shape[1], 1))
    kernel, seasons = model.chain.kernel, model.chain.kernel.prob.shape[0]
    nothing = np.zeros((seasons, kernel.stats.shape[1]))
    for name in ("recovery", "charge_off", "loss", "conceded", "legal_cost"):
        i = INDEX[name]
        paying, losing = rates.instalment[i], rates.charged[i]
        terms = model.terms._replace(
            cash=paying * kernel.stats[..., CASH],
            all_low=paying * kernel.stats[..., ALL_LOW] + losing * rates.charge_off,
            all_high=paying * kernel.stats[..., ALL_HIGH],
            cost=nothing,
            mode_cash=rates.mode_cash[i],
            mode_balance=rates.mode_balance[i],
            mode_cost=-rates.filed[i] * kernel.mode_filed,
            entry_cost=-float(rates.entry[i]),
        )
        end = np.zeros((N_STATES, 2, N_HIDDEN))
        out[i] = left_alone(kernel, terms, charged if losing else later, end)
    out[INDEX["contact_cost"]] = out[INDEX["cost"]] = out[INDEX["legal_cost"]]
    out[INDEX["book"]] = segment.end
    return out


def _padded(values: Array, size: int) -> Array:
    return np.concatenate([values, np.repeat(values[-1], size - values.size)])


def totals(
    model: Model, segment: Segment, rates: Rates, after: Array, policy: npt.NDArray[np.int8], mu: Array, nu: Array
) -> Array:
    """Return what a policy comes to in each measure, by week and (last) after the horizon, shape (M, T + 1).

    Parameters
    ----------
    after : as `afterwards` gives it
    mu, nu : forward measures of accounts and instalments under the policy, shape (T + 1, S, H)
    """
    kernel, series, weeks = model.chain.kernel, segment.series, model.weeks
    out = np.empty((len(NAMES), weeks + 1))
    accounts, money = _by_behaviour(mu[:weeks]), _by_behaviour(nu[:weeks])
    action = policy[:, :PLAN].astype(np.int64)
    at_law = kernel.legal[action]
    key = (action * N_WEEKS + kernel.week_of[:PLAN] - FIRST_WEEK) * LEVELS + kernel.level_of[:PLAN]
    season = series.season[:, None]
    stats = kernel.stats.reshape(kernel.stats.shape[0], -1, N_BEHAVIOURS, kernel.stats.shape[2])[season, key]
    stats = stats * ~at_law[..., None, None]
    effort = (accounts[:, :PLAN, :, None] * stats[..., EFFORTS]).sum(axis=2)
    by_action = np.zeros((weeks, len(model.catalogue), len(EFFORTS)))
    np.add.at(by_action, (np.arange(weeks)[:, None], action), effort)
    oldest = np.arange(weeks)[:, None] + LAST_WEEK - kernel.week_of[:PLAN]
    due = kernel.due_of[:PLAN]
    low, high = series.owed[oldest, due], series.owed[oldest, due + 1]
    paid = stats[..., CASH] + stats[..., ALL_LOW] * low[..., None] + stats[..., ALL_HIGH] * high[..., None]
    gone = rates.charge_off.reshape(len(rates.charge_off), -1, N_BEHAVIOURS)[season, key] * ~at_law[..., None]
    instalments = (money[:, :PLAN] * paid).sum(axis=(1, 2))
    charged = (money[:, :PLAN] * gone).sum(axis=(1, 2)) * series.balance
    entering = accounts[:, :PLAN] * at_law[..., None]
    outside, outside_money = accounts[:, PLAN:].copy(), money[:, PLAN:].copy()
    outside[:, LEGAL - PLAN] += entering.sum(axis=1)
    outside_money[:, LEGAL - PLAN] += (money[:, :PLAN] * at_law[..., None]).sum(axis=1)
    outside, outside_money = outside.reshape(weeks, -1), outside_money.reshape(weeks, -1)
    out[:, :weeks] = (
        np.einsum("mae,tae->mt", rates.efforts, by_action)
        + rates.entry[:, None] * entering.sum(axis=(1, 2))
        + rates.filed[:, None] * (outside @ kernel.mode_filed)
        + rates.instalment[:, None] * instalments
        + rates.charged[:, None] * charged
        + rates.mode_cash @ outside_money.T
        + rates.mode_balance @ outside_money.T * series.balance
    )
    out[:, weeks] = (nu[-1] * after[:, :, 0]).sum(axis=(1, 2)) - (mu[-1] * after[:, :, 1]).sum(axis=(1, 2))
    return out


def _by_behaviour(measure: Array) -> Array:
    """Sum hidden classes (last axis) to rows of behaviour: the strained share one."""
    return np.concatenate([measure[..., :4], measure[..., 4:].sum(axis=-1, keepdims=True)], axis=-1)
