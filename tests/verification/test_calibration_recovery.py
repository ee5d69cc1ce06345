"""Histories drawn from known parameters: the intervals of what is reported as identified cover the truth."""

from simcollect.calibration.recovery import study


def test_intervals_cover_the_truth() -> None:
    """A small version; `tests/benchmarks/recovery.py` holds the large one."""
    table = study(cases=4, accounts=20_000, months=12, seed=5619).set_index("parameter")
    assert table.loc["all", "cases"] >= 15
    assert table.loc["all", "coverage"] >= 0.85
