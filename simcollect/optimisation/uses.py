"""What each action takes of the resources, in each observed state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.model import RESOURCES, Model

Array = npt.NDArray[np.float64]


def main_use(model: Model) -> tuple[npt.NDArray[np.int64], Array]:
    """Return which resource (a row of `RESOURCES`) each action mainly takes in each state and how much, (A, S)."""
    resource = np.full((len(model.catalogue), N_STATES), RESOURCES.index("messages"))
    amount = np.ones(resource.shape)
    teams, minutes = model.catalogue.teams(), mean_minutes(model)
    for code, action in enumerate(model.catalogue.actions):
        if action.legal:
            resource[code] = RESOURCES.index("legal slots")
        elif action.team is not None:
            resource[code], amount[code] = teams[code], minutes[code]
    return resource, amount


def mean_minutes(model: Model) -> Array:
    """Return expected minutes of each action in each state, averaged over behaviours, shape (A, S)."""
    kernel = model.chain.kernel
    out = np.ones((len(model.catalogue), N_STATES))
    per_week = model.terms.minutes[0].reshape(len(model.catalogue), -1, 4, 5).mean(axis=3)
    works = model.catalogue.teams() >= 0
    for s in range(PLAN):
        w, level = int(kernel.week_of[s]), int(kernel.level_of[s])
        column = per_week[:, w + 6, level]
        out[:, s] = np.where(works[:, s], column, 1.0)
    return out
