"""In which order accounts are served when there are more of them than capacity."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.law import age_group
from simcollect.simulation.ahead import look_ahead
from simcollect.simulation.compiled import loop
from simcollect.simulation.money import due_dates_until
from simcollect.simulation.world import Index, World
from simcollect.strategy import Strategy
from simcollect.streams import Purpose, uniform

PRIORITIES = ("oldest", "balance", "score", "expected", "gain")
OLDEST, BALANCE, SCORE, EXPECTED, GAIN = range(len(PRIORITIES))
HOUR = int(Purpose.HOUR)

# Share of conversations that end in a promise, times the share of promises kept, by age: a house rule of
# thumb from the bucket figures of `talk.promise` and `talk.keep`.
PAYS = np.array([0.55 * 0.65, 0.45 * 0.50, 0.35 * 0.40, 0.25 * 0.30])


def urgency(world: World, index: Index, t: int, kind: int, gain: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how urgent each account of a list is on day t; equals are ordered by lot, not by their place in the tape.

    Parameters
    ----------
    kind : index into `PRIORITIES`
    gain : for the last kind: money gained per minute in instalments, shape (C, T, S)
    """
    out = np.empty(index.size)
    _urgency(world, index, t, kind, gain, out)
    return out


@loop
def _urgency(
    world: World, index: Index, t: int, kind: int, gain: npt.NDArray[np.float64], out: npt.NDArray[np.float64]
) -> None:
    acc, rules, day = world.acc, world.rules[0], world.days[t]
    for n in range(index.size):
        look_ahead(acc, index, n, index.size)
        r = acc[index[n]]
        out[n] = urgency_of(r, kind, gain, rules, day, uniform(r.key, t, HOUR))


@njit(cache=True, inline="always")
def urgency_of(r: Any, kind: int, gain: npt.NDArray[np.float64], rules: Any, day: Any, lot: float) -> float:
    """Return how urgent one account is, given its lot of the day."""
    x = day.t - r.due
    if kind == OLDEST:
        return float(x) + lot
    if kind == BALANCE:
        value = float(r.principal)
    elif kind == SCORE:
        value = r.score
    elif kind == EXPECTED:
        arrears = due_dates_until(r, day.t, day.month, rules) * r.instalment - r.credit
        value = arrears * PAYS[age_group(x)]
    else:
        value = gain[r.column, min(day.week, gain.shape[1] - 1), r.state] * r.instalment
    return value + lot * 1e-9 * (abs(value) + 1.0)


class Ranking:
    """A strategy's order of all its lists.

    Parameters
    ----------
    n : accounts of the book

    Attributes
    ----------
    kind, gain : see `urgency`
    own : what the policy says of each account's urgency, shape (n,); None where the strategy's priority decides
    """

    def __init__(self, strategy: Strategy, n: int) -> None:
        self.kind = PRIORITIES.index(strategy.priority)
        self.gain = strategy.gain if self.kind == GAIN and strategy.gain is not None else np.zeros((1, 1, 1))
        asks = self.kind == GAIN and strategy.policy is not None
        self.own: npt.NDArray[np.float64] | None = np.zeros(n) if asks else None

    def ordered(self, world: World, index: Index, t: int) -> Index:
        """Return a list of accounts, most urgent first."""
        if self.own is not None:
            return np.asarray(index[np.argsort(-self.own[index], kind="stable")])
        return np.asarray(index[np.argsort(-urgency(world, index, t, self.kind, self.gain))])
