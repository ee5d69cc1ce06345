"""Why this action for this account, why now: what is believed of the customer, and what each action is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import DISPOSITIONS, HIDDEN, N_HIDDEN
from simcollect.behaviour.opening import observed, opening
from simcollect.behaviour.states import PLAN, describe
from simcollect.errors import InputError, nearest
from simcollect.optimisation.recursion import action_values
from simcollect.strategy import TEAMS
from simcollect.units import to_major

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan
    from simcollect.portfolio import Portfolio

CAUSES = ("would pay anyway", "forgot", "misread the contract", "unwilling", "short of money")


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """One account's first week in the plan; amounts in major units of the book's currency.

    Attributes
    ----------
    account_id, state : the account, and what the lender sees of it (block, week, level, flag, late before)
    causes : what it is believed to be short of: probability of each cause, summing to one
    actions : one row an action allowed now: gain over waiting, what the resources it uses are worth elsewhere, the net
        of both, and whether the plan takes it; best first
    """

    account_id: str
    state: dict[str, object]
    causes: pd.Series
    actions: pd.DataFrame
    currency: str

    def __repr__(self) -> str:
        top = self.causes.sort_values(ascending=False)
        why = ", ".join(f"{share:.0%} {cause}" for cause, share in top.items() if share >= 0.05)
        if self.actions.empty:
            return f"<Account {self.account_id}: nothing to decide now; believed {why}>"
        best = self.actions.iloc[0]
        if best["action"] == "wait":
            return f"<Account {self.account_id}: leave alone; believed {why}>"
        text = f"{best['label']} (worth {self.currency} {best['net']:,.2f} more than waiting)"
        if len(self.actions) > 1:
            second = self.actions.iloc[1]
            text += f"; next best {second['label']} ({self.currency} {second['net']:,.2f})"
        return f"<Account {self.account_id}: {text}; believed {why}>"


def explain(plan: Plan, portfolio: Portfolio, account_id: str, believed: npt.ArrayLike | None = None) -> Explanation:
    """Explain what the plan does with an account in its first week.

    Parameters
    ----------
    plan : the plan
    portfolio : the book it was made for
    account_id : the account
    believed : probability of each hidden class, if the account has been watched, such as a row of
        `SimulationResult.beliefs`; what the book's prior says of its state if not given

    Raises
    ------
    InputError
        There is no such account in the book, or what is believed is not a probability for each hidden class.
    """
    ids = portfolio.accounts["account_id"]
    rows = np.flatnonzero((ids == account_id).to_numpy())
    if rows.size == 0:
        raise InputError(f"no account is called {account_id}; {nearest(account_id, ids.head(1000))}")
    row = int(rows[0])
    model = plan.model
    g = int(model.segmentation.codes[row])
    segment = model.segments[g]
    low, high, share = observed(opening(portfolio.subset(np.arange(len(portfolio)) == row), model.calendar))
    state = int(high[0] if share[0] >= 0.5 else low[0])
    belief = segment.faith[state] if believed is None else _checked(believed)
    causes = pd.Series([*belief[: len(DISPOSITIONS)], belief[len(DISPOSITIONS) :].sum()], index=list(CAUSES))
    instalment = float(to_major(portfolio.accounts["instalment"].to_numpy()[row], portfolio.currency))
    seen = {name: value for name, value in describe().loc[state].items() if value is not None}
    taken = int(plan.mix.columns[g][int(np.argmax(plan.mix.weights[g]))].policy[0, state]) if state < PLAN else 0
    table = _actions(plan, g, state, belief, instalment, taken) if state < PLAN else pd.DataFrame()
    return Explanation(account_id, {str(k): v for k, v in seen.items()}, causes, table, portfolio.currency)


def _checked(believed: npt.ArrayLike) -> np.ndarray:
    belief = np.asarray(believed, dtype=float)
    if belief.shape != (N_HIDDEN,) or (belief < 0).any() or abs(belief.sum() - 1) > 1e-6:
        raise InputError(f"believed must be {N_HIDDEN} probabilities that sum to one ({', '.join(HIDDEN)})")
    return belief


def _actions(plan: Plan, g: int, state: int, belief: np.ndarray, instalment: float, taken: int) -> pd.DataFrame:
    model, group = plan.model, plan.solved.groups[g]
    later = plan.values_later(g)[0]
    free = np.zeros_like(plan.solved.prices)
    q = np.zeros((2, N_HIDDEN))

    def worth(action: int, prices: np.ndarray) -> float:
        kernel, terms, series, price, week = group.weighing_of(0, prices)
        action_values(kernel, terms, series, price, week, later, state, action, q)
        return float(belief @ (instalment * q[0] - q[1]))

    wait = worth(0, free)
    rows = []
    for code, action in enumerate(model.catalogue.actions):
        if not model.terms.allowed[code, state]:
            continue
        gain, net = worth(code, free) - wait, worth(code, plan.solved.prices) - wait
        team = int(model.catalogue.teams()[code, state])
        rows.append(
            {
                "action": action.name,
                "label": action.label,
                "gain": gain,
                "resources": gain - net,
                "net": net,
                "team": TEAMS[team] if team >= 0 else "",
                "planned": code == taken,
            }
        )
    return pd.DataFrame(rows).sort_values("net", ascending=False, ignore_index=True)
