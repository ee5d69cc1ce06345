"""How fast a day passes: nanoseconds of processor time for each account and day, champion strategy.

``pytest tests/benchmarks/test_speed.py -s``. Compiling is done before the clock starts; setting up a
book (calendar, drawing what is hidden) is timed apart.
"""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.simulation.columns import ACCOUNT
from simcollect.simulation.crew import Crew
from simcollect.simulation.engine import Simulation
from simcollect.simulation.run import Setting
from simcollect.strategy import Resources, Strategy, usual_prior
from simcollect.strategy.compliance import Caps

# Four times what was measured on two shared cores: a machine may be slower, a mistake is slower by more.
LIMIT = {10_000: 200.0, 20_000: 200.0, 1_000_000: 120.0}


def setting(n: int, days: int) -> Setting:
    """Return a run of the champion strategy on a synthetic book."""
    book = Portfolio.synthetic(n, seed=1)
    return Setting(
        portfolio=book,
        strategy=Strategy.champion(),
        scenario=Scenario.baseline(),
        resources=Resources.default(book),
        behaviour=Behaviour.default(),
        prior=usual_prior(Behaviour.default()),
        caps=Caps.of_country(book.country),
        seed=1,
        days=days,
        events=False,
        check=False,
        processes=(),
    )


@pytest.mark.parametrize(("n", "days"), [(10_000, 365), (20_000, 365), (1_000_000, 365)])
def test_nanoseconds_for_an_account_day(n: int, days: int) -> None:
    simulate(Portfolio.synthetic(500, seed=1), Strategy.champion(), Scenario.baseline(), days=40, seed=1)
    shared = setting(n, days)
    for threads in (1, 2):
        with ThreadPoolExecutor(1) as pool:
            begun = time.perf_counter()
            simulation = Simulation(shared, 0, Crew(pool, threads - 1) if threads > 1 else None)
            ready, processor = time.perf_counter(), time.process_time()
            simulation.run()
            wall, used = time.perf_counter() - ready, time.process_time() - processor
        each = 1e9 / n / days
        print(
            f"\n{n:,} accounts, {days} days, {threads} thread(s): {wall * each:.1f} ns wall, "
            f"{used * each:.1f} ns processor an account-day; set-up {ready - begun:.1f} s"
        )
        assert used * each < LIMIT[n]


def test_an_account_takes_little_memory() -> None:
    """Record; wake, queue, reason, room, order, stage code. And as the system sees it, from set-up to the end."""
    assert ACCOUNT.itemsize + 4 + 4 + 1 + 4 + 8 + 1 <= 400
    n = 1_000_000
    shared = setting(n, 40)
    Simulation(setting(500, 40), 0).run()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the process's peak so far
    before = _kilobytes("VmRSS")
    Simulation(shared, 0).run()
    each = (_kilobytes("VmHWM") - before) * 1024 / n
    print(f"\n{n:,} accounts: {each:.0f} bytes an account at the peak, on top of the book itself")
    assert 192 < each <= 400


def _kilobytes(name: str) -> int:
    """Return a figure of the process's memory: now in RAM (VmRSS), the most there has been (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))
