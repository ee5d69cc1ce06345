"""The plan at run time: what it believes is true of as many accounts as it says, and acting on it pays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation import Plan, optimise
from simcollect.optimisation.again import plan_again
from simcollect.optimisation.policy import PlanPolicy
from simcollect.optimisation.recursion import action_values
from simcollect.optimisation.worth import action_worths
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, simulate
from simcollect.simulation.run import Setting
from simcollect.strategy import Decision, Learner, Resources, Strategy, usual_prior
from simcollect.strategy.compliance import Caps
from simcollect.stressing import compare

WEEKS, SORTS, COPIES = 10, 5000, 8000


@pytest.fixture(scope="module")
def book() -> Portfolio:
    """Return a book of all sorts, and after them thousands of copies of one account that is 15 days late."""
    sorts = Portfolio.synthetic(SORTS, seed=3)
    one = sorts.accounts[(sorts.accounts["dpd"] == 15) & sorts.accounts["consent_sms"]].head(1)
    copies = pd.concat([one] * COPIES, ignore_index=True)
    copies["account_id"] = [f"C{n:05d}" for n in range(COPIES)]
    return replace(sorts, accounts=pd.concat([sorts.accounts, copies], ignore_index=True))


@pytest.fixture(scope="module")
def plan(book: Portfolio) -> Plan:
    return optimise(book, Scenario.baseline(), Resources.default(book), weeks=WEEKS, max_rounds=12)


@dataclass
class Auditor:
    """A policy that notes what another believes at each review, and what is true of the account at that moment."""

    inner: PlanPolicy
    every_days: int | None = None
    sim: list[Simulation] = field(default_factory=list)
    notes: list[pd.DataFrame] = field(default_factory=list)

    def begin(self, book: pd.DataFrame) -> Auditor:
        return Auditor(self.inner.begin(book), None, self.sim, self.notes)

    def survey(self, book: pd.DataFrame) -> None:
        raise AssertionError("nobody asked for it")

    def beliefs(self, book: pd.DataFrame) -> np.ndarray:
        return self.inner.beliefs(book)

    def decide(self, view: pd.DataFrame) -> Decision:
        before = self.inner._memory.state[view["account"]]
        decision = self.inner.decide(view)
        sim = self.sim[0]
        place = np.argsort(sim._order)[view["account"]]
        acc = sim._acc[place]
        note = view[["account", "day", "state"]].assign(
            before=before, action=decision.actions, truth=4 * acc["strained"].astype(int) + acc["disposition"]
        )
        note[list(range(N_HIDDEN))] = self.inner._memory.belief[view["account"]]
        self.notes.append(note)
        return decision


def audit(book: Portfolio, plan: Plan) -> pd.DataFrame:
    """Run a plan and return every review: belief, and the truth."""
    behaviour = Behaviour.default()
    policy = plan.policy(again_weeks=None).policy
    assert isinstance(policy, PlanPolicy)
    auditor = Auditor(policy)
    strategy = replace(plan.policy(again_weeks=None), policy=auditor)
    setting = Setting(
        book, strategy, Scenario.baseline(), Resources.default(book), behaviour, usual_prior(behaviour),
        Caps.of_country(book.country), 1, 7 * plan.weeks, False, False, (),
    )  # fmt: skip
    sim = Simulation.__new__(Simulation)
    auditor.sim.append(sim)
    sim.__init__(setting, 0)  # type: ignore[misc]
    sim.run()
    return pd.concat(auditor.notes, ignore_index=True)


@pytest.fixture(scope="module")
def audited(book: Portfolio, plan: Plan) -> pd.DataFrame:
    return audit(book, plan)


@pytest.fixture(scope="module")
def reviews(audited: pd.DataFrame) -> pd.DataFrame:
    return audited[audited["account"] < SORTS]


def test_of_accounts_said_to_be_strained_with_some_probability_as_many_are(reviews: pd.DataFrame) -> None:
    """One review an account and month, so that an account does not count many times over for the same belief."""
    late = reviews[reviews["day"] >= 28].groupby(["account", reviews["day"] // 28]).head(1)
    said = late[list(range(4, 8))].sum(axis=1)
    true = late["truth"] >= 4
    for low, high in ((0.0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.01)):
        inside = (said >= low) & (said < high)
        p, n = said[inside].mean(), inside.sum()
        assert n > 30
        assert abs(true[inside].mean() - p) < 3.5 * np.sqrt(p * (1 - p) / n) + 0.015, (low, p, true[inside].mean(), n)


def test_of_each_disposition_there_are_as_many_as_believed(reviews: pd.DataFrame) -> None:
    """The same accounts come back month after month: noise is that of their number, not of the reviews'."""
    late = reviews[reviews["day"] >= 28].groupby(["account", reviews["day"] // 28]).head(1)
    accounts = late["account"].nunique()
    for d in range(4):
        said = late[d] + late[4 + d]
        p, true = said.mean(), (late["truth"] % 4 == d).mean()
        assert abs(true - p) < 3.5 * np.sqrt(p * (1 - p) / accounts)


def test_watching_tells_more_than_the_state_alone(reviews: pd.DataFrame, plan: Plan, book: Portfolio) -> None:
    late = reviews[(reviews["day"] >= 42) & (reviews["state"] < PLAN)]
    faith = np.stack([segment.faith for segment in plan.model.segments])
    truth = late["truth"].to_numpy()
    row = np.arange(len(late))
    by_state = faith[plan.model.segmentation.codes[late["account"]], late["state"]][row, truth]
    watched = late[list(range(N_HIDDEN))].to_numpy()[row, truth]
    assert -np.log(watched).mean() < -np.log(by_state).mean() - 0.05


def test_copies_of_one_account_with_one_history_are_what_bayes_says(audited: pd.DataFrame) -> None:
    """Bayes' rule by brute force: of thousands of copies, those seen alike so far share the truth out as believed."""
    notes = audited[audited["account"] >= SORTS].sort_values(["account", "day"])
    visit = notes.groupby("account").cumcount().to_numpy()
    steps = np.full((COPIES, 4), -1)
    row, early = notes["account"].to_numpy() - SORTS, visit < 4
    steps[row[early], visit[early]] = (notes["day"] * N_STATES + notes["state"]).to_numpy()[early]
    belief, truth, checked = notes[list(range(N_HIDDEN))].to_numpy(), notes["truth"].to_numpy(), 0
    for v in range(4):
        # What was seen up to this review, not after it: what comes later tells of the truth too.
        _, history = np.unique(steps[:, : v + 1], axis=0, return_inverse=True)
        for one in np.flatnonzero(np.bincount(history) >= 200):
            alike = (visit == v) & (history[row] == one)
            if not alike.any():
                continue
            said, true = belief[alike].mean(axis=0), np.bincount(truth[alike], minlength=N_HIDDEN) / alike.sum()
            noise = np.sqrt(np.maximum(said * (1 - said), 1e-4) / alike.sum())
            assert (np.abs(true - said) < 4 * noise + 0.03).all(), (v, steps[row[alike][0]], alike.sum(), said, true)
            checked += 1
    assert checked >= 8


def test_the_table_of_worths_is_the_recursion_state_by_state(plan: Plan) -> None:
    model, g, t = plan.model, 0, 3
    segment, later = model.segments[g], plan.values_later(0)[3]
    out = np.empty((N_STATES, len(model.catalogue), 2, N_HIDDEN))
    action_worths(model.chain.kernel, model.terms, segment.series, plan.mix.prices, t, later, out)
    q = np.empty((2, N_HIDDEN))
    week = model.chain.kernel.week_of
    for s in range(PLAN):
        if week[s] < -1:
            continue
        for a in range(len(model.catalogue)):
            if not model.terms.allowed[a, s]:
                assert np.isinf(out[s, a, 1]).all()
                continue
            action_values(model.chain.kernel, model.terms, segment.series, plan.mix.prices, t, later, s, a, q)
            assert out[s, a] == pytest.approx(q, rel=1e-9, abs=1e-9)


def test_nothing_hidden_is_in_what_a_policy_sees(book: Portfolio, plan: Plan) -> None:
    seen: list[set[str]] = []

    class Looker(PlanPolicy):
        def begin(self, book: pd.DataFrame) -> PlanPolicy:
            seen.append(set(book.columns))
            return super().begin(book)

    policy = plan.policy(again_weeks=None).policy
    assert isinstance(policy, PlanPolicy)
    strategy = replace(plan.strategy, policy=Looker(policy.model, policy.course))
    assert isinstance(strategy.policy, Learner)
    simulate(book, strategy, Scenario.baseline(), days=1, seed=1)
    assert not seen[0] & {"strained", "disposition", "hidden", "clock", "key"}


def test_each_run_begins_afresh_whatever_runs_beside_it(book: Portfolio, plan: Plan) -> None:
    strategy = plan.policy(again_weeks=4)
    runs = [
        simulate(book, strategy, Scenario.baseline(), days=29, seed=2, replications=2, jobs=jobs).daily["cash"]
        for jobs in (1, 2)
    ]
    assert (runs[0] == runs[1]).all()


def test_planning_again_keeps_every_account_and_the_weeks_that_are_left(book: Portfolio, plan: Plan) -> None:
    policy = plan.policy(again_weeks=4).policy
    assert isinstance(policy, PlanPolicy)
    books: list[pd.DataFrame] = []

    class Keeper(PlanPolicy):
        def begin(self, book: pd.DataFrame) -> PlanPolicy:
            books.append(book)
            return super().begin(book)

    strategy = replace(plan.strategy, policy=Keeper(policy.model, policy.course))
    simulate(book, strategy, Scenario.baseline(), days=1, seed=1, resources=Resources.default(book))
    run = policy.begin(books[0])
    again = plan_again(plan.model, policy.course, 4, run._seen(books[0]), run.beliefs(books[0]))
    assert again.model.weeks == WEEKS - 4
    assert again.capacity.shape == again.prices.shape == (len(plan.model.capacity), WEEKS - 4)
    for before, after, columns in zip(plan.model.segments, again.model.segments, again.columns, strict=True):
        assert after.accounts.sum() == pytest.approx(before.accounts.sum())
        assert after.instalments.sum() == pytest.approx(before.instalments.sum())
        assert after.accounts.sum(axis=1) == pytest.approx(before.accounts.sum(axis=1))
        assert len(after.series.season) == WEEKS - 4
        assert columns[0].policy.shape == (WEEKS - 4, N_STATES)
    with pytest.raises(InputError, match="again_weeks must be 1 or more"):
        plan.policy(again_weeks=0)


def test_the_policy_earns_more_than_the_champion_and_no_more_than_the_bound(book: Portfolio, plan: Plan) -> None:
    ways = [Strategy.named("do_nothing"), Strategy.champion(), plan.policy(again_weeks=None)]
    result = compare(
        book, ways, Scenario.baseline(), days=7 * WEEKS, replications=3, seed=5, model=plan.model,
        resources=Resources.default(book),
    )  # fmt: skip
    value = {name: result._of(name)["value"] for name in ("do_nothing", "champion", "plan")}
    gain = value["plan"] - value["do_nothing"]
    assert (value["plan"] > value["champion"]).all()
    assert gain.mean() - 2 * gain.std() / np.sqrt(len(gain)) < plan.bound - plan.nothing


def test_beliefs_come_out_of_a_run_and_into_an_explanation(book: Portfolio, plan: Plan) -> None:
    run = simulate(book, plan.policy(again_weeks=None), Scenario.baseline(), days=28, seed=1)
    beliefs = run.beliefs()
    assert list(beliefs.index) == list(book.accounts["account_id"])
    assert beliefs.sum(axis=1).to_numpy() == pytest.approx(1.0)
    late = book.accounts.loc[book.accounts["dpd"].between(30, 60), "account_id"].iloc[0]
    sure = np.eye(N_HIDDEN)[4]
    assert plan.explain(book, late, sure).causes["short of money"] == 1.0
    assert plan.explain(book, late, beliefs.loc[late]).causes.sum() == pytest.approx(1.0)
    with pytest.raises(InputError, match="8 probabilities"):
        plan.explain(book, late, [0.5, 0.5])
    with pytest.raises(InputError, match="keeps no beliefs"):
        simulate(book.head(50), Strategy.champion(), Scenario.baseline(), days=7, seed=1).beliefs()
