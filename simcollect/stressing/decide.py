"""`decide`: how sure is it that one strategy is better than another, as little as the borrower's parameters are known?

Symbols: ``theta_i`` a draw of the parameters, ``d_ir`` difference in value between two strategies under it, with the
luck of replication r; both strategies meet the same luck.

- *right*: share of draws in which the better strategy is better (a draw without any difference counts half), with
  Jeffreys' 95 % interval. Each draw is judged by the mean over its replications.
- *best*: share of draws in which a strategy is the best of all (those that tie share it).
- *luck*: share of the variance between draws that is luck of single replications and not the parameters. Where it is
  large, more replications or a larger book bring *right* away from a half; where it is small, only more data do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.underdraws import probability
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.strategy import Resources, Strategy
from simcollect.stressing.value import book_value, valuation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Decision:
    """Whether to leave the first strategy, and how sure that is.

    Attributes
    ----------
    scenario, first, currency : what was compared, and with which strategy
    by_draw : one row a strategy, draw and replication: value
    table : one row a strategy but the first: mean difference in value to the first with its 95 % range over draws
        (low, high), the `better` of the two, the probability that choosing it is `right` with its 95 % interval
        (right_low, right_high), and the share of `luck`
    """

    scenario: str
    first: str
    currency: str
    by_draw: pd.DataFrame
    table: pd.DataFrame

    @property
    def best(self) -> pd.DataFrame:
        """How probable it is that each strategy is the best of all: one row a strategy; best, low, high (95 %)."""
        mean = self.by_draw.pivot_table(index="draw", columns="strategy", values="value", sort=False)
        top = mean.eq(mean.max(axis=1), axis=0)
        wins = top.div(top.sum(axis=1), axis=0).sum()
        return pd.DataFrame(
            [probability(float(x), len(mean)) for x in wins], columns=["best", "low", "high"], index=wins.index
        )

    def __repr__(self) -> str:
        draws = self.by_draw.index.get_level_values("draw").nunique()
        lines = [f"<Decision under {self.scenario}, {draws} draws of the parameters:"]
        for name, row in self.table.iterrows():
            other = name if row["better"] == self.first else self.first
            lines.append(
                f"  {row['better']} rather than {other}: right with probability {row['right']:.2f} "
                f"(95 %: {row['right_low']:.2f} to {row['right_high']:.2f}), difference {self.currency} "
                f"{abs(row['difference']):,.0f}"
            )
        return "\n".join(lines) + ">"


def decide(
    portfolio: Portfolio,
    strategies: Sequence[Strategy],
    scenario: Scenario,
    *,
    draws: Sequence[Behaviour],
    days: int = 364,
    replications: int = 1,
    seed: int,
    resources: Resources | None = None,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
) -> Decision:
    """Compare strategies under many sets of parameters, and say how often the better one is better.

    Parameters
    ----------
    portfolio, scenario, resources, seed, jobs : as for `compare`
    strategies : the first is what the others are compared with
    draws : parameter tables, as `Calibration.draws` gives; at least two
    days : whole weeks
    replications : of each draw; each draw has luck of its own
    progress : called with days done and days in all

    Raises
    ------
    InputError
        Fewer than two draws, two strategies of one name, or days that are not whole weeks.

    Examples
    --------
    >>> book = Portfolio.synthetic(200, seed=1)
    >>> draws = [Behaviour.default().replace({"attention.decay": x}) for x in (0.3, 0.5)]
    >>> ways = [Strategy.champion(), Strategy.named("do_nothing")]
    >>> decision = decide(book, ways, Scenario.baseline(), draws=draws, days=56, seed=1)
    >>> bool(0.5 <= decision.table.loc["do_nothing", "right"] <= 1.0)
    True
    """
    names = [strategy.name for strategy in strategies]
    if len(set(names)) != len(names) or not names:
        raise InputError(f"strategies need names of their own, not {', '.join(names) or 'none'}")
    if len(draws) < 2:
        raise InputError(f"a decision needs two draws of the parameters or more, not {len(draws)}")
    if days % 7 or days < 7:
        raise InputError(f"days must be whole weeks, such as {7 * max(1, round(days / 7))}, not {days}")
    resources = resources or Resources.default(portfolio)
    total = len(draws) * len(names) * replications * days
    rows = []
    for number, behaviour in enumerate(draws):
        model = valuation(portfolio, scenario, resources, days // 7, behaviour)
        for place, strategy in enumerate(strategies):
            done = (number * len(names) + place) * replications * days

            def report(so_far: int, _: int, done: int = done) -> None:
                if progress is not None:
                    progress(done + so_far, total)

            run = simulate(
                portfolio, strategy, scenario, days=days, replications=replications, seed=seed + number,
                resources=resources, behaviour=behaviour, progress=report, jobs=jobs,
            )  # fmt: skip
            value = run.measures(resources)["npv"] + [book_value(final, model) for final in run.final]
            rows += [(strategy.name, number, r, float(x)) for r, x in enumerate(value)]
    by_draw = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])
    by_draw = by_draw.set_index(["strategy", "draw", "replication"])
    return Decision(scenario.name, names[0], portfolio.currency, by_draw, decision_table(by_draw, names))


def decision_table(by_draw: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return what `Decision.table` holds.

    Parameters
    ----------
    by_draw : value by strategy, draw and replication
    names : strategies in order, the first is what the others are compared with

    Examples
    --------
    >>> rows = [(s, i, 0, v) for i in range(20) for s, v in (("a", 1.0), ("b", 2.0))]
    >>> frame = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])
    >>> table = decision_table(frame.set_index(["strategy", "draw", "replication"]), ["a", "b"])
    >>> table.loc["b", "better"], round(float(table.loc["b", "right_low"]), 2)
    ('b', 0.88)
    """
    values = by_draw.pivot_table(index=["strategy", "draw"], columns="replication", values="value")
    rows = []
    for name in names[1:]:
        difference = np.asarray(values.loc[name].to_numpy() - values.loc[names[0]].to_numpy(), np.float64)
        mean = difference.mean(axis=1)
        n = mean.size
        better, sign = (name, 1.0) if mean.mean() > 0 else (names[0], -1.0)
        wins = float((sign * mean > 0).sum() + 0.5 * (mean == 0).sum())
        rows.append(
            (mean.mean(), *np.quantile(mean, [0.025, 0.975]), better, *probability(wins, n), _luck(difference))
        )
    columns = ["difference", "low", "high", "better", "right", "right_low", "right_high", "luck"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names[1:], name="strategy"))


def _luck(difference: Array) -> float:
    """Return the share of the variance of the draws' means that single replications explain; NaN with one each."""
    replications = difference.shape[1]
    if replications < 2:
        return float("nan")
    between = float(difference.mean(axis=1).var(ddof=1))
    within = float(difference.var(axis=1, ddof=1).mean()) / replications
    return min(within / between, 1.0) if between > 0 else 0.0
