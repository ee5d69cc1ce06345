"""The overlay: by how much the moves between statuses differ from what the fitted model expects of them.

The daily law is one for all lenders, and no lender's customers keep to it in everything: a law that lets people pay
twice in a month may send too many of those two months late to one month late. So a forecast of statuses also holds what
the model is known to miss. Symbols: ``o, e`` moves from status a to b in a year of the past, seen and expected a month
ahead; ``m`` what the model misses of that move in every year, ``u`` what it missed in that year alone.

    log(o / e) = m_ab + u_ab,y + chance,     m ~ N(0, always²),  u ~ N(0, year²)

Pairs of ``always`` and ``year`` are weighed on a grid by their likelihood and a prior, as the climate's are
(`climate.py`); each move has its own, for a law may miss few moves, and those badly. What all late accounts cured more
or less in a year is the climate's, and is taken out before; whether the punctual become late is the climate's
altogether.

Moves a month ahead are turned into those of the forecast by factors on the kernel, found by scaling rows and columns in
turn until the expected rolls are those wanted (iterative proportional fitting: Deming & Stephan, Ann. Math. Stat.
11(4), 1940). The simulator has no overlay: the table says what to allow for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.likelihood import Fit
from simcollect.calibration.panel import Sequences
from simcollect.calibration.standing import expected_moves, months_of, standing

Array = npt.NDArray[np.float64]

YEAR = 12  # months
SPREADS = np.geomspace(0.02, 1.0, 18)  # thought of, for what is missed always and for what is missed in a year
ALWAYS, ONE_YEAR = (x.ravel() for x in np.meshgrid(SPREADS, SPREADS, indexing="ij"))
# Before the data, each move for itself: judgement. A law that misses a move by a tenth is a good one, but some it may
# miss by half an order of magnitude more or less; what it misses, it misses mostly always.
USUAL, USUAL_IN_YEAR, USUAL_SPREAD = 0.1, 0.05, 1.0
ROUNDS = 20  # of scaling
LEFT = 0.05  # of the other moves that a climate leaves at least, however many cures it brings: judgement
LEAST_NOISE = 0.02  # for 1 - share in the error of a move that nearly all make: judgement


@dataclass(frozen=True, eq=False, repr=False)
class Overlay:
    """What a fitted model misses of the moves out of each late status.

    Attributes
    ----------
    table : one row a move: from, to, n (accounts there), seen, expected (shares), ratio of what is to be forecast to
        what the model expects, and its standard error (of the log, for a year to come)
    weight : (pairs, statuses, statuses) of each pair of `ALWAYS` and `ONE_YEAR`; they sum to one over pairs
    mean, variance : (pairs, statuses, statuses) of m
    standing : (G, statuses, N_DUE, 2, 4) accounts at risk by status and what is hidden
    expected : (statuses, statuses) moves
    of : status of each number of instalments due
    """

    table: pd.DataFrame
    weight: Array
    mean: Array
    variance: Array
    standing: Array
    expected: Array
    of: npt.NDArray[np.int64]

    def draws(self, n: int, months: int, seed: int = 0) -> Array:
        """Return ratios of moves to what is expected, for each year begun of the months ahead, (n, years, Y, Y)."""
        rng = np.random.default_rng([seed, 2])
        shape, years = self.expected.shape, -(-months // YEAR)
        a, b = np.indices(shape)
        below = self.weight.cumsum(axis=0)
        which = np.minimum((rng.random((n, 1, *shape)) > below).sum(axis=1), ALWAYS.size - 1)
        always = self.mean[which, a, b] + np.sqrt(self.variance[which, a, b]) * rng.standard_normal((n, *shape))
        alone = ONE_YEAR[which][:, None] * rng.standard_normal((n, years, *shape))
        return np.asarray(np.exp(always[:, None] + alone))

    def on(self, kernels: Array, ratios: Array) -> Array:
        """Return kernels on which moves are as many times what is expected as `ratios` says.

        Parameters
        ----------
        kernels : (G, Z, 4, N_DUE, 2, N_DUE, 2), the first of a usual month, the others of the months ahead
        ratios : (years, Y, Y), one of the draws
        """
        out = kernels.copy()
        for year, ratio in enumerate(ratios):
            wanted = self.expected * ratio
            wanted = wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1e-300)
            factor = self._factors(kernels[:, 0], wanted)
            ahead = slice(1 + YEAR * year, 1 + YEAR * (year + 1))
            out[:, ahead] = _scaled(kernels[:, ahead], factor, self.of)
        return out

    def _factors(self, usual: Array, wanted: Array) -> Array:
        """Return factors (Y, Y) on the kernel that give the rolls wanted."""
        factor = np.ones_like(wanted)
        for _ in range(ROUNDS):
            rolls = expected_moves(self.standing, _scaled(usual[:, None], factor, self.of)[:, 0], self.of)
            rolls = rolls / np.maximum(rolls.sum(axis=1, keepdims=True), 1e-300)
            ratio = np.where((wanted > 0) & (rolls > 0), wanted / np.maximum(rolls, 1e-300), 1.0)
            factor = factor * ratio
            if np.abs(np.log(ratio)).max() < 1e-3:
                break
        return factor


def overlay(fit: Fit, data: Sequences) -> Overlay:
    """Estimate what a model misses in the months in which it was fitted.

    Parameters
    ----------
    fit : of these sequences
    data : the sequences
    """
    months = months_of(data)
    # Years are counted back from the last month; the first may be shorter.
    year = ((np.arange(months) - months) // YEAR + -(-months // YEAR)).astype(np.int64)
    stood = standing(fit, data, year)
    moved, expected = stood.moved, stood.expected(fit.model.build(fit.theta).kernels[:, 0])
    late = np.arange(data.low.size) > 0
    climate = moved[:, late, 0].sum(axis=1) / np.maximum(expected[:, late, 0].sum(axis=1), 1e-300)
    mean, variance, weight = _missed(moved, _in_climate(expected, climate))
    total, seen = expected.sum(axis=0), moved.sum(axis=0)
    ratio = (weight * mean).sum(axis=0)
    error = np.sqrt((weight * (variance + ONE_YEAR[:, None, None] ** 2 + (mean - ratio) ** 2)).sum(axis=0))
    n = seen.sum(axis=1, keepdims=True)
    a, b = np.indices(total.shape)
    columns = {"from": a, "to": b, "n": np.broadcast_to(n, total.shape).astype(int), "seen": seen / np.maximum(n, 1.0),
               "expected": total / np.maximum(n, 1.0), "ratio": np.exp(ratio), "error": error}  # fmt: skip
    table = pd.DataFrame({name: column.ravel() for name, column in columns.items()})
    table = table[(table["from"] > 0) & (table["expected"] > 0)].reset_index(drop=True)
    return Overlay(table, weight, mean, variance, stood.at.sum(axis=0), total, stood.of)


def _in_climate(expected: Array, cured: Array) -> Array:
    """Return expected moves with as many cures as the year's climate brought, other moves of the late the fewer."""
    out = expected.copy()
    for year, factor in enumerate(cured):
        for a in range(1, expected.shape[1]):
            row = expected[year, a]
            rest = row[1:].sum()
            if row[0] > 0 and rest > 0:
                cures = min(factor * row[0], row.sum() - LEFT * rest)
                out[year, a, 0] = cures
                out[year, a, 1:] = row[1:] * (row.sum() - cures) / rest
    return out


def _missed(moved: Array, expected: Array) -> tuple[Array, Array, Array]:
    """Return mean and variance of m by pair of spreads, and the weights of the pairs, each (pairs, Y, Y)."""
    share = expected / np.maximum(expected.sum(axis=2, keepdims=True), 1e-300)
    x = np.log((moved + 0.5) / (expected + 0.5))
    noise = np.maximum(1 - share, LEAST_NOISE) / (expected + 0.5)
    used = (expected > 0) & (np.arange(moved.shape[1]) > 0)[None, :, None]
    always, year = ALWAYS[:, None, None], ONE_YEAR[:, None, None]
    precision = np.where(used, 1 / (noise + year[:, None] ** 2), 0.0)  # (pairs, years, Y, Y)
    total = precision.sum(axis=1)
    best = (precision * x).sum(axis=1) / np.maximum(total, 1e-300)
    variance = 1 / (1 / always**2 + total)
    mean = variance * total * best
    # Of a move's years: chance about the years' mean, and that mean about zero.
    logs = np.where(used, np.log(np.maximum(precision, 1e-300)), 0.0)
    about = (precision * (x - best[:, None]) ** 2 - logs).sum(axis=1)
    level = np.log1p(always**2 * total) + total * best**2 / (1 + always**2 * total)
    prior = np.log(always / USUAL) ** 2 + np.log(year / USUAL_IN_YEAR) ** 2
    value = -0.5 * (about + level + prior / USUAL_SPREAD**2)
    weight = np.exp(value - value.max(axis=0))
    return mean, variance, weight / weight.sum(axis=0)


def _scaled(kernels: Array, factor: Array, of: npt.NDArray[np.int64]) -> Array:
    """Return kernels (G, Z, 4, N_DUE, 2, N_DUE, 2) with moves multiplied by a factor, made to sum to one again."""
    out = kernels * factor[of][:, of][None, None, None, :, None, :, None]
    return np.asarray(out / out.sum(axis=(5, 6), keepdims=True))
