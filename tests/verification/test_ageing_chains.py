"""Cases 1–3: ageing of receivables as an absorbing chain, to the digits of the textbooks."""

from __future__ import annotations

import numpy as np
import pytest

from simcollect.behaviour.absorbing import AbsorbingChain
from simcollect.errors import InputError


def test_two_buckets_of_the_textbook():
    """0–30 and 31–90 days; ends paid, bad (after Cyert, Davidson & Thompson 1962, in textbooks)."""
    chain = AbsorbingChain(Q=[[0.3, 0.3], [0.3, 0.1]], R=[[0.4, 0.0], [0.4, 0.2]])
    np.testing.assert_allclose(chain.fundamental, [[1.66667, 0.55556], [0.55556, 1.29630]], atol=5e-6)
    np.testing.assert_allclose(chain.absorption[:, 1], [0.11111, 0.25926], atol=5e-6)
    np.testing.assert_allclose(np.array([1000, 2000]) @ chain.absorption, [2370.37, 629.63], atol=5e-3)


def test_three_steps_of_the_department_store():
    chain = AbsorbingChain(Q=[[0, 0.2, 0], [0, 0, 0.1], [0, 0, 0]], R=[[0.8, 0], [0.9, 0], [0.85, 0.15]])
    np.testing.assert_allclose(chain.absorption[:, 0], [0.997, 0.985, 0.85], atol=1e-12)
    np.testing.assert_allclose(150_000 * chain.absorption[0], [149_550, 450], atol=1e-6)


def test_cycle_back_to_earlier_buckets():
    """A one-step answer of 1.6 million paid is in circulation and wrong."""
    chain = AbsorbingChain(
        Q=[[0, 0.2, 0], [0, 0.3, 0.3], [0, 0.6, 0.1]],
        R=[[0.8, 0], [0.4, 0], [0.2, 0.1]],
    )
    np.testing.assert_allclose(chain.absorption[:, 0], [0.986667, 0.933333, 0.844444], atol=5e-7)
    paid, bad = np.array([1.0e6, 0.9e6, 0.6e6]) @ chain.absorption
    assert bad == pytest.approx(166_666.67, abs=5e-3)
    assert paid == pytest.approx(2_333_333.33, abs=5e-3)


def test_the_chain_agrees_with_stepping_it_forward():
    chain = AbsorbingChain(Q=[[0.3, 0.3], [0.3, 0.1]], R=[[0.4, 0.0], [0.4, 0.2]])
    inside, ended, steps = np.eye(2), np.zeros((2, 2)), np.zeros(2)
    for _ in range(200):
        steps += inside.sum(axis=1)
        ended += inside @ chain.R
        inside = inside @ chain.Q
    np.testing.assert_allclose(chain.absorption, ended, atol=1e-12)
    np.testing.assert_allclose(chain.expected_steps, steps, atol=1e-12)
    np.testing.assert_allclose(chain.absorption.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("Q", "R", "said"),
    [
        (
            [[0.3, 0.3], [0.3, 0.1]],
            [[0.4, 0.0], [0.4, 0.1]],
            "row 2, column Q and R: 0.9: a row must sum to 1",
        ),
        ([[-0.1]], [[1.1]], "row 1, column Q: -0.1: a chance lies between 0 and 1"),
        ([[float("nan")]], [[1.0]], "row 1, column Q: nan: a chance lies between 0 and 1"),
        ([[0.5, 0.5]], [[0.5]], "column Q: (1, 2): must be square"),
        ([[0.5]], [[0.5], [0.5]], "column R: 2 rows, Q 1: must have the rows of Q"),
        ([[0.5, 0.5], [0.5, 0.5]], [[0, 0], [0, 0]], "row 1, column R: no end can be reached"),
        ([[0.5, 0.5], [0.5]], [[0], [0.5]], "column Q: must be a table of numbers"),
    ],
)
def test_what_cannot_be_a_chain_is_refused_with_its_row(Q, R, said):
    with pytest.raises(InputError) as caught:
        AbsorbingChain(Q, R)
    assert said in str(caught.value)


def test_all_problems_come_in_one_report():
    with pytest.raises(InputError) as caught:
        AbsorbingChain(Q=[[0.5, 0.0], [0.0, 0.5]], R=[[0.4, 0.0], [0.4, 0.0]])
    assert [problem.row for problem in caught.value.problems] == [1, 2]


def test_the_chain_cannot_be_changed():
    chain = AbsorbingChain(Q=[[0.5]], R=[[0.5]])
    with pytest.raises(ValueError, match="read-only"):
        chain.Q[0, 0] = 0.9
    with pytest.raises(AttributeError):
        chain.Q = np.array([[0.9]])
