"""`stress`: one strategy on one book, in good times and bad, with the same luck of each borrower."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.simulation.summary import interval
from simcollect.strategy import Resources, Strategy


@dataclass(frozen=True, eq=False, repr=False)
class StressResult:
    """What a strategy brings in each scenario; the first scenario is what the others are compared with.

    Attributes
    ----------
    strategy : its name
    runs : the simulation of each scenario, by name
    table : one row a scenario and measure: mean with its 95 % interval, and the paired difference to the first scenario
    """

    strategy: str
    runs: dict[str, SimulationResult]
    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"<StressResult of {self.strategy} under {', '.join(self.runs)}>"


def stress(
    portfolio: Portfolio,
    strategy: Strategy,
    scenarios: Sequence[Scenario],
    *,
    days: int = 364,
    replications: int = 4,
    seed: int,
    resources: Resources | None = None,
    behaviour: Behaviour | None = None,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
) -> StressResult:
    """Simulate a strategy under several scenarios on common random numbers.

    Parameters
    ----------
    portfolio, strategy : the book and how it is collected
    scenarios : the first is the reference
    days, replications, seed, resources, behaviour, jobs : as for `simulate`
    progress : called with days done and days in all

    Raises
    ------
    InputError
        Two scenarios share a name.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> times = [Scenario.baseline(), Scenario.severe()]
    >>> result = stress(book, Strategy.champion(), times, days=56, replications=2, seed=1)
    >>> sorted(result.runs)
    ['baseline', 'severe_downturn']
    """
    names = [scenario.name for scenario in scenarios]
    if len(set(names)) != len(names) or not names:
        raise InputError(f"scenarios need names of their own, not {', '.join(names) or 'none'}")
    resources = resources or Resources.default(portfolio)
    total = len(names) * replications * days
    runs: dict[str, SimulationResult] = {}
    for number, scenario in enumerate(scenarios):

        def report(so_far: int, _: int, done: int = number * replications * days) -> None:
            if progress is not None:
                progress(done + so_far, total)

        runs[scenario.name] = simulate(
            portfolio, strategy, scenario, days=days, replications=replications, seed=seed, resources=resources,
            behaviour=behaviour, progress=report, jobs=jobs,
        )  # fmt: skip
    measured = {name: run.measures(resources) for name, run in runs.items()}
    frames = []
    for name in names:
        level = interval(measured[name]).rename_axis("measure")
        change = interval(measured[name] - measured[names[0]]).add_prefix("difference_")
        frames.append(
            level.join(change.rename(columns={"difference_mean": "difference"})).reset_index().assign(scenario=name)
        )
    table = pd.concat(frames, ignore_index=True)
    return StressResult(strategy.name, runs, table[["scenario", *[c for c in table.columns if c != "scenario"]]])
