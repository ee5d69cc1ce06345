"""The optimiser's proof: brute force, the whole LP, two ways to the same value, bounds that hold."""

import itertools

import numpy as np
import pulp
import pytest

from simcollect.behaviour.states import PLAN
from simcollect.economy import Scenario
from simcollect.optimisation import optimise
from simcollect.optimisation.backward import sweep
from simcollect.optimisation.columns import ChainGroup, Column
from simcollect.optimisation.master import Purchase, solve_master
from simcollect.optimisation.model import Model, build_model
from simcollect.optimisation.recursion import action_values
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Resources, Strategy


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(2000, seed=1)


@pytest.fixture(scope="module")
def model(book: Portfolio) -> Model:
    return build_model(book, Scenario.baseline(), Resources.default(book), weeks=12)


class KnownArm:
    """A small fully observed segment: the same protocol as a segment of a book, solved by plain dynamic programming."""

    def __init__(self, rng: np.random.Generator, weeks: int, resources: int, states: int = 3, actions: int = 3) -> None:
        self.name = "arm"
        self.p = rng.dirichlet(np.ones(states), (actions, states))
        self.reward = rng.uniform(0, 1, (actions, states))
        self.reward[0] *= 0.5
        self.need = rng.uniform(0, 1, (actions, states, resources))
        self.need[0] = 0
        self.start = rng.dirichlet(np.ones(states)) * 100
        self.shape = (weeks, states, actions, resources)

    def evaluate(self, policy: np.ndarray) -> Column:
        weeks, states, _, resources = self.shape
        mass, value, use = self.start.copy(), 0.0, np.zeros((resources, weeks))
        for t in range(weeks):
            row = np.arange(states)
            value += mass @ self.reward[policy[t], row]
            use[:, t] = mass @ self.need[policy[t], row]
            mass = mass @ self.p[policy[t], row]
        return Column(float(value), use, policy)

    def nothing(self) -> Column:
        return self.evaluate(np.zeros(self.shape[:2], np.int8))

    def _solve(self, prices: np.ndarray) -> tuple[np.ndarray, float]:
        weeks, states, _, _ = self.shape
        v, policy = np.zeros(states), np.zeros((weeks, states), np.int8)
        for t in range(weeks - 1, -1, -1):
            q = self.reward - self.need @ prices[:, t] + self.p @ v
            policy[t], v = q.argmax(axis=0), q.max(axis=0)
        return policy, float(self.start @ v)

    def improve(self, prices: np.ndarray, start: Column, sweeps: int) -> Column:
        return self.evaluate(self._solve(prices)[0])

    def ceiling(self, prices: np.ndarray) -> float:
        return self._solve(prices)[1]


def whole_lp(arms: list[KnownArm], capacity: np.ndarray) -> float:
    """Write every state and action of every week out, and let PuLP with HiGHS solve it."""
    problem = pulp.LpProblem("whole", pulp.LpMinimize)  # PuLP's HiGHS turns the signs of a maximisation's duals
    terms, use = [], {}
    for i, arm in enumerate(arms):
        weeks, states, actions, resources = arm.shape
        x = problem.add_variable_dicts(f"x{i}", (range(weeks), range(states), range(actions)), lowBound=0)
        for t in range(weeks):
            for s in range(states):
                inflow = (
                    float(arm.start[s])
                    if t == 0
                    else pulp.lpSum(
                        float(arm.p[a, k, s]) * x[t - 1][k][a] for k in range(states) for a in range(actions)
                    )
                )
                problem += pulp.lpSum(x[t][s][a] for a in range(actions)) == inflow
                for a in range(actions):
                    terms.append(-float(arm.reward[a, s]) * x[t][s][a])
                    for r in range(resources):
                        use.setdefault((r, t), []).append(float(arm.need[a, s, r]) * x[t][s][a])
    problem += pulp.lpSum(terms)
    for (r, t), parts in use.items():
        problem += pulp.lpSum(parts) <= float(capacity[r, t])
    status = problem.solve(pulp.HiGHS(msg=False))
    assert pulp.LpStatus[status] == "Optimal"
    return -float(pulp.value(problem.objective))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_nothing_hidden_decomposition_and_whole_lp_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    arms = [KnownArm(rng, weeks=5, resources=2) for _ in range(4)]
    capacity = np.full((2, 5), 60.0)
    mix = solve_master(arms, capacity, tolerance=1e-9, max_rounds=400)
    exact = whole_lp(arms, capacity)
    assert mix.value == pytest.approx(exact, rel=1e-6)
    assert mix.ceiling >= exact - 1e-6 * abs(exact)
    assert mix.ceiling == pytest.approx(exact, rel=1e-5)


def test_the_mix_of_a_hand_solved_case() -> None:
    """One arm, one week: 100 accounts, an action worth 1 each takes one unit; 30 units give 30 and a price of 1."""
    rng = np.random.default_rng(0)
    arm = KnownArm(rng, weeks=1, resources=1, states=1, actions=2)
    arm.reward[:] = [[0.0], [1.0]]
    arm.need[:] = [[[0.0]], [[1.0]]]
    arm.start[:] = 100.0
    mix = solve_master([arm], np.array([[30.0]]), tolerance=1e-9)
    assert mix.value == pytest.approx(30.0)
    assert mix.prices[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize(("limit", "value", "price"), [(50.0, 60.0, 1.0), (100.0, 72.0, 0.4)])
def test_capacity_is_bought_as_long_as_it_pays(limit: float, value: float, price: float) -> None:
    """As above, and more units at 0.4 each: 30 + 50 x 0.6, all bought; or 30 + 70 x 0.6, and a price of 0.4."""
    arm = KnownArm(np.random.default_rng(0), weeks=1, resources=1, states=1, actions=2)
    arm.reward[:] = [[0.0], [1.0]]
    arm.need[:] = [[[0.0]], [[1.0]]]
    arm.start[:] = 100.0
    more = Purchase("more", 0.4, np.array([[1.0]]), limit)
    mix = solve_master([arm], np.array([[30.0]]), purchases=[more], tolerance=1e-9)
    assert mix.value == pytest.approx(value)
    assert mix.ceiling == pytest.approx(value, rel=1e-3)
    assert mix.bought[0] == pytest.approx(min(limit, 70.0))
    assert price * 0.99 <= mix.prices[0, 0] <= price * 1.01


def test_people_chosen_with_the_treatments_earn_at_least_what_given_people_do(book: Portfolio) -> None:
    resources, weeks = Resources.default(book), 12
    given = optimise(book, Scenario.baseline(), resources, weeks=weeks, max_rounds=30)
    chosen = optimise(book, Scenario.baseline(), resources, weeks=weeks, max_rounds=30, people="chosen")
    calendar = given.model.calendar
    days = np.flatnonzero(calendar.working[: 7 * weeks])
    discount = ((1 + resources.discount_a_year) ** (-(days + 0.5) / 365)).sum()
    wages = sum(team.people * team.hour_cost * resources.hours for team in resources.teams.values()) * discount
    assert chosen.value >= given.value - wages - 0.02 * given.gain
    assert chosen.value <= chosen.bound
    assert chosen.headcount is not None
    assert (chosen.headcount["people"] >= -1e-9).all()
    assert given.headcount is None


def test_with_hidden_states_sweeps_find_what_brute_force_finds(book: Portfolio) -> None:
    """Two weeks, one late account: every table over the states it can reach is tried."""
    accounts = book.accounts
    late = accounts[(accounts["dpd"] == accounts["dpd"][accounts["dpd"] > 40].min())].head(1)
    one = book.subset(accounts.index.isin(late.index))
    catalogue = Catalogue(tuple(Catalogue.default()[name] for name in ("wait", "call")))
    model = build_model(one, Scenario.baseline(), Resources.default(book), weeks=2, catalogue=catalogue)
    group = ChainGroup(model, model.segments[0])
    prices = np.zeros_like(model.capacity)
    prices[1] = 0.004 * model.segments[0].mean_instalment  # dear enough that calling is not always right
    found = group.improve(prices, group.nothing(), 10)
    best = found.value - (found.use * prices).sum()
    everywhere = np.where(catalogue.allowed()[1], 1, 0).astype(np.int8)
    _, mu, _, _ = group.evaluate(np.stack([everywhere, everywhere]))
    cells = [(t, s) for t in range(2) for s in range(PLAN) if mu[t, s].sum() > 1e-12 and catalogue.allowed()[1, s]]
    cells = sorted(cells, key=lambda cell: -mu[cell[0], cell[1]].sum())[:10]
    values = []
    for choice in itertools.product((0, 1), repeat=len(cells)):
        policy = found.policy.copy()
        for (t, s), action in zip(cells, choice, strict=True):
            policy[t, s] = action
        column = group.evaluate(policy)[0]
        values.append(column.value - (column.use * prices).sum())
    assert len(values) == 2 ** len(cells)
    assert best == pytest.approx(max(values), rel=1e-9)
    assert max(values) - min(values) > 1e-6 * abs(best)  # the choice matters
    assert group.ceiling(prices) >= max(values) - 1e-9 * abs(best)


def test_going_forward_and_going_back_give_the_same_value(model: Model) -> None:
    champion = np.repeat(Strategy.champion().tables[0], model.weeks, axis=0)
    for segment in model.segments[::5]:
        group = ChainGroup(model, segment)
        column, mu, nu, _ = group.evaluate(champion)
        policy = champion.copy()
        prices = np.zeros_like(model.capacity)
        back = sweep(
            model.chain.kernel, model.terms, segment.series, prices, mu, nu, segment.faith, segment.mean_instalment,
            segment.end, policy, np.zeros((0, 0, 0, 0)),
        )  # fmt: skip
        value = float((segment.instalments * back[:, 0]).sum() - (segment.accounts * back[:, 1]).sum())
        assert value == pytest.approx(group.evaluate(policy)[0].value, rel=1e-11)
        assert value >= column.value - 1e-9 * abs(column.value)  # and a sweep never makes a policy worse


def test_carrying_all_flags_at_once_gives_what_one_state_at_a_time_gives(model: Model) -> None:
    """The quick inner loop against the plain one, at prices, in every open state."""
    segment = model.segments[0]
    group = ChainGroup(model, segment)
    prices = np.full_like(model.capacity, 0.3)
    column = group.improve(prices, group.nothing(), 2)
    _, mu, nu, _ = group.evaluate(column.policy)
    keep = np.zeros((model.weeks, len(segment.faith), 2, 8))
    policy = column.policy.copy()
    kernel, terms, series = model.chain.kernel, model.terms, segment.series
    sweep(
        kernel, terms, series, prices, mu, nu, segment.faith, segment.mean_instalment, segment.end, policy, keep
    )  # fmt: skip
    q = np.zeros((2, 8))
    t = 3
    for s in range(PLAN):
        scores = []
        for action in range(len(model.catalogue)):
            if not terms.allowed[action, s]:
                scores.append(-np.inf)
                continue
            action_values(kernel, terms, series, prices, t, keep[t], s, action, q)
            m, n = mu[t, s], nu[t, s]
            if m.sum() <= 1e-9:
                m, n = segment.faith[s], segment.faith[s] * segment.mean_instalment
            scores.append(float(n @ q[0] - m @ q[1]))
        assert scores[policy[t, s]] == pytest.approx(max(scores), rel=1e-9, abs=1e-9)


def test_no_capacity_gives_the_value_of_doing_nothing(book: Portfolio) -> None:
    none = Resources.default(book).model_copy(update={"teams": {}, "legal_slots_a_week": 0.0, "messages_a_week": 0.0})
    plan = optimise(book, Scenario.baseline(), none, weeks=6, max_rounds=20)
    assert plan.gain == pytest.approx(0.0, abs=1e-6 * abs(plan.value))


def test_ample_capacity_gives_the_unconstrained_optimum(book: Portfolio) -> None:
    resources = Resources.default(book)
    teams = {name: team.model_copy(update={"people": 10_000.0}) for name, team in resources.teams.items()}
    ample = resources.model_copy(update={"teams": teams, "legal_slots_a_week": 1e6})
    plan = optimise(book, Scenario.baseline(), ample, weeks=6, max_rounds=16, tolerance=1e-9)
    free = np.zeros_like(plan.model.capacity)
    alone = [ChainGroup(plan.model, segment) for segment in plan.model.segments]
    best = sum(group.improve(free, group.nothing(), 20).value for group in alone)
    assert plan.value == pytest.approx(best, rel=1e-7)
    assert not plan.mix.prices.any()


def test_a_plan_lies_between_doing_nothing_and_its_bound_and_within_capacity(book: Portfolio) -> None:
    plan = optimise(book, Scenario.severe(), Resources.default(book), weeks=12, max_rounds=25)
    assert plan.nothing <= plan.value <= plan.bound
    use = sum(
        w * c.use
        for cs, ws in zip(plan.mix.columns, plan.mix.weights, strict=True)
        for c, w in zip(cs, ws, strict=True)
    )
    assert (use <= plan.model.capacity * (1 + 1e-6)).all()
    assert plan.strategy.tables.shape[0] == sum(len(columns) for columns in plan.mix.columns)


def test_lateness_by_itself_neither_makes_nor_loses_instalments(model: Model) -> None:
    """Nobody falls ill and money has no interest: an account with the same due dates is worth the same however late."""
    segment = next(s for s in model.segments if s.series.closing[:, 1].max() > 0.05)
    weeks = model.weeks
    calm = segment.series._replace(loss=np.zeros(weeks), discount=np.ones(weeks))
    group_keep = np.zeros((weeks, len(segment.faith), 2, 8))
    mu = np.zeros((weeks + 1, len(segment.faith), 8))
    policy = np.zeros((weeks, len(segment.faith)), np.int8)
    only_wait = model.terms._replace(allowed=model.terms.allowed & (np.arange(len(model.catalogue)) == 0)[:, None])
    sweep(
        model.chain.kernel, only_wait, calm, np.zeros_like(model.capacity), mu, mu, segment.faith, 1.0, segment.end,
        policy, group_keep,
    )  # fmt: skip
    from simcollect.behaviour.states import open_state

    due_week = 3
    prompt = [group_keep[due_week + w - 1, open_state(w, 0, 0, 0), 0, 0] for w in (-1, 0, 1, 2, 3, 4)]
    assert np.ptp(prompt) < 0.01 * prompt[0]
