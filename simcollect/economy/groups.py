"""Harder blows to single groups (region, sector, product), by account and day.

Accounts that are hit by the same groups form a class; each class has one path of multipliers. The book then
needs one class number for each account, however many groups overlap.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.economy.scenario import Group, Scenario
from simcollect.errors import InputError, Problem, SimcollectWarning, nearest
from simcollect.worktime import Calendar


class UnmatchedGroupWarning(SimcollectWarning):
    """A group of the scenario has no account in the book, so its shock does nothing."""


@dataclass(frozen=True, eq=False)
class GroupFactors:
    """Multipliers on the hazard of losing liquidity: ``loss[klass[account], day]``.

    Attributes
    ----------
    klass : int64[account], class of each account, in the order of the book
    loss : float64[class, day]; 1 = no group shock
    """

    klass: NDArray[np.int64]
    loss: NDArray[np.float64]


def group_factors(scenario: Scenario, accounts: pd.DataFrame, calendar: Calendar) -> GroupFactors:
    """Return the multipliers that the scenario's groups put on each account's hazard of losing liquidity.

    Groups that overlap multiply. An account with a missing value belongs to no group that asks for it.

    Parameters
    ----------
    scenario : the scenario
    accounts : the book; needs the columns that the scenario's groups name
    calendar : the run's calendar

    Raises
    ------
    InputError
        A group names a column that the book has not.

    Warns
    -----
    UnmatchedGroupWarning
        No account belongs to a group.

    Examples
    --------
    >>> from datetime import date
    >>> scenario = Scenario(
    ...     name="north", unemployment={"change_12m": [0.0]},
    ...     groups=[{"where": {"region": "north"}, "loss_factor": 2.0, "from_month": 1}],
    ... )
    >>> calendar = Calendar.build("US", date(2025, 1, 1), 59)
    >>> factors = group_factors(scenario, pd.DataFrame({"region": ["south", "north"]}), calendar)
    >>> factors.loss[factors.klass][:, [0, 58]]  # 1 January, 28 February
    array([[1., 1.],
           [1., 2.]])
    """
    _check_columns(scenario, accounts)
    member = np.zeros((len(accounts), len(scenario.groups)), dtype=np.bool_)
    for g, group in enumerate(scenario.groups):
        member[:, g] = _members(group, accounts)
        if not member[:, g].any():
            where = " and ".join(f"{key} = {value}" for key, value in group.where.columns().items())
            text = f"scenario {scenario.name}: no account has {where}, so this group's shock does nothing"
            warnings.warn(text, UnmatchedGroupWarning, stacklevel=2)
    # Class 0 is no group at all, so that a book without members still has a class.
    classes, number = np.unique(
        np.vstack([np.zeros((1, len(scenario.groups)), dtype=np.bool_), member]), axis=0, return_inverse=True
    )
    months = int(calendar.month[-1]) + 1
    by_month = np.ones((len(classes), months))
    for g, group in enumerate(scenario.groups):
        by_month[np.ix_(classes[:, g], group.active(months))] *= group.loss_factor
    return GroupFactors(klass=number[1:].astype(np.int64), loss=by_month[:, calendar.month])


def _members(group: Group, accounts: pd.DataFrame) -> NDArray[np.bool_]:
    member = np.ones(len(accounts), dtype=np.bool_)
    for column, value in group.where.columns().items():
        # Region and sector may be numeric codes in a tape; YAML gives text.
        values = accounts[column]
        member &= (values.notna() & (values.astype(str) == value)).to_numpy(dtype=np.bool_)
    return member


def _check_columns(scenario: Scenario, accounts: pd.DataFrame) -> None:
    columns = [str(column) for column in accounts.columns]
    where, rule = f"scenario {scenario.name}", "the book has no such column"
    problems = [
        Problem(where, None, f"groups.{g}.where", key, rule, nearest(key, columns))
        for g, group in enumerate(scenario.groups)
        for key in group.where.columns()
        if key not in columns
    ]
    if problems:
        raise InputError(problems)
