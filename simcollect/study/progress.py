"""How a long run tells where it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the step under way, how much of it is done, out of how much, and a remark."""

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        """Take note of the state of a step."""
        ...


def silent(step: str, done: int, total: int, note: str = "") -> None:
    """Tell nobody.

    Examples
    --------
    >>> silent("plan for baseline", 1, 60)
    """
