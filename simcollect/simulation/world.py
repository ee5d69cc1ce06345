"""The whole of a running simulation as compiled code sees it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.simulation.columns import Accounts
from simcollect.simulation.flows import Log, Tallies
from simcollect.simulation.rules import Record, Tables
from simcollect.simulation.waiting import Queue

Index = npt.NDArray[np.int32]  # positions of accounts


class World(NamedTuple):
    """Everything that compiled functions over many accounts read and write.

    Attributes
    ----------
    acc : the accounts; wake : the next day on which each has to be looked at
    queue : who waits on which day
    rules : a record of one entry; days : one record for each day of the run; tables : larger arrays
    tallies, followed, log : where what happened is written
    """

    acc: Accounts
    wake: npt.NDArray[np.int32]
    queue: Queue
    rules: Record
    days: Record
    tables: Tables
    tallies: Tallies
    followed: Tallies
    log: Log
