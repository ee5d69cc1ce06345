"""Threads that share out the chunks of a large book."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any


class Crew:
    """Helpers beside the thread that runs a simulation.

    Whoever is free takes the next item, the asking thread too. A day has several such lists of a few items that take
    less than a millisecond each, so what counts is that each list wakes a helper once, and not once an item.

    Parameters
    ----------
    pool : where the helpers come from; other simulations may ask it as well
    helpers : how many are asked

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1) as pool:
    ...     Crew(pool, helpers=1).each(lambda x: 2 * x, range(4))
    [0, 2, 4, 6]
    """

    def __init__(self, pool: Executor, helpers: int) -> None:
        self._pool, self._helpers = pool, helpers

    def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Do something for each item; return what comes of them, in their order."""
        todo = deque(enumerate(items))  # safe to take from on several threads
        done: list[Any] = [None] * len(todo)

        def take_on() -> None:
            while True:
                try:
                    place, item = todo.popleft()
                except IndexError:
                    return
                done[place] = work(item)

        asked = [self._pool.submit(take_on) for _ in range(min(self._helpers, len(todo) - 1))]
        try:
            take_on()
        finally:
            todo.clear()  # where one item fails the others need not be begun
            for helper in asked:
                # One that has not come yet, busy elsewhere, is not needed any more.
                if not helper.cancel():
                    helper.result()
        return done
