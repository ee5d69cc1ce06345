"""The same-information bound: above everything a lender could do, below knowing every customer's mind."""

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
from simcollect.optimisation.belief_mixes import Grid
from simcollect.optimisation.beliefs import choose_points
from simcollect.optimisation.bound import segment_bound
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.interpolate import MOST_PARTS, best_mix
from simcollect.optimisation.model import Model, Segment, build_model
from simcollect.optimisation.outcomes import N_GROUPS, N_LANES, Outcomes, build_outcomes
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.recursion import action_values
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Goal, Resources


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(500, seed=1)


@pytest.fixture(scope="module")
def plan(book: Portfolio) -> Plan:
    few = Resources.default(book)
    scarce = few.model_copy(update={"legal_slots_a_week": 0.2 * few.legal_slots_a_week})
    return optimise(book, Scenario.baseline(), scarce, weeks=5, max_rounds=14)


def one_late_account(book: Portfolio, weeks: int) -> tuple[Model, Segment]:
    """Return a model of one account some two months late whose customer may be waited for, called, or sued."""
    accounts = book.accounts
    late = accounts[(accounts["dpd"] == accounts["dpd"][accounts["dpd"] > 40].min())].head(1)
    one = book.subset(accounts.index.isin(late.index))
    catalogue = Catalogue(tuple(Catalogue.default()[name] for name in ("wait", "call", "plan")))
    model = build_model(one, Scenario.baseline(), Resources.default(book), weeks=weeks, catalogue=catalogue)
    return model, model.segments[0]


def one_account_in(book: Portfolio, state: int, weeks: int) -> tuple[Model, Segment]:
    """Return a model of one account in an observed state, with every action of the package."""
    model = build_model(book, Scenario.baseline(), Resources.default(book), weeks=weeks, catalogue=Catalogue.full())
    segment, unit = model.segments[0], model.segments[0].mean_instalment
    accounts = np.zeros((N_STATES, N_HIDDEN))
    accounts[state] = np.full(N_HIDDEN, 1 / N_HIDDEN)
    return model, replace(
        segment, accounts=accounts, instalments=accounts * unit, units=np.array([unit]), unit_weights=accounts[None]
    )


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
        actions = [a for a in range(len(self.model.catalogue)) if self.model.terms.allowed[a, s]] if s < PLAN else [0]
        if t == self.model.weeks - 1:
            return max(self._week(t, s, a, self.segment.end, m) for a in actions)
        kernel, series, values = self.model.chain.kernel, self.segment.series, []
        week = int(kernel.week_of[s]) if s < PLAN else 0
        for a in actions:
            before, after = np.zeros((N_STATES, N_HIDDEN)), np.empty((N_STATES, N_HIDDEN))
            before[s] = m
            row = np.full(N_STATES, a, np.int8)
            totals = np.zeros((len(self.model.catalogue), 32))
            step(before, row, series.season[t], series.closing[t + 25 - week], kernel, after, totals)
            value = self._week(t, s, a, np.zeros_like(self.segment.end), m)
            values.append(value + sum(self._best(t + 1, to, x) for to, x in self._move(after, t + 1)))
        return max(values)


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
def test_the_bound_knows_every_action_and_every_kind_of_state(book: Portfolio, state: int) -> None:
    model, segment = one_account_in(book, state, weeks=2)
    prices = usual_prices(model)
    tree, outcomes = Tree(model, segment, prices), build_outcomes(model.chain.kernel, model.terms.allowed)
    exact = tree.value()
    bound = segment_bound(model, outcomes, segment, prices, grid_of(outcomes, tree.beliefs))
    assert bound == pytest.approx(exact, rel=1e-9)


def test_what_follows_a_settlement_lies_below_the_bound(book: Portfolio) -> None:
    model, segment = one_account_in(book, settle_state(9, 1), weeks=3)
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


def test_a_negative_number_of_points_and_plans_within_limits_are_refused(book: Portfolio, plan: Plan) -> None:
    with pytest.raises(InputError, match="points"):
        plan.same_information_bound(points=-1)
    goal = Goal(at_most={"contacts_per_account": 0.5})
    careful = optimise(book, Scenario.baseline(), Resources.default(book), weeks=2, max_rounds=13, goal=goal)
    with pytest.raises(InputError, match="without limits"):
        careful.same_information_bound()
