"""Case 10, and Whittle's index against its definition by brute force over policies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simcollect.errors import InputError
from simcollect.optimisation.whittle import whittle_index

P0, P1 = [[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0.5, 0.5]]
R0, R1 = [0.5, 0.5], [2, 1]


@pytest.mark.parametrize(
    ("discount", "second"), [(None, 1.0), (0.5, 0.666667), (0.9, 0.909091), (0.95, 0.952381), (0.0, 0.5)]
)
def test_two_state_arm(discount, second):
    np.testing.assert_allclose(whittle_index(P0, P1, R0, R1, discount), [1.5, second], atol=5e-7)


def advantage(P0, P1, R0, R1, discount, subsidy):
    """Active less passive in each state at a subsidy, under the best of all policies."""
    n = len(R0)
    best = np.full(n, -np.inf)
    for policy in itertools.product([False, True], repeat=n):
        active = np.array(policy)
        P, r = np.where(active[:, None], P1, P0), np.where(active, R1, R0 + subsidy)
        best = np.maximum(best, np.linalg.solve(np.eye(n) - discount * P, r))
    return R1 - R0 - subsidy + discount * (P1 - P0) @ best


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99])
def test_at_its_index_a_state_does_not_mind(seed, discount):
    rng = np.random.default_rng(seed)
    arm = (*rng.dirichlet([0.5] * 4, (2, 4)), *rng.normal(size=(2, 4)))
    index = whittle_index(*arm, discount)
    for state, subsidy in enumerate(index):
        assert advantage(*arm, discount, subsidy)[state] == pytest.approx(0, abs=1e-8)
        assert (
            advantage(*arm, discount, subsidy - 0.01)[state]
            > 0
            > advantage(*arm, discount, subsidy + 0.01)[state]
        )


@pytest.mark.parametrize("seed", range(5))
def test_the_average_index_solves_the_average_reward_equation(seed):
    """At a state's index both actions are as good: R1 + P1 h = R0 + index + P0 h, h the bias around it."""
    rng = np.random.default_rng(seed)
    P0, P1 = rng.dirichlet([1.0] * 4, (2, 4))
    R0, R1 = rng.normal(size=(2, 4))
    index = whittle_index(P0, P1, R0, R1)
    for state, subsidy in enumerate(index):
        active = index > subsidy
        P, r = np.where(active[:, None], P1, P0), np.where(active, R1, R0 + subsidy)
        system = np.eye(4) - P
        system[:, 0] = 1
        bias = np.linalg.solve(system, r)
        bias[0] = 0
        assert (R1 - R0 - subsidy + (P1 - P0) @ bias)[state] == pytest.approx(0, abs=1e-7)


def test_an_arm_at_rest_when_passive_has_gittins_index():
    """Passive freezes the state: the best state's index is its own reward, none is below the average."""
    P = np.array([[0.2, 0.8, 0.0], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]])
    reward = np.array([1.0, 5.0, 2.0])
    stationary = np.linalg.matrix_power(P, 200)[0]
    index = whittle_index(np.eye(3), P, np.zeros(3), reward)
    assert index[1] == pytest.approx(5, abs=1e-6)
    assert index.min() == pytest.approx(stationary @ reward, abs=1e-6)


def test_arms_that_fall_apart_may_have_an_endless_index():
    """Active stays for ever; in the poor state it never pays on average, whatever passivity costs."""
    index = whittle_index([[0.5, 0.5], [0.5, 0.5]], np.eye(2), [0, 0], [1, 0])
    assert index[0] == pytest.approx(1, abs=1e-6)
    assert index[1] == -np.inf


def test_rewards_alone_decide_where_actions_do_not_move_the_arm():
    P = [[0.3, 0.7], [0.6, 0.4]]
    np.testing.assert_allclose(whittle_index(P, P, [1, 0], [4, 1]), [3, 1], atol=1e-9)


def test_an_arm_without_index_is_refused():
    """State 0 is passive between −0.20 and 0.20 and active above (brute force shows the same)."""
    P0 = np.array([[0, 0, 1], [0, 0.6, 0.4], [0.8, 0, 0.2]])
    P1 = np.array([[0, 1, 0], [0, 0.4, 0.6], [0.1, 0, 0.9]])
    arm = (P0, P1, np.zeros(3), np.array([1.1, -0.3, 0.7]))
    assert advantage(*arm, 0.9, 0.0)[0] < 0 < advantage(*arm, 0.9, 0.3)[0]
    with pytest.raises(InputError, match=r"not indexable: state 0 is passive at a subsidy of -0\.2015"):
        whittle_index(*arm, 0.9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([[0.5, 0.4], [0.25, 0.75]], P1, R0, R1), "row 1, column P0: 0.9: a row must sum to 1"),
        ((P0, [[1.5, -0.5], [0, 1]], R0, R1), "row 1, column P1: -0.5: a chance must not be negative"),
        ((P0, [[1.0]], R0, R1), "column P1: (1, 1): must be 2 × 2"),
        ((P0, P1, R0, [1, 2, 3]), "column R1: [1.0, 2.0, 3.0]: must be 2 finite numbers"),
        ((P0, P1, R0, R1, 1.0), "column discount: 1.0: must be at least 0 and below 1"),
    ],
)
def test_impossible_arms_are_refused(arguments, said):
    with pytest.raises(InputError) as caught:
        whittle_index(*arguments)
    assert said in str(caught.value)
