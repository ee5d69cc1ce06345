"""What to believe of a book that has been treated in the usual way."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.chain import build_chain
from simcollect.behaviour.prior import Prior, house_prior
from simcollect.strategy.catalogue import Catalogue
from simcollect.strategy.strategy import Strategy
from simcollect.worktime import WEEKDAY_SHARE


def usual_prior(behaviour: Behaviour) -> Prior:
    """Return hidden classes given the observed state, for a book that the champion strategy has worked for years.

    Simulator and optimiser both start from it unless told otherwise, so that they believe the same of each account.

    Examples
    --------
    >>> prior = usual_prior(Behaviour.default())
    >>> bool(abs(prior.table.sum(axis=-1) - 1).max() < 1e-9)
    True
    """
    return _usual_prior(_Key(behaviour))


class _Key:
    """Behaviours compare by content for the cache."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._content = tuple((name, value.tobytes()) for name, value in sorted(behaviour.values.items()))

    def __hash__(self) -> int:
        return hash(self._content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._content == other._content


@lru_cache(maxsize=16)
def _usual_prior(key: _Key) -> Prior:
    mean = sum(WEEKDAY_SHARE) / 7
    # Kernels only of what is done: half the time of a short run's start goes into them.
    usual = Strategy.champion().tables[0, 0]
    done = np.union1d([0], usual)
    acts = Catalogue.default().acts()
    chain = build_chain(
        key.behaviour, [acts[a] for a in done], [1.0], pay_index=[share / mean for share in WEEKDAY_SHARE]
    )
    return house_prior(key.behaviour, chain, np.searchsorted(done, usual).astype(np.int8))
