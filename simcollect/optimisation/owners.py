"""Who answers for each stage of a plan, and within how many days."""

from __future__ import annotations

import pandas as pd

from simcollect.optimisation.table import STAGES
from simcollect.strategy.strategy import StageOwner

REVIEW_DAYS = 7  # each account is looked at once a week: whoever is to act has acted by then, or has run out of time
NOBODY = "nobody"
# A stage's days past due stand beside its name wherever owners are shown.
NAMES = {"0-6 days": "first week", "7-34 days": "early", "35-90 days": "late", "91-181 days": "long overdue"}


def stage_owners(table: pd.DataFrame) -> tuple[StageOwner, ...]:
    """Return for each stage the owner of most of what a plan does there; stages that it leaves alone have none.

    Parameters
    ----------
    table : as `Plan.table` gives it

    Examples
    --------
    >>> done = pd.DataFrame({"stage": ["7-34 days"] * 3, "owner": ["early team", "nobody", "restructuring desk"],
    ...                      "accounts_a_week": [30.0, 50.0, 10.0]})
    >>> [(one.stage, one.from_dpd, one.to_dpd, one.owner) for one in stage_owners(done)]
    [('early', 7, 34, 'early team')]
    """
    done = table[table["owner"] != NOBODY]
    work = done.groupby(["stage", "owner"], sort=True)["accounts_a_week"].sum()
    return tuple(
        StageOwner(
            stage=NAMES.get(stage, stage),
            from_dpd=7 * first,
            to_dpd=7 * last + 6,
            owner=work[stage].idxmax(),
            deadline_days=REVIEW_DAYS,
        )
        for stage, first, last in STAGES
        if stage in work.index.get_level_values("stage")
    )
