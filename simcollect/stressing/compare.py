"""`compare`: strategies on the same book, under the same scenario, with the same luck of each borrower.

The value of a run is its discounted cash less all costs, plus what the book is worth at the end if left alone (so that
nobody wins by milking the last weeks). Differences are paired by replication: the same replication number means the
same luck, and what remains is the effect of the strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.model import Model
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.simulation.summary import interval
from simcollect.strategy import Resources, Strategy
from simcollect.stressing.decide import Decision, decide
from simcollect.stressing.value import book_value, valuation


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Strategies side by side; the first is what the others are compared with.

    Attributes
    ----------
    scenario : name of the scenario
    runs : the simulation of each strategy, by name
    by_replication : one row a strategy and replication: value, and the measures of `SimulationResult.measures`
    currency : of all amounts
    decision : where draws of the parameters were given, how sure the choice between the strategies is
    """

    scenario: str
    runs: dict[str, SimulationResult]
    by_replication: pd.DataFrame
    currency: str
    decision: Decision | None = None

    def __repr__(self) -> str:
        names = list(self.runs)
        return f"<Comparison under {self.scenario}: {', '.join(names[1:])} against {names[0]}>"

    def _of(self, name: str) -> pd.DataFrame:
        return self.by_replication[self.by_replication.index.get_level_values("strategy") == name].droplevel("strategy")

    @cached_property
    def table(self) -> pd.DataFrame:
        """Value of each strategy and its difference to the first, with 95 % intervals (paired, t)."""
        values = self.measures[self.measures["measure"] == "value"].set_index("strategy")
        renamed = values.rename(columns={"mean": "value", "low": "value_low", "high": "value_high"})
        return renamed[["value", "value_low", "value_high", "difference", "difference_low", "difference_high"]]

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure of every strategy, with its difference to the first strategy, in long form."""
        first = self._of(next(iter(self.runs)))
        frames = []
        for name in self.runs:
            own = self._of(name)
            level = interval(own).rename_axis("measure")
            difference = (
                interval(own - first).add_prefix("difference_").rename(columns={"difference_mean": "difference"})
            )
            frames.append(level.join(difference).reset_index().assign(strategy=name))
        table = pd.concat(frames, ignore_index=True)
        return table[["strategy", *[c for c in table.columns if c != "strategy"]]]


def compare(
    portfolio: Portfolio,
    strategies: Sequence[Strategy],
    scenario: Scenario,
    *,
    days: int = 364,
    replications: int = 4,
    seed: int,
    resources: Resources | None = None,
    behaviour: Behaviour | None = None,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
    model: Model | None = None,
    draws: Sequence[Behaviour] = (),
) -> Comparison:
    """Simulate several strategies on common random numbers and compare them with the first.

    Parameters
    ----------
    portfolio, scenario : the book and the economy
    strategies : the first is the baseline of all differences
    days : length of the run; whole weeks, so that the book is valued where the plan ends
    replications : how often; at least two for intervals
    seed : any whole number, not negative
    resources, behaviour : as for `simulate`
    progress : called with days done and days in all
    jobs : threads
    model : the planning problem of the same book, scenario and resources, if at hand; it values the book at the end
    draws : parameter tables from a calibration's uncertainty (`Calibration.draws`); the strategies are then compared
        once under each, and `Comparison.decision` says how probable it is that the better one is better

    Raises
    ------
    InputError
        Two strategies share a name, or the days are not whole weeks.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ways = [Strategy.champion(), Strategy.named("do_nothing")]
    >>> result = compare(book, ways, Scenario.baseline(), days=28, replications=2, seed=1)
    >>> float(result.table.loc["champion", "difference"])
    0.0

    How sure is it, if attention may fade faster or slower than the evidence says?

    >>> draws = [Behaviour.default().replace({"attention.decay": x}) for x in (0.2, 0.6)]
    >>> result = compare(book, ways, Scenario.baseline(), days=28, replications=1, seed=1, draws=draws)
    >>> bool(0.5 <= result.decision.table.loc["do_nothing", "right"] <= 1.0)
    True
    """
    names = [strategy.name for strategy in strategies]
    if len(set(names)) != len(names) or not names:
        raise InputError(f"strategies need names of their own, not {', '.join(names) or 'none'}")
    if days % 7:
        raise InputError(f"days must be whole weeks, such as {7 * max(1, round(days / 7))}, not {days}")
    resources = resources or Resources.default(portfolio)
    if model is None or model.weeks != days // 7:
        model = valuation(portfolio, scenario, resources, days // 7, behaviour)
    drawn = len(draws) * len(names) * days
    total = len(names) * replications * days + drawn
    runs: dict[str, SimulationResult] = {}
    rows = []
    for number, strategy in enumerate(strategies):
        done = number * replications * days

        def report(so_far: int, _: int, done: int = done) -> None:
            if progress is not None:
                progress(done + so_far, total)

        run = simulate(
            portfolio, strategy, scenario, days=days, replications=replications, seed=seed, resources=resources,
            behaviour=behaviour, progress=report, jobs=jobs,
        )  # fmt: skip
        runs[strategy.name] = run
        measures = run.measures(resources)
        measures.insert(0, "value", measures["npv"] + [book_value(final, model) for final in run.final])
        rows.append(measures)
    table = pd.concat(rows, keys=names, names=["strategy", "replication"])
    decision = None
    if draws:
        decision = decide(
            portfolio, strategies, scenario, draws=draws, days=days, seed=seed, resources=resources, jobs=jobs,
            progress=None if progress is None else lambda done, _: progress(total - drawn + done, total),
        )  # fmt: skip
    return Comparison(scenario.name, runs, table, portfolio.currency, decision)
