"""Outcomes counted by group become shifts of entries of the parameter table, small groups drawn towards the whole.

Symbols: ``g`` group (age group, offer, legal stage); ``s_g`` shift of the group's cells on the log or log-odds scale,
0 at the evidence default; ``y_g`` the shift at which the table shows what was counted, ``v_g`` its sampling variance.

    y_g ~ N(s_g, v_g),   s_g = s + u_g,   s ~ N(0, sd²),   u_g ~ N(0, tau²)

``sd`` is the spread of lenders by the range of the table (`free.spread`); ``tau``, how much groups differ, is its mean
given the counts under a half-normal prior of scale sd / 2 (judgement): its most likely value would be zero where few
groups are counted, and would make the others look known. The estimate is the posterior mean: what is hardly counted
moves with the others, less far and less surely. Reference: Lindley & Smith, JRSS B 34(1), 1972.

A table's cells run over behaviours that no lender sees. What is counted is their mix, so each group's cells move
together, and the mix is that of the package's own long run (`mix.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.parameters import DEFAULTS
from simcollect.calibration.free import Free, spread
from simcollect.calibration.learned import Block

Array = npt.NDArray[np.float64]
WIDEST = 8.0  # largest shift looked for
STEPS = np.linspace(0.0, 2.0, 41)  # of tau, in units of sd


class Evidence(NamedTuple):
    """What was counted in one group: the shift that shows it, its standard error (infinite if nothing was)."""

    label: str
    cells: npt.NDArray[np.bool_]
    shift: float
    error: float
    n: int


def share_evidence(entry: str, label: str, cells: npt.NDArray[np.bool_], mix: Array, won: float, n: float) -> Evidence:
    """Return the shift of log-odds at which the mix of cells succeeds as often as was counted.

    Parameters
    ----------
    entry : of the parameter table, probabilities
    cells : which of them the group has; mix : share of each of these, in their order
    won, n : successes and cases

    Examples
    --------
    >>> one = np.arange(5) == 4
    >>> found = share_evidence("talk.hardship", "strained", one, np.ones(1), 400, 1000)
    >>> round(found.shift, 2), round(found.error, 3)
    (0.0, 0.065)
    """
    from scipy.optimize import brentq

    if n <= 0:
        return Evidence(label, cells, 0.0, np.inf, 0)
    p = np.clip(DEFAULTS[entry].array()[cells], 1e-6, 1 - 1e-6)
    weight = mix / mix.sum()
    odds = p / (1 - p)

    def shown(s: float) -> float:
        moved = odds * np.exp(s)
        return float(weight @ (moved / (1 + moved)))

    share = float(np.clip((won + 0.5) / (n + 1), shown(-WIDEST), shown(WIDEST)))
    shift = float(brentq(lambda s: shown(s) - share, -WIDEST - 1e-6, WIDEST + 1e-6))
    slope = (shown(shift + 1e-4) - shown(shift - 1e-4)) / 2e-4
    return Evidence(label, cells, shift, float(np.sqrt(share * (1 - share) / n) / max(slope, 1e-9)), int(n))


def shrunk(entry: str, kind: str, evidence: Sequence[Evidence], sd: float | None = None) -> Block:
    """Return the posterior of the shifts of all groups.

    Parameters
    ----------
    kind : as in `free`: odds, factor or scale
    sd : prior spread; from the table's range if not given

    Examples
    --------
    >>> cells = [np.arange(5) == b for b in range(2)]
    >>> block = shrunk("talk.refuse", "odds", [Evidence("a", cells[0], 1.0, 0.05, 900),
    ...                                        Evidence("b", cells[1], 0.0, np.inf, 0)])
    >>> bool(0.9 < block.theta[0] < 1.0), bool(0.2 < block.theta[1] < block.theta[0])
    (True, True)
    """
    wide = spread(entry) if sd is None else sd
    seen = np.array([np.isfinite(e.error) for e in evidence])
    y = np.array([e.shift for e in evidence])[seen]
    noise = np.diag(np.array([e.error**2 for e in evidence])[seen])
    groups = len(evidence)

    def prior(tau: float) -> Array:
        return np.asarray(wide**2 * np.ones((groups, groups)) + tau**2 * np.eye(groups))

    def value(tau: float) -> float:
        total = prior(tau)[np.ix_(seen, seen)] + noise
        log_det = np.linalg.slogdet(total)[1]
        return float(-0.5 * (log_det + y @ np.linalg.solve(total, y)) - 0.5 * (tau / (0.5 * wide)) ** 2)

    height = np.array([value(wide * float(step)) for step in STEPS])
    weight = np.exp(height - height.max())
    tau = wide * float(weight @ STEPS / weight.sum())
    cov = prior(tau)
    gain = cov[:, seen] @ np.linalg.inv(cov[np.ix_(seen, seen)] + noise)
    own = np.sqrt(wide**2 + tau**2)
    free = tuple(Free(f"{entry}[{e.label}]" if e.label else entry, entry, kind, e.cells, float(own)) for e in evidence)
    return Block(free, gain @ y, cov - gain @ cov[seen])
