"""Recovery: histories drawn from known parameters, estimated, and the truth looked for in the intervals.

Truths are drawn around the defaults, each case another, so that an estimator which merely returned its prior's centre
would be found out. Only numbers reported as identified count.

An interval of a posterior promises 95 % for truths of the prior (`spread` 1), among all cases and among any chosen by
their data alone, such as those in which a number is reported as identified (Cook, Gelman & Rubin, JCGS 15(3), 2006).
Truths closer to the defaults than the prior says, where most lenders are thought to be, are covered more often.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.identified import table, values
from simcollect.calibration.likelihood import Fit, Model, fit
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import new_histories
from simcollect.calibration.statuses import example_model

Array = npt.NDArray[np.float64]


def one_case(
    seed: int, accounts: int = 20_000, months: int = 24, spread: float = 1.0
) -> tuple[pd.DataFrame, Fit]:
    """Draw parameters and a history of accounts, and estimate them.

    Parameters
    ----------
    spread : of the truths around the defaults, as a share of the prior's

    Returns
    -------
    The table of the fit with columns `truth` and `covered`, and the fit
    """
    model, truth = made_up(seed, accounts, months, spread)
    found = fit(model)
    return against(found, truth), found


def made_up(seed: int, accounts: int, months: int, spread: float = 1.0) -> tuple[Model, Array]:
    """Return a model with a history of parameters drawn around the defaults, and these.

    Examples
    --------
    >>> model, truth = made_up(1, accounts=300, months=4)
    >>> int(model.panel.weight.sum()), len(truth) == len(model.free)
    (300, True)
    """
    rng = np.random.default_rng([1, seed])  # not the stream of the history
    empty = example_model(months)
    truth = spread * empty.sd * rng.standard_normal(len(empty.free))
    return draw(empty, truth, accounts, months, seed), truth


def against(found: Fit, truth: Array) -> pd.DataFrame:
    """Return the table of a fit with columns `truth` and `covered`."""
    rows, real = table(found), values(found, truth)
    return rows.assign(truth=real, covered=(rows["low"] <= real) & (real <= rows["high"]))


def draw(model: Model, truth: Array, accounts: int, months: int, seed: int) -> Model:
    """Return the model with a history drawn from known parameters.

    Examples
    --------
    >>> model = example_model(4)
    >>> int(draw(model, np.zeros(len(model.free)), 300, 4, seed=1).panel.weight.sum())
    300
    """
    kernels, start, _ = model.build(truth)
    group = np.zeros(accounts, np.int8)
    status = new_histories(accounts, months, start, kernels, group, model.panel.low, model.panel.high, seed)
    names = np.arange(accounts).astype(object)
    first = np.zeros(accounts, np.int64)
    data = Sequences(status, group, names, first, model.bands, model.panel.low, model.panel.high)
    return replace(model, panel=data.distinct()[0])


def study(cases: int, accounts: int = 20_000, months: int = 24, seed: int = 0) -> pd.DataFrame:
    """Return coverage by parameter over many cases.

    Columns: parameter, cases in which it is identified, covered, coverage, and the exact 95 % interval of the coverage
    (low, high; Clopper & Pearson, Biometrika 26(4), 1934): few cases say little.
    """
    return coverage(pd.concat([one_case(seed + i, accounts, months)[0] for i in range(cases)], ignore_index=True))


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return coverage by parameter, as `study`, of the rows of many cases.

    Examples
    --------
    >>> rows = pd.DataFrame({"parameter": "x", "identified": "yes", "covered": [True] * 57})
    >>> coverage(rows).loc[0, ["coverage", "low", "high"]].astype(float).round(3).tolist()
    [1.0, 0.937, 1.0]
    """
    from scipy.stats import beta

    rows = rows[rows["identified"] == "yes"]
    by = rows.groupby("parameter", sort=False)["covered"].agg(cases="size", covered="sum").reset_index()
    by["coverage"] = by["covered"] / by["cases"]
    total = pd.DataFrame(
        {
            "parameter": ["all"],
            "cases": [len(rows)],
            "covered": [rows["covered"].sum()],
            "coverage": [rows["covered"].mean()],
        }
    )
    out = pd.concat([by, total], ignore_index=True)
    won, lost = out["covered"], out["cases"] - out["covered"]
    out["low"] = np.where(won > 0, beta.ppf(0.025, np.maximum(won, 1), lost + 1), 0.0)
    out["high"] = np.where(lost > 0, beta.ppf(0.975, won + 1, np.maximum(lost, 1)), 1.0)
    return out
