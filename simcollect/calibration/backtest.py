"""The back-test: fit up to a month, let the model go on, and hold it against what happened.

Each replication draws parameters from their estimated uncertainty, a path of the payment climate (`climate.py`), what
the model misses of the moves between statuses (`overlay.py`), and each account's hidden state from what its history
says, then plays the months that follow. Figures are worked out by the same code on real and played histories, so
intervals hold the doubt about all these, and chance. Naive forecasts stand beside: last month's roll rates repeated,
and a first-order chain on all months.

Of many figures one in twenty falls outside its interval by chance. The joint intervals are wider, so that in 95 % of
plays *all* figures lie inside: each interval's two sides are stretched by the same factor, the least that will do
(Myllymaki, Mrkvicka, Grabarnik, Seijo & Hahn, JRSS B 79(2), 2017: the directional quantile envelope).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.cash import cash_figures, learn_cash
from simcollect.calibration.climate import climate
from simcollect.calibration.figures import SHARES, Figures, figures, naive
from simcollect.calibration.filter import ENDED
from simcollect.calibration.future import Future, widened
from simcollect.calibration.history import History
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.overlay import overlay
from simcollect.calibration.panel import sequences
from simcollect.calibration.statuses import fit_sequences
from simcollect.errors import InputError

Array = npt.NDArray[np.float64]

DRAWS = 40  # of the parameters; further replications use them again, with other luck


@dataclass(frozen=True, eq=False, repr=False)
class BackTest:
    """What was forecast and what happened.

    Attributes
    ----------
    table : one row a figure: group (stage share, roll, cash in major units, ...), figure, observed, forecast (median),
        low, high (95 %), inside, joint_low, joint_high (95 % of plays have all figures in theirs), inside_joint, and
        for these three groups the naive forecasts `last_rolls` and `markov`
    missed : which moves the model misses in the months that it was fitted on, see `Overlay.table`
    fit : the fit up to the month
    month : last month known (months since year 0); horizon : months played
    """

    table: pd.DataFrame
    missed: pd.DataFrame
    fit: Fit
    month: int
    horizon: int

    @property
    def coverage(self) -> pd.Series:
        """Share of figures inside their 95 % interval, by group and in all."""
        by = self.table.groupby("group")["inside"].mean()
        by["all"] = self.table["inside"].mean()
        return by

    @property
    def all_inside(self) -> bool:
        """Whether all figures lie inside their joint intervals."""
        return bool(self.table["inside_joint"].all())

    def errors(self) -> pd.DataFrame:
        """Return the mean absolute error of stage shares, roll rates and cash, by kind of forecast.

        One row a group, columns `model`, `last_rolls` (last month's roll rates), `markov` (first-order chain on all
        months); cash as a share of what came.
        """
        rows = {}
        names = {"model": "forecast", "last_rolls": "last_rolls", "markov": "markov"}
        for group in ("stage share", "roll", "cash"):
            part = self.table[self.table["group"] == group]
            part = part[part[["last_rolls", "markov"]].notna().all(axis=1)]
            if len(part):
                unit = part["observed"].where(part["group"].eq("cash"), 1.0)
                rows[group] = {n: ((part[c] - part["observed"]) / unit).abs().mean() for n, c in names.items()}
        return pd.DataFrame(rows).T

    def __repr__(self) -> str:
        inside = int(self.table["inside"].sum())
        joint = int(self.table["inside_joint"].sum())
        months = f"{self.horizon} month{'s' if self.horizon > 1 else ''}"
        return (
            f"Back-test over {months}: of {len(self.table)} figures {inside} inside their 95 % interval, "
            f"{joint} inside the joint ones"
        )


def back_test(
    history: History,
    horizon: int,
    bands: pd.Series | None = None,
    *,
    most: int | None = None,
    replications: int = 200,
    seed: int = 0,
    iterations: int = 300,
    fitted: Fit | None = None,
    overlaid: bool = True,
) -> BackTest:
    """Fit all but the last months and forecast these.

    Parameters
    ----------
    history : with months
    horizon : months held out
    bands : risk band by account_id
    most : worst status to tell apart
    replications : plays of the future, a hundred at least for joint intervals; seed : of their luck
    fitted : a fit made before, on the same months; else one is made
    overlaid : False leaves out what the model is known to miss, and shows it as `simulate` plays it

    Raises
    ------
    InputError
        Fewer than two months would be left to fit.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rows = [(a, f"2024-0{m}", int(s)) for a in range(200) for m, s in enumerate(rng.choice([0, 0, 0, 1], 6), 1)]
    >>> history = History.of(months=pd.DataFrame(rows, columns=["account_id", "month", "status"]))
    >>> found = back_test(history, 1, replications=20, iterations=5)
    >>> found.errors().columns.tolist()
    ['model', 'last_rolls', 'markov']
    """
    data = sequences(history, bands, most)
    final = int((data.first + (data.status != ENDED).sum(axis=1)).max()) - 1
    month = final - horizon
    if horizon < 1 or month - int(data.first.min()) < 1:
        raise InputError(f"a horizon of {horizon} months leaves nothing to fit; the history has too few months")
    train = data.until(month)
    fit = fitted or fit_sequences(train, history, iterations=iterations)
    cash = learn_cash(history, data, month)
    ahead = Future.of(data, month, horizon)
    paid, counted = np.zeros(ahead.status.shape), np.zeros(ahead.status.shape, np.bool_)
    if cash is not None:
        length = ahead.status.shape[1]
        cash = replace(cash, paid=widened(cash.paid[ahead.kept], length, np.nan), tenth=cash.tenth[ahead.kept])
        paid, counted = cash.paid, np.isfinite(cash.paid)
    rng = np.random.default_rng(seed)
    paths = climate(fit, train).paths(replications, horizon, seed)
    missed = overlay(fit, train)
    ratios = missed.draws(replications, horizon, seed) if overlaid else None
    drawn = fit.draws(min(replications, DRAWS), seed)
    found: list[Figures] = []
    for replication in range(replications):
        # The first kernel is that of a usual month, the others those of the months ahead, each in its climate.
        kernels, start, _ = fit.model.build(drawn[replication % len(drawn)], ease=[(1.0, 1.0), *paths[replication]])
        measures = ahead.measures(start, kernels)
        if ratios is not None:
            kernels = missed.on(kernels, ratios[replication])
        played = ahead.play(measures, kernels, rng)
        found.append(figures(played, ahead))
        if cash is not None:
            found[-1] |= cash_figures(cash.play(played, rng, ahead.months), played, ahead.months, counted)
    observed = figures(ahead.status, ahead)
    if cash is not None:
        observed |= cash_figures(paid, ahead.status, ahead.months, counted)
    table = _table(observed, found)
    for name, shares in naive(train, ahead, cash).items():
        table[name] = [shares.get((g, f), np.nan) for g, f in zip(table["group"], table["figure"], strict=True)]
    return BackTest(table, missed.table, fit, month, horizon)


def _table(observed: Figures, played: list[Figures]) -> pd.DataFrame:
    every = [name for name, value in observed.items() if np.isfinite(value)]
    drawn = np.array([[play.get(name, 0.0) for name in every] for play in played], np.float64)
    usable = np.flatnonzero(np.isfinite(drawn).any(axis=0))
    names, drawn = [every[i] for i in usable], drawn[:, usable]
    value = np.array([observed[name] for name in names])
    # Of n plays, what happens falls below the lowest with 1 / (n + 1): so ranks count from the (n + 1)-th part.
    low, middle, high = np.nanquantile(drawn, [0.025, 0.5, 0.975], axis=0, method="weibull")
    stretch = _stretch(drawn, low, middle, high)
    table = pd.DataFrame(names, columns=["group", "figure"])
    # No figure is below zero, and no share above one.
    most = np.where(table["group"].isin(SHARES), 1.0, np.inf)
    joint_low = np.maximum(middle - stretch * (middle - low), 0.0)
    joint_high = np.minimum(middle + stretch * (high - middle), most)
    columns = {
        "observed": value, "forecast": middle, "low": low, "high": high, "inside": (low <= value) & (value <= high),
        "joint_low": joint_low, "joint_high": joint_high,
        "inside_joint": (joint_low <= value) & (value <= joint_high),
    }  # fmt: skip
    return table.assign(**columns)


def _stretch(drawn: Array, low: Array, middle: Array, high: Array) -> float:
    """Return by how much all intervals have to be stretched so that 95 % of plays have all figures inside."""
    side = np.where(drawn < middle, middle - low, high - middle)
    off = np.where(drawn == middle, 0.0, np.abs(drawn - middle) / np.maximum(side, 1e-300))
    return max(float(np.quantile(np.nanmax(off, axis=1), 0.95, method="weibull")), 1.0)
