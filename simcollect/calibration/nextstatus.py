"""The next status of each account, and how good that forecast is beside chains on the status alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import BEHAVIOURS
from simcollect.calibration.climate import Climate
from simcollect.calibration.filter import IDLE, last_measures
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.markov import chain_log_loss
from simcollect.calibration.month import N_DUE
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import status_of
from simcollect.calibration.standing import expected_moves

Array = npt.NDArray[np.float64]
USUAL = (1.0, 1.0)  # the climate of a usual month
PATHS = 300  # climates that may come, for the error of a forecast: judgement, so that its tails are seen


def next_status(fit: Fit, data: Sequences, ease: tuple[float, float] = USUAL) -> Array:
    """Return P(status of the month after the last | history), shape (N, statuses).

    Parameters
    ----------
    fit : of a history coded alike
    data : sequences up to now
    ease : climate of the month to come, see `climate`
    """
    panel, inverse = data.distinct()
    kernels, start, _ = fit.model.build(fit.theta, ease=(USUAL, ease))
    now = last_measures(panel, start, kernels).reshape(len(panel.weight), N_DUE, 2, 4)
    due = np.empty((len(panel.weight), N_DUE))
    for g in range(len(data.bands)):
        rows = panel.group == g
        due[rows] = np.einsum("nkld,dklKL->nK", now[rows], kernels[g, 1])
    out = np.zeros((len(due), data.low.size))
    for k, status in enumerate(status_of(data.low, data.high)):
        out[:, status] += due[:, k]
    return np.asarray(out[inverse])


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


def rates(fit: Fit, data: Sequences, month: int, world: Climate | None = None) -> pd.DataFrame:
    """Return moves from one month to the next, observed and forecast from the statuses up to that month.

    Parameters
    ----------
    fit : of the months up to `month`
    data : sequences that go on for a month at least
    month : months since year 0
    world : payment climate up to `month`; the forecast is then the mean over the climates that may come, and its error
        says how far they differ. Without it months are taken as alike

    Returns
    -------
    from, to, n, observed, standard_error (of that share, chance of single accounts), forecast, forecast_error (of the
    climate), and errors: how far off the forecast is, as a normal deviate. It is the one that is exceeded as often as
    the forecast's own distribution, climates and chance together, goes beyond what was observed: so two errors mean the
    same whether that distribution has long tails or not
    """
    from scipy.stats import norm

    eases = [USUAL] if world is None else [*map(tuple, world.paths(PATHS, 1)[:, 0])]
    moved, expected = _moves(fit, data, month, eases)
    n = np.maximum(moved.sum(axis=1, keepdims=True), 1.0)
    share, p = moved / n, expected / n
    own = np.sqrt(np.maximum(p * (1 - p), 1 / n) / n)
    below = norm.cdf((share - p) / own).mean(axis=0)
    off = -norm.ppf(np.clip(below, 1e-15, 1 - 1e-15))
    error = np.sqrt(np.maximum(share * (1 - share), 1 / n) / n)
    a, b = np.indices(moved.shape)
    columns = {"from": a, "to": b, "n": np.broadcast_to(n, moved.shape).astype(int), "observed": share,
               "standard_error": error, "forecast": p.mean(axis=0), "forecast_error": p.std(axis=0),
               "errors": off}  # fmt: skip
    return pd.DataFrame({name: column.ravel() for name, column in columns.items()})


def _moves(fit: Fit, data: Sequences, month: int, eases: Sequence[tuple[float, float]]) -> tuple[Array, Array]:
    """Return moves out of each status in the month after `month`: observed (Y, Y), and expected in each climate."""
    past = data.until(month)
    following = data.status[data.first <= month]
    place = month - past.first
    rows = np.flatnonzero(place + 1 < following.shape[1])
    now, to = following[rows, place[rows]], following[rows, place[rows] + 1]
    to = np.where((to == IDLE) & (now > 0), 0, to)
    seen = (now >= 0) & (to >= 0)
    rows, now, to = rows[seen], now[seen], to[seen]
    statuses = data.low.size
    moved = np.zeros((statuses, statuses))
    np.add.at(moved, (now, to), 1.0)
    panel, inverse = past.distinct()
    kernels, start, _ = fit.model.build(fit.theta, ease=(USUAL, *eases))
    measure = last_measures(panel, start, kernels)[inverse[rows]].reshape(len(rows), N_DUE, 2, 4)
    at = np.zeros((len(data.bands), statuses, N_DUE, 2, 4))
    np.add.at(at, (past.group[rows], now), measure)
    of = status_of(data.low, data.high)
    return moved, np.stack([expected_moves(at, kernels[:, 1 + z], of) for z in range(len(eases))])
