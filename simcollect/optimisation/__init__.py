"""The optimiser: true columns, prices, bounds, and the plan made of them."""

from simcollect.optimisation.optimise import optimise
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.whittle import whittle_index

__all__ = ["Plan", "optimise", "whittle_index"]
