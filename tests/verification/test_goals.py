"""Goals: every objective against the whole LP, prices against differences, limits kept, what cannot be met named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, vstack

import simcollect as sc
from simcollect.behaviour.classes import N_BEHAVIOURS, UNWILLING
from simcollect.behaviour.states import AGENCY, CLOSED, FIRST_WEEK, LAST_WEEK, LEGAL, LEVELS, N_WEEKS, PLAN, open_state
from simcollect.behaviour.week import ATTEMPTS, MESSAGES
from simcollect.errors import InfeasibleError, InputError, SolverError
from simcollect.optimisation import solver
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.goalgroup import GoalGroup
from simcollect.optimisation.measures import INDEX
from simcollect.optimisation.model import Model, Segment, build_model
from simcollect.optimisation.problem import Problem, Solved
from simcollect.optimisation.restarted import RestartedMaster
from simcollect.optimisation.tradeoff import curve_of
from simcollect.strategy import Catalogue, Goal

WEEKS = 4
EXACT = {"tolerance": 1e-5, "max_rounds": 100}


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
    """Three segments in which nothing is hidden: everyone is unwilling and stays able; one instalment a segment."""

    def bare(segment: Segment) -> Segment:
        known = np.zeros_like(segment.faith)
        known[:, UNWILLING] = 1.0
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
        start = self._aged(group, {s: m for s, m in enumerate(segment.accounts[:, UNWILLING]) if m > 0})
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
                            after = group.after[INDEX[name], :, :, UNWILLING]
                            worth = segment.mean_instalment * after[:, 0] - after[:, 1]
                            to = "value" if name == "book" else name
                            adds[to] = adds.get(to, 0.0) + sum(p * worth[d] for d, p in ends.items())
                    self.columns.append(adds)
                    self.weeks.append(t)

    def _week(
        self, group: GoalGroup, t: int, s: int, action: int
    ) -> tuple[dict[str, float], list[tuple[int, float]], dict[int, float]]:
        kernel, terms, series = group.model.chain.kernel, group.model.terms, group.segment.series
        unit, balance, k = group.segment.mean_instalment, series.balance[t], series.season[t]
        ends: dict[int, float] = {}
        if s >= PLAN or kernel.legal[action]:
            at = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + UNWILLING
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
        at = ((action * N_WEEKS + w - FIRST_WEEK) * LEVELS + a) * N_BEHAVIOURS + UNWILLING
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
        for limits, sign in ((goal.at_most_weekly, 1.0), (goal.at_least_weekly, -1.0)):
            for name, amount in limits.items():
                for t in range(weeks):
                    a_ub.append(coo_matrix(sign * (self.total(name) * (np.array(self.weeks) == t))[None]))
                    b_ub.append(np.array([sign * amount]))
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
        Goal("cost", at_least_weekly={"contacts": 3}),
        Goal("value", at_most_weekly={"contacts": 9}, at_least_weekly={"contacts": 5}),
    ],
    ids=repr,
)
def test_with_nothing_hidden_each_objective_is_that_of_the_whole_lp(
    seen: Problem, whole: WholeLP, reach: dict[str, float], goal: Goal
) -> None:
    """Recovery targets are given as shares of the way from doing nothing to the most there is."""
    floor = {k: reach["nothing"] + v * (reach["most"] - reach["nothing"]) for k, v in goal.at_least.items()}
    goal = replace(goal, at_least=floor)
    exact = whole.best(goal)
    solved = seen.solve(goal, **EXACT)
    gain = max(abs(exact - solved.nothing), 1e-9 * abs(exact))
    assert solved.mix.value == pytest.approx(exact, rel=1e-6, abs=1e-4 * gain)
    assert solved.mix.value <= exact + 1e-6 * abs(exact) + 1e-6 * gain
    assert solved.mix.estimate == pytest.approx(exact, rel=1e-6, abs=1e-4 * gain)
    assert solved.mix.ceiling >= exact - 1e-6 * gain  # it may use what the plan leaves free of a shift
    if solved.weighing is not None and solved.mix.columns[0][0].totals is not None:
        reached = totals(solved)
        assert all(reached[name] <= amount * (1 + 1e-6) for name, amount in goal.at_most.items())
        assert all(reached[name] >= amount * (1 - 1e-6) for name, amount in goal.at_least.items())


def test_a_goal_that_changes_nothing_changes_nothing(hidden: Model) -> None:
    """Week by week with weights, or all at once: the same columns, gains and bound, hidden causes and all."""
    few = replace(hidden, segments=hidden.segments[::9])
    groups = Problem(few).goal_groups
    prices = np.random.default_rng(0).uniform(0, 3, hidden.capacity.shape)
    for g, segment in enumerate(few.segments):
        plain = ChainGroup(few, segment)
        own, other = (group.improve(prices, group.nothing(), 2) for group in (groups[g], plain))
        assert np.array_equal(own.policy, other.policy)
        assert own.value == pytest.approx(other.value, rel=1e-12)
        assert groups[g].ceiling(prices) == pytest.approx(plain.ceiling(prices), rel=1e-12)
        _, mu, nu, _ = plain.evaluate(own.policy)
        kept = np.zeros((2, WEEKS, len(segment.faith), 2, 8))
        for group, keep in zip((groups[g], plain), kept, strict=True):
            group.sweep_back(prices, mu, nu, own.policy.copy(), keep)
        np.testing.assert_allclose(kept[0], kept[1], rtol=1e-10, atol=1e-9)
        pairs = zip((groups[g], plain), kept, strict=True)
        gains = [group.gains(prices, mu, nu, keep) for group, keep in pairs]
        np.testing.assert_allclose(gains[0], gains[1], rtol=1e-7, atol=1e-9)


def test_what_follows_the_plan_is_what_a_longer_plan_counts(book: sc.Portfolio, hidden: Model) -> None:
    """Left alone for four weeks and the two years after, or for all those weeks in a plan of that length."""
    wait = Catalogue((Catalogue.default()["wait"],))
    models = [
        build_model(book, sc.Scenario.baseline(), hidden.resources, weeks=weeks, catalogue=wait)
        for weeks in (WEEKS, WEEKS + 104)
    ]
    few = [Problem(replace(model, segments=model.segments[14:15])) for model in models]
    short, whole_ = (problem.goal_groups[0].nothing().totals for problem in few)
    assert short is not None
    assert whole_ is not None
    for name in ("recovery", "charge_off", "loss"):
        assert whole_[INDEX[name], :-1].sum() == pytest.approx(short[INDEX[name]].sum(), rel=2e-3), name
    assert short[INDEX["charge_off"], -1] > 0
    assert short[INDEX["cash"], -1] == 0


def with_more(problem: Problem, row: int, week: int, amount: float) -> Problem:
    capacity = problem.model.capacity.copy()
    capacity[row, week] += amount
    return Problem(replace(problem.model, capacity=capacity), problem.people)


def test_prices_are_what_a_little_more_is_worth(seen: Problem) -> None:
    """Some more minutes of a team, one more contact: the gain is at most the price, the loss of as many at least."""
    base = seen.solve(Goal(at_most={"contacts": 150}), **EXACT)
    row, week = np.unravel_index(np.argmax(base.prices[:4] * seen.model.capacity[:4]), base.prices[:4].shape)
    step, price = 0.05 * seen.model.capacity[row, week], base.prices[row, week] * 0.95  # headroom stays free
    more = with_more(seen, row, week, step).solve(Goal(at_most={"contacts": 150}), **EXACT).mix.value - base.mix.value
    less = base.mix.value - with_more(seen, row, week, -step).solve(Goal(at_most={"contacts": 150}), **EXACT).mix.value
    noise = 1e-4 * (base.mix.value - base.nothing)
    assert price > 0
    assert more <= price * step + noise
    assert less >= price * step - noise
    assert more == pytest.approx(price * step, rel=0.3, abs=noise)
    contact = base.prices[base.weighing.first, 0]
    more = seen.solve(Goal(at_most={"contacts": 151}), **EXACT).mix.value - base.mix.value
    assert contact > 0
    assert more == pytest.approx(contact, rel=0.2, abs=noise)


@pytest.mark.parametrize(("of", "against", "bend"), [("recovery", "contacts_per_account", -1), ("cost", "recovery", 1)])
def test_a_trade_off_rises_and_bends_one_way(seen: Problem, of: str, against: str, bend: int) -> None:
    curve = curve_of(seen, of, against, 6, Goal(), {"tolerance": 1e-3, "max_rounds": 40, "progress": None})
    amount, best = curve[against].to_numpy(), curve[of].to_numpy()
    slope = np.diff(best) / np.diff(amount)
    reach = np.ptp(best)
    assert reach > 0
    assert (np.diff(best) >= -1e-6 * reach).all()
    assert (bend * np.diff(slope) >= -1e-6 * np.abs(slope).max()).all()
    # The price at a point lies between the slopes on its two sides.
    inner = curve["price"].to_numpy()[1:-1]
    low, high = np.minimum(slope[:-1], slope[1:]), np.maximum(slope[:-1], slope[1:])
    assert ((inner >= low * (1 - 1e-3)) & (inner <= high * (1 + 1e-3))).all()
    assert (bend * (best - curve["bound"]) >= -1e-6 * reach).all()


def test_a_floor_above_a_cap_is_refused_at_once() -> None:
    with pytest.raises(InfeasibleError, match="recovery at least 9 and recovery at most 5: the floor lies above"):
        Goal(at_least={"recovery": 9}, at_most={"recovery": 5})


def test_a_target_out_of_reach_names_what_collides_and_what_can_be_met(seen: Problem, reach: dict[str, float]) -> None:
    beyond = reach["most"] + (reach["most"] - reach["nothing"])
    with pytest.raises(InfeasibleError, match="recovery at least") as refused:
        seen.solve(Goal("cost", at_least={"recovery": beyond}), tolerance=1e-3, max_rounds=30)
    nearest = refused.value.nearest["recovery"]
    assert "it is proven that none can" in str(refused.value)
    assert nearest == pytest.approx(reach["most"], abs=0.01 * (reach["most"] - reach["nothing"]))
    met = seen.solve(Goal("cost", at_least={"recovery": nearest}), tolerance=1e-3, max_rounds=30)
    assert totals(met)["recovery"] >= nearest * (1 - 1e-9)


def test_two_limits_that_collide_are_both_named_and_either_can_give_way(seen: Problem, reach: dict[str, float]) -> None:
    target = reach["nothing"] + 0.8 * (reach["most"] - reach["nothing"])
    asked = Goal(at_least={"recovery": target}, at_most={"contacts": 5, "complaints": 1000})
    with pytest.raises(InfeasibleError) as refused:
        seen.solve(asked, tolerance=0.01, max_rounds=25)
    found = refused.value
    assert {"contacts at most 5", f"recovery at least {target:,.0f}"} <= set(found.limits)
    assert not any("complaints" in limit for limit in found.limits)
    assert found.nearest["contacts"] > 5
    assert reach["nothing"] < found.nearest["recovery"] < target
    for eased in (
        Goal(at_least=asked.at_least, at_most={"contacts": found.nearest["contacts"]}),
        Goal(at_least={"recovery": found.nearest["recovery"]}, at_most=asked.at_most),
    ):
        seen.solve(eased, tolerance=0.1, max_rounds=25)


def test_a_solver_that_stops_early_or_lies_is_never_success(seen: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    goal, true = Goal("recovery", at_most={"cost": 40}), solver.linprog
    # The programme kept between rounds gives up; what is asked instead must not be believed either.
    monkeypatch.setattr(RestartedMaster, "_proven", lambda *_: False)

    def stopped(status: int, shift: float = 0.0) -> None:
        def fake(*args: object, **kwargs: object) -> object:
            result = true(*args, **kwargs)
            result.status = status
            result.x = result.x + shift
            return result

        monkeypatch.setattr(solver, "linprog", fake)
        with pytest.raises(SolverError, match="nothing was planned"):
            seen.solve(goal, tolerance=1e-3, max_rounds=15)

    for status in (1, 4):  # iterations or time ran out; numerical difficulties
        stopped(status)
    stopped(0, shift=1.0)  # "optimal", at a point that breaks the limits
    monkeypatch.setattr(solver, "linprog", true)
    monkeypatch.setattr(solver, "TIME_LIMIT", 0.0)
    with pytest.raises(SolverError, match="nothing was planned"):
        seen.solve(goal, tolerance=1e-3, max_rounds=15)


def test_overtime_seats_and_messages_are_bought_as_far_as_they_pay_and_are_there(seen: Problem) -> None:
    resources = seen.model.resources
    teams = {
        name: team.model_copy(update={"hour_cost": 1.0, "overtime_hours": 10.0, "seats": 0.002, "seat_cost": 100.0})
        for name, team in resources.teams.items()
    }
    more = resources.model_copy(
        update={"teams": teams, "extra_messages_a_week": 5.0, "extra_message_cost": 0.01, "messages_a_week": 3.0}
    )
    few = seen.model.capacity.copy()
    few[4] = 3.0
    model = replace(seen.model, resources=more, capacity=few)
    problem = Problem(model)
    solved = problem.solve(Goal(), tolerance=1e-6, max_rounds=60)
    bare = Problem(replace(model, resources=resources)).solve(Goal(), tolerance=1e-6, max_rounds=60)
    assert solved.mix.value > bare.mix.value
    kinds = {item.kind for item, amount in zip(problem.items, solved.mix.bought, strict=True) if amount > 1e-6}
    assert kinds == {"overtime", "seats", "messages"}
    for item, amount in zip(problem.items, solved.mix.bought, strict=True):
        assert -1e-9 <= amount <= item.limit + 1e-6
        worth = float((solved.prices[: len(item.capacity)] * item.capacity).sum())
        if amount < item.limit - 1e-6:  # more was to be had, so it is worth no more than it costs
            assert worth <= item.discounted * 1.05 + 1e-6
        if amount > 1e-6:
            assert worth >= item.discounted * 0.95 - 1e-6


def test_overtime_needs_people_where_these_are_chosen(seen: Problem) -> None:
    resources = seen.model.resources
    teams = {name: team.model_copy(update={"overtime_hours": 6.0}) for name, team in resources.teams.items()}
    problem = Problem(replace(seen.model, resources=resources.model_copy(update={"teams": teams})), "chosen")
    solved = problem.solve(Goal("recovery", at_most={"headcount": 0.02}), tolerance=1e-3, max_rounds=30)
    people, overtime = np.zeros((4, WEEKS)), np.zeros((4, WEEKS))
    heads = 0.0
    for item, amount in zip(problem.items, solved.mix.bought, strict=True):
        row = ("early", "late", "desk", "field").index(item.team)
        heads += item.heads * amount
        if item.kind == "people":
            people[row] += amount * item.linked[1]
        else:
            overtime[row, int(item.period)] += amount
    assert heads == pytest.approx(0.02, rel=1e-6)
    assert overtime.sum() > 0
    assert (overtime <= people + 1e-9).all()


def test_a_floor_of_each_week_holds_in_each_week_or_says_what_can_be_met(seen: Problem) -> None:
    goal = Goal("cost", at_least_weekly={"contacts": 3})
    solved = seen.solve(goal, **EXACT)
    weekly = sum(
        share * column.totals[INDEX["contacts"], :-1]
        for columns, shares in zip(solved.mix.columns, solved.mix.weights, strict=True)
        for column, share in zip(columns, shares, strict=True)
        if column.totals is not None
    )
    assert np.min(weekly) == pytest.approx(3.0, rel=1e-6)  # contacts cost money: no more than asked
    with pytest.raises(InfeasibleError, match="contacts at least 5,000 a week") as caught:
        seen.solve(Goal("cost", at_least_weekly={"contacts": 5000}), **EXACT)
    assert 3 < caught.value.nearest["contacts"] < 5000
    with pytest.raises(InfeasibleError, match="3 a week and contacts at most 2 a week: the floor lies above"):
        Goal(at_least_weekly={"contacts": 3}, at_most_weekly={"contacts": 2})


def test_misspelt_or_senseless_goals_are_refused_in_words(seen: Problem) -> None:
    with pytest.raises(InputError, match="did you mean recovery"):
        Goal("recover")
    with pytest.raises(InputError, match="did you mean contacts_per_account"):
        Goal(at_most={"contact_per_account": 2})
    with pytest.raises(InputError, match="no limit is called headcount"):
        Goal(at_most_weekly={"headcount": 2})
    with pytest.raises(InputError, match="from 0 on"):
        Goal(at_least={"recovery": float("nan")})
    with pytest.raises(ValueError, match="did you mean complaints"):
        sc.Resources(teams={}, at_most={"complaint": 2})
    with pytest.raises(InputError, match='needs people="chosen"'):
        seen.solve(Goal(at_most={"headcount": 2}), **EXACT)
