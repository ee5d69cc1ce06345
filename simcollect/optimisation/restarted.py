"""The master solved again and again as columns come and go: each solution begins where the last one ended.

A round brings one column a segment, and the best mix of before is still a vertex of the programme: from there primal
simplex takes a few hundred steps, where a solution from nothing took five times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcollect.optimisation.athand import AtHand, Purchase, at_hand, mix_columns
from simcollect.optimisation.columns import Column
from simcollect.optimisation.solver import TIME_LIMIT, quiet_highs

Array = npt.NDArray[np.float64]
PRIMAL = 4  # HiGHS' number for primal simplex: new columns leave the old basis feasible, but no longer optimal
BROKEN = 1e-6  # by how much a row, of about one, may be broken; as in `solver`


class RestartedMaster:
    """Mixes the columns at hand as `mix_columns` does, in a programme that is kept between calls.

    Parameters
    ----------
    capacity, purchases : as for `mix_columns`; the same for all pools, as are the first columns of the segments

    Examples
    --------
    One resource with room for one unit; a column worth 1 takes two units, a better one comes later.

    >>> nothing, first, better = (Column(worth, np.full((1, 1), use), np.zeros((1, 1), np.int8))
    ...                           for worth, use in ((0.0, 0.0), (1.0, 2.0), (1.5, 2.0)))
    >>> master = RestartedMaster(np.ones((1, 1)), ())
    >>> [round(master.mix([pool])[2], 6) for pool in ([nothing, first], [nothing, first, better], [nothing, first])]
    [0.5, 0.75, 0.5]
    """

    def __init__(self, capacity: Array, purchases: Sequence[Purchase]) -> None:
        self.capacity, self.purchases = capacity, purchases
        self._highs = quiet_highs()
        self._highs.setOptionValue("simplex_strategy", PRIMAL)
        self._highs.setOptionValue("time_limit", TIME_LIMIT)
        self._known: list[tuple[int, object]] = []  # segment and column of each variable; purchases likewise

    def mix(self, pool: Sequence[Sequence[Column]]) -> tuple[list[Array], Array, float, Array]:
        """Solve the master over the columns at hand: weights by segment, prices, value, units bought.

        Raises
        ------
        InfeasibleError, SolverError
            As `mix_columns`, which is asked where this programme ends without a proof.
        """
        lp = at_hand(pool, self.capacity, self.purchases)
        scale = max(1.0, float(np.abs(lp.worth).max()))
        order = self._follow(pool, lp)
        count = len(self._known)
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), -lp.worth[order] / scale)
        self._highs.run()
        found = self._highs.getSolution()
        x = np.empty(count)
        x[order] = found.col_value
        if not self._proven(lp, x, len(pool)):
            return mix_columns(pool, self.capacity, self.purchases)
        prices = np.zeros(self.capacity.size)
        prices[lp.limited] = -np.asarray(found.row_dual)[: lp.room.size] * scale / lp.unit
        own = lp.owner < len(pool)
        weights = np.split(np.maximum(x[own], 0.0), np.cumsum([len(columns) for columns in pool])[:-1])
        return weights, prices.reshape(self.capacity.shape), lp.base + float(lp.worth @ x), x[~own]

    def _follow(self, pool: Sequence[Sequence[Column]], lp: AtHand) -> npt.NDArray[np.int64]:
        """Bring the programme up to date; return which column at hand each of its variables is."""
        import highspy

        rows, infinite = lp.room.size, highspy.kHighsInf
        none = np.zeros(0, np.int32)
        if not self._known:
            below = np.concatenate([np.full(rows, -infinite), np.ones(len(pool))])
            above = np.concatenate([lp.room, np.ones(len(pool))])
            self._highs.addRows(below.size, below, above, 0, none, none, np.zeros(0))
        every = [column for columns in pool for column in columns] + list(self.purchases)
        # Columns are told apart as objects, which the list of the known keeps alive.
        at = {(int(owner), id(one)): n for n, (owner, one) in enumerate(zip(lp.owner, every, strict=True))}
        keys = [(owner, id(one)) for owner, one in self._known]
        gone = [n for n, key in enumerate(keys) if key not in at]
        if gone:
            self._highs.deleteCols(len(gone), np.array(gone, np.int32))
            self._known = [one for one, key in zip(self._known, keys, strict=True) if key in at]
        held = set(keys)
        fresh = [n for key, n in at.items() if key not in held]
        block = np.zeros((len(fresh), rows + len(pool)))
        block[:, :rows] = lp.use[:, fresh].T
        own = np.flatnonzero(lp.owner[fresh] < len(pool))
        block[own, rows + lp.owner[fresh][own]] = 1.0
        column, row = np.nonzero(block)
        first = np.searchsorted(column, np.arange(len(fresh))).astype(np.int32)
        most = np.where(np.isfinite(lp.most[fresh]), lp.most[fresh], infinite)
        nothing = np.zeros(len(fresh))
        self._highs.addCols(
            len(fresh), nothing, nothing, most, row.size, first, row.astype(np.int32), block[column, row]
        )
        self._known += [(int(lp.owner[n]), every[n]) for n in fresh]
        return np.array([at[owner, id(one)] for owner, one in self._known])

    def _proven(self, lp: AtHand, x: Array, segments: int) -> bool:
        """Tell whether the solver says that it is done, and the point keeps all rows."""
        import highspy

        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        own = lp.owner < segments
        shares = np.bincount(lp.owner[own], x[own], segments)
        apart = max(float((lp.use @ x - lp.room).max(initial=0.0)), float(np.abs(shares - 1.0).max()))
        return apart <= BROKEN * (1 + float(np.abs(lp.room).max(initial=0.0)))
