"""Economic scenarios, and what they do to the borrowers' hazards."""

from simcollect.economy.groups import GroupFactors, UnmatchedGroupWarning, group_factors
from simcollect.economy.library import scenario_path
from simcollect.economy.link import Link, fit_link
from simcollect.economy.paths import Paths, hazard_paths
from simcollect.economy.scenario import PRODUCTS, Scenario

__all__ = [
    "PRODUCTS",
    "GroupFactors",
    "Link",
    "Paths",
    "Scenario",
    "UnmatchedGroupWarning",
    "fit_link",
    "group_factors",
    "hazard_paths",
    "scenario_path",
]
