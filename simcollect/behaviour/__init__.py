"""The borrower: parameters, the daily law, the finite chain."""

from simcollect.behaviour.absorbing import AbsorbingChain
from simcollect.behaviour.behaviour import Behaviour

__all__ = ["AbsorbingChain", "Behaviour"]
