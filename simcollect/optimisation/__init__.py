"""The optimiser: true columns, prices, bounds, and the plan made of them."""

from simcollect.optimisation.optimise import optimise
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.tradeoff import tradeoff
from simcollect.optimisation.whittle import whittle_index

__all__ = ["Plan", "optimise", "tradeoff", "whittle_index"]
