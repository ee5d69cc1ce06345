"""The parameter table: every number of the borrower, with its range, unit, source and standing.

This table is the only place where a default lives. ``simcollect parameters`` prints it, `Behaviour` reads it, the
calibrator replaces entries of it. Source codes are those of ``docs/sources.md``. Standing is one of

- ``seen``: read in the source named;
- ``computed``: calculated from public data named in the source;
- ``fitted``: chosen so that the default profile shows the computed figures named in the source;
- ``unverified``: known from the literature, text not at hand;
- ``judgement``: no published figure known; calibrate it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.classes import BEHAVIOURS, DISPOSITIONS

CHANNELS = ("sms", "app", "wechat", "email", "letter", "voice", "statement")
OFFERS = ("extension", "instalment_plan", "rate_cut", "holiday", "settlement")
STRETCHES = (1.0, 1.0, 0.0, 0.0, 0.0)  # offers whose lower instalments make the term longer
LEGAL_STAGES = ("letter", "filed", "judgment", "enforcement")
PRODUCTS = ("consumer", "micro_sme")
BANDS = ("A", "B", "C")
AGE_GROUPS = ("1-30", "31-60", "61-90", "90+")

# Lower ends, in days relative to the due day, of the stretches on which the daily intensity is constant.
DAY_BINS = (-10, -3, 0, 1, 2, 4, 8, 15, 31, 61, 91)


@dataclass(frozen=True)
class Parameter:
    """One entry of the table.

    Attributes
    ----------
    name : dotted name, as given to `Behaviour.replace`
    value : number, or nested tuples of numbers
    axes : what the dimensions of `value` run over
    unit : with the period where it is a rate
    low, high : the range within which evidence or judgement puts it (each entry is scaled by the same factors for
        arrays: then they are factors, and the unit says so)
    source : code or sentence
    standing : seen | computed | fitted | unverified | judgement
    """

    name: str
    value: tuple[object, ...] | float
    axes: tuple[str, ...]
    unit: str
    low: float
    high: float
    source: str
    standing: str

    def array(self) -> npt.NDArray[np.float64]:
        """Return the value as a float array.

        Examples
        --------
        >>> DEFAULTS["call.live_answer"].array().item()
        0.25
        """
        return np.asarray(self.value, dtype=np.float64)


_B = ("behaviour",)
_TABLE = (
    # ---- who the borrowers are -------------------------------------------------------------------------------
    Parameter(
        "hidden.disposition",
        ((0.850, 0.100, 0.030, 0.020), (0.790, 0.135, 0.045, 0.030), (0.700, 0.180, 0.070, 0.050)),
        ("band", "disposition"),
        "share of new accounts",
        0.7,
        1.4,
        "fitted with pay.base to 8-17 % late a month and the shape of days late (evidence 13); the wilful share is "
        "bounded by GHOW18",
        "fitted",
    ),
    Parameter(
        "liquidity.loss",
        ((0.006, 0.012, 0.024), (0.008, 0.015, 0.030)),
        ("product", "band"),
        "hazard per month",
        0.5,
        2.0,
        "monthly flow from work to unemployment about 1.2 % (BLS gross flows); spread over bands is judgement",
        "unverified",
    ),
    Parameter(
        "liquidity.regain",
        ((0.20, 0.16, 0.13), (0.18, 0.15, 0.12)),
        ("product", "band"),
        "hazard per month",
        0.6,
        1.6,
        "monthly flow from unemployment to work about 25 %; lower because the strained borrower must also catch up",
        "unverified",
    ),
    # ---- paying --------------------------------------------------------------------------------------------
    Parameter(
        "pay.base",
        (
            # -10..-4  -3..-1   0      1      2-3    4-7    8-14   15-30  31-60  61-90  91+
            (0.060, 0.300, 1.900, 0.550, 0.420, 0.300, 0.200, 0.120, 0.080, 0.060, 0.0400),
            (0.030, 0.110, 0.400, 0.200, 0.200, 0.165, 0.140, 0.120, 0.080, 0.060, 0.0400),
            (0.020, 0.050, 0.280, 0.110, 0.110, 0.090, 0.075, 0.065, 0.035, 0.020, 0.0120),
            (0.010, 0.030, 0.250, 0.070, 0.060, 0.045, 0.032, 0.022, 0.011, 0.006, 0.0030),
            (0.012, 0.040, 0.300, 0.090, 0.080, 0.065, 0.050, 0.036, 0.014, 0.008, 0.0040),
        ),
        ("behaviour", "days from due day"),
        "intensity per day",
        0.6,
        1.6,
        "shape over days from evidence 13 (three lenders); split over behaviours fitted to log-days late 1.45, sd 1.17",
        "fitted",
    ),
    Parameter(
        "pay.partial",
        (0.06, 0.45),
        ("liquidity",),
        "share of payments in arrears",
        0.5,
        1.5,
        "late card clients: half pay nothing, four in five payers a part (evidence 13)",
        "judgement",
    ),
    Parameter(
        "pay.all",
        (0.75, 0.25),
        ("liquidity",),
        "share of full payments that clear all arrears, two or more due",
        0.6,
        1.3,
        "3+ months late to one or two months late is common: 31.9 % a month, to current 10.4 % (evidence 13)",
        "fitted",
    ),
    Parameter(
        "pay.part_size",
        0.40,
        (),
        "mean share of an instalment",
        0.2,
        0.6,
        "uniform between a tenth and seven tenths; judgement",
        "judgement",
    ),
    # ---- messages ------------------------------------------------------------------------------------------
    Parameter(
        "message.read",
        (0.80, 0.60, 0.70, 0.35, 0.60, 0.45, 0.65),
        ("channel",),
        "probability, delivered and read",
        0.7,
        1.2,
        "84.4 % of reachable users saw an app or portal reminder (CGT22); others judgement",
        "judgement",
    ),
    Parameter(
        "message.reach",
        (0.95, 0.55, 0.70, 0.60, 0.95, 0.90, 0.90),
        ("channel",),
        "share of customers reachable",
        0.8,
        1.05,
        "evidence 1, reachable channel",
        "judgement",
    ),
    Parameter(
        "message.effect",
        (
            (0.05, 0.85, 0.10, 0.04, 0.05),
            (0.05, 0.85, 0.10, 0.04, 0.05),
            (0.05, 0.95, 0.12, 0.05, 0.05),
            (0.03, 0.60, 0.08, 0.02, 0.03),
            (0.03, 0.50, 0.15, 0.10, 0.05),
            (0.05, 0.90, 0.12, 0.08, 0.06),
            (0.03, 0.50, 0.25, 0.02, 0.03),
        ),
        ("channel", "behaviour"),
        "relative rise of the daily intensity, for a week, once read",
        0.5,
        1.5,
        "reminders act on the inattentive: zero for good payers (BCR22), 30-40 % fewer late among the forgetful gives "
        "+7 % on time overall (CS11); wording of the positive kind (DLLL20)",
        "fitted",
    ),
    Parameter(
        "message.clears",
        (0.03, 0.04, 0.05, 0.03, 0.08, 0.05, 0.45),
        ("channel",),
        "probability that a message read clears a misunderstanding",
        0.5,
        1.5,
        "27 % of contacted consumers disputed the debt (CFPB17); no trial of a clear statement known",
        "judgement",
    ),
    Parameter(
        "prevention.enrol",
        0.10,
        (),
        "probability that a forgetful borrower who reads an invitation sets up a standing order",
        0.03,
        0.30,
        "no trial on loans known; the inattentive take up what costs them one step",
        "judgement",
    ),
    # ---- the memory of contact -----------------------------------------------------------------------------
    Parameter(
        "attention.effect",
        (
            (0.00, 0.00, 0.00, 0.00, 0.00),
            (0.03, 0.45, 0.08, 0.03, 0.04),
            (0.10, 0.80, 0.40, 0.60, 0.25),
            (0.10, 0.90, 0.55, 1.20, 0.35),
        ),
        ("level", "behaviour"),
        "relative rise of the daily intensity",
        0.4,
        1.5,
        "a conversation lifts cure within six weeks by 15 points, 5 to 34 (LPS, shrunk); unwilling respond to people",
        "fitted",
    ),
    Parameter(
        "attention.decay",
        0.40,
        (),
        "probability per week that a level is lost",
        0.13,
        0.75,
        "half-life of a treatment about 14 days, 5-30 (CGW19 illustrative)",
        "judgement",
    ),
    # ---- calls and visits ----------------------------------------------------------------------------------
    Parameter("call.live_answer", 0.25, (), "probability per dial", 0.05, 0.45, "FIVE9, BOX, THINK, REDIAL", "seen"),
    Parameter(
        "call.right_party",
        0.55,
        (),
        "probability, given a live answer",
        0.30,
        0.85,
        "CLEAR (under 0.30); verified numbers",
        "judgement",
    ),
    Parameter(
        "call.attempt_decay",
        0.85,
        (),
        "factor per unanswered attempt in the week",
        0.70,
        1.00,
        "sign JOS88",
        "judgement",
    ),
    Parameter(
        "call.reach",
        (1.00, 1.05, 1.00, 0.65, 0.85),
        _B,
        "relative right-party contact",
        0.6,
        1.3,
        "evaders answer less; no figure known",
        "judgement",
    ),
    Parameter("visit.right_party", 0.35, (), "probability per visit", 0.20, 0.55, "no figure known", "judgement"),
    Parameter(
        "talk.promise",
        (
            (0.75, 0.65, 0.55, 0.45),
            (0.75, 0.65, 0.55, 0.45),
            (0.25, 0.22, 0.20, 0.15),
            (0.30, 0.25, 0.20, 0.15),
            (0.32, 0.28, 0.22, 0.16),
        ),
        ("behaviour", "age"),
        "probability per right-party contact",
        0.5,
        1.3,
        "0.55/0.45/0.35/0.25 overall by bucket; vendor figures span 0.18-0.80 (SHIAI, KLEVA)",
        "judgement",
    ),
    Parameter(
        "talk.keep",
        (
            (0.92, 0.85, 0.75, 0.65),
            (0.85, 0.80, 0.70, 0.60),
            (0.60, 0.50, 0.40, 0.30),
            (0.35, 0.28, 0.22, 0.16),
            (0.35, 0.28, 0.22, 0.16),
        ),
        ("behaviour", "age"),
        "probability that a promise is kept",
        0.6,
        1.2,
        "0.65/0.50/0.40/0.30 overall by bucket; 11 % paid of 18 % promised (KLEVA)",
        "judgement",
    ),
    Parameter(
        "talk.hardship",
        (0.01, 0.01, 0.02, 0.04, 0.40),
        _B,
        "probability per right-party contact",
        0.5,
        1.5,
        "three in four name a life event (SC19), not all say so to the lender",
        "judgement",
    ),
    Parameter(
        "talk.refuse",
        (0.01, 0.01, 0.05, 0.40, 0.05),
        _B,
        "probability per right-party contact",
        0.5,
        1.5,
        "no figure known",
        "judgement",
    ),
    Parameter(
        "talk.clear",
        0.60,
        (),
        "probability per right-party contact of a misinformed borrower",
        0.3,
        0.8,
        "no figure known",
        "judgement",
    ),
    Parameter("promise.horizon", 3.0, (), "days", 1, 10, "evidence 2; never beyond the next review", "judgement"),
    Parameter("time.no_answer", 0.5, (), "minutes per dial", 0.4, 0.8, "evidence 2", "judgement"),
    Parameter("time.third_party", 0.6, (), "minutes per dial", 0.3, 1.0, "evidence 2", "judgement"),
    Parameter("time.talk", 4.0, (), "mean minutes per right-party contact", 2.0, 7.0, "PHB, CBABEL ends", "judgement"),
    Parameter(
        "time.talk_sigma", 0.80, (), "log-sd", 0.60, 1.00, "0.93-0.94 in two call centres (evidence 13)", "computed"
    ),
    Parameter("time.wrap", 0.75, (), "mean minutes per right-party contact", 0.5, 1.5, "PROD-W: mean 45 s", "seen"),
    Parameter("time.wrap_sigma", 1.10, (), "log-sd", 0.9, 1.3, "PROD-W: from mean and tail", "computed"),
    Parameter(
        "inbound.share", 0.03, (), "share of messages read that bring a call", 0.005, 0.10, "sign DEW22", "judgement"
    ),
    Parameter(
        "time.inbound",
        4.0,
        (),
        "mean minutes per incoming call",
        2.0,
        6.5,
        "3 minutes in a bank's call centre (evidence 13), 6:21 in service (CBABEL); log-sd as of talks",
        "judgement",
    ),
    Parameter("time.visit", 60.0, (), "minutes per visit with travel", 30, 120, "no figure known", "judgement"),
    Parameter("time.offer", 20.0, (), "minutes to set up an accepted plan", 10, 45, "evidence 4", "judgement"),
    Parameter(
        "call.hour_index",
        (1.08, 1.06, 0.95, 1.05, 1.25, 0.84, 0.71, 0.92, 0.94, 1.21),
        ("hour from 8 h",),
        "relative live answer",
        0.85,
        1.15,
        "BOX, about 20,000 dials",
        "seen",
    ),
    # ---- restructuring -------------------------------------------------------------------------------------
    Parameter(
        "offer.accept",
        (
            (0.08, 0.08, 0.12, 0.15, 0.45),
            (0.05, 0.05, 0.08, 0.12, 0.40),
            (0.06, 0.06, 0.10, 0.12, 0.35),
            (0.10, 0.12, 0.14, 0.15, 0.55),
            (0.08, 0.08, 0.12, 0.20, 0.12),
        ),
        ("offer", "behaviour"),
        "probability when offered in a conversation",
        0.4,
        1.6,
        "plans: 0.35 of those offered, 0.15-0.60 (CAMB); holiday taken more readily, settlement by who has the money: "
        "judgement",
        "seen",
    ),
    Parameter(
        "offer.cut",
        (0.30, 0.15, 0.10, 1.00, 0.00),
        ("offer",),
        "share of the instalment; all of it in a holiday",
        0.0,
        1.0,
        "-27.5 % typical (CAMB); a rate cut that takes a tenth off the payment (JPMCI)",
        "seen",
    ),
    Parameter(
        "settlement.share",
        0.50,
        (),
        "share of the balance that settles it",
        0.25,
        0.80,
        "26-75 % by issuer (DPREP); 48-50 % typical, unverified",
        "seen",
    ),
    Parameter(
        "settlement.keep",
        (0.85, 0.80, 0.75, 0.60, 0.15),
        _B,
        "probability that an agreed lump sum is paid",
        0.6,
        1.3,
        "who has the money pays a sum agreed on; no figure known",
        "judgement",
    ),
    Parameter(
        "plan.miss",
        (0.02, 0.15, 0.20, 0.45, 0.22),
        _B,
        "probability to miss a monthly plan payment without any cut",
        0.6,
        1.4,
        "55 % re-default in 12 months without payment relief (HOT09), two misses end a plan",
        "fitted",
    ),
    Parameter(
        "plan.relief",
        2.5,
        (),
        "per unit of cut, in the exponent of the miss hazard",
        1.0,
        3.0,
        "a tenth off the payment, 22 % fewer defaults: -ln(0.78)/0.10 (JPMCI)",
        "computed",
    ),
    # ---- law -----------------------------------------------------------------------------------------------
    Parameter(
        "legal.weeks",
        (2.0, 4.3, 13.0, 26.0),
        ("stage",),
        "mean weeks in the stage",
        0.5,
        2.0,
        "evidence 5",
        "judgement",
    ),
    Parameter(
        "legal.pay",
        (
            (0.10, 0.08, 0.05, 0.045, 0.012),
            (0.03, 0.03, 0.03, 0.025, 0.004),
            (0.02, 0.02, 0.02, 0.015, 0.003),
            (0.02, 0.02, 0.02, 0.012, 0.003),
        ),
        ("stage", "behaviour"),
        "probability per week of payment",
        0.5,
        2.0,
        "a letter before action adds about 5 points of cure in 30 days; no trial known",
        "judgement",
    ),
    Parameter(
        "legal.settle_share",
        (0.80, 0.70, 0.70, 0.75),
        ("stage",),
        "share of the balance paid on settling",
        0.4,
        0.9,
        "26-75 % by issuer (DPREP)",
        "seen",
    ),
    Parameter(
        "legal.judgment",
        0.90,
        (),
        "probability of a judgment for the creditor",
        0.80,
        0.97,
        "PEW20 on defaults",
        "judgement",
    ),
    Parameter(
        "legal.enforced",
        (0.45, 0.40, 0.40, 0.35, 0.08),
        _B,
        "share of the balance recovered at the end of enforcement",
        0.5,
        1.4,
        "0.19 of judgments satisfied (CES), 0.12 bailiff success (HKLC09), 0.45 of amount (CDC8)",
        "judgement",
    ),
    # ---- charge-off ----------------------------------------------------------------------------------------
    Parameter(
        "chargeoff.week", 26.0, (), "weeks late", 17, 26, "180 days for cards (DSP14); 182 on the weekly grid", "seen"
    ),
    Parameter(
        "agency.collects",
        (0.045, 0.045, 0.045, 0.035, 0.018),
        _B,
        "probability per week of a payment",
        0.5,
        2.0,
        "15 % of balance in five years (AMBANK, 8-32 %)",
        "fitted",
    ),
    Parameter("agency.share", 0.10, (), "share of the balance per payment", 0.05, 0.2, "no figure known", "judgement"),
    Parameter(
        "agency.exit",
        0.0176,
        (),
        "probability per week that recovery dries up",
        0.009,
        0.031,
        "half-life 9 months (NEXA)",
        "judgement",
    ),
    Parameter("agency.fee", 0.25, (), "share of what is collected", 0.15, 0.50, "25-50 % (LEGALC, LBG)", "seen"),
    Parameter(
        "sale.price",
        0.08,
        (),
        "share of the balance at charge-off, where debt is sold",
        0.01,
        0.12,
        "fresh card charge-offs 4-6 % (2009), 8-12 % (2011) (LBG); all debt sold 4 % (FTC13)",
        "seen",
    ),
    # ---- harm ----------------------------------------------------------------------------------------------
    Parameter(
        "complaint.call", 0.002, (), "firm-level complaints per conversation", 0.0005, 0.010, "evidence 10", "judgement"
    ),
    Parameter(
        "complaint.message",
        0.00005,
        (),
        "complaints per message",
        0.0,
        0.0002,
        "ACA15-17: 0.05 per 1,000 contacts",
        "seen",
    ),
    Parameter(
        "optout.message",
        (0.002, 0.002, 0.003, 0.003, 0.0, 0.010, 0.0),
        ("channel",),
        "probability per message that consent to the channel is withdrawn",
        0.0,
        3.0,
        "letters and statements need no consent; 40 % of those whom collectors contacted asked to stop, over all their "
        "contacts (CFPB17)",
        "judgement",
    ),
    Parameter(
        "optout.call",
        0.004,
        (),
        "probability per conversation that consent to calls is withdrawn",
        0.0,
        0.02,
        "as for messages; a lender's own staff, not an agency's",
        "judgement",
    ),
    Parameter(
        "fatigue.factor",
        1.5,
        (),
        "factor on complaints and opt-outs for each earlier day with a contact among the last seven",
        1.0,
        3.0,
        "evidence 10: three times as many above three contacts a day",
        "judgement",
    ),
)

DEFAULTS: dict[str, Parameter] = {entry.name: entry for entry in _TABLE}

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
