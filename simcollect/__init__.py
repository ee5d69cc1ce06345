"""Simulate, plan and staff the collection of overdue consumer and micro-business loans.

>>> import simcollect as sc
>>> book = sc.Portfolio.synthetic(500, seed=1)
>>> run = sc.simulate(book, sc.Strategy.champion(), sc.Scenario.baseline(), days=28, seed=1)
>>> len(run.daily)
28
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcollect.behaviour import AbsorbingChain, Behaviour
    from simcollect.calibration.calibrate import calibrate
    from simcollect.economy import Scenario
    from simcollect.optimisation.oneday import one_day_lp
    from simcollect.optimisation.optimise import optimise
    from simcollect.optimisation.plan import Plan
    from simcollect.optimisation.tradeoff import tradeoff
    from simcollect.optimisation.whittle import whittle_index
    from simcollect.portfolio import Portfolio, read_taiwan
    from simcollect.reporting.report import report
    from simcollect.simulation.result import SimulationResult
    from simcollect.simulation.simulate import simulate
    from simcollect.staffing import StaffPlan, staff
    from simcollect.strategy import Catalogue, Goal, Policy, Resources, Strategy
    from simcollect.stressing.compare import Comparison, compare
    from simcollect.stressing.stress import StressResult, stress

__version__ = "0.1.0"

# Where each public name lives. Loaded on first use: `import simcollect` stays quick.
_ROOMS = {
    "AbsorbingChain": "behaviour",
    "Behaviour": "behaviour",
    "Catalogue": "strategy",
    "Comparison": "stressing",
    "Goal": "strategy",
    "Plan": "optimisation",
    "Policy": "strategy",
    "Portfolio": "portfolio",
    "Resources": "strategy",
    "Scenario": "economy",
    "SimulationResult": "simulation",
    "StaffPlan": "staffing",
    "Strategy": "strategy",
    "StressResult": "stressing",
    "calibrate": "calibration",
    "compare": "stressing",
    "one_day_lp": "optimisation.oneday",
    "optimise": "optimisation",
    "read_taiwan": "portfolio",
    "report": "reporting",
    "simulate": "simulation",
    "staff": "staffing",
    "stress": "stressing",
    "tradeoff": "optimisation",
    "whittle_index": "optimisation",
}

__all__ = [
    "AbsorbingChain",
    "Behaviour",
    "Catalogue",
    "Comparison",
    "Goal",
    "Plan",
    "Policy",
    "Portfolio",
    "Resources",
    "Scenario",
    "SimulationResult",
    "StaffPlan",
    "Strategy",
    "StressResult",
    "calibrate",
    "compare",
    "one_day_lp",
    "optimise",
    "read_taiwan",
    "report",
    "simulate",
    "staff",
    "stress",
    "tradeoff",
    "whittle_index",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
