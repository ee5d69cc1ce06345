"""The playbook: a plan in few enough rows to read in a meeting, and to run.

Its rules are fitted by `rulelist` to what each action gains in each segment, state and phase of the plan (`atoms`), net
of what its time is worth. Which accounts come first on a work list follows how late they are: each action's priority is
a straight line from week to week. One number a row, whatever the age, cost 2 % of the policy's gain on Taiwan's cards;
to know flag, attention and band as well gained nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.states import FIRST_WEEK, FLAG_NAMES, LEVEL_NAMES, N_STATES, PLAN
from simcollect.optimisation.atoms import BANDS, PRODUCTS, Atoms, atoms_of
from simcollect.optimisation.rulelist import Rule, fit_rules
from simcollect.optimisation.table import owner_of
from simcollect.portfolio.segments import SIZES
from simcollect.strategy import Action, Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
NAME = "playbook"  # of its strategy, in every comparison
ORDERED = ("week", "phase", "level", "risk_band", "size")


@dataclass(frozen=True, eq=False)
class Playbook:
    """A plan in few rows.

    Attributes
    ----------
    table : one row a rule; the first that fits decides, and whoever fits none is left alone. Columns: weeks (of the
        plan, counted from 1; what holds in its last week holds afterwards), product, risk_band, size, dpd, flag,
        attention, late_before ("any" where it does not matter), action, often, priority and priority_last (of the work
        list, on the first and the last of the row's days past due and evenly in between, but never below nothing: gain
        for each minute of work and 100 of the instalment; accounts go in the order of it times their instalment;
        missing where there is no list), owner, deadline_days (from the weekly review to the first contact),
        accounts_a_week (on average over the plan), gain (over leaving alone, over the plan's length, in major units,
        net of part of the plan's prices)
    strategy : the same, for the simulator: how much of the plan's gain it keeps is for `simcollect.compare` to say
    """

    table: pd.DataFrame
    strategy: Strategy


def playbook(plan: Plan, rows: int) -> Playbook:
    """Boil a plan down to at most `rows` rules; see `Plan.playbook`."""
    atoms = atoms_of(plan)
    rules = fit_rules(atoms.features, atoms.gains, atoms.allowed, ORDERED, rows)
    action = np.zeros(len(atoms.features), np.int64)
    for rule in rules:
        action[rule.decides & atoms.allowed[:, rule.action]] = rule.action
    lines = _lines(atoms, action)
    priority = lines[action, atoms.features["week"].to_numpy()]
    return Playbook(
        _table(plan, rules, lines, atoms),
        Strategy(
            name=NAME,
            tables=_weekly(atoms, action).astype(np.int8),
            weights=np.eye(len(plan.model.segments)),
            priority="gain",
            gain=_weekly(atoms, priority),
            catalogue=plan.model.catalogue,
            description=f"The plan for {plan.scenario} in {len(rules)} rows.",
        ),
    )


def _lines(atoms: Atoms, action: Codes) -> Array:
    """Return the priority of each action at each age, shape (A, weekly ages): a straight line where it is taken.

    The line of least squares through what each atom gains a minute, weighed by instalments; never below nothing.
    """
    age = atoms.features["week"].to_numpy()
    ages = np.arange(age.max() + 1)
    out = np.zeros((atoms.gains.shape[1], ages.size))
    for code in range(1, len(out)):
        taken = (action == code) & (atoms.instalments > 0)
        if not taken.any():
            continue
        weight, x, y = atoms.instalments[taken], age[taken], atoms.by_minute[taken, code]
        mean, level = np.average(x, weights=weight), np.average(y, weights=weight)
        spread = (weight * (x - mean) ** 2).sum()
        slope = (weight * (x - mean) * y).sum() / spread if spread > 0 else 0.0
        out[code] = np.maximum(level + slope * (ages - mean), 0.0)
    return out


def _weekly(atoms: Atoms, values: npt.NDArray[np.float64] | Codes) -> Array:
    """Return what atoms have by segment, week of the plan and state, shape (G, T, S); nothing in closed states."""
    phase = values.reshape(len(atoms.spans), -1, PLAN)
    out = np.zeros((phase.shape[1], atoms.spans[-1].stop, N_STATES))
    for own, span in zip(phase, atoms.spans, strict=True):
        out[:, span, :PLAN] = own[:, None]
    return out


def _table(plan: Plan, rules: list[Rule], lines: Array, atoms: Atoms) -> pd.DataFrame:
    names: dict[str, tuple[str, ...]] = {
        "product": PRODUCTS,
        "risk_band": BANDS,
        "size": SIZES,
        "flag": FLAG_NAMES,
        "attention": LEVEL_NAMES,
        "late_before": ("no", "yes"),
    }
    columns, rows = list(atoms.features), []
    share = np.array([span.stop - span.start for span in atoms.spans]) / plan.weeks
    accounts = atoms.accounts * share[atoms.features["phase"]]
    for rule in rules:
        action = plan.model.catalogue.actions[rule.action]
        box = dict(zip(columns, rule.box, strict=True))
        weeks = np.flatnonzero(box["week"]) + FIRST_WEEK
        first, last = max(int(weeks[0]), action.first_week), min(int(weeks[-1]), action.last_week)
        said = {name: _said(box["level" if name == "attention" else name], labels) for name, labels in names.items()}
        listed = action.team is not None
        rows.append(
            {
                "weeks": _weeks(box["phase"], atoms.spans),
                "product": said["product"],
                "risk_band": said["risk_band"],
                "size": said["size"],
                "dpd": _dpd(first, last),
                **{name: said[name] for name in ("flag", "attention", "late_before")},
                "action": action.label,
                "often": _often(action),
                "priority": 100 * lines[rule.action, first - FIRST_WEEK] if listed else np.nan,
                "priority_last": 100 * lines[rule.action, last - FIRST_WEEK] if listed else np.nan,
                "owner": owner_of(action, last),
                "deadline_days": _deadline(action, last),
                "accounts_a_week": float(accounts[rule.decides & atoms.allowed[:, rule.action]].sum()),
                "gain": rule.gain,
            }
        )
    return pd.DataFrame(rows)


def _weeks(inside: npt.NDArray[np.bool_], spans: tuple[slice, ...]) -> str:
    """Return the weeks of the plan for which a rule holds, counted from 1."""
    held = np.flatnonzero(inside)
    if held.size == len(spans):
        return "any"
    return f"{spans[held[0]].start + 1}-{spans[held[-1]].stop}"


def _dpd(first: int, last: int) -> str:
    if last < 0:
        return "before due"
    return f"{'before due' if first < 0 else 7 * first}-{7 * last + 6}"


def _often(action: Action) -> str:
    """Return how often an action is done, in words, as long as the row fits."""
    if action.name == "wait":
        return ""
    if action.legal:
        return "once"
    if action.attempts > 1:
        return f"up to {action.attempts} attempts a week"
    return "every week"


def _deadline(action: Action, week: int) -> float:
    """Return the days from an account's weekly review to the day by which the action is to have begun."""
    if action.name == "wait":
        return np.nan
    if action.channel is not None:
        return float(action.act().message_day_arrears if week >= 0 else action.act().message_day_current)
    return 7.0


def _said(inside: npt.NDArray[np.bool_], labels: tuple[str, ...]) -> str:
    """Return the codes in words; "any" if all are there."""
    if inside[: len(labels)].all():
        return "any"
    return ", ".join(label for label, hit in zip(labels, inside, strict=False) if hit)
