"""The same-information bound: above everything a lender could do, below knowing every customer's mind."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from simcollect.behaviour.chain import move_hidden, step
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import HOLIDAY, N_STATES, PLAN, open_state, plan_state, settle_state
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation import optimise
from simcollect.optimisation.athand import UNLIMITED, Purchase
from simcollect.optimisation.belief_mixes import Grid
from simcollect.optimisation.beliefs import choose_points
from simcollect.optimisation.bound import segment_bound
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.interpolate import MOST_PARTS, best_mix
from simcollect.optimisation.model import HEADROOM, Model, Segment, build_model
from simcollect.optimisation.outcomes import N_GROUPS, N_LANES, Outcomes, build_outcomes
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.problem import Problem
from simcollect.optimisation.purchases import whole_shifts
from simcollect.optimisation.recursion import action_values
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Goal, Resources


@pytest.fixture(scope="module")
def book() -> Portfolio:
    """Small firms only, so that there are few segments."""
    every = Portfolio.synthetic(2000, seed=1)
    return every.subset(every.accounts["product"] == "micro_sme")


@pytest.fixture(scope="module")
def every_action(book: Portfolio) -> Model:
    """A model of three weeks with every action of the package."""
    return build_model(book, Scenario.baseline(), Resources.default(book), weeks=3, catalogue=Catalogue.full())


@pytest.fixture(scope="module")
def plan(book: Portfolio) -> Plan:
    few = Resources.default(book)
    scarce = few.model_copy(update={"legal_slots_a_week": 0.2 * few.legal_slots_a_week})
    return optimise(book, Scenario.baseline(), scarce, weeks=5, max_rounds=14)


def two_months_late(book: Portfolio) -> tuple[Portfolio, Catalogue]:
    """Return one account some two months late, and what may be done: wait, call, offer a plan."""
    accounts = book.accounts
    late = accounts[(accounts["dpd"] == accounts["dpd"][accounts["dpd"] > 40].min())].head(1)
    actions = tuple(Catalogue.default()[name] for name in ("wait", "call", "plan"))
    return book.subset(accounts.index.isin(late.index)), Catalogue(actions)


def one_late_account(book: Portfolio, weeks: int) -> tuple[Model, Segment]:
    """Return a model of that account."""
    one, catalogue = two_months_late(book)
    model = build_model(one, Scenario.baseline(), Resources.default(book), weeks=weeks, catalogue=catalogue)
    return model, model.segments[0]


def one_account_in(every_action: Model, state: int, weeks: int) -> tuple[Model, Segment]:
    """Return a model of so many weeks with one account in an observed state, and every action of the package."""
    segment = every_action.segments[0]
    accounts = np.zeros((N_STATES, N_HIDDEN))
    accounts[state] = np.full(N_HIDDEN, 1 / N_HIDDEN)
    unit, by_week = segment.mean_instalment, ("season", "loss", "regain", "balance", "discount")
    first = {name: getattr(segment.series, name)[:weeks] for name in by_week}
    one = replace(
        segment, accounts=accounts, instalments=accounts * unit, units=np.array([unit]), unit_weights=accounts[None],
        series=segment.series._replace(**first),
    )  # fmt: skip
    return replace(every_action, weeks=weeks, capacity=every_action.capacity[:, :weeks]), one


def usual_prices(model: Model) -> np.ndarray:
    """Return prices at which calling is right for some beliefs and not for others."""
    return np.full_like(model.capacity, 0.004 * model.segments[0].mean_instalment)


class Tree:
    """The exact optimum on the lender's information: every history of one account, week by week.

    It shares no code with the bound: weeks are made by the chain's own forward step.
    """

    def __init__(self, model: Model, segment: Segment, prices: np.ndarray) -> None:
        self.model, self.segment, self.prices = model, segment, prices
        self.unit = segment.mean_instalment
        self.beliefs: list[tuple[int, np.ndarray]] = []

    def value(self) -> float:
        total = 0.0
        for s, m in self._move(self.segment.accounts, 0):
            total += self._best(0, s, m)
        return total

    def _move(self, measure: np.ndarray, t: int) -> list[tuple[int, np.ndarray]]:
        out, series = np.empty_like(measure), self.segment.series
        move_hidden(measure, series.loss[t], series.regain[t], self.model.chain.kernel, out)
        return [(int(s), out[s]) for s in np.flatnonzero(out.sum(axis=1))]

    def _week(self, t: int, s: int, action: int, later: np.ndarray, m: np.ndarray) -> float:
        q = np.zeros((2, N_HIDDEN))
        series = self.segment.series
        action_values(self.model.chain.kernel, self.model.terms, series, self.prices, t, later, s, action, q)
        return float(self.unit * m @ q[0] - m @ q[1])

    def _best(self, t: int, s: int, m: np.ndarray) -> float:
        self.beliefs.append((s, m / m.sum()))
        return max(
            self._now(t, s, a, m) + sum(self._best(t + 1, to, x) for to, x in self._after(t, s, a, m))
            for a in self._actions(s)
        )

    def _actions(self, s: int) -> list[int]:
        return [a for a in range(len(self.model.catalogue)) if self.model.terms.allowed[a, s]] if s < PLAN else [0]

    def _now(self, t: int, s: int, action: int, m: np.ndarray) -> float:
        """Return what an action brings this week, and after the last one what the account is then worth."""
        last = t == self.model.weeks - 1
        return self._week(t, s, action, self.segment.end if last else np.zeros_like(self.segment.end), m)

    def _after(self, t: int, s: int, action: int, m: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Return where the account may stand next week, with the chances of each hidden class."""
        if t == self.model.weeks - 1:
            return []
        kernel, series = self.model.chain.kernel, self.segment.series
        week = int(kernel.week_of[s]) if s < PLAN else 0
        before, after = np.zeros((N_STATES, N_HIDDEN)), np.empty((N_STATES, N_HIDDEN))
        before[s] = m
        row, totals = np.full(N_STATES, action, np.int8), np.zeros((len(self.model.catalogue), 32))
        step(before, row, series.season[t], series.closing[t + 25 - week], kernel, after, totals)
        return self._move(after, t + 1)


class WholeTree(Tree):
    """The same within capacity, some of it bought: every choice after every history, as one linear programme."""

    def value_within(self, capacity: np.ndarray, purchases: Sequence[Purchase]) -> float:
        self.worth: list[float] = []
        self.use: list[np.ndarray] = []
        self.shares: list[dict[int, float]] = []  # by history: its choices' shares add to that of the choice before
        for s, m in self._move(self.segment.accounts, 0):
            self._write(0, s, m, None)
        n, limited = len(self.worth), capacity.ravel() < UNLIMITED
        above = np.zeros((len(self.shares), n + len(purchases)))
        for row, history in zip(above, self.shares, strict=True):
            row[list(history)] = list(history.values())
        use = np.stack([u.ravel() for u in self.use] + [-p.capacity.ravel() for p in purchases], axis=1)
        found = linprog(
            -np.array(self.worth + [-p.cost for p in purchases]),
            A_ub=use[limited], b_ub=capacity.ravel()[limited],
            A_eq=above, b_eq=[float(min(history.values()) > 0) for history in self.shares],
            bounds=[(0, None)] * n + [(0, p.limit) for p in purchases], method="highs",
        )  # fmt: skip
        assert found.status == 0
        return float(-found.fun)

    def _write(self, t: int, s: int, m: np.ndarray, above: int | None) -> None:
        history: dict[int, float] = {} if above is None else {above: -1.0}
        self.shares.append(history)
        for action in self._actions(s):
            choice = len(self.worth)
            history[choice] = 1.0
            self.worth.append(self._now(t, s, action, m))
            self.use.append(np.zeros_like(self.prices))
            for r in range(len(self.prices)):
                self.prices[r, t] = 1.0  # what it takes of a resource is what its price takes of it
                self.use[choice][r, t] = self.worth[choice] - self._now(t, s, action, m)
                self.prices[r, t] = 0.0
            for to, x in self._after(t, s, action, m):
                self._write(t + 1, to, x, choice)


def grid_of(outcomes: Outcomes, beliefs: list[tuple[int, np.ndarray]]) -> Grid:
    """Return the corners of every group and the given beliefs; mixes aim at the lanes in which these occur."""
    points, visits = [[*np.eye(N_HIDDEN)] for _ in range(N_GROUPS)], np.zeros((N_GROUPS, N_LANES))
    for s, belief in beliefs:
        group = outcomes.group_of[s]
        visits[group, outcomes.lane_of[s]] = 1.0
        if not outcomes.ends[group] and not any(np.allclose(belief, p, rtol=0, atol=1e-14) for p in points[group]):
            points[group].append(belief)
    ptr = np.concatenate([[0], np.cumsum([len(p) for p in points])]).astype(np.int64)
    return Grid(ptr, np.concatenate([np.array(p) for p in points]), visits)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_mix_is_that_of_the_linear_programme_and_gives_the_belief_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.concatenate([np.eye(N_HIDDEN), rng.dirichlet(np.full(N_HIDDEN, 0.7), 30)])
    saving = np.concatenate([np.zeros(N_HIDDEN), rng.uniform(0, 1, 30)])
    m = rng.dirichlet(np.ones(N_HIDDEN)) * 0.3
    index, weight = np.zeros(MOST_PARTS, np.int32), np.zeros(MOST_PARTS)
    n = best_mix(points, saving, m, np.zeros((N_HIDDEN + 1, 38)), np.zeros(38, np.int64), index, weight)
    assert (weight[:n] > 0).all()
    assert weight[:n] @ points[index[:n]] == pytest.approx(m, abs=1e-13)
    exact = linprog(-saving, A_eq=points.T, b_eq=m, method="highs")
    assert weight[:n] @ saving[index[:n]] == pytest.approx(-exact.fun, rel=1e-9)


def test_with_every_belief_that_can_occur_as_a_point_the_bound_is_the_optimum(book: Portfolio) -> None:
    model, segment = one_late_account(book, weeks=2)
    prices = usual_prices(model)
    tree, outcomes = Tree(model, segment, prices), build_outcomes(model.chain.kernel, model.terms.allowed)
    exact = tree.value()
    bound = segment_bound(model, outcomes, segment, prices, grid_of(outcomes, tree.beliefs))
    revealed = ChainGroup(model, segment).ceiling(prices)
    assert bound == pytest.approx(exact, rel=1e-9)
    assert revealed > exact + 1e-4 * abs(exact)  # what is hidden matters here


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(settle_state(9, 1), id="a settlement falls due"),
        pytest.param(plan_state(HOLIDAY, 1, 1), id="a holiday ends"),
        pytest.param(plan_state(0, 1, 1), id="a plan may fail"),
        pytest.param(open_state(-1, 0, 0, 0), id="a standing order may be set up"),
        pytest.param(open_state(12, 2, 0, 1), id="a settlement may be offered, or the law firm asked"),
    ],
)
def test_the_bound_knows_every_action_and_every_kind_of_state(every_action: Model, state: int) -> None:
    model, segment = one_account_in(every_action, state, weeks=2)
    prices = usual_prices(model)
    tree, outcomes = Tree(model, segment, prices), build_outcomes(model.chain.kernel, model.terms.allowed)
    exact = tree.value()
    bound = segment_bound(model, outcomes, segment, prices, grid_of(outcomes, tree.beliefs))
    assert bound == pytest.approx(exact, rel=1e-9)


def test_what_follows_a_settlement_lies_below_the_bound(every_action: Model) -> None:
    model, segment = one_account_in(every_action, settle_state(9, 1), weeks=3)
    prices = usual_prices(model)
    tree, outcomes = Tree(model, segment, prices), build_outcomes(model.chain.kernel, model.terms.allowed)
    exact = tree.value()
    corners, bound = (
        segment_bound(model, outcomes, segment, prices, grid_of(outcomes, beliefs)) for beliefs in ([], tree.beliefs)
    )
    assert exact * (1 + 1e-9) < bound < corners


def test_nothing_that_is_an_end_leads_back_to_an_open_account(plan: Plan) -> None:
    kernel = plan.model.chain.kernel
    outcomes = build_outcomes(kernel, plan.model.terms.allowed)
    for s in range(PLAN, N_STATES):
        rows = slice(5 * (s - PLAN), 5 * (s - PLAN) + 6)
        to = kernel.mode_dest[kernel.mode_ptr[rows][0] : kernel.mode_ptr[rows][-1]]
        assert outcomes.ends[outcomes.group_of[s]] == outcomes.ends[outcomes.group_of[to]].all()


def test_what_a_lender_can_do_lies_between_the_plan_and_the_bound_which_falls_with_more_points(
    book: Portfolio,
) -> None:
    model, segment = one_late_account(book, weeks=3)
    prices, group = usual_prices(model), ChainGroup(model, segment)
    column = group.improve(prices, group.nothing(), 10)
    table = column.value - (column.use * prices).sum()
    best = Tree(model, segment, prices).value()
    outcomes = build_outcomes(model.chain.kernel, model.terms.allowed)
    grids = [choose_points(model, outcomes, segment, [column], np.ones(1), n, seed=1) for n in (0, 8, 40)]
    corners, some, many = (segment_bound(model, outcomes, segment, prices, grid) for grid in grids)
    revealed = group.ceiling(prices)
    assert table <= best + 1e-9 * abs(best)
    assert best <= many + 1e-9 * abs(best)
    assert many < some < corners
    assert corners == pytest.approx(revealed, rel=1e-12)
    assert many - best < 0.5 * (revealed - best)


def test_with_nothing_hidden_bound_and_plan_and_perfect_knowledge_agree(plan: Plan) -> None:
    model, segment = plan.model, plan.model.segments[3]
    known = np.eye(N_HIDDEN)[np.zeros(N_STATES, int)]
    accounts = segment.accounts.sum(axis=1, keepdims=True) * known
    unit = segment.mean_instalment
    calm = segment.series._replace(loss=np.zeros(model.weeks), regain=np.zeros(model.weeks))
    segment = replace(
        segment, accounts=accounts, instalments=accounts * unit, units=np.array([unit]), unit_weights=accounts[None],
        series=calm, faith=known,
    )  # fmt: skip
    prices, group = plan.mix.prices, ChainGroup(model, segment)
    column = group.improve(prices, group.nothing(), 20)
    outcomes = build_outcomes(model.chain.kernel, model.terms.allowed)
    grid = choose_points(model, outcomes, segment, [column], np.ones(1), 4, seed=1)
    bound = segment_bound(model, outcomes, segment, prices, grid)
    assert bound == pytest.approx(column.value - (column.use * prices).sum(), rel=1e-9)
    assert bound == pytest.approx(group.ceiling(prices), rel=1e-9)


def test_the_bound_of_a_plan_lies_between_its_value_and_that_with_all_revealed(plan: Plan) -> None:
    assert not any("same information" in row for row in plan.summary().index)
    bound = plan.same_information_bound(points=6)
    assert plan.value < bound < plan.bound
    assert bound < plan.same_information_bound(points=0) <= plan.bound
    told = plan.summary()["figure"]
    assert told["bound on the gain, same information"] == pytest.approx(bound - plan.nothing)
    assert told["gap, same information"] == pytest.approx((bound - plan.value) / (bound - plan.nothing))


def test_it_holds_too_where_people_are_bought_and_every_action_may_be_taken(book: Portfolio) -> None:
    chosen = optimise(
        book, Scenario.baseline(), Resources.default(book), weeks=3, max_rounds=13, people="chosen",
        catalogue=Catalogue.full(),
    )  # fmt: skip
    assert chosen.value < chosen.same_information_bound(points=4) < chosen.bound


def test_it_lies_above_the_best_that_one_can_do_who_buys_overtime_too(book: Portfolio) -> None:
    """One account, late and desk teams of a minute a week, half as much overtime, all to the last minute."""
    one, catalogue = two_months_late(book)
    people, few = Resources.default(book), {"people": 5e-4, "overtime_hours": 20.0}
    small = people.model_copy(update={"teams": {k: team.model_copy(update=few) for k, team in people.teams.items()}})
    plan = optimise(one, Scenario.baseline(), small, weeks=2, catalogue=catalogue, tolerance=1e-6, max_rounds=60)
    assert set(plan.bought["kind"]) == {"overtime"}
    segment = plan.model.segments[0]
    tree = WholeTree(plan.model, segment, np.zeros_like(plan.model.capacity))
    best = tree.value_within(plan.model.capacity, whole_shifts(plan.solved.purchases, HEADROOM))
    without = tree.value_within(plan.model.capacity, ())
    assert plan.value < best
    assert best - without > 0.1 * (best - plan.nothing)  # overtime matters here
    assert best < plan.same_information_bound() < plan.bound


def test_a_negative_number_of_points_and_plans_within_limits_are_refused(plan: Plan) -> None:
    with pytest.raises(InputError, match="points"):
        plan.same_information_bound(points=-1)
    goal = Goal(at_most={"contacts_per_account": 0.5})
    solved = Problem(plan.model).solve(goal, tolerance=0.02, max_rounds=2)
    careful = Plan.of(Problem(plan.model), solved, goal, "baseline")
    with pytest.raises(InputError, match="without limits"):
        careful.same_information_bound()
