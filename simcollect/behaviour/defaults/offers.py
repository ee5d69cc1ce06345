"""What offers to pay otherwise do."""

from simcollect.behaviour.parameter import Parameter

TABLE = (
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
        ("behaviour",),
        "probability that an agreed lump sum is paid",
        0.6,
        1.3,
        "who has the money pays a sum agreed on; no figure known",
        "judgement",
    ),
    Parameter(
        "plan.miss",
        (0.02, 0.15, 0.20, 0.45, 0.22),
        ("behaviour",),
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
)
