"""Goals: every objective against the whole LP, prices against differences, limits kept, what cannot be met named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, vstack

import simcollect as sc
from simcollect.behaviour.classes import FORGETFUL, N_BEHAVIOURS
from simcollect.behaviour.states import AGENCY, CLOSED, FIRST_WEEK, LAST_WEEK, LEGAL, LEVELS, N_WEEKS, PLAN, open_state
from simcollect.behaviour.week import ATTEMPTS, MESSAGES
from simcollect.errors import InfeasibleError, InputError, SolverError
from simcollect.optimisation import solver
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.goalgroup import GoalGroup
from simcollect.optimisation.measures import INDEX
from simcollect.optimisation.model import Model, Segment, build_model
from simcollect.optimisation.problem import Problem, Solved
from simcollect.strategy import Goal

WEEKS = 4
EXACT = {"tolerance": 1e-9, "max_rounds": 150}


@pytest.fixture(scope="module")
def book() -> sc.Portfolio:
    return sc.Portfolio.synthetic(500, seed=1)


@pytest.fixture(scope="module")
def hidden(book: sc.Portfolio) -> Model:
    """A book with little of everything: every team is short, two cases a week can go to law."""
    few = sc.Resources.default(book)
    teams = {name: team.model_copy(update={"people": 0.02}) for name, team in few.teams.items()}
    few = few.model_copy(update={"teams": teams, "legal_slots_a_week": 0.3, "messages_a_week": 60.0})
    return build_model(book, sc.Scenario.baseline(), few, weeks=WEEKS)


@pytest.fixture(scope="module")
def seen(hidden: Model) -> Problem:
    """Three segments in which nothing is hidden: everyone is forgetful and stays able; one instalment a segment."""

    def bare(segment: Segment) -> Segment:
        known = np.zeros_like(segment.faith)
        known[:, FORGETFUL] = 1.0
        accounts = segment.accounts.sum(axis=1, keepdims=True) * known
        unit = segment.mean_instalment
        still = {"loss": np.zeros(WEEKS)}
        later = segment.later._replace(loss=np.zeros_like(segment.later.loss))
        return replace(
            segment, accounts=accounts, instalments=unit * accounts, units=np.array([unit]), faith=known,
            unit_weights=accounts[None], series=segment.series._replace(**still), later=later,
        )  # fmt: skip

    names = ("consumer/A/small", "consumer/C/mid", "micro_sme/C/large")
    return Problem(replace(hidden, segments=tuple(bare(s) for s in hidden.segments if s.name in names)))


class WholeLP:
    """Every state and action of every week of the bare segments written out, from the kernel alone."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.columns: list[dict[str, float]] = []  # what one account in a state under an action adds to each measure
        self.uses: list[tuple[int, int, int, float]] = []  # resource, week, column, amount
        self.flow: list[tuple[int, int, float]] = []  # (row, column, coefficient)
        self.there: list[float] = []
        self.weeks: list[int] = []
        for group in problem.goal_groups:
            self._write(group)

    def _write(self, group: GoalGroup) -> None:
        model, segment = group.model, group.segment
        rows: dict[tuple[int, int], int] = {}
        start = self._aged(group, {s: m for s, m in enumerate(segment.accounts[:, FORGETFUL]) if m > 0})
        reached = {0: set(start)}

        def row(t: int, s: int) -> int:
            if (t, s) not in rows:
                rows[t, s] = len(self.there)
                self.there.append(start.get(s, 0.0) if t == 0 else 0.0)
            return rows[t, s]

        for t in range(model.weeks):
            reached[t + 1] = set()
            for s in sorted(reached[t]):
                for action in np.flatnonzero(model.terms.allowed[:, s]) if s < PLAN else [0]:
                    column = len(self.columns)
                    adds, use, ends = self._week(group, t, s, int(action))
                    self.flow.append((row(t, s), column, 1.0))
                    self.uses.extend((r, t, column, amount) for r, amount in use)
                    if t + 1 < model.weeks:
                        for d, p in self._aged(group, ends).items():
                            reached[t + 1].add(d)
                            self.flow.append((row(t + 1, d), column, -p))
                    else:
                        for name in ("recovery", "cost", "charge_off", "loss", "book"):
                            after = group.after[INDEX[name], :, :, FORGETFUL]
                            worth = segment.mean_instalment * after[:, 0] - after[:, 1]
                            to = "value" if name == "book" else name
                            adds[to] = adds.get(to, 0.0) + sum(p * worth[d] for d, p in ends.items())
                    self.columns.append(adds)
                    self.weeks.append(t)

    def _week(
        self, group: GoalGroup, t: int, s: int, action: int
    ) -> tuple[dict[str, float], list[tuple[int, float]], dict[int, float]]:
        model, kernel, terms, series = group.model, group.model.chain.kernel, group.model.terms, group.segment.series
        unit, balance, k = group.segment.mean_instalment, series.balance[t], series.season[t]
        ends: dict[int, float] = {}
        if s >= PLAN or kernel.legal[action]:
            at = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + FORGETFUL
            closing = series.closing[t + LAST_WEEK, 1]
            for n in range(kernel.mode_ptr[at], kernel.mode_ptr[at + 1]):
                p, d = kernel.mode_prob[n], int(kernel.mode_dest[n])
                over = p * closing if kernel.mode_paid[n] else 0.0
                ends[CLOSED] = ends.get(CLOSED, 0.0) + over
                ends[d] = ends.get(d, 0.0) + p - over
            adds = {
                "recovery": unit * (terms.mode_cash[at] + terms.mode_balance[at] * balance),
                "cost": terms.mode_cost[at] + (terms.entry_cost if s < PLAN else 0.0),
            }
            use = [(terms.teams + 1, 1.0)] if s < PLAN else []
            left = 0.0
            if s < AGENCY:
                adds["charge_off"] = unit * balance * ends.get(AGENCY, 0.0)
                unpaid = 0.0 if PLAN <= s < LEGAL else ends[CLOSED]
                left = ends.get(AGENCY, 0.0) + unpaid
            adds["loss"] = unit * balance * (left - terms.mode_balance[at])
            return adds | {"value": series.discount[t] * (adds["recovery"] - adds["cost"])}, use, ends
        w, a = int(kernel.week_of[s]), int(kernel.level_of[s])
        at = ((action * N_WEEKS + w - FIRST_WEEK) * LEVELS + a) * N_BEHAVIOURS + FORGETFUL
        closing, owed = series.closing[t + LAST_WEEK - w], series.owed[t + LAST_WEEK - w]
        for n in range(kernel.ptr[at], kernel.ptr[at + 1]):
            p, d = kernel.prob[k, n], int(kernel.dest[n, kernel.flag_of[s], kernel.late_of[s]])
            over = p * closing[kernel.paid[n]] if kernel.paid[n] else 0.0
            ends[CLOSED] = ends.get(CLOSED, 0.0) + over
            ends[d] = ends.get(d, 0.0) + p - over
        due = kernel.due_of[s]
        money = terms.cash[k, at] + terms.all_low[k, at] * owed[due] + terms.all_high[k, at] * owed[due + 1]
        adds = {
            "recovery": unit * money,
            "cost": terms.cost[k, at],
            "charge_off": unit * balance * ends.get(AGENCY, 0.0),
            "contacts": kernel.stats[k, at, MESSAGES] + kernel.stats[k, at, ATTEMPTS],
        }
        adds["loss"] = adds["charge_off"]
        adds["value"] = series.discount[t] * (adds["recovery"] - adds["cost"])
        use = [(terms.teams, terms.messages[k, at])]
        if terms.team[action, s] >= 0:
            use.append((int(terms.team[action, s]), terms.minutes[k, at]))
        return adds, use, ends

    def _aged(self, group: GoalGroup, mass: dict[int, float]) -> dict[int, float]:
        """Attention fades at the start of a week."""
        kernel, out = group.model.chain.kernel, {}
        for s, m in mass.items():
            level = int(kernel.level_of[s]) if s < PLAN else 0
            if level:
                lower = open_state(int(kernel.week_of[s]), level - 1, int(kernel.flag_of[s]), int(kernel.late_of[s]))
                out[lower] = out.get(lower, 0.0) + m * kernel.decay
            out[s] = out.get(s, 0.0) + m * (1 - kernel.decay if level else 1.0)
        return {s: m for s, m in out.items() if m > 0}

    def best(self, goal: Goal) -> float:
        """Return the optimum: what is to be least with a minus sign."""
        capacity, _ = self.problem.capacities()
        n = len(self.columns)
        weeks = capacity.shape[1]
        rows = [r * weeks + t for r, t, _, _ in self.uses]
        use = coo_matrix(([u[3] for u in self.uses], (rows, [u[2] for u in self.uses])), (capacity.size, n)).tocsr()
        a_ub, b_ub = [use], [capacity.ravel()]
        for limits, sign in ((goal.at_most, 1.0), (goal.at_least, -1.0)):
            for name, amount in limits.items():
                a_ub.append(coo_matrix(sign * self.total(name)[None]))
                b_ub.append(np.array([sign * amount]))
        for name, amount in goal.at_most_weekly.items():
            for t in range(weeks):
                a_ub.append(coo_matrix((self.total(name) * (np.array(self.weeks) == t))[None]))
                b_ub.append(np.array([amount]))
        flow = coo_matrix(
            ([f[2] for f in self.flow], ([f[0] for f in self.flow], [f[1] for f in self.flow])), (len(self.there), n)
        )
        sign = -1.0 if goal.objective in ("cost", "charge_off", "loss") else 1.0
        found = linprog(
            -sign * self.total(goal.objective), A_ub=vstack(a_ub).tocsr(), b_ub=np.concatenate(b_ub), A_eq=flow.tocsr(),
            b_eq=self.there, method="highs",
        )  # fmt: skip
        assert found.status == 0
        return -float(found.fun)

    def total(self, name: str) -> np.ndarray:
        return np.array([column.get(name, 0.0) for column in self.columns])


@pytest.fixture(scope="module")
def whole(seen: Problem) -> WholeLP:
    return WholeLP(seen)


@pytest.fixture(scope="module")
def reach(seen: Problem) -> dict[str, float]:
    """What the best recovery and doing nothing come to."""
    best = seen.solve(Goal("recovery"), **EXACT)
    return {"most": best.mix.value, "nothing": best.nothing}


def totals(solved: Solved) -> dict[str, float]:
    parts = [
        share * column.totals.sum(axis=1)
        for own, shares in zip(solved.mix.columns, solved.mix.weights, strict=True)
        for column, share in zip(own, shares, strict=True)
    ]
    return {name: float(np.sum(parts, axis=0)[i]) for name, i in INDEX.items()}


@pytest.mark.parametrize(
    "goal",
    [
        Goal(),
        Goal(at_most={"contacts": 60}),
        Goal(at_most_weekly={"contacts": 12}),
        Goal("recovery"),
        Goal("recovery", at_most={"cost": 40}),
        Goal("charge_off"),
        Goal("loss", at_most={"cost": 30}),
        Goal("cost", at_least={"recovery": 0.8}),
        Goal("value", at_most={"contacts": 90}, at_least={"recovery": 0.5}),
    ],
    ids=repr,
)
def test_with_nothing_hidden_each_objective_is_that_of_the_whole_lp(
    seen: Problem, whole: WholeLP, reach: dict[str, float], goal: Goal
) -> None:
    """Recovery targets are given as shares of the way from doing nothing to the most there is."""
    floor = {k: reach["nothing"] + v * (reach["most"] - reach["nothing"]) for k, v in goal.at_least.items()}
    goal = Goal(goal.objective, goal.at_most, floor, goal.at_most_weekly)
    exact = whole.best(goal)
    solved = seen.solve(goal, **EXACT)
    gain = max(abs(exact - solved.nothing), 1e-9 * abs(exact))
    assert solved.mix.value == pytest.approx(exact, rel=1e-6, abs=1e-4 * gain)
    assert solved.mix.value <= exact + 1e-6 * abs(exact) + 1e-6 * gain
    assert solved.mix.ceiling >= exact - 1e-6 * gain
    assert solved.mix.ceiling == pytest.approx(exact, rel=1e-5, abs=1e-3 * gain)
    if solved.weighing is not None and solved.mix.columns[0][0].totals is not None:
        reached = totals(solved)
        assert all(reached[name] <= amount * (1 + 1e-6) for name, amount in goal.at_most.items())
        assert all(reached[name] >= amount * (1 - 1e-6) for name, amount in goal.at_least.items())
