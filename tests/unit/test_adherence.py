"""Who kept to the strategy's deadlines, checked against a count of its own from the event log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour.opening import OPEN
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, SimulationResult, engine, simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team
from simcollect.strategy.strategy import StageOwner, StrategyFile

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
DAYS = 110
FEW = Resources(teams={team: Team(people=0.5, hour_cost=10) for team in TEAMS}, legal_slots_a_week=2)
WAYS = [
    {"when": {"weeks": [-1, 1]}, "do": "sms"},
    {"when": {"weeks": [14, 25], "flag": ["refusal", "promise broken"]}, "do": "legal"},
    {"when": {"weeks": [2, 25]}, "do": "call"},
]
# With a gap (61 to 90) and nothing after 150.
OWNERS = [
    ("before due", -7, 0, "reminder system", 4),
    ("first fortnight", 1, 13, "reminder system", 2),
    ("early", 14, 34, "early team", 5),
    ("late", 35, 60, "late team", 3),
    ("law", 91, 150, "law firm", 14),
]
STAGES = [dict(zip(("stage", "from_dpd", "to_dpd", "owner", "deadline_days"), row, strict=True)) for row in OWNERS]
WAY = StrategyFile.model_validate({"name": "no offers", "rules": WAYS, "owners": STAGES}).strategy()


@pytest.fixture(scope="module")
def book() -> Portfolio:
    whole = Portfolio.synthetic(6000, seed=2, as_of=date(2026, 5, 31))
    return whole.subset((whole.accounts["dpd"] > 5) | (whole.accounts.index < 300)).head(700)


@dataclass
class Positions:
    """Where each account stood at the start of each day, and at the end; arrays (days + 1, accounts)."""

    due: np.ndarray
    open: np.ndarray


def follow(sim: Simulation, seen: list[tuple[np.ndarray, np.ndarray]], sims: list[Simulation]) -> Generator[Any]:
    """Write down at the start of each day where the accounts stand."""
    sims.append(sim)
    while True:
        seen.append((sim._acc["due"].astype(int), sim._acc["mode"] == OPEN))
        yield sim.env.timeout(1)


@pytest.fixture(scope="module")
def observed(book: Portfolio) -> tuple[SimulationResult, Positions]:
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    sims: list[Simulation] = []
    run = simulate(
        book, WAY, FLAT, days=DAYS, seed=3, resources=FEW, events=True,
        processes=[lambda sim: follow(sim, seen, sims)],
    )  # fmt: skip
    acc, order = sims[0]._acc, np.argsort(sims[0]._order)
    seen.append((acc["due"].astype(int), acc["mode"] == OPEN))
    return run, Positions(*(np.stack(part)[:, order] for part in zip(*seen, strict=True)))


def stage(x: int) -> str:
    return next((name for name, first, last, _, _ in OWNERS if first <= x <= last), "")


def count_again(run: SimulationResult, seen: Positions, book: Portfolio) -> dict[str, Counter[str]]:
    """Count stage by stage from daily positions and the event log, one account and one day at a time."""
    acts = run.events[run.events["what"].isin(["message", "attempt", "handed to law"])]
    by_day = {key: set(part["what"]) for key, part in acts.groupby(["account_id", "day"])}
    deadline = {name: days for name, _, _, _, days in OWNERS}
    owner = {name: who for name, _, _, who, _ in OWNERS}
    found: dict[str, Counter[str]] = {name: Counter() for name in (*deadline, "")}

    def leave(at: tuple[str, int, int | None] | None, last: int, how: str) -> None:
        if at is None:
            return
        name, entered, contact = at
        out = found[name]
        out["accounts"] += 1
        if contact is None:
            out["breaches" if last - entered >= deadline.get(name, 0) else f"{how}_before_deadline"] += 1
        elif contact <= deadline.get(name, 0):
            out["in_time"] += 1
        else:
            out["breaches"] += 1
            out["late"] += 1

    for i, account in enumerate(book.accounts["account_id"]):
        place, watched = None, ""  # stage, day of entry, days to the first contact
        for t in range(DAYS):
            due, after = int(seen.due[t, i]), int(seen.due[t + 1, i])
            x = t - due
            charged_off = x % 7 == 0 and x >= 182
            if not seen.open[t, i] or charged_off:
                leave(place, t - 1, "left")
                place = None
                continue
            here = stage(x)
            if place is None and t == 0:
                # Only who comes in on the first day counts, not who is there already.
                place = (here, 0, None) if here and stage(x - 1) != here else None
                watched = here
            elif here != watched:
                leave(place, t - 1, "left")
                place, watched = (here, t, None), here
            team = "early team" if x // 7 < 5 else "late team"
            who = {"message": "reminder system", "attempt": team, "handed to law": "law firm"}
            doers = {who[what] for what in by_day.get((account, t), set())}
            if place is not None and place[2] is None and owner.get(here) in doers:
                place = (here, place[1], t - place[1])
            if not seen.open[t + 1, i]:
                leave(place, t, "left")
                place, watched = None, ""
            elif after != due and stage(t - after) != here:
                leave(place, t, "left")
                watched = stage(t - after)
                place = (watched, t, None)
        if place is not None:
            leave(place, DAYS - 1, "open")
    return found


def test_every_figure_comes_out_of_the_log_again(observed: tuple[SimulationResult, Positions], book: Portfolio) -> None:
    run, seen = observed
    table = run.adherence.set_index("stage")
    again = count_again(run, seen, book)
    figures = ["accounts", "in_time", "late", "breaches", "left_before_deadline", "open_before_deadline"]
    for name, *_ in OWNERS:
        assert table.loc[name, figures].to_dict() == {figure: again[name][figure] for figure in figures}, name
        assert table.loc[name, "accounts"] > 10


def test_the_parts_add_up_to_those_who_entered(observed: tuple[SimulationResult, Positions]) -> None:
    table = observed[0].adherence
    parts = table[["in_time", "breaches", "left_before_deadline", "open_before_deadline"]].sum(axis=1)
    assert (parts == table["accounts"]).all()
    assert (table["late"] <= table["breaches"]).all()
    assert (table["median_days"] <= table["p90_days"]).all()
    assert (table["untouched"] <= table["never"]).all()
    assert table.loc[table["owner"] != "law firm", "share_in_time"].between(0.2, 1.0).all()


def test_more_collectors_keep_the_deadline_better(book: Portfolio) -> None:
    shares = []
    for people in (0.05, 0.2, 10):
        staffed = FEW.model_copy(update={"teams": {"early": Team(people=people, hour_cost=10)}})
        run = simulate(book, WAY, FLAT, days=60, seed=3, resources=staffed)
        shares.append(run.adherence.set_index("stage").loc[["early", "late"], "share_in_time"].tolist())
    early, late = zip(*shares, strict=True)
    assert early[0] < early[1] < early[2]
    assert late == (0.0, 0.0, 0.0)  # nobody works there


def test_reminders_go_out_by_their_deadline_and_not_when_it_is_a_day_shorter(book: Portfolio) -> None:
    """The message of the week before the due day goes out on the fourth day after the stage begins."""
    current = book.subset(book.accounts["dpd"] == 0).accounts.assign(consent_sms=True)
    willing = Portfolio(current, book.as_of, book.currency, book.country)
    for days, share in ((4, 1.0), (3, 0.0)):
        owners = (WAY.owners[0].model_copy(update={"deadline_days": days}),)
        run = simulate(willing, replace(WAY, owners=owners), FLAT, days=20, seed=3)
        row = run.adherence.iloc[0]
        assert row["share_in_time"] == share
        assert row["median_days"] == 4


def test_threads_and_replications_add_up(book: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments: dict[str, Any] = {"days": 40, "seed": 3, "resources": FEW, "replications": 2}
    one = simulate(book, WAY, FLAT, **arguments)
    monkeypatch.setattr(engine, "CHUNK", 60)
    pd.testing.assert_frame_equal(one.adherence, simulate(book, WAY, FLAT, jobs=4, **arguments).adherence)
    single = simulate(book, WAY, FLAT, **(arguments | {"replications": 1}))
    assert one.adherence["accounts"].sum() != single.adherence["accounts"].sum()
    assert one.adherence["accounts"].sum() == pytest.approx(single.adherence["accounts"].sum(), rel=0.1)


def test_a_strategy_without_owners_has_no_table(book: Portfolio) -> None:
    run = simulate(book, Strategy.named("do_nothing"), FLAT, days=5, seed=1)
    assert run.adherence.empty


def test_stages_do_not_overlap_and_run_forward() -> None:
    stage = {"stage": "a", "owner": "field", "deadline_days": 1}
    with pytest.raises(ValueError, match="must not end"):
        StageOwner.model_validate({**stage, "from_dpd": 5, "to_dpd": 4})
    owners = [{**stage, "from_dpd": 1, "to_dpd": 9}, {**stage, "stage": "b", "from_dpd": 9, "to_dpd": 12}]
    with pytest.raises(ValueError, match=r"'b' must begin after 'a' ends \(9 dpd\)"):
        StrategyFile.model_validate({"name": "x", "owners": owners})


class TestVintages:
    def test_shares_only_grow_and_agree_with_the_book(
        self, observed: tuple[SimulationResult, Positions], book: Portfolio
    ) -> None:
        run = observed[0]
        table = run.vintages
        assert (table.groupby("date")["accounts"].sum() == len(book)).all()
        for name in ("ever_30", "ever_90", "charged_off", "cash", "written_off", "recovered"):
            assert table.groupby("vintage")[name].diff().dropna().min() >= 0, name
        assert (table["ever_90"] <= table["ever_30"]).all()
        end = table[table["date"] == table["date"].max()]
        assert end["cash"].sum() == pytest.approx(run.daily["cash"].sum())
        assert (end["charged_off"] * end["accounts"]).sum() == run.daily["charged_off"].sum() + (
            book.accounts["mode"] == "charged_off"
        ).sum()

    def test_who_was_late_within_the_month_counts_though_cured_by_its_end(
        self, observed: tuple[SimulationResult, Positions], book: Portfolio
    ) -> None:
        run, seen = observed
        end = run.vintages[run.vintages["date"] == run.vintages["date"].max()]
        # Payments come in the evening: who starts a day late is late that day, the day's charge-offs too.
        late = np.zeros(len(book), bool)
        for t in range(DAYS):
            late |= seen.open[t] & (t - seen.due[t] >= 30)
        late |= book.accounts["mode"].isin(["in_legal", "charged_off"]).to_numpy()
        assert (end["ever_30"] * end["accounts"]).sum() == late.sum()

    def test_an_account_without_a_date_is_of_an_unknown_vintage(self, book: Portfolio) -> None:
        accounts = book.accounts.copy()
        accounts.loc[:9, "opened"] = pd.NaT
        some = Portfolio(accounts, book.as_of, book.currency, book.country)
        table = simulate(some, WAY, FLAT, days=5, seed=1).vintages
        unknown = table[table["vintage"] == "unknown"]
        assert unknown["accounts"].eq(10).all()
        assert unknown["months_on_book"].isna().all()
        assert table.loc[table["vintage"] != "unknown", "months_on_book"].ge(0).all()
