"""What contact costs: complaints, and consent withdrawn."""

from simcollect.behaviour.parameter import Parameter

TABLE = (
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
