"""Whether limits can be met together; and if not, which of them collide and what the nearest figures are.

The master is solved with slack in the limits that leaving all alone breaks, for the least slack (phase 1 of the simplex
method, over columns priced for that purpose). A mix without slack is a plan to begin with. If slack remains, the rows
with a price are those that collide (Farkas' lemma), and each of them is eased alone to see how far it has to give way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simcollect.errors import InfeasibleError
from simcollect.optimisation.athand import UNLIMITED, Purchase, mix_columns
from simcollect.optimisation.columns import Column
from simcollect.optimisation.goalgroup import GoalGroup
from simcollect.optimisation.limits import Limit, Weighing
from simcollect.optimisation.master import Mix, solve_master
from simcollect.optimisation.model import RESOURCES

Array = npt.NDArray[np.float64]
Progress = Callable[[int, float], None]
MET = 1e-9  # slack, as a share of what leaving all alone lacks, that counts as none
# Share of the way to leaving all alone by which a figure said to be within reach is moved to the safe side: judgement,
# since a plan for it starts its search anew.
SAFE = 5e-3


def meet_limits(
    groups: Sequence[GoalGroup],
    nothing: Sequence[Column],
    capacity: Array,
    purchases: Sequence[Purchase],
    weighing: Weighing,
    pool: list[list[Column]] | None,
    max_rounds: int,
    progress: Progress | None,
) -> list[list[Column]] | None:
    """Return columns with which all limits can be met; None where leaving all alone meets them and no pool is given.

    Parameters
    ----------
    groups, nothing, capacity, purchases, weighing : the problem under its goal, and the columns of leaving all alone
    pool : columns at hand, the first of each segment leaving all alone

    Raises
    ------
    InfeasibleError
        None were found.
    """
    lacking = np.sum([column.use for column in nothing], axis=0) - capacity
    lacking = np.where(lacking > 1e-9 * (1 + np.abs(capacity)), lacking, 0.0)
    if pool is not None and _met_by(pool, capacity, purchases):
        return pool
    if not lacking.any():
        return pool
    plain = replace(weighing, weights=np.zeros_like(weighing.weights))
    search = [group.under(plain) for group in groups]
    free = [replace(purchase, cost=0.0) for purchase in purchases]
    columns = [[replace(c, value=0.0) for c in own] for own in pool or [[column] for column in nothing]]
    mix = _least_slack(search, capacity, free, columns, lacking, max_rounds, progress)
    if _met_by(columns, capacity, free):
        return [[group.weighed(c) for c in own] for group, own in zip(groups, columns, strict=True)]
    raise _refusal(search, capacity, free, weighing, columns, lacking, mix, max_rounds)


def _met_by(pool: list[list[Column]], capacity: Array, purchases: Sequence[Purchase]) -> bool:
    try:
        mix_columns(pool, capacity, purchases)
    except InfeasibleError:
        return False
    return True


def _slack(lacking: Array) -> list[Purchase]:
    """Return one purchase for each cell that lacks something: all that it lacks, at a cost of one."""
    out = []
    for row, week in zip(*np.nonzero(lacking), strict=True):
        one = np.zeros_like(lacking)
        one[row, week] = lacking[row, week]
        out.append(Purchase("slack", 1.0, one, 1.0))
    return out


def _least_slack(
    groups: Sequence[GoalGroup],
    capacity: Array,
    free: Sequence[Purchase],
    pool: list[list[Column]],
    lacking: Array,
    max_rounds: int,
    progress: Progress | None = None,
) -> Mix:
    """Solve for the least slack where something lacks; stop as soon as there is none."""
    return solve_master(
        groups,
        capacity,
        purchases=[*free, *_slack(lacking)],
        tolerance=1e-4,
        max_rounds=max_rounds,
        sweeps=3,
        pool=pool,
        searching=True,
        start=np.where(lacking > 0, 1 / np.where(lacking > 0, lacking, 1.0), 0.0),
        enough=-MET,
        progress=progress,
    )


def _refusal(
    groups: Sequence[GoalGroup],
    capacity: Array,
    free: Sequence[Purchase],
    weighing: Weighing,
    columns: list[list[Column]],
    lacking: Array,
    mix: Mix,
    max_rounds: int,
) -> InfeasibleError:
    """Say what collides and how far each limit would have to give way."""
    _, prices, _, _ = mix_columns(columns, capacity, [*free, *_slack(lacking)])
    felt = (prices * np.maximum(np.abs(capacity), 1.0) * (prices > 0)).sum(axis=1) > 1e-6
    limits = [limit for row, limit in enumerate(weighing.limits) if felt[weighing.first + row]]
    scarce = [_resource(name) for row, name in enumerate(RESOURCES) if felt[row]]
    nearest: dict[str, float] = {}
    said = []
    for row, limit in enumerate(weighing.limits):
        if limit in limits:
            figure = _eased(groups, capacity, free, weighing.first + row, limit, columns, lacking, max_rounds)
            if figure is not None:
                nearest[limit.name] = figure
                said.append(limit.text(figure))
    words = [limit.text() for limit in limits]
    text = f"no plan was found that keeps {_listed(words)}"
    if scarce:
        text += f" with {_listed(scarce)} as given"
    if said:
        text += f"; the nearest that can be met, the rest as it is: {' or '.join(said)}"
    # The bound holds for every policy: what it leaves of the slack is beyond everyone.
    proven = mix.ceiling < -MET
    text += "; it is proven that none can, even one that knows why each customer does not pay" if proven else ""
    return InfeasibleError(text, [*words, *scarce], nearest)


def _eased(
    groups: Sequence[GoalGroup],
    capacity: Array,
    free: Sequence[Purchase],
    row: int,
    limit: Limit,
    columns: Sequence[Sequence[Column]],
    lacking: Array,
    max_rounds: int,
) -> float | None:
    """Return the nearest figure of one limit with which all others are met, or None if it cannot be eased alone."""
    cells = capacity[row] < UNLIMITED
    pool = [list(own) for own in columns]
    without, others = capacity.copy(), lacking.copy()
    without[row], others[row] = UNLIMITED, 0.0
    if others.any():
        _least_slack(groups, without, free, pool, others, max_rounds)
        if not _met_by(pool, without, free):
            return None
    reach = max(float(np.abs(capacity[row, cells]).max()), limit.unit)
    easing = np.zeros_like(capacity)
    easing[row, cells] = reach
    buy = [*free, Purchase("give way", 1.0, easing, 1e6)]
    solve_master(groups, capacity, purchases=buy, max_rounds=max_rounds, pool=pool, searching=False)
    given = limit.sign * float(mix_columns(pool, capacity, buy)[3][-1]) * reach / limit.unit
    figure = limit.asked + given
    alone = limit.sign * float((capacity + lacking)[row, cells].max()) / limit.unit
    return figure + limit.sign * SAFE * abs(figure - alone)


def _resource(name: str) -> str:
    return f"the {name}" if name in ("messages", "legal slots") else f"the {name} team's minutes"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else ", ".join(words[:-1]) + " and " + words[-1]
