"""The figures of a back-test, by the same code for what happened and for every play; and naive forecasts of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simcollect.calibration.cash import Cash, naive_cash
from simcollect.calibration.filter import ENDED, UNSEEN
from simcollect.calibration.future import Future
from simcollect.calibration.markov import matrix, rolls
from simcollect.calibration.panel import Sequences

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
Figures = dict[tuple[str, str], float]

SHARES = "stage share", "roll", "ever 30+", "ever 90+"  # groups of figures that are shares of accounts
MILESTONES = (3, 6, 12, 18, 24, 36)  # months on book


def figures(status: Bytes, ahead: Future) -> Figures:
    """Return the figures of the months ahead, of what happened or of a play: stage shares, rolls, memory, ever late.

    Parameters
    ----------
    status : (N, T) as `ahead.status`
    """
    out: Figures = {}
    column, known, statuses = np.arange(status.shape[1])[None, :], ahead.begins, ahead.low.size
    future = column > known[:, None]
    for month in range(1, int((ahead.months * (status != ENDED)).max()) + 1):
        there = status[(ahead.months == month) & (status >= 0)]
        for y in range(statuses):
            out["stage share", f"month {month}, status {y}"] = float((there == y).mean()) if there.size else np.nan
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


def naive(train: Sequences, ahead: Future, cash: Cash | None) -> dict[str, Figures]:
    """Return stage shares, roll rates and cash of the two naive forecasts, for the accounts there in each month."""
    status, known, first, month, horizon = ahead.status, ahead.begins, ahead.first, ahead.month, ahead.horizon
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
        P, found = make(), Figures()
        powers = [np.eye(statuses)]
        for _ in range(horizon + 1):
            powers.append(powers[-1] @ P)
        for step in range(1, horizon + 1):
            place = month + step - first
            inside = (place < status.shape[1]) & (place > known)
            there = inside.copy()
            there[inside] = status[inside, place[inside]] >= 0
            steps = np.clip(month + step - begins[there], 0, horizon + 1)
            share = np.stack(powers)[steps, now[there]].mean(axis=0) if there.any() else np.full(statuses, np.nan)
            for y in range(statuses):
                found["stage share", f"month {step}, status {y}"] = float(share[y])
            if cash is not None:
                # Who is there in this month, by what the chain says of the month before.
                before = np.stack(powers)[np.maximum(steps - 1, 0), now[there]].sum(axis=0)
                found |= naive_cash(cash, int(name == "markov"), before, step)
        found |= {("roll", f"{a} to {b}"): float(P[a, b]) for a in range(statuses) for b in range(statuses)}
        out[name] = found
    return out
