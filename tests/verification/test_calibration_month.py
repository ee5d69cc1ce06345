"""The monthly kernel is the package's borrower: against the weekly chain and a day-by-day draw of the same law."""

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain, move_hidden, step
from simcollect.behaviour.law import MAX_DUE
from simcollect.behaviour.prior import new_accounts, weekly
from simcollect.behaviour.states import AGENCY, N_STATES, open_state
from simcollect.behaviour.week import N_STATS, Act
from simcollect.calibration.filter import ENDED, FLOOR, IDLE, UNSEEN, Panel, expected, log_likelihoods
from simcollect.calibration.free import standard
from simcollect.calibration.likelihood import Model
from simcollect.calibration.month import GONE, N_DUE, month_kernel

LAW = Behaviour.default().law()


def test_rows_are_probabilities_and_paying_more_means_less_lateness() -> None:
    kernel = month_kernel(LAW, 0.0005, 0.005, 15.0, 1.0, 1.0)
    assert np.allclose(kernel.sum(axis=(3, 4)), 1.0)
    eased = month_kernel(LAW, 0.0005, 0.005, 15.0, 1.2, 1.2)
    due = np.arange(N_DUE)
    worse = (kernel.sum(axis=4) * due).sum(axis=-1)[:, :GONE]
    better = (eased.sum(axis=4) * due).sum(axis=-1)[:, :GONE]
    assert (better <= worse + 1e-12).all()


def test_charge_offs_of_two_years_agree_with_the_weekly_chain() -> None:
    """Both multiply out the same daily law; the chain does it in weeks, and splits months between weeks."""
    behaviour = Behaviour.default().replace({"agency.exit": 0.0})
    loss, regain = float(LAW.loss[0, 1]), float(LAW.regain[0, 1])
    new = new_accounts(behaviour, 0, 1)
    chain = build_chain(behaviour, [Act(-1, 0, 0, 0, 0, -1)], [1.0])
    mass = np.zeros((N_STATES, 8))
    mass[open_state(-4, 0, 0, 0)] = new
    moved, after = np.empty_like(mass), np.empty_like(mass)
    totals = np.zeros((1, N_STATS + 2))
    for _ in range(104):
        move_hidden(mass, weekly(loss), weekly(regain), chain.kernel, moved)
        step(moved, np.zeros(N_STATES, np.int8), 0, np.zeros(MAX_DUE + 1), chain.kernel, after, totals)
        mass = after.copy()
    # Two days after the due day nothing is due until four weeks on: where the chain began.
    kernel = month_kernel(behaviour.law(), loss, regain, 2.0, 1.0, 1.0)
    state = np.zeros((4, N_DUE, 2))
    state[:, 0, 0], state[:, 0, 1] = new[:4], new[4:]
    for _ in range(24):
        state = np.einsum("dkl,dklKL->dKL", state, kernel)
    assert state[:, GONE].sum() == pytest.approx(mass[AGENCY].sum(), rel=0.1)
    hidden = new[:4] + new[4:]
    assert state[3, GONE].sum() / hidden[3] > 10 * state[0, GONE].sum() / hidden[0]  # the unwilling, not the prompt


def test_the_filter_agrees_with_summing_over_every_hidden_path() -> None:
    kernel = month_kernel(LAW, 0.001, 0.006, 15.0, 1.0, 1.0)
    rng = np.random.default_rng(0)
    start = rng.uniform(size=(1, N_DUE, 8))
    low, high = np.array([0, 2, 3]), np.array([2, 3, N_DUE])
    status = np.array([[0, 1, UNSEEN, 1, 0], [1, 0, IDLE, 0, 1], [2, 2, 1, ENDED, ENDED]], np.int8)
    panel = Panel(status, np.ones(3), np.zeros(3, np.int8), np.zeros((3, 5), np.int8), low, high)
    found = log_likelihoods(panel, start, kernel[None, None])[0]
    # The whole transition as one matrix over (k, h).
    T = np.zeros((N_DUE, 8, N_DUE, 8))
    for d in range(4):
        for a in range(2):
            for b in range(2):
                T[:, 4 * a + d, :, 4 * b + d] = kernel[d, :, a, :, b]
    for i in range(3):
        vector = start[0].copy()
        vector[(np.arange(N_DUE) < low[status[i, 0]]) | (np.arange(N_DUE) >= high[status[i, 0]])] = 0
        vector /= vector.sum()
        total = 1.0
        for y in status[i, 1:]:
            if y == ENDED:
                break
            move = T.copy()
            if y == IDLE:
                move[1] = T[0]
            vector = np.einsum("kh,khKH->KH", vector, move)
            a, b = (0, N_DUE) if y == UNSEEN else (0, 2) if y == IDLE else (low[y], high[y])
            vector[:a] = 0
            vector[b:] = 0
            total *= vector.sum()
            vector /= vector.sum()
        assert found[i] == pytest.approx(np.log(total), abs=1e-10)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    low, high = np.array([0, 2, 3]), np.array([2, 3, N_DUE])
    rng = np.random.default_rng(3)
    status = np.cumsum(rng.integers(-1, 2, (40, 6)), axis=1).clip(0, 2).astype(np.int8)
    panel = Panel(status, np.ones(40), rng.integers(0, 3, 40).astype(np.int8), np.zeros((40, 6), np.int8), low, high)
    model = Model(panel, tuple(standard(3)), (0, 1, 2), 0, 15.0, True, Behaviour.default())
    theta = 0.2 * rng.standard_normal(len(model.free))
    _, gradient = model.objective(theta)
    for i in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[i] += 1e-4
        down[i] -= 1e-4
        slope = (model.objective(up)[0] - model.objective(down)[0]) / 2e-4
        assert gradient[i] == pytest.approx(slope, rel=1e-3, abs=1e-3), model.free[i].name


def test_expected_moves_add_up_to_the_months_seen() -> None:
    low, high = np.array([0, 2]), np.array([2, N_DUE])
    status = np.array([[0, 0, 1, 0], [0, 1, ENDED, ENDED]], np.int8)
    panel = Panel(status, np.array([3.0, 2.0]), np.zeros(2, np.int8), np.zeros((2, 4), np.int8), low, high)
    model = Model(panel, tuple(standard(1)), (1,), 0, 15.0, True, Behaviour.default())
    kernels, start, _ = model.build(np.zeros(len(model.free)))
    _, moves, opens = expected(panel, start, kernels, 2)
    assert moves.sum() == pytest.approx(3 * 3 + 2 * 1)
    assert opens.sum() == pytest.approx(5.0)


def test_an_impossible_status_costs_the_floor_and_the_filter_goes_on() -> None:
    low, high = np.array([0, 2, 3, 4]), np.array([2, 3, 4, N_DUE])
    status = np.array([[0, 3, 3, 3]], np.int8)
    panel = Panel(status, np.ones(1), np.zeros(1, np.int8), np.zeros((1, 4), np.int8), low, high)
    model = Model(panel, tuple(standard(1)), (1,), 0, 15.0, True, Behaviour.default())
    kernels, start, _ = model.build(np.zeros(len(model.free)))
    total = log_likelihoods(panel, start, kernels)[0][0]
    assert np.log(FLOOR) - 5 < total < np.log(FLOOR)
