"""Every figure: what it shows is what its object holds, on the axes given, with units, and without pyplot."""

from __future__ import annotations

import re
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from simcollect import reporting
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.reporting import actions, style
from simcollect.simulation import simulate
from simcollect.staffing import staff
from simcollect.strategy import Catalogue, Resources, Strategy
from simcollect.stressing import Comparison

TEAMS = ["early", "late", "desk", "field"]


@pytest.fixture(scope="module")
def run():
    book = Portfolio.synthetic(600, seed=3)
    return simulate(book, Strategy.champion(), Scenario.baseline(), days=75, replications=2, seed=5)


@pytest.fixture
def plan():
    """Two weeks of a plan: an early-team minute is worth 3 in the second week, a late one nothing."""
    prices = pd.DataFrame(0.0, index=[0, 1], columns=[*TEAMS, "messages", "legal slots"])
    prices.loc[1, "early"] = 3.0
    table = pd.DataFrame(
        {
            "product": ["consumer", "consumer", "micro_sme"],
            "risk_band": ["A", "A", "B"],
            "stage": ["7-34 days"] * 3,
            "action": ["call by a collector", "leave alone", "call by a collector"],
            "share": [0.5, 0.25, 1.0],
            "accounts_a_week": [50.0, 25.0, 100.0],
            "owner": ["early team", "nobody", "early team"],
        }
    )
    return SimpleNamespace(prices=prices, currency="CNY", scenario="baseline", table=lambda: table)


@pytest.fixture
def comparison(run):
    """Two replications: "better" earns 90 and 110 more than today, "unclear" 40 more or less."""
    cash = {"today": (1000.0, 1200.0), "better": (1100.0, 1300.0), "unclear": (1040.0, 1160.0)}
    rows = {
        (name, replication): {
            "value": amount + (-10.0 if (name, replication) == ("better", 0) else 10.0 if name == "better" else 0.0),
            "cash_contract": 0.0,
            "cash_promise": amount,
            "cash_plan": 0.0,
            "cash_legal": 0.0,
            "cash_agency": 0.0,
            "cash_sale": 0.0,
            "cost": 7.0 if name == "better" else 5.0,
        }
        for name, amounts in cash.items()
        for replication, amount in enumerate(amounts)
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["strategy", "replication"])
    return Comparison("baseline", dict.fromkeys(cash, run), frame, "CNY")


@pytest.fixture
def people():
    work = pd.DataFrame(
        {
            "month": [0, 1, 0, 1],
            "team": ["early"] * 2 + ["late"] * 2,
            "minutes": [30_000, 42_000, 9_000, 1_000],
        }
    )
    return staff(work)


@pytest.fixture
def tested():
    """A back-test of three rolls, of which the last fell outside its own interval but not the joint one."""
    rows = [("1 to 0", 0.6, 0.5, 0.4, 0.7, 0.2, 0.9), ("1 to 1", 0.3, 0.3, 0.2, 0.4, 0.1, 0.5),
            ("1 to 2", 0.1, 0.2, 0.15, 0.3, 0.0, 0.4)]  # fmt: skip
    columns = ["figure", "observed", "forecast", "low", "high", "joint_low", "joint_high"]
    table = pd.DataFrame(rows, columns=columns).assign(group="roll", inside=[True, True, False])
    return SimpleNamespace(table=table, horizon=12)


@pytest.fixture
def drawings(run, plan, comparison, people, tested):
    return {
        "cash": (reporting.plot_cash, run),
        "balance": (reporting.plot_balance, run),
        "roll rates": (reporting.plot_roll_rates, run),
        "workload": (reporting.plot_workload, run),
        "comparison": (reporting.plot_comparison, {"baseline": comparison}),
        "uplift": (lambda of, ax=None: reporting.plot_uplift(of, "better", ax), comparison),
        "prices": (reporting.plot_prices, plan),
        "actions": (reporting.plot_actions, plan),
        "head-count": (reporting.plot_headcount, people),
        "back-test": (lambda of, ax=None: reporting.plot_back_test(of, ax=ax), tested),
        "unemployment": (reporting.plot_unemployment, [Scenario.baseline(), Scenario.severe()]),
    }


NAMES = [
    "cash", "balance", "roll rates", "workload", "comparison", "uplift", "prices", "actions", "head-count",
    "back-test", "unemployment",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_draws_on_the_axes_given_and_leaves_no_trace(drawings, name):
    plot, of = drawings[name]
    before = dict(mpl.rcParams)
    ax = Figure().add_subplot()
    assert plot(of, ax=ax) is ax
    assert ax.get_title(loc="left")
    assert ax.get_xlabel()
    assert dict(mpl.rcParams) == before
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", NAMES)
def test_shows_itself_in_a_notebook_with_the_same_bytes_each_time(drawings, name):
    plot, of = drawings[name]
    first, again = (plot(of).figure._repr_svg_() for _ in range(2))
    assert first.startswith("<svg")
    assert first == again


def test_a_back_test_shows_what_fell_outside(tested):
    ax = reporting.plot_back_test(tested)
    assert ax.get_title(loc="left") == "Roll rates, 12 months held out: 2 of 3 inside"
    outside = next(line for line in ax.lines if "outside" in str(line.get_label()))
    assert outside.get_xydata().tolist() == [[0.1, 2.0]]
    with pytest.raises(InputError, match="its groups are roll"):
        reporting.plot_back_test(tested, "cash")


def test_weekly_cash_adds_up_and_leaves_out_the_unfinished_week(run):
    ax = reporting.plot_cash(run)
    drawn = sum(bar.get_height() for bars in ax.containers for bar in bars)
    ten_weeks = run.daily[run.daily["date"] < pd.Timestamp(run.start) + pd.Timedelta(days=70)]
    assert drawn == pytest.approx(ten_weeks["cash"].sum() / 2)
    assert {len(bars) for bars in ax.containers} == {10}


def test_cash_of_some_sources_says_so(run):
    ax = reporting.plot_cash(run, sources=["promise", "legal"])
    assert "only promises kept and law firm" in ax.get_title(loc="left")
    collected = [name for name in reporting.cash.SOURCES if name != "contract"]
    assert "all but paid by contract" in reporting.plot_cash(run, sources=collected).get_title(loc="left")
    with pytest.raises(InputError, match="did you mean promise"):
        reporting.plot_cash(run, sources=["promises"])


def test_balance_stacks_all_that_is_not_current(run):
    ax = reporting.plot_balance(run)
    end = run.by_stage[run.by_stage["date"] == run.by_stage["date"].max()]
    left_out = end["bucket"].isin(["current", "closed"])
    top = max(path.vertices[:, 1].max() for area in ax.collections for path in area.get_paths())
    most = (
        run.by_stage[~run.by_stage["bucket"].isin(["current", "closed"])].groupby("date")["principal"].sum().max() / 2
    )
    assert top == pytest.approx(most)
    assert end[~left_out]["principal"].sum() > 0


def test_rows_of_the_roll_rates_add_up_to_one(run):
    ax = reporting.plot_roll_rates(run)
    share = np.asarray(ax.collections[0].get_array()).reshape(-1, 12)
    assert share.sum(axis=1) == pytest.approx(np.ones(len(share)))


def test_roll_rates_need_two_month_ends(run):
    short = SimpleNamespace(roll_rates=run.roll_rates.head(0))
    with pytest.raises(InputError, match="simulate more days"):
        reporting.plot_roll_rates(short)


def test_workload_labels_each_team_with_its_share(run):
    ax = reporting.plot_workload(run)
    table = run.workload().groupby("team")[["minutes", "capacity"]].sum()
    share = table.loc["desk", "minutes"] / table.loc["desk", "capacity"]
    assert any(text.get_text().startswith(f"desk: {share * 100:.0f} %") for text in ax.texts)


def test_workload_without_people_is_refused():
    book = Portfolio.synthetic(200, seed=3)
    empty = simulate(book, Strategy.champion(), Scenario.baseline(), days=7, seed=5, resources=Resources(teams={}))
    with pytest.raises(InputError, match="no team has people"):
        reporting.plot_workload(empty)


def test_a_dot_is_filled_only_where_the_interval_leaves_out_zero(comparison):
    ax = reporting.plot_comparison({"baseline": comparison})
    dots = {round(float(line.get_xdata()[0])): line for line in ax.lines if line.get_marker() == "o"}
    assert sorted(dots) == [0, 100]
    assert to_hex(dots[0].get_markerfacecolor()) == style.PAPER
    # 90 and 110: two replications, t = 12.7, so the interval is 100 +- 127 and includes zero too.
    assert to_hex(dots[100].get_markerfacecolor()) == style.PAPER
    steady = comparison.by_replication.copy()
    steady.loc[("better", slice(None)), "value"] = steady.loc["today", "value"].add([99.0, 101.0]).to_numpy()
    ax = reporting.plot_comparison({"baseline": Comparison("baseline", comparison.runs, steady, "CNY")})
    dots = {round(float(line.get_xdata()[0])): line for line in ax.lines if line.get_marker() == "o"}
    assert to_hex(dots[100].get_markerfacecolor()) == style.ACCENT


def test_parts_of_the_uplift_add_up_to_the_difference_in_value(comparison):
    parts = reporting.uplift(comparison, "better")
    assert parts["mean"].sum() == pytest.approx(comparison.table.loc["better", "difference"])
    assert parts.loc["contract and promises", "mean"] == pytest.approx(100.0)
    assert parts.loc["costs", "mean"] == pytest.approx(-2.0)
    with pytest.raises(InputError, match="did you mean better"):
        reporting.uplift(comparison, "beter")


def test_prices_are_by_the_hour_and_free_teams_are_left_out(plan):
    ax = reporting.plot_prices(plan)
    (line,) = ax.lines
    assert list(line.get_ydata()) == [0.0, 180.0]
    assert ax.get_ylabel() == "worth of one more hour, CNY"
    plan.prices.loc[:] = 0.0
    assert not reporting.plot_prices(plan).lines


def test_shares_of_a_stage_weigh_each_group_by_its_accounts(plan):
    shares, accounts = actions.by_stage(plan.table())
    assert accounts["7-34 days"] == pytest.approx(200.0)  # 100 of band A, 100 of band B
    assert shares.loc["7-34 days"].to_dict() == pytest.approx(
        {"leave alone": 0.125, "call by a collector": 0.75, "other": 0.125}
    )


def test_headcount_bars_are_the_people_needed(people):
    ax = reporting.plot_headcount(people)
    early, late, payroll = ([bar.get_height() for bar in bars] for bars in ax.containers)
    need = people.table.pivot_table(index="month", columns="team", values="people")
    assert (early, late) == (need["early"].tolist(), need["late"].tolist())
    assert payroll == pytest.approx(people.table.groupby("month")["heads"].sum().tolist())


def test_unemployment_shows_changes_where_a_level_is_missing():
    shock = Scenario(name="shock", unemployment={"change_12m": [0.0, 2.0]})
    assert reporting.plot_unemployment([Scenario.baseline(), shock]).get_ylabel() == "change over 12 months, points"


def test_a_name_is_text_whatever_is_in_it():
    odd = Scenario(name="$a$<b>&", unemployment={"change_12m": [1.0]})
    drawing = reporting.plot_unemployment([odd]).figure._repr_svg_()
    assert "$a$&lt;b&gt;&amp;</text>" in drawing


def test_two_drawings_on_a_page_share_no_id(people):
    figure = reporting.plot_headcount(people).figure
    pages = [style.svg(figure, name) for name in ("one", "two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', page)) for page in pages]
    assert ids[0]
    assert not ids[0] & ids[1]
    used = set(re.findall(r"url\(#([^)]+)\)", pages[0])) | set(re.findall(r'href="#([^"]+)"', pages[0]))
    assert used
    assert used <= ids[0]


def test_vintage_curves_are_the_shares_of_the_run_by_year_of_origination(run):
    """The newest year's line ends at its accounts' share ever 30 days late, pooled over the replications."""
    ax = reporting.plot_vintages(run)
    table = run.vintages.dropna(subset="months_on_book")
    newest = table["vintage"].str[:4].max()
    last = table[(table["date"] == table["date"].max()) & table["vintage"].str.startswith(newest)]
    share = np.average(last["ever_30"], weights=last["accounts"])
    assert ax.lines[-1].get_ydata()[-1] == pytest.approx(share)
    assert ax.lines[-1].get_xdata()[-1] == pytest.approx(np.average(last["months_on_book"], weights=last["accounts"]))
    with pytest.raises(InputError, match="ever_30"):
        reporting.plot_vintages(run, "ever_60")


def test_no_two_actions_share_a_colour():
    names = [action.label for action in Catalogue.full().actions]
    assert len({actions._COLOURS[name] for name in names}) == len(names)
