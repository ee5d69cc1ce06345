"""A score: the probability of an outcome, from tape and history, honest about customers it has not seen.

The outcome of an account at a month is what its statuses did in the months after; what is known is the tape and the
statuses up to that month, so nothing of the future can enter. Probabilities are out of sample: each account is scored
by models that never saw it, each calibrated by a logistic curve on accounts of its own (Platt).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.filter import ENDED
from simcollect.calibration.panel import Sequences
from simcollect.errors import InputError

OUTCOMES: Final = {
    "cure": "of those late, status 0 a month later",
    "late": "of those not late, late a month later",
    "worse": "of those late, a worse status a month later",
    "contact": "of those contacted, paid",
}
LEAST = 50  # outcomes of each kind needed: judgement, ten for each of five folds
FOLDS = 5
LEAK = 0.99  # a single column that ranks outcomes better than this tells the future: judgement
TAPE_FEATURES = ("principal", "instalment", "rate_per_year", "remaining_term", "score", "promises_broken")


@dataclass(frozen=True, eq=False, repr=False)
class Score:
    """A fitted score and its out-of-sample figures.

    Attributes
    ----------
    outcome : a key of `OUTCOMES`
    features : columns used
    probabilities : one row a case: account_id, probability (out of sample), happened
    reliability : one row a tenth of the cases by probability: predicted, happened, n, standard_error
    auc, log_loss, brier : out of sample; base_log_loss : of the plain share
    leaking : columns not used because each alone tells the outcome
    model : fitted on all cases, for new accounts; see `predict`
    """

    outcome: str
    features: tuple[str, ...]
    probabilities: pd.DataFrame
    reliability: pd.DataFrame
    auc: float
    log_loss: float
    brier: float
    base_log_loss: float
    leaking: tuple[str, ...]
    model: Any

    def predict(self, features: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the probability of the outcome for rows with the columns `features`."""
        return np.asarray(self.model.predict_proba(features[list(self.features)].to_numpy(np.float64))[:, 1])

    def __repr__(self) -> str:
        return (
            f"Score of {self.outcome!r} ({OUTCOMES[self.outcome]}): {len(self.probabilities):,} cases, out of sample "
            f"area under the curve {self.auc:.3f}, log-loss {self.log_loss:.4f} (plain share {self.base_log_loss:.4f})"
        )


def cases(
    data: Sequences, outcome: str, tape: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return the features of each case (with account_id) and whether the outcome happened.

    A case is an account in a month that has a known month after it. The tape's columns count only where they were
    known then: its days late, arrears and counts of late spells are as of a later day, so they are never used.

    Parameters
    ----------
    data : status sequences
    outcome : a key of `OUTCOMES`
    tape : accounts with account_id
    """
    status = data.status
    now, nxt = status[:, :-1], status[:, 1:]
    late = outcome != "late"
    at_risk = (now > 0 if late else now == 0) & (nxt >= 0)
    row, t = np.nonzero(at_risk)
    seen = np.maximum(status, 0)
    ever = np.maximum.accumulate(seen, axis=1)
    months_late = np.cumsum(status > 0, axis=1)
    previous = np.where(t > 0, seen[row, np.maximum(t - 1, 0)], 0)
    happened = {"cure": nxt == 0, "late": nxt > 0, "worse": nxt > now}[outcome][row, t]
    frame = pd.DataFrame(
        {
            "account_id": data.account[row],
            "status": seen[row, t],
            "status_before": previous,
            "worst_so_far": ever[row, t],
            "months_late_so_far": months_late[row, t],
            "months_known": np.cumsum(status != ENDED, axis=1)[row, t],
        }
    )
    if tape is not None:
        names = [name for name in TAPE_FEATURES if name in tape]
        extra = tape.drop_duplicates("account_id").set_index("account_id")[names].astype(np.float64)
        frame = frame.join(extra, on="account_id")
        for name in names:
            frame[name] = frame[name].fillna(extra[name].median() if extra[name].notna().any() else 0.0)
    return frame, np.asarray(happened, np.bool_)


def score(data: Sequences, outcome: str = "cure", tape: pd.DataFrame | None = None, seed: int = 0) -> Score:
    """Fit a score and judge it on accounts that it has not seen.

    Parameters
    ----------
    data : status sequences
    outcome : a key of `OUTCOMES`
    tape : accounts with account_id; their credit score enters here
    seed : of the split into folds

    Raises
    ------
    InputError
        The outcome is unknown, or happened (or failed to) in fewer than 50 cases.
    """
    if outcome not in OUTCOMES or outcome == "contact":
        known = ", ".join(name for name in OUTCOMES if name != "contact")
        raise InputError(f"outcome is {outcome}; known: {known}; for contact see pays_when_contacted")
    frame, happened = cases(data, outcome, tape)
    if min(happened.sum(), (~happened).sum()) < LEAST:
        raise InputError(
            f"the score of {outcome} needs {LEAST} cases each way; there are {int(happened.sum())} of {len(frame)}"
        )
    return score_of(frame, happened, outcome, seed)


def score_of(frame: pd.DataFrame, happened: npt.NDArray[np.bool_], outcome: str = "cure", seed: int = 0) -> Score:
    """Fit a score on features made elsewhere, one row a case with `account_id`; see `score`."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    def fresh() -> Any:
        base = make_pipeline(
            StandardScaler(),
            SplineTransformer(n_knots=4, degree=2, extrapolation="constant"),
            LogisticRegression(max_iter=500),
        )
        return CalibratedClassifierCV(base, method="sigmoid", cv=3)

    y = happened.astype(np.int64)
    leaking = tuple(name for name in frame.columns if name != "account_id" and _alone(frame[name], y) >= LEAK)
    features = [n for n in frame.columns if n != "account_id" and n not in leaking and float(np.ptp(frame[n])) > 0]
    if not features:
        raise InputError("no column varies without telling the outcome; give a tape or more months")
    x = frame[features].to_numpy(np.float64)
    probability = np.empty(len(frame))
    shuffled = np.random.default_rng(seed).permutation(len(frame))
    groups = pd.factorize(frame["account_id"].to_numpy()[shuffled])[0]
    for train, test in GroupKFold(FOLDS).split(x[shuffled], y[shuffled], groups):
        model = fresh().fit(x[shuffled][train], y[shuffled][train])
        probability[shuffled[test]] = model.predict_proba(x[shuffled][test])[:, 1]
    share = float(y.mean())
    return Score(
        outcome,
        tuple(features),
        pd.DataFrame({"account_id": frame["account_id"], "probability": probability, "happened": happened}),
        reliability(probability, happened),
        float(roc_auc_score(y, probability)),
        float(log_loss(y, probability)),
        float(brier_score_loss(y, probability)),
        float(-(share * np.log(share) + (1 - share) * np.log(1 - share))),
        leaking,
        fresh().fit(x, y),
    )


def reliability(probability: npt.ArrayLike, happened: npt.ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Return what was predicted and what happened, by tenths of the cases.

    Examples
    --------
    >>> reliability([0.1] * 50 + [0.9] * 50, [False] * 45 + [True] * 50 + [False] * 5, bins=2)["happened"].tolist()
    [0.1, 0.9]
    """
    p, y = np.asarray(probability, np.float64), np.asarray(happened, np.float64)
    order = np.argsort(p, kind="stable")
    rows = []
    for part in np.array_split(order, bins):
        if part.size:
            share = float(y[part].mean())
            error = np.sqrt(max(share * (1 - share), 0.25 / part.size) / part.size)
            rows.append((float(p[part].mean()), share, part.size, error))
    return pd.DataFrame(rows, columns=["predicted", "happened", "n", "standard_error"])


def _alone(values: pd.Series, y: npt.NDArray[np.int64]) -> float:
    """Return how well one column alone ranks the outcome, either way round."""
    from sklearn.metrics import roc_auc_score

    area = float(roc_auc_score(y, values.to_numpy(np.float64)))
    return max(area, 1 - area)
