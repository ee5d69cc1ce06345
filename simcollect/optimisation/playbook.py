"""The playbook: a plan in few enough rows to read in a meeting, and to run.

Fitted to the plan's gains by `rulelist`, the same for every week. At the plan's own prices an action in use gains
hardly more than the next best, so a table made from them would not know that capacity wants filling; at the same part
of all prices lists for law and desk come out many times too long, of accounts that then wait while other teams idle.
So each resource is charged at the part of its price at which somewhat more is asked for than there is, and the order
of the work lists, by gain for each minute, does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.states import FIRST_WEEK, FLAG_NAMES, LEVEL_NAMES, N_STATES, PLAN, describe
from simcollect.optimisation.rulelist import Rule, fit_rules
from simcollect.optimisation.table import owner_of
from simcollect.portfolio.segments import SIZES
from simcollect.strategy import Action, Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]
NAME = "playbook"  # of its strategy, in every comparison
ASKED_FOR = 1.3  # how much more is asked for than there is, as in `pressure`
LOWEST, HIGHEST = 0.02, 2.0  # part of a price that may be charged: judgement
TURNS = 60  # of the search for the parts; demand settles within thirty
ORDERED = ("week", "level", "risk_band", "size")
PRODUCTS, BANDS = ("consumer", "micro_sme"), ("A", "B", "C")


@dataclass(frozen=True, eq=False)
class Playbook:
    """A plan in few rows.

    Attributes
    ----------
    table : one row a rule; the first that fits decides, and whoever fits none is left alone. Columns: product,
        risk_band, size, dpd, flag, attention, late_before ("any" where it does not matter), action, often, priority
        (of the work list: gain for each minute of work and 100 of the instalment; accounts go in the order of it times
        their instalment; missing where there is no list), owner, deadline_days (from the weekly review to the first
        contact), accounts_a_week, gain (over leaving alone, over the plan's length, in major units, net of part of
        the plan's prices)
    strategy : the same, for the simulator: how much of the plan's gain it keeps is for `simcollect.compare` to say
    """

    table: pd.DataFrame
    strategy: Strategy


def playbook(plan: Plan, rows: int) -> Playbook:
    """Boil a plan down to at most `rows` rules; see `Plan.playbook`."""
    model = plan.model
    allowed = model.catalogue.allowed()[:, :PLAN].T
    features, groups = _features(plan), len(model.segments)
    seen = plan.seen()
    gross, net = (_by_atom(plan.gains(share), seen) for share in (0.0, 1.0))
    accounts = np.concatenate([mu[:, :PLAN].mean(axis=0) for mu, _ in seen])
    gains = _charged(plan, gross, gross - net, np.tile(allowed, (groups, 1)), accounts)
    rules = fit_rules(features, gains, np.tile(allowed, (groups, 1)), ORDERED, rows)
    action, priority = np.zeros(len(features), np.int64), np.zeros(len(features))
    by_minute = np.concatenate([gain[:, :, :PLAN].mean(axis=1).T for gain in plan.gains_a_minute()])
    instalments = np.concatenate([nu[:, :PLAN].mean(axis=0) for _, nu in seen])
    order = []
    for rule in rules:
        inside = rule.decides & np.tile(allowed, (groups, 1))[:, rule.action]
        action[inside] = rule.action
        weight = np.where(inside, instalments, 0.0)
        order.append(float((by_minute[:, rule.action] * weight).sum() / max(weight.sum(), 1e-12)))
        priority[inside] = order[-1]
    policy, gain = np.zeros((groups, 1, N_STATES), np.int8), np.zeros((groups, 1, N_STATES))
    policy[:, 0, :PLAN], gain[:, 0, :PLAN] = action.reshape(groups, PLAN), priority.reshape(groups, PLAN)
    return Playbook(
        _table(plan, rules, order, features, accounts, np.tile(allowed, (groups, 1))),
        Strategy(
            name=NAME,
            tables=policy,
            weights=np.eye(groups),
            priority="gain",
            gain=gain,
            catalogue=model.catalogue,
            description=f"The plan for {plan.scenario} in {len(rules)} rows, the same every week.",
        ),
    )


def _by_atom(gains: list[Array], seen: list[tuple[Array, Array]]) -> Array:
    """Return what each action gains in each atom over the weeks, in money, shape (atoms, A)."""
    parts = [
        (gain * instalments[None])[:, :, :PLAN].sum(axis=1).T
        for gain, (_, instalments) in zip(gains, seen, strict=True)
    ]
    return np.concatenate(parts)


def _charged(plan: Plan, gross: Array, cost: Array, allowed: npt.NDArray[np.bool_], accounts: Array) -> Array:
    """Return gains net of the part of each resource's price at which `ASKED_FOR` times what there is is asked for.

    Parameters
    ----------
    gross, cost : gain of each action before prices, and its use at full prices, shape (atoms, A)
    accounts : in each atom in an average week, as the plan has them
    """
    model = plan.model
    capacity = model.capacity.mean(axis=1)
    taken, amount = plan.uses()
    resource = np.tile(taken[:, :PLAN].T, (len(model.segments), 1))
    use = np.tile(amount[:, :PLAN].T, (len(model.segments), 1))
    rows, part = np.arange(len(gross)), np.full(len(capacity), 0.5)
    for turn in range(TURNS):
        value = np.where(allowed, gross - part[resource] * cost, 0.0)
        best = value.argmax(axis=1)
        asked = np.bincount(
            resource[rows, best], np.where(best > 0, accounts * use[rows, best], 0.0), minlength=capacity.size
        )
        ratio = np.clip(asked / np.maximum(ASKED_FOR * capacity, 1e-9), 0.25, 4.0)
        part = np.clip(part * ratio ** (0.5 / (1 + turn / 10)), LOWEST, HIGHEST)
    return np.asarray(gross - part[resource] * cost)


def _features(plan: Plan) -> pd.DataFrame:
    """Return what a strategist sees of each atom: one row a segment and open state, small integer codes."""
    states = describe().iloc[:PLAN]
    common = pd.DataFrame(
        {
            "week": states["week"].astype(int) - FIRST_WEEK,
            "flag": states["flag"].map(FLAG_NAMES.index).astype(int),
            "level": states["level"].map(LEVEL_NAMES.index).astype(int),
            "late_before": states["late_before"].astype(int),
        }
    )
    parts = [
        common.assign(
            product=PRODUCTS.index(str(row["product"])),
            risk_band=BANDS.index(str(row["risk_band"])),
            size=SIZES.index(str(row["size"])),
        )
        for _, row in plan.model.segmentation.table.iterrows()
    ]
    return pd.concat(parts, ignore_index=True)


def _table(
    plan: Plan,
    rules: list[Rule],
    order: list[float],
    features: pd.DataFrame,
    accounts: Array,
    allowed: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    names: dict[str, tuple[str, ...]] = {
        "product": PRODUCTS,
        "risk_band": BANDS,
        "size": SIZES,
        "flag": FLAG_NAMES,
        "attention": LEVEL_NAMES,
        "late_before": ("no", "yes"),
    }
    columns, rows = list(features), []
    for rule, priority in zip(rules, order, strict=True):
        action = plan.model.catalogue.actions[rule.action]
        box = dict(zip(columns, rule.box, strict=True))
        weeks = np.flatnonzero(box["week"]) + FIRST_WEEK
        first, last = max(int(weeks[0]), action.first_week), min(int(weeks[-1]), action.last_week)
        said = {name: _said(box["level" if name == "attention" else name], labels) for name, labels in names.items()}
        rows.append(
            {
                "product": said["product"],
                "risk_band": said["risk_band"],
                "size": said["size"],
                "dpd": _dpd(first, last),
                **{name: said[name] for name in ("flag", "attention", "late_before")},
                "action": action.label,
                "often": _often(action),
                "priority": 100 * priority if action.team is not None else np.nan,
                "owner": owner_of(action, last),
                "deadline_days": _deadline(action, last),
                "accounts_a_week": float(accounts[rule.decides & allowed[:, rule.action]].sum()),
                "gain": rule.gain,
            }
        )
    return pd.DataFrame(rows)


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
