"""The parameter table: every number of the borrower, with its range, unit, source and standing.

Defaults live in `defaults`, one file a theme, and nowhere else. ``simcollect parameters`` prints the table, `Behaviour`
reads it, the calibrator replaces entries of it. Source codes are those of ``docs/sources.md``. Standing is one of

- ``seen``: read in the source named;
- ``computed``: calculated from public data named in the source;
- ``fitted``: chosen so that the default profile shows the computed figures named in the source;
- ``unverified``: known from the literature, text not at hand;
- ``judgement``: no published figure known; calibrate it.
"""

from __future__ import annotations

from simcollect.behaviour.classes import BEHAVIOURS, DISPOSITIONS
from simcollect.behaviour.defaults import borrowers, calls, harm, law, messages, offers
from simcollect.behaviour.parameter import Parameter

CHANNELS = ("sms", "app", "wechat", "email", "letter", "voice", "statement")
OFFERS = ("extension", "instalment_plan", "rate_cut", "holiday", "settlement")
STRETCHES = (1.0, 1.0, 0.0, 0.0, 0.0)  # offers whose lower instalments make the term longer
LEGAL_STAGES = ("letter", "filed", "judgment", "enforcement")
PRODUCTS = ("consumer", "micro_sme")
BANDS = ("A", "B", "C")
AGE_GROUPS = ("1-30", "31-60", "61-90", "90+")

# Lower ends, in days relative to the due day, of the stretches on which the daily intensity is constant.
DAY_BINS = (-10, -3, 0, 1, 2, 4, 8, 15, 31, 61, 91)

DEFAULTS: dict[str, Parameter] = {
    entry.name: entry for theme in (borrowers, messages, calls, offers, law, harm) for entry in theme.TABLE
}

AXES: dict[str, tuple[str, ...]] = {
    "behaviour": BEHAVIOURS,
    "disposition": DISPOSITIONS,
    "channel": CHANNELS,
    "offer": OFFERS,
    "stage": LEGAL_STAGES,
    "product": PRODUCTS,
    "band": BANDS,
    "age": AGE_GROUPS,
}
