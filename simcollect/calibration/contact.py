"""What contact does to payment: the naive difference beside one that can be defended, or a refusal.

Lenders call those they expect to pay (or those they fear will not), so the difference in payment between the called and
the others is not the effect of the call. Where chance decided whom to call, the difference among those is the effect.
Else the difference is taken within fifths of the estimated probability to be called (Rosenbaum & Rubin, JASA 79(387),
1984), and only where both kinds are found: without such overlap no adjustment can be checked by the data, and none is
given the name of an effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.errors import InputError

Z95 = 1.959964
STRATA = 5
EDGE = 0.05  # probability to be called below or above which an account has no counterpart: judgement
LEAST_OVERLAP = 0.80  # share of accounts that must have one: judgement
LEAST = 30  # accounts in each arm: judgement


@dataclass(frozen=True)
class ContactEffect:
    """The effect of contact on the share that pays, in shares (0.05 is five points).

    Attributes
    ----------
    naive, naive_error : difference between contacted and others as they come
    adjusted, adjusted_error : the defensible one; NaN where there is none
    causal : whether it may be called an effect
    overlap : share of accounts that have a counterpart in the other arm
    by : ``randomised``, ``stratified`` or ``refused``
    n : accounts used for the adjusted figure
    base : share of these that pays without contact; NaN where refused
    """

    naive: float
    naive_error: float
    adjusted: float
    adjusted_error: float
    causal: bool
    overlap: float
    by: str
    n: int
    base: float = float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the adjusted figure."""
        return self.adjusted - Z95 * self.adjusted_error, self.adjusted + Z95 * self.adjusted_error

    @property
    def words(self) -> str:
        """What may be said of it."""
        naive = f"Contacted accounts pay {100 * self.naive:+.1f} points (s.e. {100 * self.naive_error:.1f}) more often"
        if self.by == "refused":
            return (
                f"{naive}; this is NOT an effect of contact: only {self.overlap:.0%} of the accounts have a "
                "counterpart in the other arm. Leave some accounts out at random to learn it."
            )
        low, high = self.interval
        figure = f"{100 * self.adjusted:+.1f} points (95 %: {100 * low:+.1f} to {100 * high:+.1f})"
        if self.by == "randomised":
            return f"{naive}; among those chosen by chance the effect is {figure}."
        shrinks = "" if low <= self.naive <= high else " The naive difference is mostly selection."
        return (
            f"{naive}; compared with like accounts {figure}, if nothing else unseen decided whom to contact.{shrinks}"
        )

    def table(self) -> pd.DataFrame:
        """Return the two figures: figure, estimate, standard_error, causal, n."""
        return pd.DataFrame(
            {
                "figure": ["naive difference", f"adjusted ({self.by})"],
                "estimate": [self.naive, self.adjusted],
                "standard_error": [self.naive_error, self.adjusted_error],
                "causal": [False, self.causal],
                "overlap": [np.nan, self.overlap],
                "n": [self.n if self.by == "stratified" else np.nan, self.n],
            }
        )


def contact_effect(
    treated: npt.ArrayLike,
    paid: npt.ArrayLike,
    covariates: pd.DataFrame | None = None,
    randomised: npt.ArrayLike | None = None,
) -> ContactEffect:
    """Estimate what contact does to the share that pays.

    Parameters
    ----------
    treated : whether each account was contacted
    paid : whether it paid in the window
    covariates : what the lender went by when choosing whom to contact
    randomised : accounts for which chance alone decided

    Raises
    ------
    InputError
        Fewer than 30 accounts in either arm.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> likely = rng.uniform(size=20000)
    >>> called = rng.uniform(size=20000) < 0.1 + 0.8 * likely    # the likeliest payers are called first
    >>> pays = rng.uniform(size=20000) < likely                  # calls do nothing
    >>> effect = contact_effect(called, pays, pd.DataFrame({"score": likely}))
    >>> effect.naive > 0.25, abs(effect.adjusted) < 0.04, effect.by
    (True, True, 'stratified')
    """
    t, y = np.asarray(treated, bool), np.asarray(paid, float)
    if min(t.sum(), (~t).sum()) < LEAST:
        raise InputError(
            f"needs {LEAST} accounts contacted and {LEAST} not; there are {int(t.sum())} and {int((~t).sum())}"
        )
    naive, naive_error = _difference(t, y)
    chance = np.zeros(t.size, bool) if randomised is None else np.asarray(randomised, bool)
    if min((t & chance).sum(), (~t & chance).sum()) >= LEAST:
        effect, error = _difference(t[chance], y[chance])
        base = float(y[chance & ~t].mean())
        return ContactEffect(naive, naive_error, effect, error, True, 1.0, "randomised", int(chance.sum()), base)
    nothing = float("nan")
    if covariates is None or covariates.shape[1] == 0:
        return ContactEffect(naive, naive_error, nothing, nothing, False, 0.0, "refused", 0)
    propensity = _propensity(covariates, t)
    inside = (propensity > EDGE) & (propensity < 1 - EDGE)
    overlap = float(inside.mean())
    if overlap < LEAST_OVERLAP:
        return ContactEffect(naive, naive_error, nothing, nothing, False, overlap, "refused", 0)
    effect, error = _within(t[inside], y[inside], propensity[inside], covariates.to_numpy(float)[inside])
    base = float(y[inside].mean() - effect * t[inside].mean())
    return ContactEffect(naive, naive_error, effect, error, False, overlap, "stratified", int(inside.sum()), base)


def _difference(t: npt.NDArray[np.bool_], y: npt.NDArray[np.float64]) -> tuple[float, float]:
    a, b = y[t], y[~t]
    return float(a.mean() - b.mean()), float(np.sqrt(a.var() / a.size + b.var() / b.size))


def _propensity(covariates: pd.DataFrame, t: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    from sklearn.model_selection import cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    # A tree sees a hard cut (all above a score are called) that a logistic curve would smooth into false overlap.
    model = DecisionTreeClassifier(min_samples_leaf=max(LEAST, t.size // 200), random_state=0)
    return np.asarray(cross_val_predict(model, covariates.to_numpy(float), t, cv=5, method="predict_proba")[:, 1])


def _within(
    t: npt.NDArray[np.bool_],
    y: npt.NDArray[np.float64],
    propensity: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Return the mean difference within fifths of propensity, each adjusted for the covariates by least squares."""
    edges = np.quantile(propensity, np.linspace(0, 1, STRATA + 1)[1:-1])
    stratum = np.searchsorted(edges, propensity)
    total, variance, used = 0.0, 0.0, 0
    for s in range(STRATA):
        rows = stratum == s
        if min((t & rows).sum(), (~t & rows).sum()) < 10:
            continue
        z = np.column_stack([np.ones(rows.sum()), t[rows], x[rows] - x[rows].mean(axis=0)])
        inverse = np.linalg.pinv(z.T @ z)
        beta = inverse @ z.T @ y[rows]
        residual = y[rows] - z @ beta
        meat = (z * (residual**2)[:, None]).T @ z
        n = int(rows.sum())
        total += n * float(beta[1])
        variance += n**2 * float((inverse @ meat @ inverse)[1, 1])
        used += n
    return total / used, float(np.sqrt(variance)) / used
