"""What a plan comes to: its totals by measure, its limits with their prices, what it buys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.optimisation.measures import INDEX
from simcollect.strategy import MEASURES

if TYPE_CHECKING:
    from simcollect.optimisation.columns import Column
    from simcollect.optimisation.goalgroup import GoalGroup
    from simcollect.optimisation.limits import Weighing
    from simcollect.optimisation.purchases import Item

Array = npt.NDArray[np.float64]


def totals_of(
    groups: Sequence[GoalGroup],
    columns: Sequence[Sequence[Column]],
    weights: Sequence[Array],
    items: Sequence[Item],
    bought: Array,
) -> Array:
    """Return what a mix comes to in each measure, by week and (last) after the plan, shape (M, T + 1).

    What is bought counts in the first cell: it is bought by months and weeks of its own.
    """
    out = np.zeros(0)
    for group, own, shares in zip(groups, columns, weights, strict=True):
        for column, share in zip(own, shares, strict=True):
            known = column.totals
            part = share * (known if known is not None else group.evaluate(column.policy)[0].totals)
            out = part if out.size == 0 else out + part
    out[INDEX["cost"], 0] += sum(item.paid * amount for item, amount in zip(items, bought, strict=True))
    out[INDEX["headcount"], 0] += sum(item.heads * amount for item, amount in zip(items, bought, strict=True))
    return out


def measures_table(totals: Array, discount: Array) -> pd.DataFrame:
    """Return each measure's total in the plan's weeks and afterwards, and what one unit of it is.

    Parameters
    ----------
    totals : as `totals_of` gives them
    discount : value today of money in each week, shape (T,)
    """
    rows = {
        name: {
            "in_plan": float(totals[INDEX[name], :-1].sum()),
            "afterwards": float(totals[INDEX[name], -1]),
            "total": float(totals[INDEX[name]].sum()),
            "unit": unit,
        }
        for name, unit in MEASURES.items()
    }
    weekly = (totals[INDEX["recovery"], :-1] - totals[INDEX["cost"], :-1]) * discount
    book = float(totals[INDEX["book"], -1])
    rows["value"] = {
        "in_plan": float(weekly.sum()),
        "afterwards": book,
        "total": float(weekly.sum()) + book,
        "unit": "money: net present value; what is bought counts as on day 0",
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def limits_table(weighing: Weighing | None, totals: Array, prices: Array) -> pd.DataFrame:
    """Return one row a limit: what was asked, what is reached, and what one unit more would be worth.

    Of a limit on each week, the week that comes nearest to breaking it counts.

    Parameters
    ----------
    weighing : the goal's limits, or None
    totals : as `totals_of` gives them
    prices : prices of all rows of the master, shape (R, T)
    """
    rows = []
    for number, limit in enumerate(weighing.limits if weighing is not None else ()):
        assert weighing is not None
        own = totals[INDEX[limit.measure]] / limit.unit
        hardest = own[:-1].min() if limit.floor else own[:-1].max()
        rows.append(
            {
                "limit": limit.name,
                "kind": ("at least" if limit.floor else "at most") + (" a week" if limit.weekly else ""),
                "asked": limit.asked,
                "reached": float(hardest if limit.weekly else own.sum()),
                "price": float(prices[weighing.first + number].sum() * limit.unit),
            }
        )
    return pd.DataFrame(rows, columns=["limit", "kind", "asked", "reached", "price"])
