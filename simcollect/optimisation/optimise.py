"""`optimise`: the best use of what the lender has, with a proof of how good it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.master import solve_master
from simcollect.optimisation.model import HEADROOM, build_model
from simcollect.optimisation.people import headcount_table, people_to_buy
from simcollect.optimisation.plan import Plan
from simcollect.portfolio import Portfolio
from simcollect.strategy import TEAMS, Catalogue, Resources


def optimise(
    portfolio: Portfolio,
    scenario: Scenario,
    resources: Resources,
    *,
    weeks: int = 52,
    people: Literal["given", "chosen"] = "given",
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
    people : "given": the teams are as they are, their wages the same whatever is planned. "chosen": head-count by team
        and month is planned together with the treatments, at the wages of the resources; the plan's value is then less
        wages, and `Plan.headcount` holds the people
    behaviour : the borrower's parameters; the defaults if not given
    catalogue : the actions to choose from; the package's if not given
    prior : hidden classes given the observed state; that of a book treated as the champion does if not given
    tolerance : stop when the mix of columns is this close to what its prices allow, as a share of the gain
    max_rounds : stop after so many rounds of pricing; the gap says what is missing
    progress : called with the round and the gap

    Raises
    ------
    InputError
        The number of weeks is not positive, or people is neither of the two.
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
    if people not in ("given", "chosen"):
        raise InputError(f'people must be "given" or "chosen", not {people!r}')
    model = build_model(
        portfolio, scenario, resources, weeks=weeks, behaviour=behaviour, catalogue=catalogue, prior=prior
    )
    groups = [ChainGroup(model, segment) for segment in model.segments]
    capacity, bound_capacity = model.capacity.copy(), model.capacity.copy()
    capacity[: len(TEAMS)] *= 1 - HEADROOM
    buy = []
    if people == "chosen":
        capacity[: len(TEAMS)] = bound_capacity[: len(TEAMS)] = 0.0
        buy = people_to_buy(model, HEADROOM)
    mix = solve_master(
        groups,
        capacity,
        purchases=buy,
        bound_capacity=bound_capacity,
        tolerance=tolerance,
        max_rounds=max_rounds,
        sweeps=2,
        progress=progress,
    )
    nothing = sum(group.nothing().value for group in groups)
    return Plan(model, mix, nothing, scenario.name, headcount_table(model, mix.bought) if buy else None)
