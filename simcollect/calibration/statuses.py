"""The hidden borrower from monthly statuses: which numbers to free, and the fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import PRODUCTS
from simcollect.calibration.free import standard
from simcollect.calibration.history import History
from simcollect.calibration.likelihood import Fit, Model, fit
from simcollect.calibration.panel import Sequences, sequences

LEAST_BAND = 200  # accounts a band needs for shares and losses of its own: judgement


def fit_statuses(
    history: History,
    bands: pd.Series | None = None,
    *,
    most: int | None = None,
    base: Behaviour | None = None,
    errors: bool = True,
    iterations: int = 200,
) -> Fit:
    """Estimate dispositions, liquidity and payment intensities from a history of monthly statuses.

    Parameters
    ----------
    history : with months
    bands : risk band by account_id, from the tape; each band then gets its own shares and losses
    most : worst status to tell apart, see `sequences`
    base : parameters that stay as they are; the defaults if not given
    errors : whether to work out standard errors; iterations : steps of the search at most

    Raises
    ------
    InputError
        The history has no monthly statuses, or none that follow another.

    Examples
    --------
    >>> rows = pd.DataFrame({"account_id": list("aabb"), "month": ["2024-01", "2024-02"] * 2, "status": [0, 0, 0, 1]})
    >>> fit_statuses(History.of(months=rows), iterations=2, errors=False).theta.size
    29
    """
    return fit_sequences(sequences(history, _enough(history, bands), most), history, base, errors, iterations)


def fit_sequences(
    data: Sequences, history: History, base: Behaviour | None = None, errors: bool = True, iterations: int = 200,
) -> Fit:  # fmt: skip
    """Fit sequences already taken from a history; see `fit_statuses`."""
    return fit(model(data, history, base), None, iterations, errors)


def model(data: Sequences, history: History, base: Behaviour | None = None) -> Model:
    """Return what is to be fitted."""
    panel, _ = data.distinct()
    return Model(
        panel=panel,
        free=tuple(standard(len(data.bands))),
        bands=data.bands,
        product=PRODUCTS.index(history.mapping.product),
        phase=history.mapping.phase,
        running=history.mapping.first_status == "running",
        base=base or Behaviour.default(),
    )


def _enough(history: History, bands: pd.Series | None) -> pd.Series | None:
    """Return the bands if each holds enough accounts to stand alone."""
    if bands is None or history.months is None:
        return None
    count = pd.Series(history.months["account_id"].unique()).map(bands).value_counts()
    return bands if len(count) == 3 and count.min() >= LEAST_BAND else None


def example_model(months: int = 6, groups: int = 1) -> Model:
    """Return a model of a lender whose statuses count whole months late, with an empty history of that length.

    It serves to draw histories from known parameters (recovery studies, examples).
    """
    from simcollect.calibration.filter import Panel
    from simcollect.calibration.month import N_DUE

    low, high = np.array([0, 2, 3, 4]), np.array([2, 3, 4, N_DUE])
    empty = np.zeros((1, months), np.int8)
    panel = Panel(empty, np.zeros(1), np.zeros(1, np.int8), empty, low, high)
    bands = (1,) if groups == 1 else (0, 1, 2)
    return Model(panel, tuple(standard(groups)), bands, 0, 15.0, True, Behaviour.default())
