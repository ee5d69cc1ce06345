"""Strategies against each other, and against worse times."""

from simcollect.stress.compare import Comparison, compare
from simcollect.stress.stress import StressResult, stress

__all__ = ["Comparison", "StressResult", "compare", "stress"]
