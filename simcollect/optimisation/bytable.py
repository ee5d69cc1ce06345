"""A plan as tables for the simulator: what is done in each week and observed state, by column of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.states import N_STATES
from simcollect.optimisation.owners import stage_owners
from simcollect.strategy import Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]


def by_table(plan: Plan) -> Strategy:
    """Return a plan as tables: each account is drawn to a column of its segment, whatever its history."""
    model, mix = plan.model, plan.mix
    tables: list[npt.NDArray[np.int8]] = []
    gains: list[Array] = []
    weights = np.zeros((len(model.segments), sum(len(columns) for columns in mix.columns)))
    by_minute = plan.gains_a_minute()
    for g, (columns, shares) in enumerate(zip(mix.columns, mix.weights, strict=True)):
        for column, share in zip(columns, shares, strict=True):
            weights[g, len(tables)] = share
            tables.append(column.policy)
            gains.append(np.take_along_axis(by_minute[g], column.policy[None].astype(np.int64), axis=0)[0])
    return Strategy(
        name="plan by table",
        tables=np.stack(tables).reshape(len(tables), model.weeks, N_STATES),
        weights=weights,
        priority="gain",
        gain=np.stack(gains),
        catalogue=model.catalogue,
        description=f"Optimised for {plan.scenario} over {plan.weeks} weeks.",
        owners=stage_owners(plan.table()),
    )
