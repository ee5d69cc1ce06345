"""What goes into a simulation, and what one replication of it brings."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.strategy import Resources, Strategy
from simcollect.strategy.compliance import Caps

if TYPE_CHECKING:
    from simcollect.simulation.engine import Simulation

Process = Callable[["Simulation"], Generator[Any, Any, Any]]


@dataclass(frozen=True, eq=False)
class Setting:
    """All that replications share.

    Attributes
    ----------
    portfolio, strategy, scenario, resources, behaviour, prior, caps : the inputs
    seed, days, events, check : as given to `simulate`
    processes : processes of the user's own
    """

    portfolio: Portfolio
    strategy: Strategy
    scenario: Scenario
    resources: Resources
    behaviour: Behaviour
    prior: Prior
    caps: Caps
    seed: int
    days: int
    events: bool
    check: bool
    processes: tuple[Process, ...]


@dataclass(eq=False)
class Replication:
    """What one replication brought.

    Attributes
    ----------
    flows : int64 (days, len(FLOWS))
    minutes, capacity, paid_hours : float64 (days, teams)
    stages : (day, counts) at the start (day −1), month ends and the last day; counts have shape (rows, 3)
    rolls : (day, counts) for each month between two month ends, counts by row from and to
    final : float64 (G, S, H), minor units
    followed : counts by stage of the strategy, see `simcollect.simulation.flows.STAGE_TALLY`
    vintages : (day, counts) as `stages`, counts by vintage
    events : columns of the event log, with the day
    beliefs : float64 (accounts, H), what a policy that learns believes at the end; else None
    """

    flows: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.float64]
    capacity: npt.NDArray[np.float64]
    paid_hours: npt.NDArray[np.float64]
    stages: list[tuple[int, npt.NDArray[np.int64]]] = field(default_factory=list)
    rolls: list[tuple[int, npt.NDArray[np.int64]]] = field(default_factory=list)
    final: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    events: list[dict[str, Any]] = field(default_factory=list)
    followed: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    vintages: list[tuple[int, npt.NDArray[np.int64]]] = field(default_factory=list)
    beliefs: npt.NDArray[np.float64] | None = None
