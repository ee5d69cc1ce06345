"""The table of who kept to the deadlines that a strategy sets, by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.simulation.flows import FOLLOWED
from simcollect.simulation.stages import lay_out

if TYPE_CHECKING:
    from simcollect.simulation.result import SimulationResult

COLUMNS = (
    "stage", "owner", "from_dpd", "to_dpd", "deadline_days", "accounts", "in_time", "late", "breaches",
    "left_before_deadline", "open_before_deadline", "share_in_time", "median_days", "p90_days", "never", "untouched",
    "reached",
)  # fmt: skip


def adherence(result: SimulationResult) -> pd.DataFrame:
    """Return one row a stage of the strategy; see `SimulationResult.adherence`."""
    owners = result.setting.strategy.owners
    if not owners:
        return pd.DataFrame(columns=list(COLUMNS))
    pooled = {name: np.sum([run.followed[name] for run in result.runs], axis=0) for name in FOLLOWED}
    rows = []
    for stage, k in zip(owners, lay_out(owners).owned, strict=True):
        first = pooled["first"][k]
        left, waiting = pooled["left"][k], pooled["waiting"][k]
        contacted = first.sum()
        in_time = first[: stage.deadline_days + 1].sum()
        late = contacted - in_time
        breaches = late + left[1] + waiting[1]
        accounts = contacted + left.sum() + waiting.sum()
        counts = {
            "accounts": accounts, "in_time": in_time, "late": late, "breaches": breaches,
            "left_before_deadline": left[0], "open_before_deadline": waiting[0],
        }  # fmt: skip
        gone = contacted + left.sum()
        rows.append(
            {
                **stage.model_dump(),
                **{name: count / result.replications for name, count in counts.items()},
                "share_in_time": _share(in_time, in_time + breaches),
                "median_days": _quantile(first, 0.5),
                "p90_days": _quantile(first, 0.9),
                "never": _share(left.sum(), gone),
                "untouched": _share(pooled["untouched"][k], gone),
                "reached": _share(pooled["reached"][k], accounts),
            }
        )
    return pd.DataFrame(rows)[list(COLUMNS)]


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else np.nan


def _quantile(counts: npt.NDArray[np.int64], level: float) -> float:
    """Return the least number of days within which a share `level` of those counted were contacted."""
    if counts.sum() == 0:
        return np.nan
    return float(np.searchsorted(np.cumsum(counts), level * counts.sum()))
