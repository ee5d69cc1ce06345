"""Strategies against each other, and against worse times."""

from simcollect.stressing.compare import Comparison, compare
from simcollect.stressing.stress import StressResult, stress

__all__ = ["Comparison", "StressResult", "compare", "stress"]
