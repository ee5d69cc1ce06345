"""The tables of a run, written so that the same numbers always give the same bytes.

Floats are rounded to ten significant digits, in CSV and Parquet alike: far finer than any figure is known, and
coarse enough that two ways to add the same numbers up agree.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simcollect.portfolio import Portfolio
from simcollect.study.compute import Results
from simcollect.study.inputs import slug

FLOATS = "%.10g"


def tables(portfolio: Portfolio, results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables of a study by their place under ``tables/``, one sub-folder a scenario.

    A plan's tables (`plan`, `strategy_table`, `playbook`, `prices`, ...) are there only if one was made, those of how
    sure the decision is (`decision`, `best_of_all`, `decision_by_draw`, `plan_under_draws`) only under draws.
    """
    out = {"book": portfolio.summary().reset_index()}
    for name, comparison in results.comparisons.items():
        found = {
            "comparison": comparison.table.reset_index(),
            "measures": comparison.measures,
            **{
                what: _stacked({run: getattr(result, what) for run, result in comparison.runs.items()})
                for what in ("daily", "by_stage")
            },
            "roll_rates": _stacked({run: result.roll_rates for run, result in comparison.runs.items()}),
            "workload_simulated": _stacked({run: result.workload() for run, result in comparison.runs.items()}),
            "staffing": results.staff[name].table,
        }
        if comparison.decision is not None:
            found |= {
                "decision": comparison.decision.table.reset_index(),
                "best_of_all": comparison.decision.best.reset_index(),
                "decision_by_draw": comparison.decision.by_draw.reset_index(),
            }
        if name in results.plans:
            plan = results.plans[name]
            found |= {
                "plan": plan.summary().rename_axis("what").reset_index(),
                "strategy_table": plan.table(),
                "playbook": plan.playbook().table,
                "prices": plan.prices.reset_index(),
                "capacity": plan.capacity.reset_index(),
                "forecast": plan.forecast,
                "workload": plan.workload(),
                "bought": plan.bought,
            }
            if plan.drawn is not None:
                found["plan_under_draws"] = plan.drawn.table
            if not plan.goal.plain:
                found |= {"plan_measures": plan.measures.reset_index(), "limits": plan.limits}
        if name in results.trade_offs:
            found["trade_off"] = results.trade_offs[name]
        out |= {f"{slug(name)}/{table}": frame for table, frame in found.items()}
    return out


def write_table(frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Write a table to ``stem.csv`` and ``stem.parquet``, index left out.

    Examples
    --------
    >>> import tempfile
    >>> files = write_table(pd.DataFrame({"cash": [1 / 3]}), Path(tempfile.mkdtemp()) / "flows")
    >>> files[0].read_text()
    'cash\\n0.3333333333\\n'
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    plain = _plain(frame)
    files = [stem.with_name(f"{stem.name}.csv"), stem.with_name(f"{stem.name}.parquet")]
    files[0].write_bytes(to_csv(plain).encode())
    plain.to_parquet(files[1], index=False)
    return files


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV text, floats to ten significant digits, index left out.

    Examples
    --------
    >>> to_csv(pd.DataFrame({"n": [1], "share": [2 / 3]}))
    'n,share\\n1,0.6666666667\\n'
    """
    return _plain(frame).to_csv(index=False, float_format=FLOATS, lineterminator="\n")


def _stacked(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [frame.assign(strategy=name) for name, frame in frames.items()]
    both = pd.concat(parts, ignore_index=True)
    return both[["strategy", *(name for name in both.columns if name != "strategy")]]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with rounded floats, and months and categories as text."""
    out = frame.copy()
    for name in out.columns:
        kind = out[name].dtype
        if pd.api.types.is_float_dtype(kind):
            out[name] = _rounded(out[name].to_numpy(dtype=np.float64))
        elif isinstance(kind, pd.PeriodDtype | pd.CategoricalDtype):
            out[name] = out[name].astype(str)
    return out


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.array([float(FLOATS % value) for value in values.tolist()], dtype=np.float64)
