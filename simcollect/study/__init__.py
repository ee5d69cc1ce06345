"""A study: one file that names the book, scenarios, strategies and resources; run, resumed and run again."""

from simcollect.study.folder import RunFolder
from simcollect.study.rerun import Rerun, recompute, rerun
from simcollect.study.run import Interrupted, run_study
from simcollect.study.spec import Study, Synthetic

__all__ = ["Interrupted", "Rerun", "RunFolder", "Study", "Synthetic", "recompute", "rerun", "run_study"]
