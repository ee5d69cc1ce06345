"""Who the borrowers are, and how they pay when nobody speaks to them."""

from simcollect.behaviour.parameter import Parameter

TABLE = (
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
)
