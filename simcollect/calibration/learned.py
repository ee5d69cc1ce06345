"""What has been learned so far, gathered by the estimators that have something to work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.parameters import DEFAULTS
from simcollect.calibration.free import Free, apply
from simcollect.calibration.identified import NARROWED

Array = npt.NDArray[np.float64]
Z95 = 1.959964


@dataclass(frozen=True)
class Block:
    """Numbers estimated together: how far each moves cells of the table, and how well that is known.

    Attributes
    ----------
    free : what each number moves; theta : the estimate, shape (P,); covariance : (P, P)
    """

    free: tuple[Free, ...]
    theta: Array
    covariance: Array

    def draw(self, rng: np.random.Generator) -> dict[str, Array]:
        """Return the entries of the table under one draw of the numbers."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return self.at(self.theta + root @ rng.standard_normal(self.theta.size))

    def at(self, theta: Array) -> dict[str, Array]:
        """Return the entries of the table at other numbers."""
        return apply({entry.entry: DEFAULTS[entry.entry].array() for entry in self.free}, self.free, theta)


@dataclass
class Learned:
    """Changes to the parameter table, rows about them, further tables, and remarks.

    Examples
    --------
    >>> learned = Learned()
    >>> learned.number("call.attempt_decay", 0.9, 0.01, 4000)
    >>> learned.rows[0][0], float(learned.changes["call.attempt_decay"])
    ('call.attempt_decay', 0.9)
    """

    changes: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)  # why an entry that was looked at stays at its default

    def number(self, entry: str, estimate: float, error: float, n: int) -> None:
        """Record an entry of the table that is one number."""
        default = float(DEFAULTS[entry].array())
        self.changes[entry] = np.asarray(estimate, np.float64)
        low, high = estimate - Z95 * error, estimate + Z95 * error
        self.rows.append((entry, estimate, error, low, high, default, "yes", f"{n:,} observations"))

    def block(self, block: Block, counts: Sequence[int], unit: str) -> None:
        """Record numbers that move cells of entries; `counts` says on how many observations each rests."""
        self.blocks.append(block)
        self.changes |= block.at(block.theta)
        error = np.sqrt(np.maximum(np.diag(block.covariance), 0.0))
        for i, (entry, n) in enumerate(zip(block.free, counts, strict=True)):

            def shown(shift: float, i: int = i, entry: Free = entry) -> float:
                theta = block.theta.copy()
                theta[i] += shift
                return float(block.at(theta)[entry.entry][entry.cells].mean())

            low, high = shown(-Z95 * error[i]), shown(Z95 * error[i])
            share = error[i] / entry.sd
            default = float(DEFAULTS[entry.entry].array()[entry.cells].mean())
            self.rows.append(
                (entry.name, shown(0.0), (high - low) / (2 * Z95), low, high, default,
                 "yes" if share <= NARROWED else "no", f"{n:,} {unit}; its error is {share:.0%} of the prior's spread")
            )  # fmt: skip
