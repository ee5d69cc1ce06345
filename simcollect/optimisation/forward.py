"""The forward pass of one segment's joint chain: what a policy earns and uses, and where accounts stand.

Accounts and instalments are carried side by side under a table of actions, week by week.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel, move_hidden
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, STRAINED
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import CLOSED, LAST_WEEK, LEGAL, N_STATES, PLAN
from simcollect.optimisation.recursion import LEGAL_SLOTS, MESSAGES, Series, Terms, row_of_state

Array = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)
def forward(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    mu0: Array,
    nu0: Array,
    policy: npt.NDArray[np.int8],
    mu: Array,
    nu: Array,
    flows: Array,
    use: Array,
) -> None:
    """Carry both measures through all weeks under a policy.

    Parameters
    ----------
    mu0, nu0 : accounts and instalments at the start, shape (S, H)
    policy : actions, shape (T, S)
    mu, nu : filled with the measures each week acts on, shape (T + 1, S, H); the last is the end of the horizon
    flows : filled with money by instalments, money from balances, cost; shape (T, 3), not discounted
    use : filled with the use of each resource, shape (R, T)
    """
    weeks = policy.shape[0]
    after_mu, after_nu = mu0.copy(), nu0.copy()
    after = np.empty((N_STATES, N_HIDDEN, 2))  # both measures side by side: they travel together
    prob, dest, paid, cleared = kernel.prob, kernel.dest, kernel.paid, kernel.cleared
    use[:] = 0.0
    flows[:] = 0.0
    for t in range(weeks):
        move_hidden(after_mu, series.loss[t], series.regain[t], kernel, mu[t])
        move_hidden(after_nu, series.loss[t], series.regain[t], kernel, nu[t])
        after[:] = 0.0
        k = series.season[t]
        for s in range(N_STATES):
            action = policy[t, s] if s < PLAN else 0
            if s >= PLAN or kernel.legal[action]:
                _mode_week(kernel, terms, series, t, s, mu[t, s], nu[t, s], after, flows, use)
                continue
            team = terms.team[action, s]
            oldest = t + LAST_WEEK - kernel.week_of[s]
            going_on, owed = 1.0 - series.closing[oldest], series.owed[oldest]
            f, late, due = kernel.flag_of[s], kernel.late_of[s], kernel.due_of[s]
            first = row_of_state(kernel, action, s, 0)
            for b in range(N_BEHAVIOURS):
                m, v = mu[t, s, b], nu[t, s, b]
                if b == STRAINED:
                    m, v = m + mu[t, s, 5] + mu[t, s, 6] + mu[t, s, 7], v + nu[t, s, 5] + nu[t, s, 6] + nu[t, s, 7]
                if m == 0.0:
                    continue
                row = first + b
                flows[t, 0] += v * (
                    terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
                )
                flows[t, 2] += m * terms.cost[k, row]
                use[terms.teams + MESSAGES, t] += m * terms.messages[k, row]
                if team >= 0:
                    use[team, t] += m * terms.minutes[k, row]
                stays = 0.0
                if b < STRAINED:
                    for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                        p = prob[k, n] * going_on[paid[n]]
                        there = after[dest[n, f, late], 0 if cleared[n] else b]
                        there[0] += p * m
                        there[1] += p * v
                        stays += p
                    # What does not stay has paid off its loan.
                    after[CLOSED, b, 0] += m * (1.0 - stays)
                    after[CLOSED, b, 1] += v * (1.0 - stays)
                    continue
                # The strained share one row of the law: their four classes are carried together.
                m0, m1, m2, m3 = mu[t, s, 4], mu[t, s, 5], mu[t, s, 6], mu[t, s, 7]
                v0, v1, v2, v3 = nu[t, s, 4], nu[t, s, 5], nu[t, s, 6], nu[t, s, 7]
                for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                    p = prob[k, n] * going_on[paid[n]]
                    there = after[dest[n, f, late]]
                    there[4, 0] += p * m0
                    there[4, 1] += p * v0
                    there[5, 0] += p * m1
                    there[5, 1] += p * v1
                    there[6, 0] += p * m2
                    there[6, 1] += p * v2
                    there[7, 0] += p * m3
                    there[7, 1] += p * v3
                    stays += p
                after[CLOSED, STRAINED, 0] += m * (1.0 - stays)
                after[CLOSED, STRAINED, 1] += v * (1.0 - stays)
        after_mu[:], after_nu[:] = after[..., 0], after[..., 1]
    mu[weeks] = after_mu
    nu[weeks] = after_nu


@njit(cache=True, nogil=True)
def _mode_week(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    t: int,
    s: int,
    mu: Array,
    nu: Array,
    after: Array,
    flows: Array,
    use: Array,
) -> None:
    """Carry accounts on a plan, in law (or on the way there), charged off or closed through week t."""
    closing = series.closing[t + LAST_WEEK - (kernel.week_of[s] if s < PLAN else 0), 1]
    for h in range(N_HIDDEN):
        m, v = mu[h], nu[h]
        if m == 0.0:
            continue
        row = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + behaviour_of(h)
        if s < PLAN:
            flows[t, 2] += m * terms.entry_cost
            use[terms.teams + LEGAL_SLOTS, t] += m
        flows[t, 0] += v * terms.mode_cash[row]
        flows[t, 1] += v * terms.mode_balance[row] * series.balance[t]
        flows[t, 2] += m * terms.mode_cost[row]
        for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
            p, d = kernel.mode_prob[n], kernel.mode_dest[n]
            if kernel.mode_paid[n]:
                after[CLOSED, h, 0] += m * p * closing
                after[CLOSED, h, 1] += v * p * closing
                p *= 1.0 - closing
            after[d, h, 0] += m * p
            after[d, h, 1] += v * p
