"""`optimise`: the best use of what the lender has, with a proof of how good it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.model import build_model
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.problem import People, Problem
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Goal, Resources


def optimise(
    portfolio: Portfolio,
    scenario: Scenario,
    resources: Resources,
    *,
    weeks: int = 52,
    people: People = "given",
    goal: Goal | None = None,
    behaviour: Behaviour | None = None,
    catalogue: Catalogue | None = None,
    prior: Prior | None = None,
    draws: Sequence[Behaviour] = (),
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
        wages, and `Plan.headcount` holds the people. Overtime, agency seats and further messages are bought where the
        resources offer them and they pay; see `Plan.bought`
    goal : what to strive for and within which limits; net present value within the resources if not given
    behaviour : the borrower's parameters; the defaults if not given
    catalogue : the actions to choose from; the package's if not given
    prior : hidden classes given the observed state; that of a book treated as the champion does if not given
    draws : further sets of the borrower's parameters, as `Calibration.draws` gives; the plan is weighed under each, and
        `Plan.drawn` says how far its gain spreads and how probable it is that it is the right one
    tolerance : stop when the mix of columns is this close to what its prices allow, as a share of the gain
    max_rounds : stop after so many rounds of pricing; the gap says what is missing
    progress : called with the round and the gap

    Raises
    ------
    InputError
        The number of weeks is not positive, or people is neither of the two.
    InfeasibleError
        The limits cannot be kept together; those that collide and the nearest figures that can be met are named.
    SolverError
        The solver stopped without a proof.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> plan = optimise(book, Scenario.baseline(), Resources.default(book), weeks=4, max_rounds=14)
    >>> bool(plan.nothing <= plan.value <= plan.bound)
    True

    The same with at most half a contact a customer on average:

    >>> goal = Goal(at_most={"contacts_per_account": 0.5})
    >>> careful = optimise(book, Scenario.baseline(), Resources.default(book), weeks=4, max_rounds=14, goal=goal)
    >>> bool(careful.limits["reached"].iloc[0] <= 0.5 + 1e-6), bool(careful.value <= plan.bound)
    (True, True)
    """
    if weeks < 1:
        raise InputError(f"weeks must be 1 or more, not {weeks}")
    if people not in ("given", "chosen"):
        raise InputError(f'people must be "given" or "chosen", not {people!r}')
    model = build_model(
        portfolio, scenario, resources, weeks=weeks, behaviour=behaviour, catalogue=catalogue, prior=prior,
        hires=people == "chosen",
    )  # fmt: skip
    goal = goal or Goal()
    problem = Problem(model, people)
    solved = problem.solve(goal, tolerance=tolerance, max_rounds=max_rounds, progress=progress)
    plan = Plan.of(problem, solved, goal, scenario.name)
    return replace(plan, drawn=plan.under_draws(portfolio, scenario, draws)) if len(draws) else plan
