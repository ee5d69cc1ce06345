"""Strategies against each other, and against worse times."""

from simcollect.stressing.compare import Comparison, compare
from simcollect.stressing.decide import Decision, decide
from simcollect.stressing.stress import StressResult, stress

__all__ = ["Comparison", "Decision", "StressResult", "compare", "decide", "stress"]
