"""Other readings of who is late: the same histories, other borrowers; and the searches that start from them."""

from __future__ import annotations

from dataclasses import replace
from math import factorial

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.calibration.free import apply
from simcollect.calibration.hills import GO_ON, ROUNDS, find_hills
from simcollect.calibration.likelihood import Model, fit
from simcollect.calibration.readings import ROLES, in_roles, joined
from simcollect.calibration.recovery import made_up

PROMPT, FORGETFUL, MISINFORMED, UNWILLING, STRAINED = range(5)


def likelihood(model: Model, theta: np.ndarray) -> float:
    return model.objective(theta)[0] - 0.5 * float(((theta / model.sd) ** 2).sum())


def test_statuses_cannot_tell_which_of_two_groups_is_which() -> None:
    """With the same defaults dispositions differ by their figures alone: exchange them, and no history is likelier."""
    model, truth = made_up(3, accounts=500, months=8)
    pay = model.base["pay.base"].copy()
    pay[UNWILLING] = pay[FORGETFUL]
    model = replace(model, base=model.base.replace({"pay.base": pay}))
    turned = in_roles(model, truth, [PROMPT, UNWILLING, MISINFORMED, FORGETFUL, STRAINED])
    before, after = (apply(model.base, model.free, theta)["pay.base"] for theta in (truth, turned))
    assert np.allclose(before[[FORGETFUL, UNWILLING]], after[[UNWILLING, FORGETFUL]])
    assert not np.allclose(truth, turned)
    assert likelihood(model, turned) == pytest.approx(likelihood(model, truth), rel=1e-12)


def test_changing_roles_and_back_changes_nothing() -> None:
    model, truth = made_up(3, accounts=50, months=4)
    order = [PROMPT, UNWILLING, MISINFORMED, FORGETFUL, STRAINED]
    turned = in_roles(model, truth, order)
    assert np.allclose(in_roles(model, turned, order), truth)


def test_every_change_of_roles_but_the_prompts_is_tried() -> None:
    assert len(set(ROLES)) == len(ROLES)
    assert tuple(range(5)) not in ROLES
    assert all(sorted(order) == list(range(5)) for order in ROLES)
    assert sum(order[PROMPT] == PROMPT for order in ROLES) == factorial(4) - 1


def test_the_strained_who_take_anothers_part_are_as_many() -> None:
    model, truth = made_up(3, accounts=50, months=4)
    turned = in_roles(model, truth, [PROMPT, FORGETFUL, MISINFORMED, STRAINED, UNWILLING])
    before, after = (model.behaviour(theta) for theta in (truth, turned))
    band, product = model.bands[0], model.product

    def strained(behaviour: Behaviour) -> float:
        loss, regain = (behaviour[name][product, band] for name in ("liquidity.loss", "liquidity.regain"))
        return float(loss / (loss + regain))

    unwilling = before["hidden.disposition"][band, UNWILLING] * (1 - strained(before))
    assert strained(after) == pytest.approx(unwilling)


def test_roles_can_be_changed_where_a_lender_has_none_of_a_group() -> None:
    """Nobody misinformed, and the unwilling never pay late: no start is lost to the logarithm of nothing."""
    model, truth = made_up(3, accounts=50, months=4)
    shares, pay = model.base["hidden.disposition"].copy(), model.base["pay.base"].copy()
    shares[:, PROMPT] += shares[:, MISINFORMED]
    shares[:, MISINFORMED] = 0.0
    pay[UNWILLING, -1] = 0.0
    model = replace(model, base=model.base.replace({"hidden.disposition": shares, "pay.base": pay}))
    with np.errstate(all="raise"):
        begin = [in_roles(model, truth, order) for order in ROLES]
    assert np.isfinite(begin).all()


def test_a_group_read_as_two_of_half_its_size_explains_a_history_as_well() -> None:
    model, truth = made_up(3, accounts=500, months=8)
    pay = model.base["pay.base"].copy()
    pay[MISINFORMED] = pay[UNWILLING]
    model = replace(model, base=model.base.replace({"pay.base": pay}))
    for i, entry in enumerate(model.free):
        if "misinformed" in entry.name:
            truth[i] = -20.0 if entry.entry == "hidden.disposition" else 0.0  # as good as none of them
        elif "[unwilling" in entry.name and entry.entry == "pay.base":
            truth[i] = 0.3
    divided = in_roles(model, truth, [PROMPT, FORGETFUL, UNWILLING, UNWILLING, STRAINED])
    before, after = (model.behaviour(theta)["hidden.disposition"][model.bands[0]] for theta in (truth, divided))
    assert after[[MISINFORMED, UNWILLING]] == pytest.approx(before[UNWILLING] / 2, rel=1e-6)
    assert likelihood(model, divided) == pytest.approx(likelihood(model, truth), rel=1e-6)


def test_a_group_that_joins_another_leaves_its_accounts_there() -> None:
    model, truth = made_up(3, accounts=50, months=4)
    together = joined(model, truth, MISINFORMED, UNWILLING)
    before, after = (model.behaviour(theta)["hidden.disposition"][model.bands[0]] for theta in (truth, together))
    default = model.base["hidden.disposition"][model.bands[0]]
    assert after[UNWILLING] / after[PROMPT] == pytest.approx(
        (before[UNWILLING] + before[MISINFORMED]) / before[PROMPT]
    )
    assert after[MISINFORMED] / after[PROMPT] == pytest.approx(default[MISINFORMED] / default[PROMPT])
    paid = model.behaviour(together)["pay.base"][MISINFORMED]
    assert paid == pytest.approx(model.base["pay.base"][MISINFORMED])


def test_the_misinformed_who_stay_late_are_found_beside_the_unwilling() -> None:
    """Where both stay late, a search from the defaults counts them all as unwilling, and ends lower than the truth."""
    model, truth = made_up(20007, accounts=20_000, months=12)
    from_the_truth = fit(model, truth, errors=False)
    found = fit(model, errors=False)
    assert model.objective(found.theta)[0] < model.objective(from_the_truth.theta)[0] + 0.1


def bowls(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Bowls at 0, 5 and 10, each one deeper than the last."""
    depths = [float(((x - at) ** 2).sum()) - deep for at, deep in ((0, 0), (5, 1), (10, 2))]
    best = int(np.argmin(depths))
    return depths[best], 2 * (x - 5 * best)


def test_neighbours_are_looked_for_again_from_every_higher_hill() -> None:
    found = find_hills(bowls, 1.0, np.ones(1), np.full(1, 20.0), [np.zeros(1)], lambda x: [x + 5], 50)
    assert [round(float(hill.x[0]), 3) for hill in found] == [10.0, 5.0, 0.0]


def test_those_go_on_that_are_highest_after_a_few_steps() -> None:
    """Of many starts a long valley's lie lowest, and end highest: none is found by the height at which it begins."""

    def valley_and_bowls(x: np.ndarray) -> tuple[float, np.ndarray]:
        if x[0] < -50:  # steep, and deep
            return float((x[0] + 100) ** 2) - 50, 2 * (x + 100)
        nearest = np.round(x / 5) * 5
        return float(((x - nearest) ** 2).sum()), 2 * (x - nearest)

    starts = [np.array([5.0 * i + 1]) for i in range(1, 4 * GO_ON)] + [np.array([-140.0])]
    heights = [valley_and_bowls(start)[0] for start in starts]
    assert np.argmax(heights) == len(starts) - 1
    found = find_hills(valley_and_bowls, 1.0, np.ones(1), np.full(1, 1e3), [np.zeros(1)], lambda x: starts, 50)
    assert found[0].x == pytest.approx([-100.0])
    assert found[0].value == pytest.approx(-50.0)
    assert len(found) <= 1 + ROUNDS * GO_ON


def test_a_hill_is_counted_once() -> None:
    begin = [np.array([-1.0]), np.array([0.5]), np.array([1.0])]
    found = find_hills(bowls, 1.0, np.ones(1), np.full(1, 20.0), begin, lambda x: [x - 1], 50)
    assert len(found) == 1


def test_the_highest_hill_is_found_where_a_search_from_the_defaults_ends_on_another() -> None:
    """A search from the parameters that the history was drawn from must not end higher than the estimate."""
    model, truth = made_up(5651, accounts=20_000, months=12)
    found = fit(model, errors=False)
    best, alone, from_truth = (
        model.objective(theta)[0]
        for theta in (found.theta, *(fit(model, start, errors=False).theta for start in (0 * truth, truth)))
    )
    assert alone > best + 20  # else this history shows nothing
    assert from_truth > best - 0.1
