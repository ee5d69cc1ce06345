"""Threads that share out a list: nothing is lost, nothing is done twice, and a failure is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from simcollect.simulation.crew import Crew


def test_results_keep_their_order_and_each_item_is_done_once() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        done.append(item)
        return item * item

    with ThreadPoolExecutor(3) as pool:
        assert Crew(pool, 3).each(work, range(500)) == [n * n for n in range(500)]
    assert sorted(done) == list(range(500))


def test_helpers_take_part() -> None:
    """Two items that wait for each other are only ever finished by two threads."""
    both = threading.Barrier(2, timeout=20)
    with ThreadPoolExecutor(1) as pool:
        assert sorted(Crew(pool, 1).each(lambda _: both.wait(), range(2))) == [0, 1]


def test_a_helper_that_is_busy_elsewhere_is_not_waited_for() -> None:
    free = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(free.wait)
        try:
            assert Crew(pool, 1).each(lambda item: item, "abc") == ["a", "b", "c"]
        finally:
            free.set()


@pytest.mark.parametrize("fails", [0, 7])
def test_a_failure_reaches_who_asked_after_all_helpers_have_stopped(fails: int) -> None:
    at_work: set[int] = set()

    def work(item: int) -> None:
        at_work.add(item)
        try:
            if item == fails:
                raise KeyError(item)
        finally:
            at_work.discard(item)

    with ThreadPoolExecutor(2) as pool, pytest.raises(KeyError):
        Crew(pool, 2).each(work, range(8))
    assert not at_work


def test_nothing_to_do_asks_nobody() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert Crew(pool, 1).each(str, []) == []
