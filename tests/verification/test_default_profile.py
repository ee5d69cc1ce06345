"""The default borrower pays as the published lenders' do (docs/sources.md, section 13)."""

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.law import day_bin
from simcollect.behaviour.prior import Prior, house_prior
from simcollect.behaviour.states import open_state

BANDS = np.array([0.40, 0.35, 0.25])  # of a mid-market book: judgement


@pytest.fixture(scope="module")
def timing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days from the due date, probability of paying on each, and of still owing before each; nobody is contacted."""
    behaviour = Behaviour.default()
    law, prior = behaviour.law(), house_prior(behaviour)
    mix = sum(share * _shares(prior, band) for band, share in enumerate(BANDS))
    days = np.arange(-10, 181)
    owing, paying = np.ones((5, days.size + 1)), np.zeros((5, days.size))
    for i, x in enumerate(days):
        pays = 1 - np.exp(-law.base[:, day_bin(law.bins, int(x))])
        paying[:, i] = owing[:, i] * pays
        owing[:, i + 1] = owing[:, i] * (1 - pays)
    return days, mix @ paying, mix @ owing


def _shares(prior: Prior, band: int) -> np.ndarray:
    states = [open_state(-2, 0, 0, late) for late in (0, 1)]
    weight = prior.occupancy[0, band, states]
    hidden = weight @ prior.table[0, band, states] / weight.sum()
    return np.append(hidden[:4], hidden[4:].sum())


def test_most_pay_ahead_a_fifth_on_the_day_an_eighth_late(timing: tuple[np.ndarray, ...]) -> None:
    days, paying, _ = timing
    assert paying[days < 0].sum() == pytest.approx(0.64, abs=0.03)
    assert paying[days == 0].sum() == pytest.approx(0.187, abs=0.05)
    assert 0.083 <= paying[days > 0].sum() <= 0.174  # three lenders: 8.3 to 17.4 %


def test_days_late_are_close_to_log_normal_as_at_three_lenders(timing: tuple[np.ndarray, ...]) -> None:
    days, paying, _ = timing
    late, weight = days[days > 0], paying[days > 0] / paying[days > 0].sum()
    mean = (weight * np.log(late)).sum()
    sd = np.sqrt((weight * (np.log(late) - mean) ** 2).sum())
    assert 1.35 <= mean <= 1.55
    assert 1.12 <= sd <= 1.22
    beyond = {limit: weight[late > limit].sum() for limit in (1, 3, 7, 14, 30)}
    published = {1: 0.77, 3: 0.59, 7: 0.36, 14: 0.185, 30: 0.039}
    assert all(beyond[limit] == pytest.approx(share, abs=0.05) for limit, share in published.items())


def test_the_hazard_of_payment_falls_with_each_stretch_of_days_late(timing: tuple[np.ndarray, ...]) -> None:
    days, paying, owing = timing
    hazard = paying / owing[:-1]
    at = [hazard[days == x].item() for x in (0, 1, 3, 7, 14, 30, 60, 90)]
    assert (np.diff(at) < 0).all()


def test_who_was_late_before_is_several_times_as_likely_to_be_late_again() -> None:
    """A panel of the default borrower has memory: repeat lateness is five times first lateness on the monthly panel."""
    prior = house_prior(Behaviour.default())
    occupancy = prior.occupancy[0, 1]
    first = occupancy[open_state(4, 0, 0, 0)] / sum(occupancy[open_state(w, 0, 0, 0)] for w in range(-5, 0))
    again = occupancy[open_state(4, 0, 0, 1)] / sum(occupancy[open_state(w, 0, 0, 1)] for w in range(-5, 0))
    assert 3.0 < again / first < 9.0
