"""Calibration on a lender's own history: schema, estimators, score, back-test, pilot design."""

from simcollect.calibration.backtest import BackTest, back_test
from simcollect.calibration.calibrate import calibrate
from simcollect.calibration.contact import ContactEffect, contact_effect
from simcollect.calibration.history import History
from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.pilot import Design, PilotResult, analyse, design
from simcollect.calibration.result import Calibration
from simcollect.calibration.score import Score, score
from simcollect.calibration.scores import account_scores, pays_when_contacted, with_bands

__all__ = [
    "BackTest",
    "Calibration",
    "ContactEffect",
    "Design",
    "History",
    "HistoryMapping",
    "PilotResult",
    "Score",
    "account_scores",
    "analyse",
    "back_test",
    "calibrate",
    "contact_effect",
    "design",
    "pays_when_contacted",
    "score",
    "with_bands",
]
