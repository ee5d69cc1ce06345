"""A plan in few rows: a tree over what a strategist can see, grown where a split keeps most of the plan's gain.

Every account-week of the plan is an atom: a segment in an observed state, with what each action would gain there over
waiting, net of the prices of what it uses. A row of the table is a box of atoms (products, bands, sizes, weeks late,
flags, attention, late before) under one action; a box is worth the sum of its atoms under its best action. The tree
is grown best first: the split that adds most comes next, until there are as many rows as may be,
or one more would add next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SMALLEST = 0.001  # share of what is kept that one more row must add: judgement, rows below it only fill the page


@dataclass(frozen=True)
class Box:
    """Atoms under one row of the table.

    Attributes
    ----------
    atoms : which atoms are inside, shape (atoms,)
    codes : for each feature the codes that occur inside
    action : the action that gains most over the box
    gain : what it gains
    """

    atoms: Mask
    codes: dict[str, tuple[int, ...]]
    action: int
    gain: float


def grow(features: pd.DataFrame, gains: Array, allowed: Mask, ordered: tuple[str, ...], rows: int) -> list[Box]:
    """Grow a tree of at most `rows` boxes.

    Parameters
    ----------
    features : one row an atom, one column a feature, small integer codes
    gains : what each action gains over waiting in each atom, money, shape (atoms, A); action 0 is to wait, and gains 0.
        Where an action is not allowed the account waits
    allowed : whether the action may be taken there, shape (atoms, A)
    ordered : features that are split between neighbours; the others are split one code against the rest
    rows : most boxes

    Examples
    --------
    >>> features = pd.DataFrame({"week": [0, 1, 2, 3]})
    >>> gains = np.array([[0.0, -1.0], [0.0, -1.0], [0.0, 5.0], [0.0, 4.0]])
    >>> [(box.codes["week"], box.action) for box in grow(features, gains, gains == gains, ("week",), 2)]
    [((0, 1), 0), ((2, 3), 1)]
    """
    value = np.where(allowed, gains, 0.0)
    columns = {str(name): features[name].to_numpy() for name in features}
    boxes = [_box(columns, value, np.ones(len(features), np.bool_))]
    splits = [_best_split(columns, value, boxes[0], ordered)]
    while len(boxes) < rows:
        at = max(range(len(boxes)), key=lambda i: splits[i][0])
        gain, side = splits[at]
        if side is None or gain <= SMALLEST * sum(box.gain for box in boxes):
            break
        parent = boxes[at].atoms
        pair = [_box(columns, value, parent & side), _box(columns, value, parent & ~side)]
        boxes[at : at + 1] = pair
        splits[at : at + 1] = [_best_split(columns, value, box, ordered) for box in pair]
    return boxes


def _box(columns: dict[str, npt.NDArray[np.int64]], value: Array, atoms: Mask) -> Box:
    total = value[atoms].sum(axis=0)
    # A tie goes to the lesser action: no effort without a gain.
    action = int(np.argmax(total > total.max() - 1e-9 * max(1.0, abs(float(total.max())))))
    codes = {name: tuple(int(c) for c in np.unique(column[atoms])) for name, column in columns.items()}
    return Box(atoms, codes, action, float(total[action]))


def _best_split(
    columns: dict[str, npt.NDArray[np.int64]], value: Array, box: Box, ordered: tuple[str, ...]
) -> tuple[float, Mask | None]:
    """Return what the best split of a box adds, and the atoms of its first side."""
    best, side = 0.0, None
    for name, column in columns.items():
        codes = box.codes[name]
        if len(codes) < 2:
            continue
        sums = np.stack([value[box.atoms & (column == code)].sum(axis=0) for code in codes])
        for inside in _cuts(len(codes), name in ordered):
            gain = float(sums[inside].sum(axis=0).max() + sums[~inside].sum(axis=0).max()) - box.gain
            if gain > best * (1 + 1e-12):
                best, side = gain, np.isin(column, [code for code, hit in zip(codes, inside, strict=True) if hit])
    return best, side


def _cuts(n: int, ordered: bool) -> Iterator[Mask]:
    """Yield ways to part n codes in two."""
    for i in range(n - 1 if ordered or n == 2 else n):
        yield np.arange(n) <= i if ordered else np.arange(n) == i
