"""What a log of calls, promises, offers and legal steps teaches about the parameter table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simcollect.behaviour.parameters import CHANNELS
from simcollect.calibration.aftermath import agency, plan_misses
from simcollect.calibration.calls import LEAST, attempts, talk_times
from simcollect.calibration.contact import contact_effect
from simcollect.calibration.lasting import lasting
from simcollect.calibration.learned import Block, Learned
from simcollect.calibration.outcomes import from_outcomes, hours
from simcollect.calibration.response import effect_spread, evidence
from simcollect.calibration.schema import TALKED, columns_of
from simcollect.calibration.shares import shrunk_shares
from simcollect.calibration.shrinkage import Evidence, shrunk
from simcollect.errors import InputError

# What counts as success of each kind of event; other outcomes but `unknown` count as failure.
SUCCESS = {"promise": ("kept", "paid"), "offer": ("accepted",), "legal": ("won", "paid"), "call": TALKED}
TITLES = {
    "promise": "promises kept",
    "offer": "offers accepted",
    "legal": "legal steps won",
    "call": "calls reaching the right party",
}


def from_events(events: pd.DataFrame, learned: Learned, product: int = 0) -> None:
    """Add to `learned` what the events show; what is not in them is left alone.

    Talk times change ``time.talk`` and ``time.talk_sigma``, attempts ``call.attempt_decay``, outcomes of calls
    ``call.live_answer``, hours ``call.hour_index``; talks, promises, offers and legal steps the entries of
    `outcomes.py`, instalments of plans and placed debt those of `aftermath.py`; payments after contacts that chance
    allotted ``attention.decay``; comparisons of contacted and other accounts ``message.effect`` and
    ``attention.effect``. Shares by segment are tables only, as segments are the lender's own.
    """
    _durations(events, learned)
    _attempts(events, learned)
    _answers(events, learned)
    hours(events, learned)
    from_outcomes(events, learned, product)
    lasting(events, learned, product)
    if "outcome" in events:
        plan_misses(events[_decided(events)], learned, product)
        agency(events, learned, product)
    for what, good in SUCCESS.items():
        rows = events[(events["what"] == what) & _decided(events)]
        if len(rows) >= LEAST and rows["outcome"].isin(good).any():
            segment = rows["segment"] if "segment" in rows else pd.Series("all", index=rows.index)
            learned.tables[TITLES[what]] = shrunk_shares(segment, rows["outcome"].isin(good))
    if "treated" in events and events["treated"].notna().any():
        _contact(events, learned, product)


def _decided(events: pd.DataFrame) -> pd.Series:
    if "outcome" not in events:
        return pd.Series(False, index=events.index)
    return events["outcome"].ne("unknown") & events["outcome"].notna()


def _durations(events: pd.DataFrame, learned: Learned) -> None:
    if "seconds" not in events:
        return
    talks = events[events["what"].isin(["call", "inbound"]) & events["seconds"].notna()]
    if "outcome" in talks:
        talks = talks[~talks["outcome"].isin(["no_answer", "third_party"])]
    table = talk_times(talks["seconds"], talks.get("agent"))
    if table.empty:
        return
    learned.tables["talk times"] = table
    for entry, figure in (("time.talk", "mean minutes"), ("time.talk_sigma", "log-seconds, sd")):
        row = table[table["figure"] == figure]
        learned.number(entry, row["estimate"].item(), row["standard_error"].item(), int(row["n"].item()))


def _attempts(events: pd.DataFrame, learned: Learned) -> None:
    if "attempt" not in events or not _decided(events).any():
        return
    calls = events[(events["what"] == "call") & events["attempt"].notna() & _decided(events)]
    if len(calls) < LEAST:
        return
    # One row an account, some at a later attempt: each row is a case with its last attempt.
    cases = "account_id" in calls and calls["account_id"].is_unique and bool((calls["attempt"] > 1).any())
    table, fit = attempts(calls["outcome"], calls["attempt"], cases)
    learned.tables["answers by attempt"] = table
    if fit:
        learned.number("call.attempt_decay", min(fit["decay"], 1.0), fit["standard_error"], int(fit["n"]))
        learned.notes.append(
            "The fall of answers with attempts mixes fatigue with selection: those easy to reach are gone first."
        )


def _answers(events: pd.DataFrame, learned: Learned) -> None:
    """Split dials into live answers and right parties, where the log tells them apart."""
    if not _decided(events).any():
        return
    talked = events["outcome"].isin(TALKED[:-1])  # success is a campaign's word, of calls whose reach is not known
    dials = events[(events["what"] == "call") & (events["outcome"].isin(["no_answer", "third_party"]) | talked)]
    n = len(dials)
    live = dials["outcome"].ne("no_answer")
    if n < LEAST or live.sum() < LEAST or not dials["outcome"].eq("no_answer").any():
        return
    share = float(live.mean())
    learned.number("call.live_answer", share, float(np.sqrt(share * (1 - share) / n)), n)
    right, heard = float(dials["outcome"].isin(TALKED).sum() / live.sum()), int(live.sum())
    if dials["outcome"].eq("third_party").any():
        learned.number("call.right_party", right, float(np.sqrt(right * (1 - right) / heard)), heard)


def _contact(events: pd.DataFrame, learned: Learned, product: int) -> None:
    """Estimate the effect of each kind of contact, and write it into the table where the data allow it."""
    rows = events[events["treated"].notna() & _decided(events)]
    channel = rows["channel"] if "channel" in rows else pd.Series("", index=rows.index)
    message = rows["what"].eq("message")
    found: dict[str, list[Evidence]] = {"message.effect": [], "attention.effect": []}
    for c, name in enumerate(CHANNELS):
        here = message & channel.eq(name)
        if here.any():
            found["message.effect"] += _effect(rows[here], f"a message by {name}", learned, c, product)
    if (message & ~channel.isin(CHANNELS)).any():
        learned.notes.append(
            f"Messages by a channel that the table does not have ({', '.join(CHANNELS)}) have no entry to go to."
        )
    talks = rows["what"].isin(["call", "visit"])
    if talks.any():
        found["attention.effect"] += _effect(rows[talks], "a talk", learned, None, product)
    for entry, effects in found.items():
        if effects:
            block = shrunk(entry, "scale", effects, effect_spread(entry))
            floored = Block(block.free, np.maximum(block.theta, -1.0), block.covariance)
            learned.block(floored, [e.n for e in effects], "accounts")


def _effect(rows: pd.DataFrame, title: str, learned: Learned, channel: int | None, product: int) -> list[Evidence]:
    entry = "attention.effect" if channel is None else "message.effect"
    numbers = rows[[c for c in rows.columns if c not in columns_of("events")]].apply(pd.to_numeric, errors="coerce")
    covariates = numbers.loc[:, numbers.notna().mean() > 0.9]
    paid = rows["outcome"].isin(["paid", "kept", "success"])
    random = rows["randomised"].fillna(False).astype(bool) if "randomised" in rows else None
    try:
        effect = contact_effect(rows["treated"].astype(bool), paid, covariates.fillna(covariates.median()), random)
    except InputError as error:
        learned.notes.append(f"No effect of {title}: {error}")
        learned.kept[entry] = f"stays at its evidence default: {error}"
        return []
    learned.tables[f"effect of {title}"] = effect.table()
    learned.notes.append(f"Effect of {title}. {effect.words}")
    if effect.by == "refused":
        learned.kept[entry] = (
            f"stays at its evidence default: of accounts for {title}, only {effect.overlap:.0%} have a counterpart "
            "that was treated otherwise, so no adjustment can be checked"
        )
        return []
    one = evidence(effect, rows, channel, product)
    adjusted = "chance decided whom to contact" if effect.by == "randomised" else "compared within fifths of propensity"
    learned.notes.append(
        f"{entry}{f'[{one.label}]' if one.label else ''}: this history alone gives {max(1 + one.shift, 0):.2f} times "
        f"the evidence default, standard error {one.error:.2f} ({adjusted}); the table holds it drawn to the default."
    )
    return [one]
