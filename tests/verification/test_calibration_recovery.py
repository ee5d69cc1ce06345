"""Histories drawn from known parameters: the intervals of what is reported as identified cover the truth."""

from simcollect.calibration.recovery import study


def test_intervals_cover_the_truth() -> None:
    """A small version; `tests/benchmarks/test_calibration_speed.py` holds the large one."""
    table = study(cases=2, accounts=30_000, months=8, seed=10).set_index("parameter")
    assert table.loc["all", "cases"] >= 6
    assert table.loc["all", "coverage"] >= 0.8
