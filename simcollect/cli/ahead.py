"""The first run after an installation compiles for minutes; a second process shares that work.

While the first plans, the second simulates a tiny book and then plans it, so that what the first needs later is on disk
by then. Where the kernels cannot be kept on disk, or once they are there, nothing is done.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DAYS = 35  # long enough for every kind of day: a month's end among them


@contextmanager
def compiling_ahead() -> Iterator[None]:
    """Compile in a second process meanwhile, if nothing is compiled yet; it ends with the block at the latest."""
    if not cold():
        yield
        return
    quiet = subprocess.DEVNULL
    helper = subprocess.Popen([sys.executable, "-m", __name__], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        helper.terminate()
        helper.wait()


def cold() -> bool:
    """Return whether the simulator's main kernel has never been compiled here."""
    from simcollect.simulation.sweep import carry

    folder = carry.stats.cache_path
    return folder is not None and not any(Path(folder).glob("sweep.carry-*.nbi"))


def use_every_kernel() -> None:
    """Do once, on a tiny book, what a study does: first what a study does last."""
    import simcollect as sc

    book, now = sc.Portfolio.synthetic(300, seed=1), sc.Scenario.baseline()
    sc.simulate(book, sc.Strategy.champion(), now, days=DAYS, seed=1)
    plan = sc.optimise(book, now, sc.Resources.default(book), weeks=DAYS // 7, max_rounds=14)
    sc.compare(book, [plan.playbook().strategy, plan.strategy], now, days=DAYS, replications=1, seed=1)


if __name__ == "__main__":
    use_every_kernel()
