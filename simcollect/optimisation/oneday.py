"""The usual analytics of a lender who predicts payments: each morning a linear programme for that day alone.

It knows the borrower's law as well as the plan does, but looks one account-week ahead only, at an average borrower of
each observed state; nothing is remembered of an account, and nothing is kept for tomorrow. A baseline for the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain, row_of
from simcollect.behaviour.classes import N_BEHAVIOURS
from simcollect.behaviour.parameters import CHANNELS
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.allotment import allot
from simcollect.optimisation.model import build_terms
from simcollect.portfolio import Portfolio
from simcollect.strategy import TEAMS, Catalogue, Decision, Resources, Strategy, usual_prior
from simcollect.units import to_major
from simcollect.worktime import WEEKDAY_SHARE

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
NAME = "one_day_lp"
HOUSE = "highest_expected_first"  # whose rules for disclosed hardship and for law hold here too
MESSAGE, CALL, VISIT = range(3)  # what the programme chooses between, besides waiting
MESSAGES = len(TEAMS)  # row of messages among the day's resources, after the teams
CALLS = len(CHANNELS)  # bit of consents for the telephone
WORKING_WEEK = 5  # days; accounts come up for review on all seven, so a day's share of the week is what there is


@dataclass(frozen=True)
class Predictions:
    """What each action brings and takes within the account-week, by product, band, action and open state.

    Attributes
    ----------
    paid, cost : instalments paid; money for messages and complaints
    minutes, messages : work, of a team or of whoever answers the calls that a message brings; messages sent
    team : whose minutes they are, shape (A, S); -1 for nobody's
    """

    paid: Array
    cost: Array
    minutes: Array
    messages: Array
    team: Codes


@dataclass(frozen=True)
class Choices:
    """What may be done with each of n accounts, by kind: the action, what it gains over waiting, what it takes.

    Attributes
    ----------
    action, gain : shape (n, 3); no action and no gain where nothing of the kind pays
    use : minutes by team, then messages, shape (n, 3, teams + 1)
    """

    action: Codes
    gain: Array
    use: Array

    @classmethod
    def none(cls, accounts: int) -> Choices:
        """Return no choice for so many accounts."""
        return cls(np.zeros((accounts, 3), np.int64), np.zeros((accounts, 3)), np.zeros((accounts, 3, MESSAGES + 1)))


@dataclass(frozen=True, eq=False)
class OneDayPolicy:
    """A linear programme each morning; a `simcollect.strategy.Policy` without memory.

    Attributes
    ----------
    resources, behaviour, currency : what the lender has, believes of borrowers, and counts in
    catalogue : the actions, codes as in the package's; messages, calls and visits without an offer are chosen from
    """

    resources: Resources
    behaviour: Behaviour
    currency: str
    catalogue: Catalogue

    def decide(self, view: pd.DataFrame) -> Decision:
        """Return the action of each account under review, and its gain for each unit of what it uses."""
        state = view["state"].to_numpy(np.int64)
        unit = np.asarray(to_major(view["instalment"].to_numpy(), self.currency), dtype=np.float64)
        product, band = (np.asarray(view[name].cat.codes, np.int64) for name in ("product", "risk_band"))
        consents = view["consents"].to_numpy(np.int64)
        actions = self._house[state]
        urgency = np.asarray(to_major(view["principal"].to_numpy(), self.currency), dtype=np.float64)
        free = np.flatnonzero(actions == 0)
        product, band, state, unit = product[free], band[free], state[free], unit[free]
        choice = self._choices((product, band), state, unit, consents[free])
        given = self._allot(choice, product, band, state, unit)
        for kind in (MESSAGE, CALL, VISIT):
            at = np.flatnonzero(given == kind)
            actions[free[at]] = choice.action[at, kind]
            takes = choice.use[at, kind, MESSAGES] if kind == MESSAGE else choice.use[at, kind].sum(axis=1)
            urgency[free[at]] = choice.gain[at, kind] / np.maximum(takes, 1e-9)
        return Decision(actions, urgency)

    @cached_property
    def _house(self) -> Codes:
        """What the usual rules do about hardship and law, and 0 (the programme decides) elsewhere, shape (S,)."""
        house = Strategy.named(HOUSE)
        table = house.tables[0, 0].astype(np.int64)
        kept = [a.offer is not None or a.legal for a in house.catalogue.actions]
        return np.where(np.array(kept)[table], table, 0)

    @cached_property
    def _predicted(self) -> Predictions:
        """Average the weekly law over the hidden classes believed of each observed state; nothing else is known."""
        weekday = np.asarray(WEEKDAY_SHARE) / np.mean(WEEKDAY_SHARE)
        selling = self.resources.after_sale(self.behaviour)
        chain = build_chain(selling, self.catalogue.acts(), [1.0], pay_index=weekday)
        kernel = chain.kernel
        terms = build_terms(chain, selling, self.resources, self.catalogue, self.resources.answering_team)
        faith = usual_prior(self.behaviour).table[:, :, :PLAN]
        share = np.concatenate([faith[..., :4], faith[..., 4:].sum(axis=-1, keepdims=True)], axis=-1)
        row = np.array(
            [
                [row_of(a, int(kernel.week_of[s]), int(kernel.level_of[s]), 0) for s in range(PLAN)]
                for a in range(len(self.catalogue))
            ]
        )[..., None] + np.arange(N_BEHAVIOURS)
        due = kernel.due_of[:PLAN, None].astype(np.float64)
        paid = terms.cash[0][row] + terms.all_low[0][row] * due + terms.all_high[0][row] * (due + 1)
        by_class = (paid, terms.cost[0][row], terms.minutes[0][row], terms.messages[0][row])
        paid, cost, minutes, messages = (np.einsum("prsb,asb->pras", share, values) for values in by_class)
        return Predictions(paid, cost, minutes, messages, terms.team.astype(np.int64))

    def _choices(self, band: tuple[Codes, Codes], state: Codes, unit: Array, consents: Codes) -> Choices:
        """Work out for each account its best message, a call and a visit: what they gain over waiting and take."""
        p, allowed = self._predicted, self.catalogue.allowed()
        found = Choices.none(state.size)
        for code, action in enumerate(self.catalogue.actions):
            if action.offer is not None or action.legal or (action.team is None and action.channel is None):
                continue
            kind = MESSAGE if action.team is None else VISIT if action.team == "field" else CALL
            may = allowed[code, state].copy()
            if action.channel is not None:
                may &= (consents >> CHANNELS.index(action.channel) & 1).astype(np.bool_)
            if kind == CALL or action.channel == "voice":
                may &= (consents >> CALLS & 1).astype(np.bool_)
            gain = (p.paid[*band, code, state] - p.paid[*band, 0, state]) * unit - p.cost[*band, code, state]
            at = np.flatnonzero(may & (gain > found.gain[:, kind]))
            found.gain[at, kind], found.action[at, kind] = gain[at], code
            use = found.use[:, kind]
            use[at] = 0.0
            team = p.team[code, state[at]]
            works = team >= 0
            use[at[works], team[works]] = p.minutes[*band, code, state][at[works]]
            use[at, MESSAGES] = p.messages[*band, code, state][at]
        return found

    def _allot(self, choice: Choices, product: Codes, band: Codes, state: Codes, unit: Array) -> Codes:
        """Return which kind of action each account gets, -1 for none."""
        size = np.floor(np.log2(np.maximum(unit, 1.0))).astype(np.int64)  # each bucket's instalments twice the last's
        key = np.column_stack([product, band, state, size, choice.action])
        _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
        group = group.reshape(-1)
        accounts = np.bincount(group, minlength=first.size).astype(np.float64)
        gain = np.stack([np.bincount(group, choice.gain[:, k], first.size) for k in range(3)], axis=1)
        g, kind = np.nonzero(gain > 0)
        share = np.zeros((first.size, 3))
        # What an action takes is the same for all of a group: only its gain hangs on the instalment.
        share[g, kind] = allot(gain[g, kind] / accounts[g], choice.use[first[g], kind], g, accounts, self._capacity)
        return hand_out(share, group, unit)

    @cached_property
    def _capacity(self) -> Array:
        """A day's share of the week's minutes by team, and of its messages."""
        week = [self.resources.minutes_a_day(team) * WORKING_WEEK for team in TEAMS]
        return np.array([*week, self.resources.messages_a_week]) / 7


def hand_out(share: Array, group: Codes, unit: Array) -> Codes:
    """Return which kind of action each account of a group gets, calls going to the largest instalments; -1 for none.

    Parameters
    ----------
    share : accounts of each group that get each kind, shape (G, 3)
    group, unit : group and instalment of each account

    Examples
    --------
    >>> hand_out(np.array([[1.0, 1.0, 0.0]]), np.zeros(3, int), np.array([50.0, 900.0, 200.0])).tolist()
    [-1, 1, 0]
    """
    order = np.lexsort((-unit, group))
    start = np.searchsorted(group[order], np.arange(len(share)))
    place = np.arange(group.size) - start[group[order]]
    ends = np.cumsum(share[:, [CALL, VISIT, MESSAGE]], axis=1)[group[order]]
    out = np.empty(group.size, np.int64)
    out[order] = np.array([CALL, VISIT, MESSAGE, -1])[(ends < place[:, None] + 0.5).sum(axis=1)]
    return out


def one_day_lp(
    portfolio: Portfolio, resources: Resources | None = None, *, behaviour: Behaviour | None = None
) -> Strategy:
    """Return the work list of a lender who predicts payments and solves a linear programme each morning.

    The programme allots the day's minutes of the early, late and field teams and its messages to the accounts that come
    up for review, by the payments predicted for the account-week that begins, less messages and complaints. Accounts of
    one product, risk band, observed state and size of instalment are one group, so that it stays small. Disclosed
    hardship and law follow the rules of the other work lists (``highest_expected_first``); the lists are worked by gain
    per minute. In a study or at the command line its name is ``one_day_lp``.

    Parameters
    ----------
    portfolio : the book
    resources : what there is of everything; `Resources.default` of the book if not given
    behaviour : the borrower's parameters; the defaults if not given

    Raises
    ------
    SolverError
        While it runs: a programme was not solved to a proof.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> one_day_lp(book).name
    'one_day_lp'
    """
    catalogue = Catalogue.default()
    policy = OneDayPolicy(
        resources=resources or Resources.default(portfolio),
        behaviour=behaviour or Behaviour.default(),
        currency=portfolio.currency,
        catalogue=catalogue,
    )
    return Strategy(
        name=NAME,
        tables=np.zeros((1, 1, N_STATES), np.int8),
        priority="gain",
        policy=policy,
        catalogue=catalogue,
        description="Each morning a linear programme on the payments predicted for the week that begins.",
    )
