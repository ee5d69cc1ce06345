"""What a policy sees of accounts, and its answer checked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.parameters import BANDS
from simcollect.behaviour.states import FLAG_NAMES, LEVEL_NAMES
from simcollect.economy import PRODUCTS
from simcollect.errors import InputError
from simcollect.simulation.columns import Accounts, weekly_states
from simcollect.simulation.world import Index
from simcollect.strategy import Decision, Policy

_LEVEL, _FLAG, _PRODUCT, _BAND = (pd.CategoricalDtype(list(x)) for x in (LEVEL_NAMES, FLAG_NAMES, PRODUCTS, BANDS))


def whole_book(accounts: Accounts, order: npt.NDArray[np.int64], t: int) -> pd.DataFrame:
    """Return what the lender sees of all accounts on the morning of a day, their age rounded down to weeks.

    Parameters
    ----------
    order : row of the portfolio of each account
    """
    seen = view(accounts, order, np.arange(len(accounts), dtype=np.int32), t)
    seen["state"] = weekly_states(accounts, t)
    return seen


def view(accounts: Accounts, order: npt.NDArray[np.int64], index: Index, t: int) -> pd.DataFrame:
    """Return what the lender sees of accounts under review, one row each."""
    acc = accounts[index]
    return pd.DataFrame(
        {
            "account": order[index],
            "state": acc["state"],
            "week": (t - acc["due"]) // 7,
            "level": pd.Categorical.from_codes(acc["level"], dtype=_LEVEL),
            "flag": pd.Categorical.from_codes(acc["flag"], dtype=_FLAG),
            "late_before": acc["late"] > 0,
            "product": pd.Categorical.from_codes(acc["product"], dtype=_PRODUCT),
            "risk_band": pd.Categorical.from_codes(acc["band"], dtype=_BAND),
            "principal": acc["principal"],
            "instalment": acc["instalment"],
            "score": acc["score"],
            "segment": acc["segment"],
            "day": t,
            "age_days": t - acc["due"],
            "consents": acc["consents"],
            "attempt_day": acc["attempt_day"],
            "attempt_days": acc["attempt_mask"],
        }
    )


def decide(
    policy: Policy, seen: pd.DataFrame, allowed: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64] | None]:
    """Return a policy's action for each row, and how urgent it says each is.

    Parameters
    ----------
    allowed : what the catalogue allows, by action and observed state; what is not allowed is not done

    Raises
    ------
    InputError
        The policy returned something else than one action code for each row.
    """
    answer = policy.decide(seen)
    actions = np.asarray(answer.actions if isinstance(answer, Decision) else answer, dtype=np.int64)
    known = len(allowed)
    if actions.shape != (len(seen),) or (actions < 0).any() or (actions >= known).any():
        raise InputError(f"the policy must return one action code from 0 to {known - 1} for each of {len(seen)} rows")
    urgency = answer.urgency if isinstance(answer, Decision) else None
    return np.where(allowed[actions, seen["state"]], actions, 0), urgency
