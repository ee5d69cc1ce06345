"""1,000,000 account-months estimated in at most 60 s on 2 cores."""

import time

import numpy as np

from simcollect.calibration.identified import table
from simcollect.calibration.likelihood import fit
from simcollect.calibration.recovery import draw
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
