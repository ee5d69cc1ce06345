"""When liquidity moves: on the day on which hazards added up week by week exceed the account's number."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from simcollect.simulation.columns import ACCOUNT, NEVER
from simcollect.simulation.liquidity import LIQUIDITY, next_move
from simcollect.simulation.rules import _summed
from simcollect.streams import account_keys, uniform

DAYS = 100


@njit
def days_of(acc: np.ndarray, first: int, loss: np.ndarray, regain: np.ndarray) -> np.ndarray:
    out = np.empty(acc.size, np.int64)
    for i in range(acc.size):
        out[i] = next_move(acc[i], first, loss, regain)
    return out


def accounts(n: int, strained: int) -> np.ndarray:
    acc = np.zeros(n, ACCOUNT)
    acc["key"], acc["strained"] = account_keys([f"A{i}" for i in range(n)], seed=4), strained
    acc["kind"], acc["product"], acc["band"] = 1, 1, 2
    return acc


@pytest.fixture(scope="module")
def hazards() -> tuple[np.ndarray, np.ndarray]:
    """Weekly hazards that differ by day and by kind of account; loss seldom, so that some never move."""
    rng = np.random.default_rng(8)
    return rng.uniform(0.0, 0.06, (DAYS, 2, 2, 3)), rng.uniform(0.0, 0.4, (DAYS, 2, 3))


@pytest.mark.parametrize("strained", [0, 1])
@pytest.mark.parametrize("first", [0, 5, 7, 33, 94, 99, 100, 106])
def test_it_moves_on_the_first_weekly_day_on_which_the_sum_exceeds_the_number(
    hazards: tuple[np.ndarray, np.ndarray], first: int, strained: int
) -> None:
    loss, regain = hazards
    acc = accounts(300, strained)
    own = regain[:, 1, 2] if strained else loss[:, 1, 1, 2]
    expected = []
    for key in acc["key"]:
        left, day = -np.log(1.0 - uniform(key, first, LIQUIDITY)), first
        while day < DAYS and left >= own[day]:
            left -= own[day]
            day += 7
        expected.append(day if day < DAYS else NEVER)
    assert days_of(acc, first, _summed(loss), _summed(regain)).tolist() == expected


def test_as_many_move_as_the_hazards_say(hazards: tuple[np.ndarray, np.ndarray]) -> None:
    loss, regain = hazards
    moved = days_of(accounts(20_000, 0), 3, _summed(loss), _summed(regain))
    for day in (3, 31, 94):
        share = 1 - np.exp(-loss[3 : day + 1 : 7, 1, 1, 2].sum())
        assert (moved <= day).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))
