"""The next status of each account, and how good that forecast is beside chains on the status alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import BEHAVIOURS
from simcollect.calibration.climate import Climate
from simcollect.calibration.filter import last_measures
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.markov import chain_log_loss
from simcollect.calibration.month import N_DUE
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import status_of

Array = npt.NDArray[np.float64]
USUAL = (1.0, 1.0)  # the climate of a usual month
PATHS = 60  # of the climate, for the error of a forecast: judgement, a tenth of its own size


def next_status(fit: Fit, data: Sequences, ease: tuple[float, float] = USUAL) -> Array:
    """Return P(status of the month after the last | history), shape (N, statuses).

    Parameters
    ----------
    fit : of a history coded alike
    data : sequences up to now
    ease : climate of the month to come, see `climate`
    """
    return _forecasts(fit, data, [ease])[0]


def _forecasts(fit: Fit, data: Sequences, eases: Sequence[tuple[float, float]]) -> Array:
    """Return the forecast in each climate, shape (climates, N, statuses)."""
    panel, inverse = data.distinct()
    kernels, start, _ = fit.model.build(fit.theta, ease=(USUAL, *eases))
    now = last_measures(panel, start, kernels).reshape(len(panel.weight), N_DUE, 2, 4)
    due = np.empty((len(eases), len(panel.weight), N_DUE))
    for g in range(len(data.bands)):
        rows = panel.group == g
        for z in range(len(eases)):
            due[z, rows] = np.einsum("nkld,dklKL->nK", now[rows], kernels[g, 1 + z])
    of = status_of(data.low, data.high)
    out = np.zeros((*due.shape[:2], data.low.size))
    for k in range(N_DUE):
        out[:, :, of[k]] += due[:, :, k]
    return np.asarray(out[:, inverse])


def hidden(fit: Fit, data: Sequences) -> pd.DataFrame:
    """Return what to believe of each account now: account_id, and the probability of each behaviour.

    Behaviours are the four dispositions of those able to pay, and strained; they sum to one. This is Bayes' rule on the
    fitted kernels, the score for being strained or unwilling; on simulated borrowers its shares are right on average.
    """
    panel, inverse = data.distinct()
    kernels, start, _ = fit.model.build(fit.theta)
    shares = last_measures(panel, start, kernels).sum(axis=1)[inverse]
    out = pd.DataFrame(shares[:, :4], columns=list(BEHAVIOURS[:4]))
    out[BEHAVIOURS[4]] = shares[:, 4:].sum(axis=1)
    out.insert(0, "account_id", data.account)
    return out


def log_losses(fit: Fit, data: Sequences, ease: tuple[float, float] = USUAL) -> pd.Series:
    """Return the mean log-loss for the last status of equally long histories: the model and chains of order 1 to 3.

    Parameters
    ----------
    fit : on `data` without its last column
    data : histories without gaps, all of one length of five months or more
    ease : climate of the last month
    """
    past, last = data.upto(data.status.shape[1] - 1), data.status[:, -1]
    p = next_status(fit, past, ease)[np.arange(len(last)), last]
    found = {"model": float(-np.log(np.maximum(p, 1e-12)).mean())}
    names = ("first-order chain", "second-order chain", "third-order chain")
    for order, name in enumerate(names, start=1):
        found[name] = chain_log_loss(past.status, data.status, order, data.low.size)
    return pd.Series(found)


def rates(fit: Fit, data: Sequences, world: Climate | None = None) -> pd.DataFrame:
    """Return moves into the last status, observed and forecast.

    Parameters
    ----------
    fit : on `data` without its last column
    data : histories without gaps, all of one length
    world : payment climate of the months before; the forecast is then made in the climate of the last of them, and its
        error says how far the climate may go in a month. Without it months are taken as alike

    Returns
    -------
    from, to, n, observed, standard_error (of that share, chance of single accounts), forecast, forecast_error (of the
    climate), and errors: the difference in units of both errors together
    """
    past, last = data.upto(data.status.shape[1] - 1), data.status[:, -1]
    eases = [USUAL] if world is None else [world.ease, *map(tuple, world.paths(PATHS, 1)[:, 0])]
    forecasts = _forecasts(fit, past, eases)
    now = past.status[:, -1]
    rows = []
    for a in range(data.low.size):
        here = now == a
        n = int(here.sum())
        for b in range(data.low.size):
            share = float((last[here] == b).mean()) if n else float("nan")
            error = float(np.sqrt(max(share * (1 - share), 1 / max(n, 1)) / max(n, 1)))
            by_climate = forecasts[:, here, b].mean(axis=1) if n else np.full(len(eases), np.nan)
            expected, wander = float(by_climate[0]), float(by_climate[1:].std()) if len(eases) > 1 else 0.0
            off = (expected - share) / float(np.hypot(error, wander))
            rows.append((a, b, n, share, error, expected, wander, off))
    names = ["from", "to", "n", "observed", "standard_error", "forecast", "forecast_error", "errors"]
    return pd.DataFrame(rows, columns=names)
