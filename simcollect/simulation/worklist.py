"""In which order accounts are served when there are more of them than capacity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.law import age_group
from simcollect.simulation.ahead import look_ahead
from simcollect.simulation.columns import Accounts
from simcollect.simulation.compiled import loop
from simcollect.simulation.money import due_dates_until
from simcollect.simulation.world import Index, World
from simcollect.streams import Purpose, uniform

PRIORITIES = ("oldest", "balance", "score", "expected", "gain")
OLDEST, BALANCE, SCORE, EXPECTED, GAIN = range(len(PRIORITIES))
HOUR = int(Purpose.HOUR)

# Share of conversations that end in a promise, times the share of promises kept, by age: a house rule of
# thumb from the bucket figures of `talk.promise` and `talk.keep`.
PAYS = np.array([0.55 * 0.65, 0.45 * 0.50, 0.35 * 0.40, 0.25 * 0.30])


def teams(world: World, index: Index, team_of: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Return the team that carries out each account's action, given the teams by action and observed state."""
    out = np.empty(index.size, np.int8)
    _teams(world.acc, index, team_of, out)
    return out


@loop
def _teams(acc: Accounts, index: Index, team_of: npt.NDArray[np.int8], out: npt.NDArray[np.int8]) -> None:
    for n in range(index.size):
        look_ahead(acc, index, n, index.size)
        out[n] = team_of[acc[index[n]].action, acc[index[n]].state]


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
    week = min(day.week, gain.shape[1] - 1)
    for n in range(index.size):
        look_ahead(acc, index, n, index.size)
        r = acc[index[n]]
        x = t - r.due
        if kind == OLDEST:
            value = float(x)
        elif kind == BALANCE:
            value = float(r.principal)
        elif kind == SCORE:
            value = r.score
        elif kind == EXPECTED:
            arrears = due_dates_until(r, t, day.month, rules) * r.instalment - r.credit
            value = arrears * PAYS[age_group(x)]
        else:
            value = gain[r.column, week, r.state] * r.instalment
        lot = uniform(r.key, t, HOUR)
        out[n] = value + lot if kind == OLDEST else value + lot * 1e-9 * (abs(value) + 1.0)
