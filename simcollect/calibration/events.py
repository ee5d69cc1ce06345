"""What a log of calls, promises, offers and legal steps teaches about the parameter table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simcollect.calibration.calls import LEAST, attempts, talk_times
from simcollect.calibration.contact import contact_effect
from simcollect.calibration.learned import Learned
from simcollect.calibration.shares import shrunk_shares
from simcollect.errors import InputError

# What counts as success of each kind of event; other outcomes but `unknown` count as failure.
SUCCESS = {"promise": ("kept", "paid"), "offer": ("accepted",), "legal": ("won", "paid"), "call": ("right_party",)}
TITLES = {
    "promise": "promises kept",
    "offer": "offers accepted",
    "legal": "legal steps won",
    "call": "calls reaching the right party",
}


def from_events(events: pd.DataFrame, learned: Learned) -> None:
    """Add to `learned` what the events show; what is not in them is left alone.

    Talk times change ``time.talk`` and ``time.talk_sigma``, attempts ``call.attempt_decay``, outcomes of calls
    ``call.live_answer``; shares by segment are tables only, as segments are the lender's own.
    """
    _durations(events, learned)
    _attempts(events, learned)
    _answers(events, learned)
    for what, good in SUCCESS.items():
        rows = events[(events["what"] == what) & _decided(events)]
        if len(rows) >= LEAST and rows["outcome"].isin(good).any():
            segment = rows["segment"] if "segment" in rows else pd.Series("all", index=rows.index)
            learned.tables[TITLES[what]] = shrunk_shares(segment, rows["outcome"].isin(good))
    if "treated" in events and events["treated"].notna().any():
        _contact(events, learned)


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
    dials = events[(events["what"] == "call") & events["outcome"].isin(["no_answer", "third_party", "right_party"])]
    n = len(dials)
    live = dials["outcome"].isin(["third_party", "right_party"])
    if n < LEAST or live.sum() < LEAST or not dials["outcome"].eq("no_answer").any():
        return
    share = float(live.mean())
    learned.number("call.live_answer", share, float(np.sqrt(share * (1 - share) / n)), n)
    right, heard = float(dials["outcome"].eq("right_party").sum() / live.sum()), int(live.sum())
    if dials["outcome"].eq("third_party").any():
        learned.number("call.right_party", right, float(np.sqrt(right * (1 - right) / heard)), heard)


def _contact(events: pd.DataFrame, learned: Learned) -> None:
    rows = events[events["treated"].notna() & _decided(events)]
    known = {"account_id", "date", "what", "channel", "outcome", "attempt", "seconds", "agent", "treated", "randomised"}
    extra = [c for c in rows.columns if c not in known]
    numbers = rows[extra].apply(pd.to_numeric, errors="coerce")
    covariates = numbers.loc[:, numbers.notna().mean() > 0.9]
    paid = rows["outcome"].isin(["paid", "kept", "success"])
    random = rows["randomised"].fillna(False).astype(bool) if "randomised" in rows else None
    try:
        effect = contact_effect(rows["treated"].astype(bool), paid, covariates.fillna(covariates.median()), random)
    except InputError as error:
        learned.notes.append(f"No effect of contact: {error}")
        return
    learned.tables["effect of contact"] = effect.table()
    learned.notes.append(effect.words)
