"""From a difference in payment to an entry of the table: how much a message or a talk raises the daily intensity.

A history shows the share that pays within a window with and without contact, ``p1`` and ``p0``. The table holds the
relative rise of the intensity, by behaviour. The two meet in the ratio of cumulated intensities,

    R = ln(1 - p1) / ln(1 - p0),

in which the lender's own level of payment cancels. `paid_within` gives the model's R by the daily law, for the mix of
behaviours at the ages in the log, with the entry multiplied by f; the estimate is the f at which it equals the
history's R, its error that of R divided by the slope. It is then drawn towards the default, f = 1:

    f_post = (f / e² + 1 / sd²) / (1 / e² + 1 / sd²)      (normal prior, normal error; never below 0)

with ``sd`` four times as wide as the range of the table, as everywhere in calibration. Left out, as too small to matter
within a few weeks: moves of liquidity, and that at most one payment a week is made (only the first one counts here).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.law import age_group, day_bin, talk_level
from simcollect.behaviour.parameters import CHANNELS, DEFAULTS
from simcollect.calibration.contact import ContactEffect
from simcollect.calibration.free import WIDEN
from simcollect.calibration.mix import overdue_mix
from simcollect.calibration.shrinkage import Evidence

Array = npt.NDArray[np.float64]
GRID = np.linspace(0.0, 8.0, 33)  # factors at which the model's R is worked out
WINDOW = 30  # days, where the log does not say: judgement
EARLY = np.arange(1, 31)  # days late where the log does not say: the first month, as most contacts are


def paid_within(
    behaviour: Behaviour, mix: Array, days: npt.NDArray[np.int64], window: int, channel: int | None, factor: float = 1.0
) -> tuple[float, float]:
    """Return the shares that pay within the window without and with a contact on the first day.

    Parameters
    ----------
    mix : behaviours by age group, shape (ages, behaviours)
    days : days late at the contact, one an account
    channel : of the message; None for a talk
    factor : multiplies `message.effect` of the channel, or `attention.effect`

    Examples
    --------
    >>> mix = overdue_mix(Behaviour.default(), 0, reached=True)
    >>> without, spoken_to = paid_within(Behaviour.default(), mix, EARLY, 30, None)
    >>> bool(0 < without < spoken_to < 1)
    True
    """
    law = behaviour.law()
    distinct, count = np.unique(days, return_counts=True)
    ages = np.array([age_group(int(x)) for x in distinct])
    weight = mix[ages] * (count / count.sum())[:, None]  # (X, b)
    attention = law.attention if channel is not None else factor * law.attention
    message = np.zeros(5) if channel is None else factor * law.effect[channel]
    read = 0.0 if channel is None else float(law.read[channel])

    def rate(t: int) -> Array:
        bins = [day_bin(law.bins, int(x) + t) for x in distinct]
        return np.asarray(law.base[:, bins].T)  # (X, b)

    bare, left = np.ones_like(weight), np.zeros((len(law.attention), *weight.shape))
    pending = np.zeros_like(weight)
    if channel is None:
        promised = law.promise[:, ages].T
        level = talk_level(0)
        left[level], pending = 1.0 - promised, promised
        kept = law.keep[:, ages].T
    else:
        left[0] = 1.0 - read
        told = np.full_like(weight, read)  # read, and still in the week of the message
    for t in range(1, window + 1):
        hazard = rate(t)
        bare = bare * np.exp(-hazard)
        left = left * np.exp(-hazard[None] * (1.0 + attention[:, None, :]))
        if channel is not None and t <= 7:
            told = told * np.exp(-hazard * (1.0 + message))
        if channel is None and t == law.horizon:
            left[level] += pending * (1.0 - kept)
            pending = pending * 0.0
        if t % 7 == 0:
            lost = law.decay * left[1:]
            left[1:] -= lost
            left[:-1] += lost
            if channel is not None and t == 7:
                left[1] += told
                told = told * 0.0
    unpaid = left.sum(axis=0) + pending + (told if channel is not None else 0.0)
    return 1.0 - float((weight * bare).sum()), 1.0 - float((weight * unpaid).sum())


def evidence(effect: ContactEffect, rows: pd.DataFrame, channel: int | None, product: int) -> Evidence:
    """Return by what factor, less one, the history moves the entry, with its standard error.

    Parameters
    ----------
    effect : adjusted effect on the share that pays
    rows : the events behind it, for days late and the window
    channel : of the message; None for talks
    """
    behaviour = Behaviour.default()
    days, window = EARLY, WINDOW
    if "days_late" in rows and rows["days_late"].notna().any():
        days = rows["days_late"].dropna().to_numpy(np.float64).astype(np.int64)
    if "window" in rows and rows["window"].notna().any():
        window = int(rows["window"].median())
    mix = overdue_mix(behaviour, product, reached=channel is None)
    model = [paid_within(behaviour, mix, days, window, channel, float(f)) for f in GRID]
    curve = np.array([np.log1p(-p1) / np.log1p(-p0) for p0, p1 in model])
    p0 = float(np.clip(effect.base, 1e-4, 1 - 1e-4))
    p1 = float(np.clip(p0 + effect.adjusted, 1e-4, 1 - 1e-4))
    seen = np.log1p(-p1) / np.log1p(-p0)
    error = effect.adjusted_error / ((1 - p1) * -np.log1p(-p0))
    at = float(np.interp(seen, curve, GRID))
    slopes = np.gradient(curve, GRID)
    slope = float(np.interp(at, GRID, slopes))
    outside = seen - float(np.clip(seen, curve[0], curve[-1]))
    factor = at + outside / slope  # beyond the grid the curve goes on straight
    cells = _cells(channel)
    label = "" if channel is None else CHANNELS[channel]
    return Evidence(label, cells, factor - 1.0, error / slope, effect.n)


def effect_spread(entry: str) -> float:
    """Return the prior spread of the factor of an entry of effects.

    Examples
    --------
    >>> round(effect_spread("message.effect"), 2)
    1.02
    """
    parameter = DEFAULTS[entry]
    return float((parameter.high - parameter.low) / (2 * 1.96) * WIDEN)


def _cells(channel: int | None) -> npt.NDArray[np.bool_]:
    if channel is None:
        return np.ones(DEFAULTS["attention.effect"].array().shape, np.bool_)
    cells = np.zeros(DEFAULTS["message.effect"].array().shape, np.bool_)
    cells[channel] = True
    return cells
