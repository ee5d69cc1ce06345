"""The public names: a list that changes only on purpose, quick to import, each what it says."""

import subprocess
import sys

import simcollect as sc

PUBLIC = {
    "AbsorbingChain", "Behaviour", "Catalogue", "Comparison", "Goal", "Plan", "Policy", "Portfolio", "Resources",
    "Scenario", "SimulationResult", "StaffPlan", "Strategy", "StressResult", "calibrate", "compare", "one_day_lp",
    "optimise", "read_taiwan", "report", "simulate", "staff", "stress", "tradeoff", "whittle_index",
}  # fmt: skip


def test_the_public_names_are_these_and_all_exist() -> None:
    assert set(sc.__all__) == PUBLIC
    assert all(callable(getattr(sc, name)) for name in PUBLIC)


def test_a_room_once_imported_does_not_hide_a_function() -> None:
    """`sc.stress` is the function, whatever has been imported before."""
    code = "import simcollect.stressing, simcollect.cli, simcollect as sc; assert sc.stress.__name__ == 'stress'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_import_is_quick_because_nothing_heavy_is_loaded() -> None:
    code = "import sys, simcollect; print(sorted({'pandas', 'numba', 'scipy', 'matplotlib'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
