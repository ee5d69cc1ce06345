"""The parameters of the borrower that make a lender's status history most likely.

    maximise   Σ_n w_n log P(statuses_n | first status, theta) − Σ_i theta_i² / (2 sd_i²)

The gradient is that of the expected complete-data log-likelihood at the expected moves (Fisher's identity), so it
costs one pass over the histories and one back through the month (`slopes.py`), however many numbers are free.

Standard errors: ``V = H⁻¹ J H⁻¹`` with ``H`` the observed information (prior included) and ``J`` the outer product of
the accounts' scores, so that they hold where the model is not exactly right (White, Econometrica 50(1), 1982), and
never below those of ``H⁻¹``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import STRAINED
from simcollect.behaviour.law import Law
from simcollect.calibration.built import Built, opening_shares, opening_slopes, with_entries
from simcollect.calibration.curvature import inverse
from simcollect.calibration.filter import Panel, expected, log_likelihoods
from simcollect.calibration.free import Free, apply, chained
from simcollect.calibration.hills import find_hills
from simcollect.calibration.month import N_DUE, month_kernel
from simcollect.calibration.readings import other_readings, starts
from simcollect.calibration.slopes import month_slopes
from simcollect.calibration.tops import Top, probabilities, tops
from simcollect.units import DAYS_A_MONTH

Array = npt.NDArray[np.float64]

STEP = 1e-3  # for differences on the log scale
PARTS = 2  # threads that share the pass
PULLS = 10  # times a draw may be pulled in
EDGE = 5.0  # how many prior spreads from the default the search may go
Z95 = 1.959964
LOWER = 6.0  # by how much another hill may be lower and yet count, because it is wider: judgement, a factor of 400
DROP = Z95**2 / 2  # what a number may cost the posterior at the end of its 95 % interval


@dataclass(frozen=True)
class Model:
    """What is fitted: histories, free numbers and how the histories begin.

    Attributes
    ----------
    panel : the histories
    free : the numbers to estimate
    bands : risk band of each group; product : index of the product
    phase : days from the due day to the month end
    running : True if the first status is of an account that had lived before, False if it is new
    base : parameters that stay as they are
    """

    panel: Panel
    free: tuple[Free, ...]
    bands: tuple[int, ...]
    product: int
    phase: float
    running: bool
    base: Behaviour

    @cached_property
    def sd(self) -> Array:
        """Prior spreads."""
        return np.array([entry.sd for entry in self.free])

    @cached_property
    def firsts(self) -> Array:
        """Accounts by group and first status, shape (G, Y)."""
        out = np.zeros((len(self.bands), self.panel.low.size))
        seen = self.panel.status[:, 0] >= 0
        np.add.at(out, (self.panel.group[seen], self.panel.status[seen, 0]), self.panel.weight[seen])
        return out

    @cached_property
    def _entries(self) -> dict[str, Array]:
        """Arrays of the entries that are free, before any change."""
        return {entry.entry: self.base[entry.entry] for entry in self.free}

    @cached_property
    def _law(self) -> Law:
        return self.base.law()

    def behaviour(self, theta: Array, origin: str | None = None) -> Behaviour:
        """Return the parameters at theta."""
        return self.base.replace(apply(self.base, self.free, theta), origin)

    def build(
        self, theta: Array, near: tuple[int, Built] | None = None, ease: Sequence[tuple[float, float]] = ((1.0, 1.0),)
    ) -> Built:
        """Return the kernels and the opening shares at theta.

        Parameters
        ----------
        near : number that alone differs from where this was built: what it cannot change is copied
        ease : for each of the Z kernels, multipliers of the payment intensity, see `month_kernel`
        """
        changed = apply(self._entries, self.free, theta)
        law = with_entries(self._law, changed)
        shares = changed.get("hidden.disposition", self.base["hidden.disposition"])
        shape = (len(self.bands), len(ease), 4, N_DUE, 2, N_DUE, 2)
        kernels = np.empty(shape) if near is None else near[1].kernels.copy()
        seen = np.empty((len(self.bands), 4, N_DUE, 2)) if near is None else near[1].seen.copy()
        for g, band in enumerate(self.bands):
            loss, regain = float(law.loss[self.product, band]), float(law.regain[self.product, band])
            only = -1 if near is None else self._touched(near[0], band)
            if only is None:
                continue
            part = slice(None) if only == -1 else slice(only, only + 1)
            for z, (early, late) in enumerate(ease):
                made = month_kernel(law, loss, regain, self.phase, float(early), float(late), only)
                kernels[g, z, part] = made[part]
            seen[g, part] = opening_shares(kernels[g, 0, part], loss / (loss + regain), self.running)
        start = shares[list(self.bands)][:, None, None, :] * seen.transpose(0, 2, 3, 1)
        return Built(kernels, np.maximum(start, 0.0).reshape(len(self.bands), N_DUE, 8), seen)

    def _touched(self, i: int, band: int) -> int | None:
        """Return the disposition whose kernels number `i` changes in a band: -1 for all, None for none."""
        entry = self.free[i]
        if entry.kind == "share":
            return None
        if entry.entry.startswith("liquidity."):
            return -1 if entry.cells[self.product, band] else None
        if entry.entry == "pay.base":
            row = int(np.flatnonzero(entry.cells.any(axis=1))[0])
            return -1 if row == STRAINED else row
        return -1

    def objective(self, theta: Array) -> tuple[float, Array]:
        """Return the negative log-posterior and its gradient, a history's weight apart."""
        built = self.build(theta)
        value, moves, opens = expected(self.panel, built.start, built.kernels, PARTS)
        prior = 0.5 * float(((theta / self.sd) ** 2).sum())
        return -value + prior, -self._slopes(theta, built, moves, opens) + theta / self.sd**2

    def _slopes(self, theta: Array, built: Built, moves: Array, opens: Array) -> Array:
        """Return the derivatives of the expected complete-data log-likelihood."""
        changed = apply(self._entries, self.free, theta)
        law = with_entries(self._law, changed)
        total = {name: np.zeros(value.shape) for name, value in changed.items()}
        shares = changed.get("hidden.disposition", self.base["hidden.disposition"])
        for g, band in enumerate(self.bands):
            by_start = opens[g] / np.maximum(built.start[g], 1e-300)
            for y, (low, high) in enumerate(zip(self.panel.low, self.panel.high, strict=True)):
                by_start[low:high] -= self.firsts[g, y] / max(built.start[g, low:high].sum(), 1e-300)
            by_start = by_start.reshape(N_DUE, 2, 4).transpose(2, 0, 1)
            if "hidden.disposition" in total:
                total["hidden.disposition"][band] = (by_start * built.seen[g]).sum(axis=(1, 2))
            loss, regain = float(law.loss[self.product, band]), float(law.regain[self.product, band])
            kernel = built.kernels[g, 0]
            worth = shares[band][:, None, None] * by_start
            strained = loss / (loss + regain)
            by_kernel, by_strained = opening_slopes(kernel, built.seen[g], strained, self.running, worth)
            by_kernel += moves[g, 0] / np.maximum(kernel, 1e-300)
            slopes = month_slopes(law, loss, regain, self.phase, by_kernel)
            hazards = slopes.hazards + by_strained * np.array([regain, -loss]) / (loss + regain) ** 2
            found = {
                "pay.base": slopes.base, "pay.partial": slopes.partial, "pay.all": slopes.all_,
                "agency.exit": slopes.exit[0],
            }  # fmt: skip
            for name, slope in found.items():
                if name in total:
                    total[name] += slope
            for name, slope in zip(("liquidity.loss", "liquidity.regain"), hazards / DAYS_A_MONTH, strict=True):
                if name in total:
                    total[name][self.product, band] += slope
        return chained(self.free, changed, total)

    def scores(self, theta: Array) -> Array:
        """Return each history's derivative of the log-likelihood, shape (N, P)."""
        out = np.empty((self.panel.status.shape[0], theta.size))
        built = self.build(theta)
        for i in range(theta.size):
            up, down = theta.copy(), theta.copy()
            up[i] += STEP
            down[i] -= STEP
            out[:, i] = (self._each(up, (i, built)) - self._each(down, (i, built))) / (2 * STEP)
        return out

    def _each(self, theta: Array, near: tuple[int, Built] | None = None) -> Array:
        built = self.build(theta, near)
        return log_likelihoods(self.panel, built.start, built.kernels)[0]


@dataclass(frozen=True)
class Fit:
    """An estimate.

    Attributes
    ----------
    model : what was fitted
    theta : the estimate, shape (P,)
    covariance : (P, P), robust
    information : (P, P), observed information without the prior
    log_likelihood : at the estimate, without the prior
    converged : whether the search met its tolerance; iterations : how many steps it took
    hills : where other searches ended, if not much lower: the data may not choose between them and the estimate
    """

    model: Model
    theta: Array
    covariance: Array
    information: Array
    log_likelihood: float
    converged: bool
    iterations: int
    hills: tuple[Array, ...] = ()

    @property
    def behaviour(self) -> Behaviour:
        """The parameters at the estimate."""
        return self.model.behaviour(self.theta)

    @cached_property
    def tops(self) -> tuple[Top, ...]:
        """The estimate and the other hills, with their curvatures."""
        return tops(self.model, self.theta, self.information, self.hills)

    def draws(self, n: int, seed: int = 0) -> Array:
        """Return `n` draws of theta from its estimated uncertainty, shape (n, P).

        Each from one of the hills, as often as it is probable; around it normal draws. But numbers that the data knows
        only together lie on a curve, not on a line. A draw whose likelihood falls more than the normal approximation
        says has left the curve, and is pulled in towards the hill's top until it does not.
        """
        rng = np.random.default_rng(seed)
        which = rng.choice(len(self.tops), n, p=probabilities(self.tops))
        out = np.empty((n, self.theta.size))
        for hill in np.unique(which):
            out[which == hill] = self._around(int(hill), int((which == hill).sum()), rng)
        return out

    def _around(self, hill: int, n: int, rng: np.random.Generator) -> Array:
        top = self.tops[hill]
        # Robust errors are known at the estimate only.
        values, vectors = np.linalg.eigh(self.covariance if hill == 0 else top.inverse)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        limit = EDGE * self.model.sd
        best = self._posterior(top.theta)
        curvature = np.linalg.inv(top.inverse)
        out = np.empty((n, top.theta.size))
        for row in range(n):
            delta = root @ rng.standard_normal(top.theta.size)
            allowed = 0.5 * float(delta @ curvature @ delta) + 1.0
            for pull in range(PULLS):
                out[row] = np.clip(top.theta + 0.7**pull * delta, -limit, limit)
                if best - self._posterior(out[row]) <= allowed:
                    break
        return out

    def _posterior(self, theta: Array) -> float:
        value = float(self.model.panel.weight @ self.model._each(theta))
        return value - 0.5 * float(((theta / self.model.sd) ** 2).sum())


def fit(model: Model, theta: Array | None = None, most: int = 200, errors: bool = True) -> Fit:
    """Maximise the posterior.

    Parameters
    ----------
    theta : where to start; if not given, each of `readings.starts`, and what the hills found suggest: the best end is
        the estimate, others may be `hills`
    most : iterations at most
    errors : whether to work out the covariance
    """
    size, limit = max(float(model.panel.weight.sum()), 1.0), EDGE * model.sd

    begin = starts(model.free) if theta is None else [theta]

    def others(hill: Array) -> list[Array]:
        return other_readings(model, hill) if theta is None else []

    found, *lower = find_hills(model.objective, size, model.sd, limit, begin, others, most)
    hills = tuple(hill.x for hill in lower if hill.value - found.value < LOWER)
    x = found.x
    covariance, information = _errors(model, x) if errors else (np.full((x.size, x.size), np.nan),) * 2
    value = float(model.panel.weight @ model._each(x))
    return Fit(model, x, covariance, information, value, found.converged, found.steps, hills)


def _errors(model: Model, theta: Array) -> tuple[Array, Array]:
    hessian = np.empty((theta.size, theta.size))
    for i in range(theta.size):
        step = 10 * STEP * (np.arange(theta.size) == i)
        hessian[i] = (model.objective(theta + step)[1] - model.objective(theta - step)[1]) / (20 * STEP)
    hessian = 0.5 * (hessian + hessian.T)
    spread = inverse(hessian, model.sd)
    scores = model.scores(theta)
    outer = (scores * model.panel.weight[:, None]).T @ scores
    prior = np.diag(1 / model.sd**2)
    robust = spread @ (outer + prior) @ spread
    # The larger of the two standard errors: the robust one is itself uncertain in small histories.
    widen = np.sqrt(np.maximum(np.diag(spread) / np.maximum(np.diag(robust), 1e-300), 1.0))
    return robust * np.outer(widen, widen), hessian - prior
