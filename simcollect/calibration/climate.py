"""The payment climate: what moves all borrowers of a lender together from month to month.

There are two climates, that of those not late yet and that of those late, for they need not move together: in a crisis
more become late while collectors may cure as many as ever. Symbols: ``r_t`` log of the accounts that became late in a
month (that were cured, of those late) over those the fitted model expected, ``n_t`` and ``p_t`` how many were expected,
and as a share, ``l_t`` the lasting climate, ``m_t`` what was of that month alone.

    r_t = l_t + m_t + e_t,     m_t ~ N(0, once²),  var e_t = (1 - p_t) / n_t
    l_t = l_{t-1} + w_t,       w_t ~ N(0, step²)

The level is worked out with the Kalman filter (Harvey, *Forecasting, Structural Time Series Models and the Kalman
Filter*, 1989, local level) for each pair of ``step`` and ``once`` on a grid, and pairs are weighed by their likelihood
and a prior taken from other lenders' years: a few months say little of how far a climate goes in a month, or whether it
stays, and a forecast from them has the long tails that it should have.

The climates become multipliers of the payment intensities of accounts with at most one instalment due at the month's
start, and of others, ``exp(u)`` with ``r = C u``, ``C`` the response of both log ratios to either in the fitted model.
A forecast starts from the last level and wanders on, so its interval says how far the world may drift in that time:
where a scenario's path is given, it takes the place of this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.likelihood import Fit
from simcollect.calibration.panel import Sequences
from simcollect.calibration.standing import months_of, standing

Array = npt.NDArray[np.float64]

EASED = 1.05  # for the response to the intensities
LEAST = 20  # accounts newly late, or cured, that a month needs to say something: judgement
FIRST_SD = 0.3  # of the level before the first month: judgement, wide
SPREADS = np.geomspace(0.004, 1.0, 24)  # thought of, for what lasts and for what is of one month
STEP, ONCE = (x.ravel() for x in np.meshgrid(SPREADS, SPREADS, indexing="ij"))
# Before the data: the log of US card delinquency rates moved by 0.144 (sd) from one year to the next in 1991-2019, all
# consumer loans' by 0.114 (Federal Reserve series DRCCLACBS and DRCLACBS), which is 0.042 and 0.033 a month. One lender
# may be quieter or wilder than a country by half an order of magnitude: judgement, as it is that what is of one month
# alone is of the same size.
USUAL, USUAL_SPREAD = 0.04, 1.0
WIDEST = 1.5  # most by which the log of an intensity moves, beyond which C no longer holds: judgement, 4.5 times


@dataclass(frozen=True, eq=False, repr=False)
class Level:
    """One climate up to the last month known.

    Attributes
    ----------
    table : one row a month: month, happened, expected, log_ratio, standard_error
    weight : (pairs,) of each pair of `STEP` and `ONCE`; they sum to one
    mean, variance : (pairs,) of the level in the last month, by pair
    """

    table: pd.DataFrame
    weight: Array
    mean: Array
    variance: Array

    @property
    def now(self) -> float:
        """Best guess of the level in the last month."""
        return float(self.weight @ self.mean)

    @property
    def step(self) -> float:
        """Spread of a month's lasting change."""
        return float(np.sqrt(self.weight @ STEP**2))

    @property
    def once(self) -> float:
        """Spread of what is of one month alone."""
        return float(np.sqrt(self.weight @ ONCE**2))

    def paths(self, n: int, months: int, rng: np.random.Generator) -> Array:
        """Return the level in the months ahead, shape (n, months)."""
        which = rng.choice(STEP.size, n, p=self.weight)
        begin = self.mean[which] + np.sqrt(self.variance[which]) * rng.standard_normal(n)
        walk = STEP[which, None] * rng.standard_normal((n, months)).cumsum(axis=1)
        alone = ONCE[which, None] * rng.standard_normal((n, months))
        return np.asarray(begin[:, None] + walk + alone)


@dataclass(frozen=True, eq=False, repr=False)
class Climate:
    """The climates of a lender up to the last month known.

    Attributes
    ----------
    entry, cure : of those not late yet, and of those late
    response : (2, 2) rows entry and cure, columns log intensity with at most one instalment due, and with more
    """

    entry: Level
    cure: Level
    response: Array

    @property
    def ease(self) -> tuple[float, float]:
        """Multipliers of the payment intensity in the last month, with at most one instalment due and with more."""
        early, late = self._multipliers(np.array([self.entry.now, self.cure.now]))
        return float(early), float(late)

    def paths(self, n: int, months: int, seed: int = 0) -> Array:
        """Return multipliers of the payment intensity in the months ahead, as `ease`, shape (n, months, 2)."""
        rng = np.random.default_rng([seed, 1])
        return self._multipliers(np.stack([level.paths(n, months, rng) for level in (self.entry, self.cure)], axis=-1))

    def _multipliers(self, level: Array) -> Array:
        return np.asarray(np.exp(np.clip(level @ np.linalg.inv(self.response).T, -WIDEST, WIDEST)))


def climate(fit: Fit, data: Sequences) -> Climate:
    """Estimate the payment climates of the months in which a model was fitted.

    Parameters
    ----------
    fit : of these sequences
    data : the sequences
    """
    months = months_of(data)
    stood = standing(fit, data, np.arange(months))
    usual = fit.model.build(fit.theta).kernels[:, 0]
    eased = fit.model.build(fit.theta, ease=((EASED, 1.0), (1.0, EASED))).kernels
    expected, *moved_on = (_entries_and_cures(stood.expected(kernel)) for kernel in (usual, eased[:, 0], eased[:, 1]))
    happened = _entries_and_cures(stood.moved)
    at_risk = stood.moved[:, 0].sum(axis=1), stood.moved[:, 1:].sum(axis=(1, 2))
    when = int(data.first.min()) + 1 + np.arange(months)
    entry, cure = (level(when, happened[kind], expected[kind], at_risk[kind]) for kind in (0, 1))
    total, changed = expected.sum(axis=1), np.stack(moved_on, axis=-1).sum(axis=1)
    response = np.eye(2) * (-1.0, 1.0)
    if (total > 0).all():
        response = np.log(changed / total[:, None]) / np.log(EASED)
    return Climate(entry, cure, response)


def _entries_and_cures(moves: Array) -> Array:
    """Return how many became late, and how many of the late cured, of moves (months, Y, Y); shape (2, months)."""
    return np.stack([moves[:, 0, 1:].sum(axis=1), moves[:, 1:, 0].sum(axis=1)])


def level(month: npt.NDArray[np.int64], happened: Array, expected: Array, at_risk: Array) -> Level:
    """Estimate a level from what happened each month.

    Parameters
    ----------
    month : one after the other; happened, expected, at_risk : accounts

    Examples
    --------
    >>> found = level(np.arange(4), np.array([90.0, 80.0, 72.0, 66.0]), np.full(4, 100.0), np.full(4, 4000.0))
    >>> round(float(np.exp(found.now)), 2), round(found.step, 2)
    (0.73, 0.09)
    """
    usable = (happened >= LEAST) & (expected > 0)
    r = np.log(happened[usable] / expected[usable])
    noise = np.maximum(1 - expected[usable] / at_risk[usable], 0.0) / expected[usable]
    table = pd.DataFrame(
        {"month": month[usable], "happened": happened[usable], "expected": expected[usable], "log_ratio": r,
         "standard_error": np.sqrt(noise)}
    )  # fmt: skip
    mean, variance = np.zeros(STEP.size), np.full(STEP.size, FIRST_SD**2)
    value = -0.5 * (np.log([STEP / USUAL, ONCE / USUAL]) ** 2).sum(axis=0) / USUAL_SPREAD**2
    before = 0
    for y, e, place in zip(r, noise, np.flatnonzero(usable), strict=True):
        variance = variance + STEP**2 * (place - before)
        total = variance + ONCE**2 + e
        value -= 0.5 * (np.log(total) + (y - mean) ** 2 / total)
        gain = variance / total
        mean = mean + gain * (y - mean)
        variance = variance * (1 - gain)
        before = int(place)
    # From the last month with enough cases to the last month of the data the level has wandered on.
    variance = variance + STEP**2 * (month.size - 1 - before)
    weight = np.exp(value - value.max())
    return Level(table, weight / weight.sum(), mean, variance)
