"""Standard errors of an estimate, and whether a history says that the model's own are too small.

Symbols: ``H`` curvature of the posterior at the estimate (prior ``P`` included), ``s_n`` gradient of account n's
log-likelihood, ``J = Σ s_n s_n'``. Where the model is right, ``H⁻¹`` is the covariance; where it is not, it is
``V = H⁻¹ (J + P) H⁻¹`` (White, Econometrica 50(1), 1982).

In one history the two differ by chance as well, most where a number is known least, and to take the larger of them
always is to widen an interval for nothing. Along ``a = H⁻¹ e_i``, by which all numbers move with number i,

    V_ii − (H⁻¹)_ii = Σ d_n,    d_n = (a's_n)² + a' ∇² log p_n a,

has mean zero where the model is right. Its standard error is that of what is left of ``d_n`` when regressed on
``s_n``, for the estimate has used up the rest (White's information matrix test, theorem 4.1). Only where the sum is
`SURELY` times its error above zero is ``V_ii`` taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from simcollect.calibration.likelihood import Model

Array = npt.NDArray[np.float64]

STEP = 1e-2  # for differences of gradients on the log scale
ALONG = 0.05  # standard errors, for differences along the line of a number
SURELY = 3.0  # errors; the test finds somewhat too much in small histories (Chesher & Spady, Econometrica 59(3), 1991)


def covariance(model: Model, theta: Array) -> tuple[Array, Array]:
    """Return the covariance of an estimate, and its information without the prior."""
    precision = np.diag(1 / model.sd**2)
    hessian = np.empty((theta.size, theta.size))
    for i in range(theta.size):
        step = STEP * (np.arange(theta.size) == i)
        hessian[i] = (model.objective(theta + step)[1] - model.objective(theta - step)[1]) / (2 * STEP)
    hessian = 0.5 * (hessian + hessian.T)
    values, vectors = np.linalg.eigh(hessian)
    # The prior alone gives 1 / sd²; a smaller curvature is an artefact of the differences.
    inverse = (vectors / np.maximum(values, float(precision.diagonal().min()))) @ vectors.T
    scores = model.scores(theta)
    outer = (scores * model.panel.weight[:, None]).T @ scores
    robust = inverse @ (outer + precision) @ inverse
    own, wide = np.diag(inverse), np.maximum(np.diag(robust), 1e-300)
    wider = excess(model, theta, inverse, scores) > SURELY
    scale = np.sqrt(np.where(wider & (wide > own), wide, own) / wide)
    return robust * np.outer(scale, scale), hessian - precision


def excess(model: Model, theta: Array, inverse: Array, scores: Array) -> Array:
    """Return by how many of its standard errors each number's robust variance is above that of the curvature.

    Parameters
    ----------
    inverse : of the curvature at theta; scores : (N, P) of each history, from `Model.scores`
    """
    weight, here = model.panel.weight, model.each(theta)
    root = np.sqrt(weight)[:, None]
    apart = np.empty_like(scores)
    for i in range(theta.size):
        step = ALONG / np.sqrt(inverse[i, i]) * inverse[:, i]
        up, down = model.each(theta + step), model.each(theta - step)
        apart[:, i] = ((up - down) ** 2 / 4 + up + down - 2 * here) * inverse[i, i] / ALONG**2
    used = np.linalg.lstsq(np.vstack([root * scores, np.diag(1 / model.sd)]),
                           np.vstack([root * apart, np.zeros_like(inverse)]), rcond=None)[0]  # fmt: skip
    left = root * (apart - scores @ used)
    return np.asarray((weight @ apart) / np.sqrt(np.maximum((left**2).sum(axis=0), 1e-300)))
