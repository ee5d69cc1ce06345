"""The playbook: a plan in few enough rows to read in a meeting, and to run.

Grown from the plan's gains by `policytree`, the same for every week. At the plan's own prices an action in use gains
hardly more than the next best, so a table made from them would not know that capacity wants filling; at half of them
the work lists come out somewhat longer than the teams can work, and their order, by gain for each minute, does the
rest. Half is judgement: on the made-up book tables at 0.3 to 1.0 of the prices earned the same within two per cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.states import FLAG_NAMES, LEVEL_NAMES, N_STATES, PLAN, describe
from simcollect.optimisation.policytree import Box, grow
from simcollect.optimisation.table import owner_of
from simcollect.portfolio.segments import SIZES
from simcollect.strategy import Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

NAME = "playbook"  # of its strategy, in every comparison
PRICES_TAKEN = 0.5
ORDERED = ("week", "level", "risk_band", "size")


@dataclass(frozen=True, eq=False)
class Playbook:
    """A plan in few rows.

    Attributes
    ----------
    table : one row a rule, most gain first: product, risk_band, size, dpd, flag, attention, late_before ("any" where it
        does not matter), action, owner, accounts_a_week, gain (over leaving alone, a year's or the plan's length, in
        major units, at half the plan's prices). Whoever fits no row is left alone
    strategy : the same, for the simulator: how much of the plan's gain it keeps is for `simcollect.compare` to say
    """

    table: pd.DataFrame
    strategy: Strategy


def playbook(plan: Plan, rows: int) -> Playbook:
    """Boil a plan down to at most `rows` rules; see `Plan.playbook`."""
    model = plan.model
    allowed = model.catalogue.allowed()[:, :PLAN].T
    features, gains, weeks = _features(plan), [], []
    by_action = plan.gains(PRICES_TAKEN)
    for net, (accounts, instalments) in zip(by_action, plan.seen(), strict=True):
        gains.append((net * instalments[None])[:, :, :PLAN].sum(axis=1).T)
        weeks.append(accounts[:, :PLAN].mean(axis=0))
    boxes = grow(features, np.concatenate(gains), np.tile(allowed, (len(gains), 1)), ORDERED, rows)
    action = np.zeros(len(features), np.int8)
    for box in boxes:
        action[box.atoms] = box.action
    action = np.where(np.tile(allowed, (len(gains), 1))[np.arange(action.size), action], action, 0)
    policy = np.zeros((len(gains), 1, N_STATES), np.int8)
    policy[:, 0, :PLAN] = action.reshape(len(gains), PLAN)
    urgency = [
        np.take_along_axis(by_minute.mean(axis=1), codes.astype(np.int64), axis=0)
        for by_minute, codes in zip(plan.gains_a_minute(), policy, strict=True)
    ]
    return Playbook(
        _table(plan, boxes, features, np.concatenate(weeks)),
        Strategy(
            name=NAME,
            tables=policy,
            weights=np.eye(len(gains)),
            priority="gain",
            gain=np.stack(urgency),
            catalogue=model.catalogue,
            description=f"The plan for {plan.scenario} in {len(boxes)} rows, the same every week.",
        ),
    )


def _features(plan: Plan) -> pd.DataFrame:
    """Return what a strategist sees of each atom: one row a segment and open state, small integer codes."""
    states = describe().iloc[:PLAN]
    common = pd.DataFrame(
        {
            "week": states["week"].astype(int),
            "flag": states["flag"].map(FLAG_NAMES.index).astype(int),
            "level": states["level"].map(LEVEL_NAMES.index).astype(int),
            "late_before": states["late_before"].astype(int),
        }
    )
    parts = [
        common.assign(
            product=("consumer", "micro_sme").index(str(row["product"])),
            risk_band="ABC".index(str(row["risk_band"])),
            size=SIZES.index(str(row["size"])),
        )
        for _, row in plan.model.segmentation.table.iterrows()
    ]
    return pd.concat(parts, ignore_index=True)


def _table(plan: Plan, boxes: list[Box], features: pd.DataFrame, accounts: npt.NDArray[np.float64]) -> pd.DataFrame:
    names: dict[str, tuple[str, ...]] = {
        "product": ("consumer", "micro_sme"),
        "risk_band": ("A", "B", "C"),
        "size": SIZES,
        "flag": FLAG_NAMES,
        "attention": LEVEL_NAMES,
        "late_before": ("no", "yes"),
    }
    rows = []
    for box in sorted(boxes, key=lambda box: -box.gain):
        if box.action == 0:
            continue
        action = plan.model.catalogue.actions[box.action]
        inside = features[box.atoms]
        inside = inside[inside["week"].between(action.first_week, action.last_week)]
        if inside.empty:
            continue
        first, last = int(inside["week"].min()), int(inside["week"].max())
        said = {
            name: _said(tuple(inside["level" if name == "attention" else name].unique()), labels)
            for name, labels in names.items()
        }
        rows.append(
            {
                "product": said["product"],
                "risk_band": said["risk_band"],
                "size": said["size"],
                "dpd": "before due" if last < 0 else f"{7 * max(first, 0)}-{7 * last + 6}",
                **{name: said[name] for name in ("flag", "attention", "late_before")},
                "action": action.label,
                "owner": owner_of(action, last),
                "accounts_a_week": float(accounts[inside.index].sum()),
                "gain": box.gain,
            }
        )
    return pd.DataFrame(rows)


def _said(codes: tuple[int, ...], labels: tuple[str, ...]) -> str:
    """Return the codes in words; "any" if all are there."""
    if len(codes) == len(labels):
        return "any"
    return ", ".join(labels[code] for code in sorted(codes))
