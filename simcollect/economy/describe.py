"""A scenario in words, so that a committee can read what was assumed."""

from __future__ import annotations

import numpy as np

from simcollect.economy.link import SAMPLE_CHANGE
from simcollect.economy.scenario import Scenario, Window

HORIZON = 36  # months described; supervisory scenarios give three years


def describe(scenario: Scenario) -> str:
    """Return what a scenario assumes, one line for each assumption.

    A change of unemployment outside the sample that the link was estimated on is called an extrapolation.

    Examples
    --------
    >>> print(describe(Scenario(name="shock", unemployment={"change_12m": [1.0, 5.0]})))
    shock
    unemployment: twelve-month change from +1.0 to +5.0 points (month 1)
    extrapolation: the link was estimated on changes from -1.3 to +4.0 points
    link: +0.20 log-odds of being strained for each point, 75 % of it by slower regain, lag 0 months
    """
    lines = [scenario.name]
    lines += [" ".join(scenario.description.split())] if scenario.description else []
    lines += _unemployment(scenario)
    links = scenario.links
    lines.append(
        f"link: {links.loss_per_pp_change:+.2f} log-odds of being strained for each point, "
        f"{links.share_through_regain * 100:.0f} % of it by slower regain, lag {scenario.lag_months} months"
    )
    if scenario.relief is not None:
        lines.append(f"relief: strength {scenario.relief.strength:g}, {_span(scenario.relief)}")
    for payment in scenario.payment_factor:
        lines.append(f"payments of the able: × {payment.factor:g}, {_span(payment)}")
    for group in scenario.groups:
        where = ", ".join(f"{key} {value}" for key, value in group.where.columns().items())
        lines.append(f"group {where}: hazard of loss × {group.loss_factor:g}, {_span(group)}")
    if len(set(scenario.seasonal)) > 1:
        season = scenario.seasonal_factors()
        lines.append(f"micro-SME season: × {season.min():.2f} to × {season.max():.2f}")
    for operation in scenario.operations:
        days, share = operation.days, operation.share
        size = f"{days} days" if share is None else f"{share * 100:.0f} % missing"
        lines.append(f"operations: {operation.what}, {size}, days {operation.from_day} to {operation.to_day}")
    return "\n".join(lines)


def _unemployment(scenario: Scenario) -> list[str]:
    level = scenario.unemployment.level(HORIZON)
    change = scenario.unemployment.change(HORIZON)
    furthest = int(np.argmax(np.abs(change)))
    lines = []
    if level is not None:
        peak = int(np.argmax(level))
        lines.append(f"unemployment: starts at {level[0]:.1f} %, highest {level[peak]:.1f} % (month {peak})")
    span = f"from {change[0]:+.1f} to {change[furthest]:+.1f} points (month {furthest})"
    lines.append(f"unemployment: twelve-month change {span}")
    least, most = SAMPLE_CHANGE
    if change.min() < least or change.max() > most:
        sample = f"from {least:+.1f} to {most:+.1f} points"
        lines.append(f"extrapolation: the link was estimated on changes {sample}")
    return lines


def _span(window: Window) -> str:
    end = "on" if window.to_month is None else f"to {window.to_month}"
    return f"month {window.from_month} {end}"
