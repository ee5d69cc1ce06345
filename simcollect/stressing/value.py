"""What a book is worth at the end of a run."""

from __future__ import annotations

import numpy as np

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.optimisation.model import Model, build_model
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Resources


def book_value(final: object, model: Model) -> float:
    """Return what the book at the end of a run is worth if left alone, in money of day 0.

    Parameters
    ----------
    final : instalments by segment, observed state and hidden class, shape (G, S, H), as in `SimulationResult.final`
    model : the planning problem whose horizon is the end of the run
    """
    ends = np.stack([segment.end[:, 0] for segment in model.segments])
    return float((np.asarray(final) * ends).sum())


def valuation(
    portfolio: Portfolio, scenario: Scenario, resources: Resources, weeks: int, behaviour: Behaviour | None
) -> Model:
    """Return a planning problem that can do no more than value the book after some weeks, in a quarter of the time.

    The book is valued as left alone, so of all actions only waiting is worked out.
    """
    wait = Catalogue(Catalogue.default().actions[:1])
    return build_model(portfolio, scenario, resources, weeks=weeks, behaviour=behaviour, catalogue=wait)
