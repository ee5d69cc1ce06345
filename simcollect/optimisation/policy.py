"""The plan at run time: each account carries a belief of its own, and gets the action that is worth most on it.

One step of improvement over a plan that is itself attainable: the gain of an action is the mean, over what is believed
of this account, of taking it now and then following the plan, less waiting, less the plan's prices of what it uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import N_STATES
from simcollect.optimisation.again import Course, plan_again
from simcollect.optimisation.choosing import CALLS, Means, Memory, Seen, Uses, Weeks, believe, choose
from simcollect.optimisation.pressure import Pressure
from simcollect.optimisation.worth import action_worths
from simcollect.strategy import Decision
from simcollect.units import to_major

if TYPE_CHECKING:
    from simcollect.optimisation.model import Model

Array = npt.NDArray[np.float64]
_NOTHING = -1, Uses(*(np.empty((0, 0)),) * 3), np.empty(0)  # weighed yet


@dataclass(eq=False)
class PlanPolicy:
    """A plan that watches each account; a `simcollect.strategy.Learner`.

    Parameters
    ----------
    model : the planning problem
    course : prices and values to follow, as planned
    every_days : plan again on the book as it stands after so many days; None follows the first plan to its end
    """

    model: Model
    course: Course
    every_days: int | None = None
    _memory: Memory = field(init=False)
    _consent: Array = field(init=False)
    _worth: tuple[int, Uses, Array] = field(init=False)
    _pressure: Pressure = field(init=False)

    def __post_init__(self) -> None:
        self._worth = _NOTHING
        segments = self.model.segments
        self._weeks = Weeks(
            season=np.stack([segment.series.season for segment in segments]),
            loss=np.stack([segment.series.loss for segment in segments]),
            regain=np.stack([segment.series.regain for segment in segments]),
        )
        acts = self.model.catalogue.acts()
        attempts = np.array([act.attempts for act in acts])
        self._means = Means(
            channel=np.array([max(act.channel, -1) for act in acts]),
            attempts=attempts,
            calls=(attempts > 0) & (np.array([act.contact for act in acts]) == 0),
        )

    def begin(self, book: pd.DataFrame) -> PlanPolicy:
        """Return a policy for one run, which knows the book on the morning of day 0."""
        policy = PlanPolicy(self.model, self.course, self.every_days)
        seen = policy._seen(book)
        faith = np.stack([segment.faith for segment in self.model.segments])
        order = np.argsort(seen.account)
        state, age = seen.state[order], seen.age[order]
        early = age % 7  # days of the account-week that have passed before the run
        policy._memory = Memory(
            belief=faith[seen.segment[order], state],
            state=state.copy(),
            action=np.zeros(order.size, np.int8),
            day=(-early).astype(np.int32),
            age=(age - early).astype(np.int32),
            share=1.0 - early / 7.0,
        )
        policy._consent = np.array([(seen.consents >> c & 1).mean() for c in range(CALLS)])
        policy._pressure = Pressure.none(len(self.model.capacity))
        return policy

    def decide(self, view: pd.DataFrame) -> Decision:
        """Return the action of most worth for each account under review, and how urgent it is."""
        day, seen = int(view["day"].iloc[0]), self._seen(view)
        belief = np.empty((len(view), N_HIDDEN))
        kernel = self.model.chain.kernel
        believe(kernel, self._weeks, self._means, self._memory, seen, day, belief)
        actions, urgency = np.empty(len(view), np.int8), np.empty(len(view))
        t = min(day // 7 - self.course.first_week, self.course.model.weeks - 1)
        uses, worth = self._weighed(t)
        price = np.ascontiguousarray(self.course.prices[: len(self.model.capacity), t])
        pressure = self._pressure.factors(self.course.capacity[:, t], day)
        choose(
            kernel, self.model.terms, self._means, uses, worth, price, pressure, self._consent, belief,
            seen, actions, urgency, self._pressure.asked,
        )  # fmt: skip
        at = seen.account
        self._memory.belief[at], self._memory.state[at], self._memory.action[at] = belief, seen.state, actions
        self._memory.day[at], self._memory.age[at], self._memory.share[at] = day, seen.age, 1.0
        return Decision(actions.astype(np.int64), urgency)

    def survey(self, book: pd.DataFrame) -> None:
        """Plan again on the book as it stands: what is seen of each account, and what is believed of it."""
        day, seen = int(book["day"].iloc[0]), self._seen(book)
        if day // 7 - self.course.first_week >= self.course.model.weeks:
            return
        self.course = plan_again(self.model, self.course, day // 7, seen, self.beliefs(book))
        self._worth = _NOTHING

    def beliefs(self, book: pd.DataFrame) -> Array:
        """Return what is believed of each row of a view of the whole book, shape (rows, H)."""
        seen = self._seen(book)
        belief = np.empty((len(book), N_HIDDEN))
        kernel, day = self.model.chain.kernel, int(book["day"].iloc[0])
        believe(kernel, self._weeks, self._means, self._memory, seen, day, belief)
        return belief

    def _weighed(self, t: int) -> tuple[Uses, Array]:
        """Return what account-weeks take and what actions are worth (G, S, A, 2, H) in a week; the last one is kept."""
        if self._worth[0] != t:
            course = self.course
            out = np.empty((len(course.groups), N_STATES, len(self.model.catalogue), 2, N_HIDDEN))
            takes = []
            for g, group in enumerate(course.groups):
                kernel, terms, series, prices, at = group.weighing_of(t, course.prices)
                action_worths(kernel, terms, series, prices, at, course.later[g][t], out[g])
                k = series.season[at]
                takes.append((terms.minutes[k], terms.messages[k], terms.cost[k] * series.discount[at]))
            self._worth = (t, Uses(*(np.stack(own) for own in zip(*takes, strict=True))), out)
        return self._worth[1:]

    def _seen(self, view: pd.DataFrame) -> Seen:
        return Seen(
            account=view["account"].to_numpy(np.int64),
            segment=view["segment"].to_numpy(np.int64),
            state=view["state"].to_numpy(np.int16),
            age=view["age_days"].to_numpy(np.int32),
            instalment=np.asarray(to_major(view["instalment"].to_numpy(), self.model.currency), dtype=np.float64),
            consents=view["consents"].to_numpy(np.int64),
            attempt_day=view["attempt_day"].to_numpy(np.int64),
            attempt_days=view["attempt_days"].to_numpy(np.int64),
        )
