"""Bayes' rule on the chain: the belief is the forward measure of the accounts that look alike."""

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import Chain, build_chain, move_hidden, step
from simcollect.behaviour.law import MAX_DUE
from simcollect.behaviour.states import AGENCY, CLOSED, LEGAL, N_STATES, open_state, plan_state
from simcollect.behaviour.week import N_STATS
from simcollect.optimisation.posterior import update
from simcollect.strategy import Catalogue

LOSS, REGAIN = 0.03, 0.05
CLOSING = np.linspace(0.0, 0.14, MAX_DUE + 1)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return build_chain(Behaviour.default(), Catalogue.default().acts(), [1.0])


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (open_state(-1, 0, 0, 1), "sms"),
        (open_state(2, 1, 0, 0), "call"),
        (open_state(9, 3, 1, 1), "plan"),
        (open_state(20, 2, 2, 1), "legal"),
        (plan_state(1, 1, 0), "wait"),
        (LEGAL + 2, "wait"),
        (AGENCY, "wait"),
    ],
)
def test_one_week_of_bayes_is_one_week_of_the_chain_cut_by_what_is_seen(chain: Chain, state: int, action: str) -> None:
    belief = np.random.default_rng(1).dirichlet(np.ones(8))
    mass, after, moved = np.zeros((N_STATES, 8)), np.empty((N_STATES, 8)), np.empty((N_STATES, 8))
    mass[state] = belief
    code = Catalogue.default().code(action)
    actions = np.full(N_STATES, code, np.int8)
    step(mass, actions, 0, CLOSING, chain.kernel, after, np.zeros((len(chain.acts), N_STATS + 2)))
    move_hidden(after, LOSS, REGAIN, chain.kernel, moved)
    out, total = np.empty(8), 0.0
    for end in np.flatnonzero(moved.sum(axis=1)):
        seen = update(chain.kernel, 0, CLOSING, belief, state, code, end, LOSS, REGAIN, out)
        assert seen == pytest.approx(moved[end].sum(), rel=1e-12)
        assert out == pytest.approx(moved[end] / moved[end].sum(), rel=1e-12)
        total += seen
    assert total == pytest.approx(1.0, rel=1e-12)


def test_what_cannot_happen_leaves_the_belief_but_for_liquidity(chain: Chain) -> None:
    belief, out = np.full(8, 1 / 8), np.empty(8)
    seen = update(chain.kernel, 0, CLOSING, belief, CLOSED, 0, open_state(3, 0, 0, 0), 0.2, 0.0, out)
    assert seen == 0.0
    assert out.sum() == pytest.approx(1.0)
    assert out[:4].sum() == pytest.approx(0.8 * 0.5)
