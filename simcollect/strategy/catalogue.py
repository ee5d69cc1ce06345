"""The action catalogue: what the lender can do with an account in one week, and when it may.

An action's physical effect is an `Act` of the behaviour room; the catalogue adds who does it (the team), when it is
allowed, and the name a strategist uses. To add an action, add an entry: kernels, plan and simulator follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.chain import LEGAL_ACTION
from simcollect.behaviour.parameters import CHANNELS, OFFERS
from simcollect.behaviour.states import FIRST_SETTLED, FLAG_NAMES, HARDSHIP, LAST_SETTLED, PLAN, describe
from simcollect.behaviour.week import Act
from simcollect.errors import InputError, nearest

TEAMS = ("early", "late", "desk", "field")
LATE_FROM_WEEK = 5  # from the sixth week (35 dpd) an account belongs to the late team


@dataclass(frozen=True)
class Action:
    """One thing to do with an account in a week.

    Attributes
    ----------
    name, label : the name in files, and in words
    channel : message channel or None
    team : None, or "phone" (early or late team by the account's age), "desk", "field"
    attempts : contact attempts in the week, at most one each working day
    offer : restructuring offer made once the right party is on the line, or None
    invites : whether its message invites to set up a standing order
    legal : whether it hands the account to the law firm
    first_week, last_week : weeks past due in which it is allowed; -1 is the week before the due day
    spare_hardship : not allowed once hardship is disclosed (no pressure on disclosed hardship)
    """

    name: str
    label: str
    channel: str | None = None
    team: str | None = None
    attempts: int = 0
    offer: str | None = None
    invites: bool = False
    legal: bool = False
    first_week: int = 0
    last_week: int = 25
    spare_hardship: bool = False

    def act(self) -> Act:
        """Return the physical effect, for compiled code.

        Examples
        --------
        >>> Catalogue.default()["call"].act().attempts
        3
        """
        channel = LEGAL_ACTION if self.legal else CHANNELS.index(self.channel) if self.channel else -1
        return Act(
            channel=channel,
            message_day_current=4,  # three days before the due day
            message_day_arrears=1,
            attempts=self.attempts,
            contact=1 if self.team == "field" else 0,
            offer=OFFERS.index(self.offer) if self.offer else -1,
            invites=int(self.invites),
        )


_DEFAULT = (
    Action("wait", "leave alone", first_week=-6),
    Action("sms", "SMS reminder", channel="sms", first_week=-1),
    Action("app", "app push", channel="app", first_week=-1),
    Action("wechat", "WeChat message", channel="wechat", first_week=-1),
    Action("statement", "clear statement of the contract", channel="statement", first_week=-1, last_week=12),
    Action("call", "call by a collector", team="phone", attempts=3, spare_hardship=True),
    Action(
        "extension", "call with an offer of a longer term", team="desk", attempts=3, offer="extension", first_week=2
    ),
    Action(
        "plan",
        "call with an offer of an instalment plan",
        team="desk",
        attempts=3,
        offer="instalment_plan",
        first_week=2,
    ),
    Action("visit", "field visit", team="field", attempts=1, first_week=5, spare_hardship=True),
    Action("legal", "hand to the law firm", legal=True, first_week=13, spare_hardship=True),
)

_FURTHER = (
    Action(
        "standing_order", "SMS invitation to a standing order", channel="sms", invites=True, first_week=-1, last_week=-1
    ),
    Action("email", "e-mail reminder", channel="email", first_week=-1),
    Action("letter", "letter", channel="letter"),
    Action("voice", "automated call", channel="voice", spare_hardship=True),
    Action(
        "rate_cut", "call with an offer of a lower rate", team="desk", attempts=3, offer="rate_cut", first_week=2
    ),
    Action(
        "holiday", "call with an offer of a payment holiday", team="desk", attempts=3, offer="holiday", first_week=2
    ),
    Action(
        "settlement",
        "call with an offer to settle at a discount",
        team="desk",
        attempts=3,
        offer="settlement",
        first_week=FIRST_SETTLED,
        last_week=LAST_SETTLED,
    ),
)


@dataclass(frozen=True)
class Catalogue:
    """The actions of a lender, in the order of their codes; the first is to wait.

    Examples
    --------
    >>> catalogue = Catalogue.default()
    >>> catalogue.code("call"), catalogue["sms"].label
    (5, 'SMS reminder')
    >>> catalogue.without("visit").names
    ('wait', 'sms', 'app', 'wechat', 'statement', 'call', 'extension', 'plan', 'legal')
    """

    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        if not self.actions or self.actions[0].name != "wait":
            raise InputError("a catalogue must begin with the action wait")
        if len(set(self.names)) != len(self.actions):
            raise InputError("two actions of the catalogue share a name")

    @classmethod
    def default(cls) -> Catalogue:
        """Return the ten actions that an app lender has today; plans over them are quickest, and comparable."""
        return cls(_DEFAULT)

    @classmethod
    def full(cls) -> Catalogue:
        """Return every action of the package, the default ones first and under the same codes.

        Examples
        --------
        >>> Catalogue.full().names[10:]
        ('standing_order', 'email', 'letter', 'voice', 'rate_cut', 'holiday', 'settlement')
        """
        return cls(_DEFAULT + _FURTHER)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of their codes."""
        return tuple(action.name for action in self.actions)

    def code(self, name: str) -> int:
        """Return the code of an action; an unknown name is an `InputError` with the nearest valid one."""
        if name not in self.names:
            raise InputError(f"no action is called {name}; {nearest(name, self.names)}")
        return self.names.index(name)

    def __getitem__(self, name: str) -> Action:
        return self.actions[self.code(name)]

    def __len__(self) -> int:
        return len(self.actions)

    def without(self, *names: str) -> Catalogue:
        """Return a catalogue that lacks some actions."""
        for name in names:
            self.code(name)
        return Catalogue(tuple(action for action in self.actions if action.name not in names))

    def acts(self) -> tuple[Act, ...]:
        """Return the physical effects, in the order of the codes."""
        return tuple(action.act() for action in self.actions)

    def allowed(self) -> npt.NDArray[np.bool_]:
        """Return which action may be taken in which observed state, shape (A, S); waiting always may."""
        states = describe()
        week = states["week"].to_numpy(dtype=float)
        hardship = (states["flag"] == FLAG_NAMES[HARDSHIP]).to_numpy()
        is_open = np.arange(len(states)) < PLAN
        out = np.zeros((len(self), len(states)), np.bool_)
        for code, action in enumerate(self.actions):
            inside = is_open & (week >= action.first_week) & (week <= action.last_week)
            out[code] = inside & ~(hardship & action.spare_hardship)
        out[0] = True
        return out

    def teams(self) -> npt.NDArray[np.int8]:
        """Return the team that does each action in each state, shape (A, S); -1 for none (index into `TEAMS`)."""
        week = describe()["week"].to_numpy(dtype=float)
        phone = np.where(week >= LATE_FROM_WEEK, TEAMS.index("late"), TEAMS.index("early"))
        out = np.full((len(self), len(week)), -1, np.int8)
        for code, action in enumerate(self.actions):
            if action.team == "phone":
                out[code] = phone
            elif action.team is not None:
                out[code] = TEAMS.index(action.team)
        return out
