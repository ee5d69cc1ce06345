"""From a call log: how long talks last, how the answer fades with each attempt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.schema import TALKED

Z95 = 1.959964
SHORTEST = 10.0  # seconds; calls of ten seconds or less are hang-ups, not talks (evidence 13)
LEAST = 30  # calls needed for an estimate: judgement
MOST_ATTEMPTS = 8  # later attempts are too few and too selected (evidence 13 shows eight)


def talk_times(seconds: npt.ArrayLike, agent: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return the log-normal law of talk times: a row a figure, with estimate, standard_error, low, high, n.

    Parameters
    ----------
    seconds : duration of each call; those up to ten seconds are left out
    agent : who talked; then the spread between agents' mean log time is given too, free of sampling noise

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = talk_times(rng.lognormal(5.0, 0.9, 4000))
    >>> [round(x, 1) for x in table["estimate"][:2]]
    [5.0, 0.9]
    """
    given = np.asarray(seconds, np.float64)
    keep = given > SHORTEST
    log = np.log(given[keep])
    n = log.size
    if n < LEAST:
        return pd.DataFrame(columns=["figure", "estimate", "standard_error", "low", "high", "n"])
    mean, sd = float(log.mean()), float(log.std(ddof=1))
    rows = [
        _row("log-seconds, mean", mean, sd / np.sqrt(n), n),
        _row("log-seconds, sd", sd, sd / np.sqrt(2 * (n - 1)), n),
    ]
    minutes = float(np.exp(mean + sd**2 / 2) / 60)
    rows.append(_row("mean minutes", minutes, minutes * np.sqrt(sd**2 / n + sd**4 / (2 * (n - 1))), n))
    if agent is not None:
        groups = pd.Series(log).groupby(np.asarray(agent)[keep])
        count, centre = groups.size(), groups.mean()
        enough = count >= LEAST
        if enough.sum() >= 3:
            # Method of moments: what the means differ by beyond sampling.
            excess = float(centre[enough].var(ddof=1) - (sd**2 / count[enough]).mean())
            agents = int(enough.sum())
            spread = np.sqrt(max(excess, 0.0))
            rows.append(_row("sd between agents of mean log time", spread, spread / np.sqrt(2 * (agents - 1)), agents))
    return pd.DataFrame(rows)


def attempts(outcome: npt.ArrayLike, attempt: npt.ArrayLike, cases: bool) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the share answered by attempt number, and the factor by which it falls from one attempt to the next.

    Selection and fatigue are mixed in it: those easy to reach are gone after the first attempts.

    Parameters
    ----------
    outcome : word of the history for each row
    attempt : number of the attempt, from 1
    cases : True if a row is a case with its last attempt, so that it was at risk at every earlier attempt too;
        False if a row is one attempt

    Returns
    -------
    attempt, n, answered, share, standard_error; and ``decay``, ``standard_error`` of
    ``share_n = share_1 decay^(n - 1)`` by maximum likelihood

    Examples
    --------
    >>> table, fit = attempts(["success", "failure"] * 50 + ["success"] * 10 + ["failure"] * 40,
    ...                       [1] * 100 + [2] * 50, cases=False)
    >>> table["share"].tolist(), round(fit["decay"], 2)
    ([0.5, 0.2], 0.4)
    """
    from scipy.optimize import minimize

    number = np.asarray(attempt, np.float64)
    good = np.isin(np.asarray(outcome, object), TALKED)
    usable = np.isfinite(number) & (number >= 1)
    number, good = number[usable], good[usable]
    steps = np.arange(1, min(MOST_ATTEMPTS, int(number.max(initial=1))) + 1)
    at_risk = np.array([(number >= k).sum() if cases else (number == k).sum() for k in steps], np.float64)
    won = np.array([(good & (number == k)).sum() for k in steps], np.float64)
    steps, at_risk, won = steps[at_risk > 0], at_risk[at_risk > 0], won[at_risk > 0]
    share = won / at_risk
    table = pd.DataFrame(
        {"attempt": steps, "n": at_risk, "answered": won, "share": share,
         "standard_error": np.sqrt(share * (1 - share) / at_risk)}
    )  # fmt: skip
    if steps.size < 2 or won.sum() < LEAST:
        return table, {}

    def loss(x: npt.NDArray[np.float64]) -> float:
        p = np.clip(np.exp(x[0] + x[1] * (steps - 1)), 1e-9, 1 - 1e-9)
        return -float((won * np.log(p) + (at_risk - won) * np.log1p(-p)).sum())

    found = minimize(
        loss, [np.log(max(share[0], 1e-4)), -0.1], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}
    )
    p = np.clip(np.exp(found.x[0] + found.x[1] * (steps - 1)), 1e-9, 1 - 1e-9)
    weight = at_risk * p / (1 - p)
    design = np.stack([np.ones(steps.size), steps - 1.0])
    covariance = np.linalg.inv((design * weight) @ design.T)
    decay = float(np.exp(found.x[1]))
    return table, {"decay": decay, "standard_error": decay * float(np.sqrt(covariance[1, 1])), "n": float(at_risk[0])}


def _row(figure: str, estimate: float, error: float, n: int) -> dict[str, object]:
    return {
        "figure": figure, "estimate": estimate, "standard_error": error,
        "low": estimate - Z95 * error, "high": estimate + Z95 * error, "n": n,
    }  # fmt: skip
