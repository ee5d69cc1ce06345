"""What a fit says of each number: the value in the table's own unit, its interval, and whether the data knows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.free import apply
from simcollect.calibration.likelihood import EDGE, Z95, Fit
from simcollect.calibration.profile import profile

Array = npt.NDArray[np.float64]

# Identified if the standard error, and the wider side of the interval over 1.96, are at most this share of the prior's
# spread: judgement.
NARROWED = 1 / 3
TIED = 0.98  # correlation above which two numbers are known only together: judgement
COLUMNS = ["parameter", "estimate", "standard_error", "low", "high", "default", "identified", "why"]


def values(fit: Fit, theta: Array) -> Array:
    """Return each free number in its own unit: the mean of the cells it moves."""
    changed = apply(fit.model.base, fit.model.free, theta)
    return np.array([changed[e.entry][_shown(e.cells, fit.model.bands)].mean() for e in fit.model.free])


def table(fit: Fit) -> pd.DataFrame:
    """Return one row a number with the columns of `COLUMNS`; intervals are 95 %.

    A number counts as identified if its standard error is at most a third of the spread of its prior, which is
    four times as wide as the range of the parameter table, and it is not tied to another. For such numbers the interval
    is that of `profile`; and its wider side, over 1.96, has to be as narrow too: what may be far off to one side is not
    known. For others it is symmetric on the log or log-odds scale.
    """
    theta, free = fit.theta, fit.model.free
    at, default = values(fit, theta), values(fit, np.zeros_like(theta))
    jacobian = np.empty((theta.size, theta.size))
    for i in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up[i] += 1e-4
        down[i] -= 1e-4
        jacobian[:, i] = (values(fit, up) - values(fit, down)) / 2e-4
    error = np.sqrt(np.maximum(np.diag(jacobian @ fit.covariance @ jacobian.T), 0.0))
    own = np.sqrt(np.maximum(np.diag(fit.covariance), 1e-300))
    correlation = fit.covariance / np.outer(own, own)
    np.fill_diagonal(correlation, 0.0)
    known = own / fit.model.sd
    rows = []
    for i, entry in enumerate(free):
        low, high = interval(at[i], error[i], entry.kind)
        if known[i] <= NARROWED:
            below, above = profile(fit, i, NARROWED * Z95 * fit.model.sd[i])
            known[i] = max(known[i], max(below, above) / (Z95 * fit.model.sd[i]))
            if entry.kind == "share":
                low, high = _odds_moved(at[i], -below), _odds_moved(at[i], above)
            else:
                low, high = _moved(fit, i, -below), _moved(fit, i, above)
            error[i] *= max((below + above) / (2 * Z95 * own[i]), 1.0)
        partner = int(np.abs(correlation[i]).argmax())
        if abs(theta[i]) > 0.998 * EDGE * fit.model.sd[i]:
            identified, why = "no", "the search stopped at the edge of the allowed range"
        elif known[i] > NARROWED:
            identified, why = "no", f"its error is {known[i]:.0%} of the prior's spread"
        elif abs(correlation[i, partner]) > TIED:
            identified, why = "no", f"known only together with {free[partner].name}"
        else:
            identified, why = "yes", f"its error is {known[i]:.0%} of the prior's spread"
        rows.append((entry.name, at[i], error[i], low, high, default[i], identified, why))
    return pd.DataFrame(rows, columns=COLUMNS)


def _moved(fit: Fit, i: int, step: float) -> float:
    """Return a number in its own unit with the estimate moved."""
    theta = fit.theta.copy()
    theta[i] += step
    return float(values(fit, theta)[i])


def _odds_moved(share: float, step: float) -> float:
    """Return a share with its log-odds moved."""
    odds = share / (1 - share) * float(np.exp(step))
    return odds / (1 + odds)


def _shown(cells: npt.NDArray[np.bool_], bands: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return the cells to show: of all bands moved alike, the one that was fitted."""
    if cells.ndim == 2 and cells.shape[1] == 3 and len(bands) == 1:
        return cells & (np.arange(3) == bands[0])[None, :]
    if cells.shape == (3, 4) and len(bands) == 1:
        return cells & (np.arange(3) == bands[0])[:, None]
    return cells


def interval(value: float, error: float, kind: str) -> tuple[float, float]:
    """Return a 95 % interval, on the log scale for factors, on the log-odds scale for shares."""
    if kind == "factor":
        ratio = np.exp(Z95 * error / max(value, 1e-300))
        return value / ratio, value * ratio
    spread = np.exp(Z95 * error / max(value * (1 - value), 1e-300))
    odds = value / (1 - value)
    return odds / spread / (1 + odds / spread), odds * spread / (1 + odds * spread)
