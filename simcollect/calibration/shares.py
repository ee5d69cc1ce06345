"""Shares by segment, small segments drawn towards the whole: how often promises are kept, offers taken, suits won.

Model: ``successes_s ~ Binomial(n_s, p_s)``, ``p_s ~ Beta(m k, (1 - m) k)``; ``m`` and ``k`` by maximum marginal
likelihood, so the data decide how much the segments differ. The estimate of a segment is its posterior mean
``(successes + m k) / (n + k)``. Reference: Efron & Morris, JASA 70(350), 1975; Skellam, JRSS B 10(2), 1948.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

LARGEST = 1e6  # of k: segments that do not differ at all


def shrunk_shares(segment: npt.ArrayLike, success: npt.ArrayLike) -> pd.DataFrame:
    """Return a row a segment, and one for the whole: segment, n, raw, share, standard_error, low, high, weight.

    Parameters
    ----------
    segment : group of each case
    success : whether it succeeded

    Returns
    -------
    `share` is the shrunk estimate, `low` and `high` its 95 % posterior interval, `weight` how much of it is the
    segment's own

    Examples
    --------
    >>> table = shrunk_shares(["a"] * 1000 + ["b"] * 4, [True, False] * 500 + [True] * 4)
    >>> bool(table.loc[1, "raw"] == 1.0 and table.loc[1, "share"] < 0.9)
    True
    """
    from scipy.optimize import minimize
    from scipy.special import betaln
    from scipy.stats import beta

    groups = pd.Series(np.asarray(success, bool)).groupby(pd.Series(np.asarray(segment, object)).fillna("").to_numpy())
    n, won = groups.size().astype(float), groups.sum().astype(float)
    whole = float(won.sum() / n.sum())

    def loss(x: npt.NDArray[np.float64]) -> float:
        m, k = _unpacked(x)
        a, b = m * k, (1 - m) * k
        # A weak prior on log k: with few segments the spread between them is hardly known.
        return -float((betaln(a + won, b + n - won) - betaln(a, b)).sum()) + 0.5 * ((x[1] - 3.0) / 2.0) ** 2

    centre = np.log((whole + 1e-6) / (1 - whole + 1e-6))
    found = minimize(loss, [centre, 3.0], method="Nelder-Mead")
    m, k = _unpacked(found.x)
    a, b = m * k + won.to_numpy(), (1 - m) * k + (n - won).to_numpy()
    rows = pd.DataFrame(
        {
            "segment": n.index, "n": n.to_numpy(), "raw": (won / n).to_numpy(), "share": a / (a + b),
            "standard_error": np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))),
            "low": beta.ppf(0.025, a, b), "high": beta.ppf(0.975, a, b), "weight": (n / (n + k)).to_numpy(),
        }
    )  # fmt: skip
    total = float(n.sum())
    a0, b0 = float(won.sum()) + 0.5, total - float(won.sum()) + 0.5
    rows.loc[len(rows)] = [
        "all", total, whole, whole, np.sqrt(whole * (1 - whole) / total),
        beta.ppf(0.025, a0, b0), beta.ppf(0.975, a0, b0), 1.0,
    ]  # fmt: skip
    return rows


def _unpacked(x: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return m and k, kept where the likelihood is finite: all successes, or no spread at all, would run away."""
    m = 1 / (1 + np.exp(-np.clip(x[0], -15.0, 15.0)))
    return float(m), float(np.exp(np.clip(x[1], -2.0, np.log(LARGEST))))
