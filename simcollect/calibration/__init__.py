"""Calibration on a lender's own history: schema, estimators, score, back-test, pilot design."""

from simcollect.calibration.calibrate import calibrate
from simcollect.calibration.history import History
from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.result import Calibration

__all__ = ["Calibration", "History", "HistoryMapping", "calibrate"]
