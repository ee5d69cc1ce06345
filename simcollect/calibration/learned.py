"""What has been learned so far, gathered by the estimators that have something to work on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.parameters import DEFAULTS

Z95 = 1.959964


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

    def number(self, entry: str, estimate: float, error: float, n: int) -> None:
        """Record an entry of the table that is one number."""
        default = float(DEFAULTS[entry].array())
        self.changes[entry] = np.asarray(estimate, np.float64)
        low, high = estimate - Z95 * error, estimate + Z95 * error
        self.rows.append((entry, estimate, error, low, high, default, "yes", f"{n:,} observations"))
