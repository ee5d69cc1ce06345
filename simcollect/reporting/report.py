"""`report`: everything about a book, its plans and its people on one page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.reporting.answers import a_run, answers
from simcollect.reporting.page import page_sections
from simcollect.reporting.words import label, sentence, unbroken
from simcollect.staffing import StaffPlan
from simcollect.strategy import Resources
from simcollect.versions import versions

if TYPE_CHECKING:
    from simcollect.optimisation import Plan
    from simcollect.stressing import Comparison

TEMPLATE = Path(__file__).with_name("template.html.j2")
LANGUAGES = ("en",)


def report(
    path: str | Path,
    *,
    portfolio: Portfolio,
    comparisons: Mapping[str, Comparison],
    plans: Mapping[str, Plan],
    staff: Mapping[str, StaffPlan],
    trade_offs: Mapping[str, pd.DataFrame] | None = None,
    title: str | None = None,
    lang: str = "en",
) -> Path:
    """Write one HTML page for the head of collections: the answers first, then what they rest on.

    The page needs no other file and no network, prints, and reads on a phone. All its figures come from the
    objects given; the same objects give the same bytes.

    Parameters
    ----------
    path : the HTML file to write
    portfolio : the book
    comparisons : by scenario name, today's way first in each; the first scenario is the one expected
    plans, staff : by scenario name; leave out what there is not
    trade_offs : curves as `simcollect.tradeoff` returns them, by scenario name
    title : of the page; the book's source if not given
    lang : language of the page; English is the one there is

    Returns
    -------
    The path written

    Raises
    ------
    InputError
        There is no comparison, or no such language.
    """
    if not comparisons:
        raise InputError("a report needs a comparison: simulate at least one strategy under one scenario")
    if lang not in LANGUAGES:
        raise InputError(f"the report is not written in {lang!r}; known: {', '.join(LANGUAGES)}")
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True,
        finalize=lambda value: unbroken(value) if type(value) is str else value,
    )  # fmt: skip
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        lang=lang,
        title=title or f"Collection plan: {portfolio.source}",
        book=f"{len(portfolio):,} accounts on {portfolio.as_of:%d %B %Y}, {portfolio.currency}; {portfolio.source}",
        currency=portfolio.currency,
        answers=answers(comparisons, plans, staff),
        sections=page_sections(portfolio, comparisons, plans, staff, trade_offs or {}),
        origin=_origin(portfolio, comparisons),
    )
    file = Path(path)
    file.write_text(page, encoding="utf-8")
    return file


def _origin(portfolio: Portfolio, comparisons: Mapping[str, Comparison]) -> list[tuple[str, str]]:
    rows = [
        ("Book", portfolio.source),
        ("Fingerprint of the book", f"SHA-256 {portfolio.digest()}"),
        ("As of", str(portfolio.as_of)),
    ]
    for scenario, comparison in comparisons.items():
        run = a_run(comparison)
        names = ", ".join(label(name) for name in comparison.runs)
        rows.append(
            (
                sentence(label(scenario)),
                f"{run.days} days from {run.start}, {run.replications} replications, seed {run.seed}: {names}",
            )
        )
    run = a_run(next(iter(comparisons.values())))
    rows.append(("Behaviour", run.setting.behaviour.origin))
    rows.append(("Resources", _resources(run.resources)))
    rows.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions().items())))
    return rows


def _resources(resources: Resources) -> str:
    teams = ", ".join(f"{name} {team.people:g}" for name, team in resources.teams.items())
    return (
        f"people {teams}; {resources.hours:g} paid hours a day, shrinkage {resources.shrinkage:.0%}, "
        f"occupancy {resources.occupancy:.0%}; {resources.legal_slots_a_week:g} legal slots a week"
    )
