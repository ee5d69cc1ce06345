"""The strategy table: a plan in few enough rows to read in a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.behaviour.states import PLAN, describe
from simcollect.strategy import Action
from simcollect.strategy.catalogue import LATE_FROM_WEEK

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

# Stages in weeks past due, first and last.
STAGES = (
    ("before due", -1, -1),
    ("0-6 days", 0, 0),
    ("7-34 days", 1, 4),
    ("35-90 days", 5, 12),
    ("91-181 days", 13, 25),
)
OWNERS = {"desk": "restructuring desk", "field": "field"}
SMALLEST_SHARE = 0.15  # actions taken with fewer of a row's accounts are told as "other"


def strategy_table(plan: Plan) -> pd.DataFrame:
    """Return one row a product, band and stage and main action.

    Columns: product, risk_band, stage, action (in words), share (of the stage's account-weeks), accounts_a_week, owner.
    Only the first 13 weeks count: later ones are planned again by then.
    """
    model = plan.model
    states = describe()
    week = states["week"].to_numpy(dtype=float)
    catalogue = model.catalogue
    horizon = min(13, model.weeks)
    rows: dict[tuple[str, str, str], np.ndarray] = {}
    at = 0
    for g, columns in enumerate(plan.mix.columns):
        info = model.segmentation.table.iloc[g]
        for column in columns:
            mu = plan._passes[at].accounts[:horizon]
            at += 1
            for stage, first, last in STAGES:
                inside = np.flatnonzero((np.arange(len(week)) < PLAN) & (week >= first) & (week <= last))
                key = (str(info["product"]), str(info["risk_band"]), stage)
                total = rows.setdefault(key, np.zeros(len(catalogue)))
                for code in range(len(catalogue)):
                    total[code] += (mu[:, inside] * (column.policy[:horizon][:, inside] == code)).sum() / horizon
    out = []
    for (product, band, stage), total in rows.items():
        last_week = next(last for name, _, last in STAGES if name == stage)
        for code in np.argsort(-total):
            share = total[code] / max(total.sum(), 1e-12)
            if share < SMALLEST_SHARE:
                break
            action = catalogue.actions[code]
            out.append(
                {
                    "product": product,
                    "risk_band": band,
                    "stage": stage,
                    "action": action.label,
                    "share": float(share),
                    "accounts_a_week": float(total[code]),
                    "owner": owner_of(action, last_week),
                }
            )
    return pd.DataFrame(out)


def owner_of(action: Action, week: int) -> str:
    """Return who does an action with accounts that are so many weeks late."""
    if action.legal:
        return "law firm"
    if action.team == "phone":
        return "late team" if week >= LATE_FROM_WEEK else "early team"
    if action.team is not None:
        return OWNERS[action.team]
    return "nobody" if action.name == "wait" else "reminder system"
