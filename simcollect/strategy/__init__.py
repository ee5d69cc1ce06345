"""What the lender decides: actions, rules, resources, the `Policy` protocol."""

from simcollect.strategy.catalogue import TEAMS, Action, Catalogue
from simcollect.strategy.compliance import Caps, audit
from simcollect.strategy.goal import LIMITS, MEASURES, OBJECTIVES, PER_ACCOUNT, WEEKLY, Goal
from simcollect.strategy.resources import Resources, Team
from simcollect.strategy.strategy import Decision, Learner, Policy, StageOwner, Strategy
from simcollect.strategy.usual import usual_prior

__all__ = [
    "LIMITS",
    "MEASURES",
    "OBJECTIVES",
    "PER_ACCOUNT",
    "TEAMS",
    "WEEKLY",
    "Action",
    "Caps",
    "Catalogue",
    "Decision",
    "Goal",
    "Learner",
    "Policy",
    "Resources",
    "StageOwner",
    "Strategy",
    "Team",
    "audit",
    "usual_prior",
]
