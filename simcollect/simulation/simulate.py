"""`simulate`: one strategy on one book under one scenario, as often as wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

from simcollect.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.simulation.crew import Crew
from simcollect.simulation.engine import Simulation
from simcollect.simulation.result import SimulationResult
from simcollect.simulation.run import Process, Replication, Setting
from simcollect.strategy import Resources, Strategy, usual_prior
from simcollect.strategy.compliance import Caps


def simulate(
    portfolio: Portfolio,
    strategy: Strategy,
    scenario: Scenario,
    *,
    days: int = 365,
    replications: int = 1,
    seed: int,
    resources: Resources | None = None,
    behaviour: Behaviour | None = None,
    prior: Prior | None = None,
    draws: Sequence[Behaviour] = (),
    compliance: Caps | None = None,
    processes: Iterable[Process] = (),
    events: bool = False,
    check: bool = False,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
) -> SimulationResult:
    """Simulate the collection of a book, day by day and account by account.

    The same seed gives the same result to the last cent, for any number of jobs; two strategies under one
    seed meet the same luck of each borrower.

    Parameters
    ----------
    portfolio, strategy, scenario : what is simulated; day 0 is the day after the as-of date
    days : length of the run
    replications : how often, each with luck of its own
    seed : any whole number, not negative
    resources : people, messages, slots and unit costs; `Resources.default` of the book if not given
    behaviour : the borrower's parameters; the defaults if not given
    prior : hidden classes given the observed state; `usual_prior` of the behaviour if not given
    draws : sets of the borrower's parameters, as `Calibration.draws` gives; the book is then simulated `replications`
        times under each, and the tables have a column `draw` beside `replication`, which runs through all of them
    compliance : limits on contact; those of the book's country if not given
    processes : SimPy processes of one's own, see `Simulation`
    events : keep a log of every event (needs memory: about 100 bytes an event)
    check : balance the ledger of every account on every day; a violation raises `LedgerError`
    progress : called with days done and days in all, over all replications, from several threads if `jobs` >
        1
    jobs : threads; they share the replications, and what is left over sweeps chunks of a large book

    Raises
    ------
    InputError
        A number is out of range, draws are given together with a behaviour or a prior, or a policy returned something
        else than action codes.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> run = simulate(book, Strategy.champion(), Scenario.baseline(), days=60, seed=1)
    >>> run.daily.shape[0], bool(run.daily["cash"].sum() > 0)
    (60, True)

    How far does it spread, if attention may fade faster or slower than the evidence says?

    >>> draws = [Behaviour.default().replace({"attention.decay": x}) for x in (0.3, 0.5)]
    >>> run = simulate(book, Strategy.champion(), Scenario.baseline(), days=14, seed=1, draws=draws)
    >>> run.daily.groupby("draw").size().tolist()
    [14, 14]
    """
    for name, value, least in (
        ("days", days, 1),
        ("replications", replications, 1),
        ("jobs", jobs, 1),
        ("seed", seed, 0),
    ):
        if value < least:
            raise InputError(f"{name} must be {least} or more, not {value}")
    if draws and (behaviour is not None or prior is not None):
        raise InputError("draws bring their own behaviour and prior: give neither beside them")
    behaviour = behaviour or (draws[0] if draws else Behaviour.default())
    setting = Setting(
        portfolio=portfolio,
        strategy=strategy,
        scenario=scenario,
        resources=resources or Resources.default(portfolio),
        behaviour=behaviour,
        prior=prior or usual_prior(behaviour),
        caps=compliance or Caps.of_country(portfolio.country),
        seed=seed,
        days=days,
        events=events,
        check=check,
        processes=tuple(processes),
    )
    settings = [
        setting if own is behaviour else replace(setting, behaviour=own, prior=usual_prior(own))
        for own in (draws or [behaviour])
        for _ in range(replications)
    ]
    tick = _counter(progress, days * len(settings))
    at_once = min(jobs, len(settings))
    with ThreadPoolExecutor(jobs - at_once) if jobs > at_once else nullcontext() as pool:
        crew = Crew(pool, jobs - at_once) if pool is not None else None

        def one(number: int) -> Replication:
            return Simulation(settings[number], number, crew, tick).run()

        if at_once == 1:
            runs = [one(number) for number in range(len(settings))]
        else:
            # Threads, not processes: compiled sweeps hold no lock, and a user's policies and processes need
            # no pickling.
            from joblib import Parallel, delayed

            runs = Parallel(n_jobs=at_once, prefer="threads")(
                delayed(one)(number) for number in range(len(settings))
            )
    return SimulationResult(setting, runs, tuple(draws))


def _counter(progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None] | None:
    if progress is None:
        return None
    lock = threading.Lock()
    done = 0

    def tick() -> None:
        nonlocal done
        with lock:
            done += 1
            progress(done, total)

    return tick
