"""The stages a strategy names, laid out without gaps over days past due, as compiled code counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.strategy import TEAMS
from simcollect.strategy.strategy import MOST_STAGES, StageOwner

# Days from the oldest unpaid due date that are told apart: less counts as the first, more as the last.
FIRST, LAST = -8, 182
MAX_PIECES = 2 * MOST_STAGES + 1  # stages, and what lies before, between and after them
WAIT_BINS = LAST - FIRST + 1  # days to the first contact; longer waits count as the longest

# Who can contact an account: the reminder system, each team, the law firm.
BY_SYSTEM, BY_TEAM, BY_LAW, NOBODY = 0, 1, 1 + len(TEAMS), -1
_TEAM_OF = {"early team": "early", "late team": "late", "restructuring desk": "desk", "field": "field"}
_CODES = {
    "reminder system": BY_SYSTEM,
    "law firm": BY_LAW,
    **{owner: BY_TEAM + TEAMS.index(team) for owner, team in _TEAM_OF.items()},
}


@dataclass(frozen=True)
class Layout:
    """Stages in order, those that somebody answers for and the gaps between them.

    Attributes
    ----------
    owned : position of each stage of the strategy
    of_day : position by day from `FIRST` to `LAST`, int8 (191,)
    to, owner, deadline : last day, owner's code (`NOBODY` in a gap), days to the first contact; int64
    """

    owned: tuple[int, ...]
    of_day: npt.NDArray[np.int8]
    to: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    deadline: npt.NDArray[np.int64]


def lay_out(owners: tuple[StageOwner, ...]) -> Layout:
    """Lay out a strategy's stages; they are in order and do not overlap, which the strategy has checked.

    Examples
    --------
    >>> early = StageOwner(stage="early", from_dpd=14, to_dpd=34, owner="early team", deadline_days=5)
    >>> layout = lay_out((early,))
    >>> layout.owned, layout.of_day[[13 - FIRST, 14 - FIRST, 34 - FIRST, 35 - FIRST]].tolist()
    ((1,), [0, 1, 1, 2])
    """
    pieces: list[tuple[int, int, int]] = []  # last day, owner, deadline
    owned = []
    ahead = FIRST
    for stage in owners:
        if stage.from_dpd > ahead:
            pieces.append((stage.from_dpd - 1, NOBODY, 0))
        owned.append(len(pieces))
        pieces.append((stage.to_dpd, _CODES[stage.owner], stage.deadline_days))
        ahead = stage.to_dpd + 1
    if ahead <= LAST:
        pieces.append((LAST, NOBODY, 0))
    to, owner, deadline = np.array(pieces, np.int64).T
    of_day = np.searchsorted(to, np.arange(FIRST, LAST + 1)).clip(max=len(pieces) - 1)
    return Layout(tuple(owned), of_day.astype(np.int8), to, owner, deadline)
