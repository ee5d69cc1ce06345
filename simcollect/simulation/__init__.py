"""The simulator: SimPy keeps the clock, compiled code moves the accounts."""

from simcollect.simulation.engine import Simulation
from simcollect.simulation.ledger import LedgerError
from simcollect.simulation.result import SimulationResult
from simcollect.simulation.simulate import simulate

__all__ = ["LedgerError", "Simulation", "SimulationResult", "simulate"]
