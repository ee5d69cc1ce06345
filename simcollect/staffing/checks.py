"""Checks of the numbers given to this room's formulas, said as `InputError`."""

from __future__ import annotations

import math

from simcollect.errors import InputError, Problem


def number(where: str, name: str, value: float, low: float = 0.0, *, above: bool = False) -> float:
    """Return the value if it is a number of at least `low` (above it, if `above`); infinity passes.

    Examples
    --------
    >>> number("queue_c", "calls", -1)
    Traceback (most recent call last):
    simcollect.errors.InputError: 1 problem found:
      - queue_c, column calls: -1: must be at least 0; correct it
    """
    if math.isnan(value) or value < low or (above and value == low):
        rule = f"must be {'above' if above else 'at least'} {low:g}"
        raise InputError([Problem(where, None, name, str(value), rule, "correct it")])
    return float(value)


def count(where: str, name: str, value: float) -> int:
    """Return the value as a whole number of at least 0.

    Examples
    --------
    >>> count("erlang_b", "lines", 11.0)
    11
    """
    if not math.isfinite(value) or value < 0 or value != int(value):
        raise InputError(
            [Problem(where, None, name, str(value), "must be a whole number, 0 or more", "round it")]
        )
    return int(value)
