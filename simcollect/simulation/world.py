"""The whole of a running simulation as compiled code sees it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.simulation.columns import Accounts
from simcollect.simulation.flows import Log, Tallies
from simcollect.simulation.rules import Record, Tables

Index = npt.NDArray[np.int32]  # positions of accounts


class World(NamedTuple):
    """Everything that compiled functions over many accounts read and write.

    Attributes
    ----------
    acc : the accounts; wake : the next day on which each has to be looked at
    rules, day : records of one entry; tables : larger arrays
    tallies, log : where what happened is written
    """

    acc: Accounts
    wake: npt.NDArray[np.int32]
    rules: Record
    day: Record
    tables: Tables
    tallies: Tallies
    log: Log
