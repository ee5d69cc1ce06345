"""What each action is worth to each kind of account in one week: the table that the run-time policy reads.

The same recursion as the plan's (`recursion`), laid out for one week and all states and actions at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import LAST_WEEK, LEVELS, open_state
from simcollect.optimisation.lanes import LANES, in_all_lanes, lane_state, lay_out, open_values, room
from simcollect.optimisation.recursion import Series, Terms, mode_values

Array = npt.NDArray[np.float64]
FIRST_REVIEW = -1  # weeks before this are not reviewed


@njit(cache=True, nogil=True)
def action_worths(
    kernel: Kernel, terms: Terms, series: Series, prices: Array, t: int, later: Array, out: Array
) -> None:
    """Fill money and cost of every action in every state under review, for each hidden class.

    Parameters
    ----------
    prices : shape (R, T), discounted like the values; what an action uses is in its cost
    t : the week
    later : values a week later, shape (S, 2, H)
    out : filled, shape (S, A, 2, H): money per unit of instalment, and cost per account; where an action is not
        allowed its cost is infinite
    """
    x, p, q, legal = room(kernel)
    lay_out(kernel, series, t, later, x, p)
    out[:, :, 0] = 0.0
    out[:, :, 1] = np.inf
    for age in range(FIRST_REVIEW, LAST_WEEK + 1):
        for a in range(LEVELS if age >= 0 else 1):
            first = open_state(age, a, 0, 1)
            for action in range(terms.allowed.shape[0]):
                if not terms.allowed[action, first]:
                    continue
                if kernel.legal[action]:
                    mode_values(kernel, terms, series, prices, t, later, first, legal)
                    in_all_lanes(legal, q)
                else:
                    team = terms.team[action, first]
                    open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                for lane in range(LANES):
                    s = lane_state(age, a, lane)
                    if s < 0 or not terms.allowed[action, s]:
                        continue
                    for h in range(N_HIDDEN):
                        out[s, action, 0, h] = q[h, 2 * lane]
                        out[s, action, 1, h] = q[h, 2 * lane + 1]
