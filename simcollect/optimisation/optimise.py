"""`optimise`: the best use of what the lender has, with a proof of how good it is."""

from __future__ import annotations

from collections.abc import Callable

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.master import solve_master
from simcollect.optimisation.model import build_model
from simcollect.optimisation.plan import Plan
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Resources

# A full shift cannot be filled to the last minute day by day: the plan leaves this share of it free. Judgement,
# checked by simulating the plan (docs/performance.md).
HEADROOM = 0.05


def optimise(
    portfolio: Portfolio,
    scenario: Scenario,
    resources: Resources,
    *,
    weeks: int = 52,
    behaviour: Behaviour | None = None,
    catalogue: Catalogue | None = None,
    prior: Prior | None = None,
    tolerance: float = 0.02,
    max_rounds: int = 40,
    progress: Callable[[int, float], None] | None = None,
) -> Plan:
    """Plan the collection of a book: which action for which accounts in each week.

    Parameters
    ----------
    portfolio, scenario, resources : the book, the economy, and what the lender has
    weeks : length of the plan
    behaviour : the borrower's parameters; the defaults if not given
    catalogue : the actions to choose from; the package's if not given
    prior : hidden classes given the observed state; that of a book treated as the champion does if not given
    tolerance : stop when the mix of columns is this close to what its prices allow, as a share of the gain
    max_rounds : stop after so many rounds of pricing; the gap says what is missing
    progress : called with the round and the gap

    Raises
    ------
    InputError
        The book has nothing to plan.
    SolverError
        The solver stopped without a proof.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> plan = optimise(book, Scenario.baseline(), Resources.default(book), weeks=4, max_rounds=14)
    >>> bool(plan.nothing <= plan.value <= plan.bound)
    True
    """
    if weeks < 1:
        raise InputError(f"weeks must be 1 or more, not {weeks}")
    model = build_model(
        portfolio, scenario, resources, weeks=weeks, behaviour=behaviour, catalogue=catalogue, prior=prior
    )
    groups = [ChainGroup(model, segment) for segment in model.segments]
    capacity = model.capacity.copy()
    capacity[:-2] *= 1 - HEADROOM
    mix = solve_master(
        groups,
        capacity,
        bound_capacity=model.capacity,
        tolerance=tolerance,
        max_rounds=max_rounds,
        sweeps=2,
        progress=progress,
    )
    nothing = sum(group.nothing().value for group in groups)
    return Plan(model, mix, nothing, scenario.name)
