"""What stands on the page below the answers, in order: sections of texts, lists, tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simcollect.portfolio import Portfolio
from simcollect.reporting import goals, sections, style
from simcollect.reporting.actions import plot_actions
from simcollect.reporting.answers import a_run, today
from simcollect.reporting.cash import SOURCES, plot_cash
from simcollect.reporting.comparison import plot_comparison
from simcollect.reporting.deadlines import deadlines_table
from simcollect.reporting.headcount import plot_headcount
from simcollect.reporting.prices import plot_prices
from simcollect.reporting.rolls import plot_roll_rates
from simcollect.reporting.stages import plot_balance
from simcollect.reporting.tradeoff import plot_tradeoff
from simcollect.reporting.unemployment import plot_unemployment
from simcollect.reporting.uplift import plot_uplift
from simcollect.reporting.vintages import plot_vintages
from simcollect.reporting.words import label, percent, sentence
from simcollect.reporting.workload import plot_workload
from simcollect.staffing import StaffPlan

if TYPE_CHECKING:
    from simcollect.optimisation import Plan
    from simcollect.stressing import Comparison


@dataclass(frozen=True)
class PagePicture:
    """A figure on the page: its SVG, what a reader who cannot see it is told, and how to read it."""

    svg: Any
    alt: str
    caption: str


@dataclass(frozen=True)
class Block:
    """A piece of a section: ``text``, ``heading``, ``list``, ``table`` or ``picture``."""

    kind: str
    content: Any


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]


class _Pictures:
    """Turns axes into pictures of the page, each with ids of its own."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, ax: Axes, caption: str) -> Block:
        self.drawn += 1
        figure = ax.figure
        assert isinstance(figure, Figure)
        # matplotlib has escaped every text in it.
        drawing = Markup(style.svg(figure, f"fig{self.drawn}"))
        return Block("picture", PagePicture(drawing, f"{ax.get_title(loc='left')}. {caption}", caption))


def page_sections(
    portfolio: Portfolio,
    comparisons: Mapping[str, Comparison],
    plans: Mapping[str, Plan],
    staff: Mapping[str, StaffPlan],
    trade_offs: Mapping[str, pd.DataFrame],
) -> list[Section]:
    """Return the sections of a report; those without an object to tell of are left out."""
    draw = _Pictures()
    first = next(iter(comparisons.values()))
    out = [
        Section("worth", "What each strategy is worth", tuple(_worth(draw, comparisons, plans))),
        Section("book", "The book", (Block("table", sections.portfolio_table(portfolio)),)),
        Section("scenarios", "The scenarios", tuple(_scenarios(draw, comparisons))),
    ]
    if plans:
        out.append(Section("strategy", "What to do with whom", tuple(_strategy(draw, plans))))
        out.append(Section("prices", "What one more of each resource is worth", tuple(_prices(draw, first, plans))))
    if any(not plan.goal.plain for plan in plans.values()):
        out.append(Section("goal", "What the plan strives for", tuple(_goals(plans))))
    if trade_offs:
        out.append(Section("trade_off", "What more of one costs of the other", tuple(_trade_offs(draw, trade_offs))))
    if staff:
        out.append(Section("people", "People", tuple(_people(draw, staff))))
    if any(run.setting.strategy.owners for comparison in comparisons.values() for run in comparison.runs.values()):
        out.append(Section("deadlines", "Who answers for each stage", tuple(_deadlines(comparisons))))
    out.append(Section("runs", "Inside the runs", tuple(_runs(draw, comparisons, plans))))
    rests = Block("table", sections.parameter_table(a_run(first).setting.behaviour))
    lead = Block(
        "text",
        "Parameters that no published figure or data of this book settles. A wide range calls for a what-if.",
    )
    return [*out, Section("rests", "What it rests on", (lead, rests))]


def _worth(draw: _Pictures, comparisons: Mapping[str, Comparison], plans: Mapping[str, Plan]) -> list[Block]:
    lead = (
        "Value is discounted cash less all costs, wages included, plus what the book is worth at the end if "
        "left alone. Differences are paired: every strategy meets the same luck of each borrower."
    )
    blocks = [Block("text", lead)]
    if any(len(comparison.runs) > 1 for comparison in comparisons.values()):
        caption = "Dots are means, lines 95 % intervals. A hollow dot: the interval includes zero."
        blocks.append(draw(plot_comparison(comparisons), caption))
    for scenario, comparison in comparisons.items():
        name = _plan_in(comparison, plans.get(scenario))
        blocks.append(Block("table", sections.comparison_table(comparison, name)))
        if name is not None:
            caption = "Parts of the difference, added from top to bottom: blue adds, orange takes away."
            blocks.append(draw(plot_uplift(comparison, name), caption))
    return blocks


def _scenarios(draw: _Pictures, comparisons: Mapping[str, Comparison]) -> list[Block]:
    given = [a_run(comparison).setting.scenario for comparison in comparisons.values()]
    blocks = [draw(plot_unemployment(given), "What moves borrowers' ability to pay is the change over twelve months.")]
    for scenario in given:
        name, *lines = scenario.describe().splitlines()
        blocks += [Block("heading", sentence(label(name))), Block("list", lines)]
    return blocks


def _strategy(draw: _Pictures, plans: Mapping[str, Plan]) -> list[Block]:
    blocks = []
    for plan in plans.values():
        caption = f"In {label(plan.scenario)}, the first quarter of the plan; numbers under 6 % are not written."
        blocks.append(draw(plot_actions(plan), caption))
        blocks.append(Block("table", sections.strategy_table(plan)))
        blocks.append(Block("table", sections.playbook_table(plan)))
    return blocks


def _prices(draw: _Pictures, comparison: Comparison, plans: Mapping[str, Plan]) -> list[Block]:
    blocks = []
    for scenario, plan in plans.items():
        blocks.append(Block("heading", sentence(label(scenario))))
        note = (
            f"Prices are those of a plan at most {percent(plan.gap)} below the best possible. One week's "
            "price can be far off when the plan shifts work between weeks; averages are steadier."
        )
        blocks.append(Block("text", note))
        blocks.append(Block("list", sections.price_sentences(plan, a_run(comparison).resources)))
        caption = "Where a line stands above what an hour costs, another one pays; at zero the team has time left."
        blocks.append(draw(plot_prices(plan), caption))
    return blocks


def _goals(plans: Mapping[str, Plan]) -> list[Block]:
    """Say the objective of each plan, and how it stands to its limits."""
    blocks = []
    for scenario, plan in plans.items():
        blocks.append(Block("text", goals.goal_sentence(plan)))
        if len(plan.limits):
            blocks.append(Block("table", goals.limits_table(plan, scenario)))
    return blocks


def _trade_offs(draw: _Pictures, trade_offs: Mapping[str, pd.DataFrame]) -> list[Block]:
    lead = (
        "Each row is a plan of its own, the best for its amount. The price is what one unit more of the amount would "
        "change; no strategy lies beyond the bound."
    )
    blocks = [Block("text", lead)]
    for scenario, curve in trade_offs.items():
        blocks.append(draw(plot_tradeoff(curve), "Where it is steep a little more buys much; where flat, nothing."))
        blocks.append(Block("table", goals.trade_off_table(curve, scenario)))
    return blocks


def _people(draw: _Pictures, staff: Mapping[str, StaffPlan]) -> list[Block]:
    blocks = []
    for scenario, plan in staff.items():
        blocks.append(Block("table", sections.staff_table(plan, scenario)))
        caption = f"In {label(scenario)}: coloured bars are what the work needs, slim dark ones the payroll."
        blocks.append(draw(plot_headcount(plan), caption))
    return blocks


def _deadlines(comparisons: Mapping[str, Comparison]) -> list[Block]:
    """Show, for each strategy that names owners, how they kept to their deadlines in each scenario."""
    lead = (
        "A contact is a message that went out, an attempt to call or visit, or the case handed to the law firm, "
        "by whoever answers for the stage; reached is a message read, the right person spoken to, or the case handed "
        "over. Days count from the day on which an account comes into the stage; who pays and leaves before the "
        "deadline has not missed it."
    )
    kept = [
        Block("table", deadlines_table(run))
        for comparison in comparisons.values()
        for run in comparison.runs.values()
        if run.setting.strategy.owners
    ]
    return [Block("text", lead), *kept]


def _runs(draw: _Pictures, comparisons: Mapping[str, Comparison], plans: Mapping[str, Plan]) -> list[Block]:
    """Show today's way and the plan's way side by side in time, for each scenario."""
    collected = [name for name in SOURCES if name != "contract"]
    blocks = []
    for scenario, comparison in comparisons.items():
        blocks.append(Block("heading", sentence(label(scenario))))
        plan = _plan_in(comparison, plans.get(scenario))
        now = comparison.runs[today(comparison)]
        shown = comparison.runs[plan] if plan is not None else now
        blocks.append(draw(plot_cash(shown), "All cash. No accounts are added in a run, so the book runs off."))
        blocks.append(draw(plot_cash(shown, sources=collected), "Without what customers pay by contract."))
        blocks += [
            draw(plot_balance(run), "Principal; what is current is left out.") for run in dict.fromkeys((now, shown))
        ]
        if not shown.roll_rates.empty:
            caption = "Rows add up to 100 %, all months together; blank is under half a per cent."
            blocks.append(draw(plot_roll_rates(shown), caption))
            if shown.vintages["months_on_book"].notna().any():
                caption = "Counted from the tape on: what was late before and has been caught up is not in it."
                blocks.append(draw(plot_vintages(shown), caption))
        caption = "At 100 % a team's list is longer than its day."
        staffed = [run for run in dict.fromkeys((now, shown)) if run.workload()["capacity"].any()]
        blocks += [draw(plot_workload(run), caption) for run in staffed]
    return blocks


def _plan_in(comparison: Comparison, plan: Plan | None) -> str | None:
    """Return the name of the plan's strategy if the comparison holds it against another."""
    name = plan.strategy.name if plan is not None else None
    return name if name in list(comparison.runs)[1:] else None
