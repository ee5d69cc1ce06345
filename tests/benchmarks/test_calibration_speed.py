"""1,000,000 account-months estimated in at most 60 s on 2 cores; and the large recovery study.

The recovery study is a script: ``python tests/benchmarks/test_calibration_speed.py 200 cases.csv 1000 1.0``: cases,
file, first seed, and spread of the truths as a share of the prior's. Each case is saved as it is done; the same command
again goes on with those that are missing and prints coverage of all.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from simcollect.calibration.identified import table
from simcollect.calibration.likelihood import fit
from simcollect.calibration.recovery import coverage, draw, one_case
from simcollect.calibration.statuses import example_model


def test_a_million_account_months_in_a_minute() -> None:
    empty = example_model(months=25)
    truth = 0.5 * empty.sd * np.random.default_rng(5).standard_normal(len(empty.free))
    model = draw(empty, truth, accounts=42_000, months=25, seed=5)
    months = int(model.panel.weight.sum()) * 24
    started = time.perf_counter()
    cpu = time.process_time()
    found = fit(model)
    fitted = time.process_time() - cpu
    rows = table(found)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"\n{months:,} account-months, {len(model.panel.weight):,} distinct histories: {seconds:.1f} s, {cpu:.1f} s "
          f"of processor time, {fitted:.1f} for the estimate, the rest for the intervals of {len(rows)} numbers; "
          f"{found.iterations} steps, converged: {found.converged}")  # fmt: skip
    assert months >= 1_000_000
    assert found.converged
    assert seconds <= 60


def recover(cases: int, file: Path, seed: int, spread: float, accounts: int = 20_000, months: int = 12) -> pd.DataFrame:
    """Return coverage by parameter; cases already in the file are not drawn again."""
    done = set(pd.read_csv(file)["case"]) if file.exists() else set()
    for case in range(seed, seed + cases):
        if case not in done:
            rows, _ = one_case(case, accounts, months, spread)
            rows.assign(case=case).to_csv(file, mode="a", header=not file.exists(), index=False)
    return coverage(pd.read_csv(file))


if __name__ == "__main__":
    cases, file, first, spread = sys.argv[1:]
    print(recover(int(cases), Path(file), int(first), float(spread)).round(3).to_string(index=False))
