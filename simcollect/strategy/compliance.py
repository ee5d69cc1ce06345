"""Legal limits on contact, and the audit that proves they were kept.

A preset holds the numbers of one jurisdiction's rule with its source; what a rule leaves open is not limited
here. The simulator never makes an attempt that would break a limit; `audit` reads the event log alone, so it
does not trust it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcollect.errors import InputError, nearest

NO_LIMIT = 10**6


@dataclass(frozen=True)
class Caps:
    """Limits on attempts and conversations with one borrower.

    Attributes
    ----------
    name, source : the rule and where its numbers were seen
    attempts_a_day, talks_a_day : most attempts and conversations on a day
    attempts_a_week : most attempts in 7 consecutive days
    silence_days : days without an attempt from a conversation on, its day being the first
    hours : first hour in which contact is allowed and the hour at which it ends, local time

    Examples
    --------
    >>> Caps.preset("us_regf").attempts_a_week
    7
    >>> Caps.of_country("CN").name
    'cn_gbt45251_2025'
    """

    name: str
    source: str
    attempts_a_day: int = NO_LIMIT
    talks_a_day: int = NO_LIMIT
    attempts_a_week: int = NO_LIMIT
    silence_days: int = 0
    hours: tuple[float, float] = (0.0, 24.0)

    def __post_init__(self) -> None:
        if not 0 <= self.hours[0] < self.hours[1] <= 24:
            raise InputError(f"caps {self.name}: hours must run from an earlier to a later hour of the day")
        if min(self.attempts_a_day, self.talks_a_day, self.attempts_a_week, self.silence_days) < 0:
            raise InputError(f"caps {self.name}: limits must not be negative")

    @classmethod
    def preset(cls, name: str) -> Caps:
        """Return the limits of a jurisdiction; an unknown name is an `InputError` with the nearest one."""
        if name not in PRESETS:
            raise InputError(f"no compliance preset is called {name}; {nearest(name, PRESETS)}")
        return PRESETS[name]

    @classmethod
    def of_country(cls, country: str) -> Caps:
        """Return the preset of a country, no limits where none is known."""
        return PRESETS.get(_BY_COUNTRY.get(country, ""), NONE)


NONE = Caps("none", "no preset for this country")

PRESETS = {
    caps.name: caps
    for caps in (
        Caps(
            "us_regf",
            "12 CFR 1006.14(b)(2): 7 calls in 7 days, none within 7 days of a conversation (seen); "
            "hours 12 CFR 1006.6(b)(1) (secondary sources). Binds third-party collectors; "
            "a lender's own staff may go by it",
            attempts_a_week=7,
            silence_days=7,
            hours=(8.0, 21.0),
        ),
        Caps(
            "cn_gbt45251_2025",
            "GB/T 45251-2025: at most 3 effective conversations a day, 08:00-22:00 "
            "(two summaries agree; clause not seen)",
            talks_a_day=3,
            hours=(8.0, 22.0),
        ),
        Caps(
            "cn_cba_2026",
            "China Banking Association guideline, January 2026: at most 6 unanswered attempts a day, "
            "08:00-22:00 (press)",
            attempts_a_day=6,
            hours=(8.0, 22.0),
        ),
        Caps(
            "uk_conc7",
            "FCA CONC 7.3: reasonable frequency and times, no number (seen); 08:00-21:00 is a convention",
            hours=(8.0, 21.0),
        ),
        Caps(
            "hk_cobp",
            "Code of Banking Practice ch. 5 has no number; 3 attempts a day, 08:00-21:00 are judgement",
            attempts_a_day=3,
            hours=(8.0, 21.0),
        ),
        Caps(
            "in_rbi",
            "RBI circular of 12 August 2022: no calls before 08:00 or after 19:00 (seen)",
            hours=(8.0, 19.0),
        ),
    )
}

_BY_COUNTRY = {"US": "us_regf", "CN": "cn_gbt45251_2025", "GB": "uk_conc7", "HK": "hk_cobp", "IN": "in_rbi"}


def audit(events: pd.DataFrame, caps: Caps) -> pd.DataFrame:
    """Return every breach of the limits in an event log; an empty frame is the proof that there is none.

    Parameters
    ----------
    events : rows with ``account_id``, ``day``, ``what`` (``attempt`` and ``talk`` count) and ``hour``; a
        ``replication`` column, if there is one, keeps runs apart; with a ``detail`` column, messages by ``voice``
        count as attempts (at an hour that the log does not tell), and no channel may be used after an ``opt-out`` of it
    caps : the limits

    Returns
    -------
    account_id, day, rule, found, limit : one row a breach

    Examples
    --------
    >>> log = pd.DataFrame({"account_id": "A", "day": [0, 3], "what": ["talk", "attempt"], "hour": 9.0})
    >>> audit(log, Caps.preset("us_regf"))["rule"].tolist()
    ['silence after a conversation']
    """
    who = (["replication"] if "replication" in events else []) + ["account_id"]
    called = events["what"] == "attempt"
    if "detail" in events:
        called |= (events["what"] == "message") & (events["detail"] == "voice")
    attempts, talks = events[called], events[events["what"] == "talk"]
    found = [
        _too_many_a_day(attempts, who, "attempts a day", caps.attempts_a_day),
        _too_many_a_day(talks, who, "conversations a day", caps.talks_a_day),
        _too_many_a_week(attempts, who, caps.attempts_a_week),
        _broken_silence(attempts, talks, who, caps.silence_days),
        _outside_hours(attempts, caps.hours),
        _after_opt_out(events, who),
    ]
    columns = ["account_id", "day", "rule", "found", "limit"]
    rows = [part[columns] for part in found if len(part)]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def _too_many_a_day(log: pd.DataFrame, who: list[str], rule: str, limit: int) -> pd.DataFrame:
    counts = log.groupby([*who, "day"]).size().rename("found").reset_index()
    return counts[counts["found"] > limit].assign(rule=rule, limit=limit)


def _too_many_a_week(attempts: pd.DataFrame, who: list[str], limit: int) -> pd.DataFrame:
    ordered = attempts.sort_values([*who, "day"], kind="stable").reset_index(drop=True)
    if limit >= len(ordered):
        return ordered.iloc[:0]
    group = ordered.groupby(who, sort=False)
    # The attempt that stands `limit` places earlier must be 7 days away or more.
    gap = ordered["day"] - group["day"].shift(limit)
    over = (gap < 7).to_numpy()
    return ordered[over].assign(rule="attempts in 7 days", found=limit + 1, limit=limit)


def _broken_silence(attempts: pd.DataFrame, talks: pd.DataFrame, who: list[str], days: int) -> pd.DataFrame:
    if days == 0 or not len(talks) or not len(attempts):
        return attempts.iloc[:0]
    last = talks[[*who, "day"]].drop_duplicates().assign(last=lambda frame: frame["day"]).sort_values("day")
    # An attempt on the day of the conversation is the conversation itself.
    merged = pd.merge_asof(
        attempts.sort_values("day"), last, on="day", by=who, direction="backward", allow_exact_matches=False
    )
    gap = merged["day"] - merged["last"]
    broken = (gap < days).to_numpy()
    return merged[broken].assign(rule="silence after a conversation", found=gap[broken], limit=days)


def _after_opt_out(events: pd.DataFrame, who: list[str]) -> pd.DataFrame:
    """Find messages and calls on a day after consent to their channel was withdrawn; visits need none."""
    if "detail" not in events:
        return events.iloc[:0]
    detail = events["detail"].astype(str)
    called = (events["what"] == "attempt") & ~detail.str.endswith("by visit")
    used = events.assign(channel=detail.where(events["what"] != "attempt", "call"))
    out = used[used["what"] == "opt-out"].groupby([*who, "channel"])["day"].min().rename("since").reset_index()
    used = used[called | (used["what"] == "message")].merge(out, on=[*who, "channel"])
    return used[used["day"] > used["since"]].assign(rule="contact after opt-out", found=1, limit=0)


def _outside_hours(attempts: pd.DataFrame, hours: tuple[float, float]) -> pd.DataFrame:
    hour = attempts["hour"].to_numpy(dtype=float)
    outside = (hour < hours[0]) | (hour >= hours[1])
    limit = f"{hours[0]:g}-{hours[1]:g} h"
    return attempts[outside].assign(rule="hours", found=np.round(hour[outside], 2), limit=limit)
