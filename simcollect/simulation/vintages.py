"""The book by month of origination: who fell behind, what was paid, what was lost and recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, IN_LEGAL, OPEN
from simcollect.portfolio import Portfolio
from simcollect.units import to_major

if TYPE_CHECKING:
    from simcollect.simulation.result import SimulationResult

COUNTED = ("ever_30", "ever_90", "charged_off", "cash", "written_off", "recovered")
UNKNOWN = "unknown"


def vintage_codes(portfolio: Portfolio) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return each account's vintage as a code, and the names: months of origination in order, then "unknown".

    Examples
    --------
    >>> book = Portfolio.synthetic(50, seed=1)
    >>> codes, names = vintage_codes(book)
    >>> len(codes), names == sorted(names)
    (50, True)
    """
    opened = portfolio.accounts["opened"]
    names = opened.dt.strftime("%Y-%m").where(opened.notna(), UNKNOWN)  # digits sort before letters
    codes, found = pd.factorize(names, sort=True)
    return codes.astype(np.int64), [str(name) for name in found]


@njit(cache=True, inline="always")
def count_vintage(r: Any, t: int, v: int, out: npt.NDArray[np.int64]) -> None:
    """Count an account at the end of day t with its vintage v, shape (vintages, 6): see `COUNTED`; in minor units."""
    worst = max(r.worst, t - r.due) if r.mode == OPEN else r.worst
    lost = r.mode in (IN_LEGAL, CHARGED_OFF) or r.written_off > 0
    out[v, 0] += lost or worst >= 30
    out[v, 1] += lost or worst >= 90
    out[v, 2] += r.written_off > 0
    out[v, 3] += r.paid
    out[v, 4] += r.written_off
    out[v, 5] += r.recovered


def vintages(result: SimulationResult) -> pd.DataFrame:
    """Return one row a replication, date and vintage; see `SimulationResult.vintages`."""
    codes, names = vintage_codes(result.setting.portfolio)
    principal = result.setting.portfolio.accounts["principal"].to_numpy()
    accounts = np.bincount(codes, minlength=len(names))
    at_start = to_major(np.bincount(codes, weights=principal, minlength=len(names)).astype(np.int64), result.currency)
    month = pd.PeriodIndex([name if name != UNKNOWN else "NaT" for name in names], freq="M")
    frames = []
    for number, run in enumerate(result.runs):
        for day, counts in run.vintages:
            now = pd.Timestamp(result.start) + pd.Timedelta(days=day)
            age = (now.year - month.year) * 12 + now.month - month.month
            money = {name: to_major(counts[:, COUNTED.index(name)], result.currency) for name in COUNTED[3:]}
            frames.append(
                pd.DataFrame(
                    {
                        "replication": number,
                        "date": now,
                        "vintage": names,
                        "months_on_book": np.where(month.isna(), np.nan, age),
                        "accounts": accounts,
                        "principal": at_start,
                        **{name: counts[:, at] / accounts for at, name in enumerate(COUNTED[:3])},
                        **money,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)
