"""The likelihood of status histories: its gradient, and what histories that begin alike share."""

from dataclasses import replace

import numpy as np
import pytest

from simcollect.calibration.filter import ENDED, IDLE, UNSEEN, Panel, expected, last_measures, log_likelihoods
from simcollect.calibration.likelihood import Model
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import new_histories
from simcollect.calibration.statuses import example_model

MONTHS = 7


def drawn(groups: int, running: bool, accounts: int = 300) -> Model:
    """Histories from the defaults, with months not seen, without a loan, ended early, and one impossible status."""
    empty = replace(example_model(MONTHS, groups), running=running)
    kernels, start, _ = empty.build(np.zeros(len(empty.free)))
    low, high = empty.panel.low, empty.panel.high
    group = (np.arange(accounts) % groups).astype(np.int8)
    status = new_histories(accounts, MONTHS, start, kernels, group, low, high, seed=4)
    status[::7, 3] = UNSEEN
    status[::11, 2] = IDLE
    status[::5, 5:] = ENDED
    status[0, :3] = 0, 3, 0
    names, first = np.arange(accounts).astype(object), np.zeros(accounts, np.int64)
    return replace(empty, panel=Sequences(status, group, names, first, empty.bands, low, high).distinct()[0])


@pytest.mark.parametrize(("groups", "running"), [(1, True), (3, False)])
def test_the_gradient_is_that_of_the_posterior(groups: int, running: bool) -> None:
    model = drawn(groups, running)
    possible = log_likelihoods(model.panel, *model.build(np.zeros(len(model.free)))[1::-1])[0] > -13.0
    fields = ("status", "weight", "group", "kernel")
    model = replace(model, panel=model.panel._replace(**{f: getattr(model.panel, f)[possible] for f in fields}))
    theta = 0.2 * model.sd * np.random.default_rng(1).standard_normal(len(model.free))

    def posterior(x: np.ndarray) -> float:
        built = model.build(x)
        value = model.panel.weight @ log_likelihoods(model.panel, built.start, built.kernels)[0]
        return 0.5 * float(((x / model.sd) ** 2).sum()) - float(value)

    value, gradient = model.objective(theta)
    steps = 1e-4 * np.eye(theta.size)
    differences = [(posterior(theta + step) - posterior(theta - step)) / 2e-4 for step in steps]
    assert value == pytest.approx(posterior(theta))
    assert gradient == pytest.approx(np.array(differences), rel=1e-5, abs=1e-4)


def test_histories_that_begin_alike_are_worked_out_together_and_nothing_changes() -> None:
    model = drawn(3, running=True)
    panel = model.panel
    kernels, start, _ = model.build(np.zeros(len(model.free)))
    together = expected(panel, start, kernels, 1)
    each = log_likelihoods(panel, start, kernels)
    measures = last_measures(panel, start, kernels)
    total, moves, opens = 0.0, np.zeros_like(kernels), np.zeros_like(start)
    for i in range(len(panel.weight)):
        one = slice(i, i + 1)
        alone = Panel(panel.status[one], panel.weight[one], panel.group[one], panel.kernel[one], panel.low, panel.high)
        value, its_moves, its_opens = expected(alone, start, kernels, 1)
        total, moves, opens = total + value, moves + its_moves, opens + its_opens
        assert log_likelihoods(alone, start, kernels)[0][0] == each[0][i]
        assert np.array_equal(last_measures(alone, start, kernels)[0], measures[i])
    assert together[0] == pytest.approx(total)
    assert together[1] == pytest.approx(moves)
    assert together[2] == pytest.approx(opens)
    assert expected(panel, start, kernels, 3)[1] == pytest.approx(moves)
