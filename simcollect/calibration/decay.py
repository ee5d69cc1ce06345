"""How long the effect of a contact lasts: payment rates by weeks since it, against accounts not contacted.

    rate_w = base (1 + effect exp(-decay w)),   w = 0, 1, ... weeks since the contact

with Poisson counts of payments, by maximum likelihood. ``1 - exp(-decay)`` is the probability a week that attention is
lost (`attention.decay` of the parameter table). As any comparison of contacted with other accounts it holds the
selection of whom to contact, so use it on a randomised hold-out, or read it as the shape of the fall only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.errors import InputError

Z95 = 1.959964
LEAST = 30  # payments in each arm: judgement
Array = npt.NDArray[np.float64]


def contact_decay(
    weeks: npt.ArrayLike, at_risk: npt.ArrayLike, payments: npt.ArrayLike, base_at_risk: float, base_payments: float
) -> dict[str, tuple[float, float, float]]:
    """Return effect, decay and the weekly loss of attention: name -> estimate, low, high (95 %).

    Parameters
    ----------
    weeks : weeks since the last contact
    at_risk, payments : account-weeks and payments in each
    base_at_risk, base_payments : the same of accounts not contacted

    Raises
    ------
    InputError
        Fewer than three weeks, or fewer than 30 payments in either arm.

    Examples
    --------
    >>> w = np.arange(6)
    >>> found = contact_decay(w, np.full(6, 1e5), 1e4 * (1 + 0.8 * np.exp(-0.5 * w)), 1e6, 1e5)
    >>> [round(x[0], 2) for x in found.values()]
    [0.8, 0.5, 0.39]
    """
    from scipy.optimize import minimize

    w, n, y = (np.asarray(x, np.float64) for x in (weeks, at_risk, payments))
    if w.size < 3 or y.sum() < LEAST or base_payments < LEAST:
        raise InputError(f"the decay of contact needs three weeks and {LEAST} payments with and without contact")

    def mean(x: Array) -> tuple[Array, float]:
        base = float(np.exp(x[0]))
        return n * base * (1 + np.exp(x[1] - np.exp(x[2]) * w)), base_at_risk * base

    def loss(x: Array) -> float:
        expected, without = mean(x)
        return float((expected - y * np.log(expected)).sum() + without - base_payments * np.log(without))

    base = base_payments / base_at_risk
    first = max(float(y[0] / n[0] / base - 1), 0.05)
    start = np.array([np.log(base), np.log(first), np.log(0.5)])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000}).x
    # Fisher information of Poisson counts: slopes of the log mean, weighted by the mean.
    slopes = []
    for i in range(3):
        up, down = found.copy(), found.copy()
        up[i] += 1e-5
        down[i] -= 1e-5
        (a, a0), (b, b0) = mean(up), mean(down)
        slopes.append(np.append(np.log(a / b), np.log(a0 / b0)) / 2e-5)
    gradient = np.stack(slopes)
    weight = np.append(*mean(found))
    error = np.sqrt(np.diag(np.linalg.pinv((gradient * weight) @ gradient.T)))
    ends = [(found[i], found[i] - Z95 * error[i], found[i] + Z95 * error[i]) for i in (1, 2)]
    effect = tuple(float(np.exp(x)) for x in ends[0])
    decay = tuple(float(np.exp(x)) for x in ends[1])
    lost = tuple(float(-np.expm1(-x)) for x in decay)
    return {"effect": effect, "decay": decay, "lost a week": lost}  # type: ignore[dict-item]
