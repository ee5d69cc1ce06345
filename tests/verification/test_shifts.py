"""Cases 8 and 9: covering a need with shifts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simcollect.errors import InfeasibleError, InputError
from simcollect.staffing import cover, cyclic_shifts, five_day_shifts

WEEK = [17, 13, 15, 19, 14, 16, 11]


def test_five_days_in_a_row():
    """The post office of Winston's textbook: 22 1/3 in fractions, 23 people."""
    roster = cover(WEEK, five_day_shifts())
    assert roster.lp_bound == pytest.approx(22.3333, abs=5e-5)
    assert roster.staff == 23
    assert roster.cost == 23


def test_eight_hours_starting_every_four():
    """A restaurant's day in six blocks from 08:00."""
    roster = cover([5, 6, 10, 7, 4, 6], cyclic_shifts(6, 2))
    assert roster.staff == 19


def test_a_roster_covers_the_need_with_the_shifts_it_names():
    shifts = five_day_shifts()
    roster = cover(WEEK, shifts)
    np.testing.assert_array_equal(roster.coverage, roster.starts @ shifts)
    assert np.all(roster.coverage >= WEEK)
    assert roster.starts.dtype == np.int64


@pytest.mark.parametrize("seed", range(5))
def test_no_roster_is_cheaper_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    need, shifts, costs = rng.integers(0, 4, 4), cyclic_shifts(4, 2), rng.integers(1, 9, 4)
    cheapest = min(
        int(costs @ starts)
        for starts in itertools.product(range(4), repeat=4)
        if np.all(np.array(starts) @ shifts >= need)
    )
    assert cover(need, shifts, costs).cost == cheapest


def test_costs_move_people_to_the_cheap_shift():
    assert cover([2], [[1], [1]], costs=[3, 1]).starts.tolist() == [0, 2]


def test_no_need_takes_nobody():
    assert cover([0, 0, 0], cyclic_shifts(3, 1)).staff == 0


def test_a_period_that_no_shift_works_is_named():
    with pytest.raises(InfeasibleError, match="no shift works in period 2, where some are needed"):
        cover([1, 2], [[1, 0]])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, 2], [[1]]), "column shifts: (1, 1): must have one column for each of the 2 periods"),
        (([1], [[2]]), "column shifts: must hold only 0 and 1"),
        (([-1], [[1]]), "column need: [-1.0]: must not be negative"),
        (([1], [[1]], [-1]), "column costs: [-1.0]: must not be negative"),
        (([1], [[1]], [1, 1]), "column costs: (2,): must be one a shift"),
    ],
)
def test_impossible_tables_are_refused(arguments, said):
    with pytest.raises(InputError) as caught:
        cover(*arguments)
    assert said in str(caught.value)


def test_a_shift_longer_than_its_cycle_is_refused():
    with pytest.raises(InputError, match="must be 1 to 6"):
        cyclic_shifts(6, 7)


def test_the_roster_says_what_it_is():
    assert repr(cover(WEEK, five_day_shifts())).startswith("<Roster 23 people")
