"""Hills of a posterior as readings of a history: how probable each is, and draws from all of them."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from simcollect.behaviour.classes import BEHAVIOURS
from simcollect.calibration.likelihood import Fit, Model
from simcollect.calibration.readings import in_roles, in_words, readings
from simcollect.calibration.recovery import draw
from simcollect.calibration.statuses import example_model
from simcollect.calibration.tops import Top, probabilities

FAR, WIDER, LOWER = 40.0, 2.0, 1.0
WIDE = np.array([100.0, 100.0])  # prior spreads that say nothing


def two_hills() -> Fit:
    """A fit at zero; another hill lies at `FAR`, lower, and wider in both numbers."""

    def each(x: np.ndarray) -> np.ndarray:
        near = -0.5 * float(x @ x)
        far = -LOWER - 0.5 * float(((x - FAR) ** 2).sum()) / WIDER**2
        return np.array([max(near, far)])

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        on_far = 0.5 * float(x @ x) > LOWER + 0.5 * float(((x - FAR) ** 2).sum()) / WIDER**2
        return -float(each(x)[0]), (x - FAR) / WIDER**2 if on_far else x

    model = SimpleNamespace(objective=objective, sd=WIDE, panel=SimpleNamespace(weight=np.ones(1)), _each=each)
    information = np.eye(2) - np.diag(1 / WIDE**2)
    return Fit(cast(Model, model), np.zeros(2), np.eye(2), information, 0.0, True, 1, (np.full(2, FAR),))


def test_a_hill_is_as_probable_as_it_is_high_and_wide() -> None:
    """Half the height in logs is lost, and four times the volume gained: of two normal bowls this is exact."""
    odds = WIDER**2 * np.exp(-LOWER)
    assert probabilities(two_hills().tops)[1] == pytest.approx(odds / (1 + odds))


def test_draws_come_from_every_hill_as_often_as_it_is_probable() -> None:
    drawn = two_hills().draws(4000, seed=5)
    far = drawn[:, 0] > FAR / 2
    odds = WIDER**2 * np.exp(-LOWER)
    share = odds / (1 + odds)
    assert far.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))
    for rows, centre, spread in ((drawn[~far], 0.0, 1.0), (drawn[far], FAR, WIDER)):
        assert rows.mean() == pytest.approx(centre, abs=0.1 * spread)
        assert rows.std() == pytest.approx(spread, rel=0.1)  # a few are pulled in


def test_two_ends_of_one_ridge_are_one_hill() -> None:
    long = np.diag([100.0, 1.0])
    same, other = (Top(np.array(x), long, 0.1) for x in ([9.0, 0.0], [0.0, 9.0]))
    shares = probabilities([Top(np.zeros(2), long), same, other])
    assert shares[1] == 0
    assert shares[2] / shares[0] == pytest.approx(np.exp(-0.1))


def reading_of(turned: np.ndarray, model: Model, lost: float) -> Fit:
    eye = 0.01 * np.eye(len(model.free))
    known = Top(np.zeros(len(turned)), eye), Top(turned, eye, lost)
    return cast(Fit, SimpleNamespace(model=model, tops=known))


def test_another_reading_is_told_with_its_shares() -> None:
    """The misinformed and the unwilling in each other's parts: the shares are those, exchanged."""
    model = draw(example_model(4), np.zeros(29), 100, 4, seed=1)
    turned = in_roles(model, np.zeros(len(model.free)), [0, 1, 3, 2, 4])
    found = readings(reading_of(turned, model, float(np.log(3))))
    assert found["probability"].tolist() == pytest.approx([0.75, 0.25])
    assert found[list(BEHAVIOURS)].sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    mine, other = found.loc[0], found.loc[1]
    assert other["misinformed"] == pytest.approx(mine["unwilling"])
    assert other["unwilling"] == pytest.approx(mine["misinformed"])
    assert other["strained"] == pytest.approx(mine["strained"])
    assert "25%" in in_words(found)


def test_nothing_is_told_of_a_reading_that_is_improbable_or_the_same() -> None:
    model = draw(example_model(4), np.zeros(29), 100, 4, seed=1)
    turned = in_roles(model, np.zeros(len(model.free)), [0, 1, 3, 2, 4])
    assert len(readings(reading_of(turned, model, 6.0))) == 1
    assert in_words(readings(reading_of(turned, model, 6.0))) == ""
    faster = np.zeros(len(model.free))
    faster[[entry.entry == "pay.base" for entry in model.free]] = 5.0
    same = readings(reading_of(faster, model, 0.0))
    assert len(same) == 2
    assert in_words(same) == ""
