"""Histories that are played on: months without a loan are the real account's, debts are the played one's."""

import numpy as np
import numpy.typing as npt

from simcollect.calibration.filter import IDLE
from simcollect.calibration.month import N_DUE
from simcollect.calibration.replay import replay, status_of


def test_who_is_late_in_the_play_has_no_month_without_a_loan_until_it_has_paid_up() -> None:
    """The real account paid up and closed. The one that is played still owes, so it cannot have closed."""
    real = np.array([[1, IDLE, IDLE, 0]], np.int8)
    two_due = np.zeros((1, N_DUE, 8))
    two_due[0, 2, 0] = 1.0
    stays = np.zeros((1, 1, 4, N_DUE, 2, N_DUE, 2))
    pays = stays.copy()
    for k in range(N_DUE):
        stays[:, :, :, k, :, k, 0] = 1.0
        pays[:, :, :, k, :, max(k - 1, 0), 0] = 1.0
    of = status_of(np.array([0, 2, 3]), np.array([2, 3, N_DUE]))

    def play(kernels: npt.NDArray[np.float64]) -> list[int]:
        start, none, rng = np.zeros(1, np.int64), np.zeros((1, 4), np.int8), np.random.default_rng(0)
        played = replay(real, none[:, 0], start, two_due.reshape(1, -1), kernels, none, of, rng)
        return [int(status) for status in played[0]]

    assert play(stays) == [1, 1, 1, 1]
    assert play(pays) == [1, IDLE, IDLE, 0]
