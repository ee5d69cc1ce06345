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

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.cash import Cash, cash_figures, learn_cash, naive_cash
from simcollect.calibration.climate import climate
from simcollect.calibration.filter import ENDED, IDLE, UNSEEN, last_measures
from simcollect.calibration.history import History
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.markov import matrix, rolls
from simcollect.calibration.overlay import overlay
from simcollect.calibration.panel import Sequences, sequences
from simcollect.calibration.replay import replay, status_of
from simcollect.calibration.statuses import fit_sequences
from simcollect.errors import InputError

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
Figures = dict[tuple[str, str], float]

DRAWS = 40  # of the parameters; further replications use them again, with other luck
MILESTONES = (3, 6, 12, 18, 24, 36)  # months on book


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
        return (
            f"Back-test over {self.horizon} months: of {len(self.table)} figures {inside} inside their 95 % interval, "
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
    """
    data = sequences(history, bands, most)
    final = int((data.first + (data.status != ENDED).sum(axis=1)).max()) - 1
    month = final - horizon
    if horizon < 1 or month - int(data.first.min()) < 1:
        raise InputError(f"a horizon of {horizon} months leaves nothing to fit; the history has too few months")
    train = data.until(month)
    fit = fitted or fit_sequences(train, history, iterations=iterations)
    cash = learn_cash(history, data, month)
    return _compare(data, train, fit, month, horizon, replications, seed, cash, overlaid)


def _compare(
    data: Sequences, train: Sequences, fit: Fit, month: int, horizon: int, replications: int, seed: int,
    cash: Cash | None, overlaid: bool,
) -> BackTest:  # fmt: skip
    known = np.minimum(month - data.first, data.status.shape[1] - 1)
    future = known + 1 < (data.status != ENDED).sum(axis=1)
    group, known, first = data.group[future], known[future], data.first[future]
    length = max(data.status.shape[1], month + horizon - int(first.min()) + 1)
    status = _widened(data.status[future], length, ENDED)
    ahead = first[:, None] + np.arange(length)[None, :] - month
    paid, counted = np.zeros(status.shape), np.zeros(status.shape, np.bool_)
    if cash is not None:
        cash = replace(cash, paid=_widened(cash.paid[future], length, np.nan), tenth=cash.tenth[future])
        paid, counted = cash.paid, np.isfinite(cash.paid)
    new = known < 0
    places = np.maximum(known, 0)
    rng = np.random.default_rng(seed)
    # Histories up to the month, as the filter wants them; new accounts are known by their first status only.
    past = status.copy()
    past[np.arange(length)[None, :] > places[:, None]] = ENDED
    cut = Sequences(past, group, np.empty(len(past), object), first, data.bands, data.low, data.high)
    panel, inverse = cut.distinct()
    # Kernel 0 is that of a usual month; kernel j that of the j-th month ahead, in its climate.
    kernel = np.clip(first[:, None] + np.arange(length)[None, :] + 1 - month, 0, horizon).astype(np.int8)
    paths = climate(fit, train).paths(replications, horizon, seed)
    missed = overlay(fit, train)
    ratios = missed.draws(replications, horizon, seed) if overlaid else None
    drawn = fit.draws(min(replications, DRAWS), seed)
    of = status_of(data.low, data.high)
    playable = _held_open(status, first, month + horizon)
    # A month that was not seen is played, and not looked at: the same mask serves real and played histories.
    unseen = status == UNSEEN
    start_column = np.where(new, 0, places)
    figures: list[Figures] = []
    for replication in range(replications):
        kernels, start, _ = fit.model.build(drawn[replication % len(drawn)], ease=[(1.0, 1.0), *paths[replication]])
        measure = last_measures(panel, start, kernels)[inverse].reshape(len(status), -1)
        if ratios is not None:
            kernels = missed.on(kernels, ratios[replication])
        played = replay(playable, group, start_column, measure, kernels, kernel, of, rng)
        played[unseen] = UNSEEN
        figures.append(_figures(played, start_column, first, month, data.low.size))
        if cash is not None:
            figures[-1] |= cash_figures(cash.play(played, rng, ahead), played, ahead, counted)
    observed = _figures(status, start_column, first, month, data.low.size)
    if cash is not None:
        observed |= cash_figures(paid, status, ahead, counted)
    table = _table(observed, figures)
    naive = _naive(train, status, start_column, first, month, horizon, cash)
    for name, shares in naive.items():
        table[name] = [shares.get((g, f), np.nan) for g, f in zip(table["group"], table["figure"], strict=True)]
    return BackTest(table, missed.table, fit, month, horizon)


def _widened(x: npt.NDArray[Any], length: int, fill: float) -> npt.NDArray[Any]:
    return np.pad(x, ((0, 0), (0, length - x.shape[1])), constant_values=fill)


def _held_open(status: Bytes, first: npt.NDArray[np.int64], final: int) -> Bytes:
    """Return the histories to be played: after an account's end it stands without a loan to the final month.

    Who in fact paid off, but is late in the play, then still owes; to take him out at the real end would lose more of
    the late the longer the play. An account that leaves the data with a loan is not followed in the play either.
    """
    length = (status != ENDED).sum(axis=1)
    closed = status[np.arange(len(status)), length - 1] == IDLE
    column = np.arange(status.shape[1])[None, :]
    after = closed[:, None] & (column >= length[:, None]) & (first[:, None] + column <= final)
    return np.where(after, np.int8(IDLE), status).astype(np.int8)


def _figures(
    status: Bytes, known: npt.NDArray[np.int64], first: npt.NDArray[np.int64], month: int, statuses: int
) -> Figures:
    """Return the figures of the months after `month`."""
    out: Figures = {}
    column = np.arange(status.shape[1])[None, :]
    future = column > known[:, None]
    when = first[:, None] + column
    for ahead in range(1, int((when * (status != ENDED)).max()) - month + 1):
        there = status[(when == month + ahead) & (status >= 0)]
        for y in range(statuses):
            out["stage share", f"month {ahead}, status {y}"] = float((there == y).mean()) if there.size else np.nan
    counts = rolls(np.where(future | (column == known[:, None]), status, UNSEEN), statuses)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    for a in range(statuses):
        if counts[a].sum() < 30:
            continue
        for b in range(statuses):
            if counts[a, b] > 0 or b == 0:
                out["roll", f"{a} to {b}"] = float(shares[a, b])
    out |= _memory(status, future)
    out |= _ever(status, future)
    return out


def _memory(status: Bytes, future: npt.NDArray[np.bool_]) -> Figures:
    """Return how often those late before, and those never late, become late; and the ratio."""
    late = status > 0
    before: npt.NDArray[np.int64] = np.cumsum(late, axis=1) - late
    ever = before[:, 1:] > 0
    now, nxt = status[:, :-1], status[:, 1:]
    at_risk = (now == 0) & (nxt >= 0) & future[:, 1:]
    again = float((nxt > 0)[at_risk & ever].mean()) if (at_risk & ever).any() else np.nan
    anew = float((nxt > 0)[at_risk & ~ever].mean()) if (at_risk & ~ever).any() else np.nan
    return {
        ("memory", "late again"): again,
        ("memory", "late for the first time"): anew,
        ("memory", "ratio of repeat to first"): again / anew if anew > 0 else np.nan,
    }


def _ever(status: Bytes, future: npt.NDArray[np.bool_]) -> Figures:
    """Return the share ever 30+ and 90+ days late by month on book, by Kaplan and Meier's estimate on future months."""
    out: Figures = {}
    for name, worst in (("30+", 1), ("90+", 3)):
        reached = np.maximum.accumulate(np.maximum(status, 0), axis=1) >= worst
        at_risk = (status[:, 1:] >= 0) & ~reached[:, :-1] & future[:, 1:]
        falls = (at_risk & reached[:, 1:]).sum(axis=0)
        hazard = falls / np.maximum(at_risk.sum(axis=0), 1)
        curve = 1 - np.cumprod(1 - hazard)
        for month in MILESTONES:
            if month <= curve.size and at_risk[:, month - 1].sum() >= 100:
                out["ever " + name, f"by month {month} on book"] = float(curve[month - 1])
    return out


def _naive(
    train: Sequences,
    status: Bytes,
    known: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    month: int,
    horizon: int,
    cash: Cash | None,
) -> dict[str, Figures]:
    """Return stage shares, roll rates and cash of the two naive forecasts, for the accounts there in each month."""
    statuses = train.low.size
    when = train.first[:, None] + np.arange(train.status.shape[1])[None, :]
    last = rolls(np.where((when >= month - 1) & (when <= month), train.status, UNSEEN), statuses)
    chains: dict[str, Callable[[], Array]] = {
        "last_rolls": lambda: matrix(last),
        "markov": lambda: matrix(rolls(train.status, statuses)),
    }
    now = np.maximum(status[np.arange(len(status)), known], 0)
    begins = first + known
    out: dict[str, Figures] = {}
    for name, make in chains.items():
        P, figures = make(), {}
        powers = [np.eye(statuses)]
        for _ in range(horizon + 1):
            powers.append(powers[-1] @ P)
        for ahead in range(1, horizon + 1):
            place = month + ahead - first
            inside = (place < status.shape[1]) & (place > known)
            there = inside.copy()
            there[inside] = status[inside, place[inside]] >= 0
            steps = np.clip(month + ahead - begins[there], 0, horizon + 1)
            share = np.stack(powers)[steps, now[there]].mean(axis=0) if there.any() else np.full(statuses, np.nan)
            for y in range(statuses):
                figures["stage share", f"month {ahead}, status {y}"] = float(share[y])
            if cash is not None:
                # Who is there in this month, by what the chain says of the month before.
                before = np.stack(powers)[np.maximum(steps - 1, 0), now[there]].sum(axis=0)
                figures |= naive_cash(cash, int(name == "markov"), before, ahead)
        figures |= {("roll", f"{a} to {b}"): float(P[a, b]) for a in range(statuses) for b in range(statuses)}
        out[name] = figures
    return out


def _table(observed: Figures, played: list[Figures]) -> pd.DataFrame:
    every = [name for name, value in observed.items() if np.isfinite(value)]
    drawn = np.array([[play.get(name, 0.0) for name in every] for play in played], np.float64)
    usable = np.flatnonzero(np.isfinite(drawn).any(axis=0))
    names, drawn = [every[i] for i in usable], drawn[:, usable]
    value = np.array([observed[name] for name in names])
    # Of n plays, what happens falls below the lowest with 1 / (n + 1): so ranks count from the (n + 1)-th part.
    low, middle, high = np.nanquantile(drawn, [0.025, 0.5, 0.975], axis=0, method="weibull")
    stretch = _stretch(drawn, low, middle, high)
    # No figure is below zero.
    joint_low, joint_high = np.maximum(middle - stretch * (middle - low), 0.0), middle + stretch * (high - middle)
    table = pd.DataFrame(names, columns=["group", "figure"])
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
