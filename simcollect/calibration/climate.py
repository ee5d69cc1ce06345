"""The payment climate: what moves all borrowers of a lender together from month to month.

Symbols: ``r_t`` log of the accounts that became late in a month over those the fitted model expected, ``n_t`` their
number, ``u_t`` log of the climate's multiplier of the payment intensities.

    r_t = c u_t + e_t,   var e_t = 1 / n_t,      u_t = u_{t-1} + w_t,   w_t ~ N(0, step²)

``c`` is the response of new lateness to the intensities in the fitted model. Those already late may feel less (or
more) of it: their intensities are multiplied by ``exp(reach u_t)``, with ``reach`` from the cures of the same months.
``step`` is estimated by maximum likelihood with the Kalman filter (Harvey, *Forecasting, Structural Time Series
Models and the Kalman Filter*, 1989, local level). A forecast starts from the last level and wanders on, so its
interval says how far the world may drift in that time: where a scenario's path is given, it takes the place of this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.filter import moves_by_month
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.panel import Sequences

Array = npt.NDArray[np.float64]

EASED = 1.05  # for the response to the intensities
LEAST = 20  # newly late accounts a month needs to say something: judgement
FIRST_SD = 0.3  # of the level before the first month, on the scale of r: judgement, wide
REACH_SD = 0.5  # prior spread of `reach` around 1, judgement: the data decide after a few months
WIDEST = 0.5  # largest step looked for, on the scale of r: judgement


@dataclass(frozen=True)
class Climate:
    """The common factor up to the last month known.

    Attributes
    ----------
    table : one row a month: month, entered, expected, log_ratio, standard_error
    step : spread of a month's change of ``u``
    level, level_error : ``u`` in the last month
    response : ``c``; negative, as more payment means less new lateness
    reach : share of the climate that those more than 30 days late feel
    """

    table: pd.DataFrame
    step: float
    level: float
    level_error: float
    response: float
    reach: float

    @property
    def ease(self) -> tuple[float, float]:
        """Multipliers of the payment intensity in the last month, up to 30 days late and beyond."""
        return float(np.exp(self.level)), float(np.exp(self.reach * self.level))

    def paths(self, n: int, months: int, seed: int = 0) -> Array:
        """Return multipliers of the payment intensity in the months ahead, as `ease`, shape (n, months, 2)."""
        rng = np.random.default_rng([seed, 1])
        begin = self.level + self.level_error * rng.standard_normal((n, 1))
        level = begin + self.step * rng.standard_normal((n, months)).cumsum(axis=1)
        return np.exp(np.stack([level, self.reach * level], axis=-1))


def climate(fit: Fit, data: Sequences) -> Climate:
    """Estimate the payment climate of the months in which a model was fitted.

    Parameters
    ----------
    fit : of these sequences
    data : the sequences
    """
    from scipy.optimize import minimize_scalar

    panel, _ = data.distinct(calendar=True)
    kernels, start, _ = fit.model.build(fit.theta)
    eased = fit.model.build(fit.theta, ease=((EASED, EASED),)).kernels
    months = int(panel.kernel.max()) + 1
    both = moves_by_month(panel, start, kernels, eased, months)
    counts, cures = both[:, 0], both[:, 1]
    usable = (counts[:, 0] >= LEAST) & (counts[:, 1] > 0)
    when = np.flatnonzero(usable)
    entered, expected, with_ease = counts[usable, 0], counts[usable, 1], counts[usable, 2]
    table = pd.DataFrame(
        {"month": data.first.min() + when + 1, "entered": entered, "expected": expected,
         "log_ratio": np.log(entered / expected), "standard_error": 1 / np.sqrt(entered)}
    )  # fmt: skip
    if when.size == 0:
        return Climate(table, 0.0, 0.0, 0.0, -1.0, 1.0)
    response = float(np.log(with_ease.sum() / expected.sum()) / np.log(EASED))
    r, noise, passed = table["log_ratio"].to_numpy(), 1 / entered, np.diff(when, prepend=when[0])
    step = 0.0
    if when.size >= 3:
        found = minimize_scalar(lambda x: -_kalman(r, noise, passed, x)[0], bounds=(0.0, WIDEST), method="bounded")
        step = float(found.x)
    _, level, variance, levels = _kalman(r, noise, passed, step)
    # From the last month with enough cases to the last month of the data the level has wandered on.
    variance += step**2 * float(max(data.first.min() + months - int(table["month"].iloc[-1]), 0))
    scale = abs(response)
    reach = _reach(cures[usable], -levels / scale)
    return Climate(table, step / scale, -level / scale, float(np.sqrt(variance)) / scale, response, reach)


def _reach(cures: Array, u: Array) -> float:
    """Return how much of the climate those late feel, by regression of the cures' log ratio on it."""
    enough = cures[:, 0] >= LEAST
    if not enough.any():
        return 1.0
    happened, expected, eased = cures[enough].T
    slope = np.log(eased.sum() / expected.sum()) / np.log(EASED) * u[enough]
    ratio = np.log(happened / expected)
    weight = happened
    prior = 1 / REACH_SD**2
    return float((prior + (weight * slope * ratio).sum()) / (prior + (weight * slope**2).sum()))


def _kalman(r: Array, noise: Array, passed: npt.NDArray[np.int64], step: float) -> tuple[float, float, float, Array]:
    """Return the log-likelihood, mean and variance of the last level, and each level's mean when it was reached."""
    level, variance, value = 0.0, FIRST_SD**2, 0.0
    levels = []
    for y, e, gap in zip(r, noise, passed, strict=True):
        variance += step**2 * gap
        total = variance + e
        value -= 0.5 * (np.log(total) + (y - level) ** 2 / total)
        gain = variance / total
        level += gain * (y - level)
        variance *= 1 - gain
        levels.append(level)
    return value, level, variance, np.array(levels)
