"""Strategies against each other, and against worse times."""

from simcollect.stress.compare import Comparison, compare

__all__ = ["Comparison", "compare"]
