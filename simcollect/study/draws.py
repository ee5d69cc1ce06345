"""A file of draws beside a file of parameters: how else the borrower may be, as far as the history says.

CSV, one row a draw, one column a number that differs between draws: the entry of the parameter table, with its place in
the entry where that has several, as ``pay.base[4,7]``. Everything else is as in the file of parameters.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.errors import InputError, Problem

AGAIN = "write the file with simcollect calibrate"
LEARNED = 100  # draws that a calibration writes: enough to see one in twenty, judgement


def draws_file(parameters: str | Path) -> Path:
    """Return where the draws of a file of parameters are.

    Examples
    --------
    >>> draws_file("ours/parameters.yaml").name
    'parameters_draws.csv'
    """
    file = Path(parameters)
    return file.with_name(f"{file.stem}_draws.csv")


def draws_text(draws: Sequence[Behaviour]) -> str:
    """Return the text of a file of draws, exact to the last digit.

    Examples
    --------
    >>> two = [Behaviour.default().replace({"call.live_answer": x, "agency.exit": 0.01}) for x in (0.1, 0.2)]
    >>> draws_text(two)
    'call.live_answer\\n0.1\\n0.2\\n'
    """
    columns: dict[str, list[float]] = {}
    for name in sorted({name for draw in draws for name in draw.values}):
        values = np.stack([draw[name] for draw in draws])
        for place in np.ndindex(values.shape[1:]):
            own = values[(slice(None), *place)]
            if (own != own[0]).any():
                columns[f"{name}[{','.join(map(str, place))}]" if place else name] = own.tolist()
    frame = pd.DataFrame(columns, index=range(len(draws)))
    return str(frame.to_csv(index=False, lineterminator="\n"))


def read_draws(path: str | Path, base: Behaviour, n: int) -> tuple[Behaviour, ...]:
    """Read the first `n` draws of a file.

    Parameters
    ----------
    path : the file
    base : the parameters that the draws are of
    n : how many are wanted

    Raises
    ------
    InputError
        There is no such file, it holds fewer draws, or a column or value that does not fit the parameter table.
    """
    where = str(path)
    try:
        frame = pd.read_csv(path, dtype=str, nrows=n)  # as text, so that each number is read exactly
    except FileNotFoundError:
        rule, remedy = "there are no draws beside the parameters", "run simcollect calibrate again, or leave draws out"
        raise InputError([Problem(where, None, None, None, rule, remedy)]) from None
    except (OSError, ValueError) as error:
        raise InputError([Problem(where, None, None, None, f"is not a readable CSV ({error})", AGAIN)]) from None
    if len(frame) < n:
        rule = f"holds fewer draws than the {n} asked for"
        raise InputError([Problem(where, None, None, str(len(frame)), rule, f"ask for {len(frame)} at most")])
    return tuple(_draw(where, row, base, number) for number, row in enumerate(frame.to_dict("records")))


def _draw(where: str, row: dict[Hashable, str], base: Behaviour, number: int) -> Behaviour:
    changed: dict[str, np.ndarray] = {}
    for column, value in row.items():
        name, *place = re.findall(r"[^\[\],\s]+", str(column))
        try:
            if name not in changed:
                changed[name] = base[name].copy()
            changed[name][tuple(map(int, place))] = float(value)
        except (InputError, ValueError, IndexError) as error:
            raise InputError([Problem(where, number + 2, str(column), str(value), str(error), AGAIN)]) from None
    try:
        return base.replace(changed)
    except InputError as error:
        raise InputError([Problem(where, number + 2, None, None, str(error), AGAIN)]) from None
