"""The large recovery study: does an interval of 95 % cover the truth as often, number by number?

    python tests/benchmarks/recovery.py FILE FIRST CASES [chosen]

Truths are drawn from the prior, histories of 20,000 accounts over 12 months from them; seeds count from FIRST. Each
case is saved as it is done; the same command again goes on with those that are missing, and prints the coverage of all
in the file.

Some numbers are rarely identified. With `chosen`, only histories are estimated in which a quick look (a search from the
defaults alone, and the curvature at its end) says that one of these may be. The choice sees the history and not the
truth, so an interval of a posterior promises as much for what is chosen.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from simcollect.calibration.curvature import curvature, inverse
from simcollect.calibration.likelihood import Model, fit
from simcollect.calibration.recovery import against, coverage, made_up

# Errors of the quick look, in the prior's spreads, below which a rare number may be identified: read off 232 cases, of
# which they keep half, with 1.8 times as many of these numbers identified in each.
BELOW = {
    "hidden.disposition[unwilling]": 0.2, "pay.base[unwilling, 31-60]": 0.15, "pay.base[unwilling, 61-90]": 0.2,
    "pay.base[unwilling, 91+]": 0.17, "pay.all[able]": 0.13, "pay.base[prompt, to day 3]": 0.2,
    "pay.base[forgetful, 31-60]": 0.2, "pay.base[forgetful, 61-90]": 0.2, "pay.base[forgetful, 91+]": 0.25,
    "pay.base[forgetful, 4-30]": 0.25, "hidden.disposition[forgetful]": 0.25, "pay.base[strained, to day 3]": 0.22,
    "pay.base[strained, 4-30]": 0.25, "pay.base[misinformed, to day 3]": 0.2,
}  # fmt: skip


def chosen(model: Model) -> bool:
    """Return whether a rare number may be identified in a history."""
    found = fit(model, np.zeros(len(model.free)), most=60, errors=False).theta
    bend = curvature(lambda x: model.objective(x)[1], found, model.sd)
    error = np.sqrt(np.diag(inverse(bend, model.sd))) / model.sd
    return any(error[i] < BELOW.get(entry.name, 0.0) for i, entry in enumerate(model.free))


def recover(file: Path, first: int, cases: int, choose: bool, accounts: int = 20_000, months: int = 12) -> pd.DataFrame:
    """Return coverage by parameter; cases already in the file are not drawn again."""
    done = set(pd.read_csv(file)["case"]) if file.exists() else set()
    for case in range(first, first + cases):
        if case in done:
            continue
        model, truth = made_up(case, accounts, months)
        if not choose or chosen(model):
            rows = against(fit(model), truth).assign(case=case)
            rows.to_csv(file, mode="a", header=not file.exists(), index=False)
    return coverage(pd.read_csv(file))


if __name__ == "__main__":
    file, first, cases, *how = sys.argv[1:]
    print(recover(Path(file), int(first), int(cases), how == ["chosen"]).round(3).to_string(index=False))
