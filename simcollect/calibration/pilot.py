"""Field pilots: how large one must be to see a promised uplift, and what its result says.

The outcome is the share of accounts that pays (or cures) within a window. Teams differ, so accounts of one team are
alike to some degree: team effects are drawn on the log-odds scale, and the analysis compares the arms *within* teams
where each team works both, or between teams where whole teams are put on one arm. Power is simulated with the very
analysis that will be used, so that it holds for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.errors import InfeasibleError, InputError

Z95 = 1.959964
STEPS = 40  # doublings and halvings of the search for a size


@dataclass(frozen=True)
class Design:
    """A pilot that would show the uplift.

    Attributes
    ----------
    accounts : in all; treated : of them on the new treatment
    weeks : until so many have come in, and the window has passed
    power : simulated probability that the 95 % interval excludes zero, if the uplift is as promised
    size : simulated probability that it does if there is no effect (should be 0.05)
    base, uplift : share that pays without, and the promised difference
    """

    accounts: int
    treated: int
    weeks: int
    power: float
    size: float
    base: float
    uplift: float

    def __repr__(self) -> str:
        return (
            f"Pilot of {self.accounts:,} accounts ({self.treated:,} treated) over {self.weeks} weeks: "
            f"power {self.power:.0%} to see {100 * self.uplift:+.1f} points on {self.base:.0%}; "
            f"false alarms {self.size:.0%}"
        )


@dataclass(frozen=True)
class PilotResult:
    """What a pilot says: difference in the share that pays, treated less control.

    Attributes
    ----------
    difference, standard_error, low, high : with its 95 % interval
    p : two-sided
    accounts : used
    probability_of_uplift : that the difference is above zero, under a flat prior
    """

    difference: float
    standard_error: float
    low: float
    high: float
    p: float
    accounts: int
    probability_of_uplift: float

    def __repr__(self) -> str:
        return (
            f"Pilot: {100 * self.difference:+.2f} points (95 %: {100 * self.low:+.2f} to {100 * self.high:+.2f}), "
            f"p = {self.p:.3f}, {self.accounts:,} accounts"
        )


def analyse(treated: npt.ArrayLike, paid: npt.ArrayLike, team: npt.ArrayLike | None = None) -> PilotResult:
    """Analyse the result of a pilot.

    Parameters
    ----------
    treated, paid : of each account
    team : who worked it. Where teams work both arms, differences are taken within teams and weighted by precision of
        their size; where each team works one arm, team means are compared (Student's t)

    Raises
    ------
    InputError
        An arm is empty, or has fewer than two teams where teams work one arm each.

    Examples
    --------
    >>> analyse([True] * 1000 + [False] * 1000, [True] * 600 + [False] * 400 + [True] * 500 + [False] * 500)
    Pilot: +10.00 points (95 %: +5.64 to +14.36), p = 0.000, 2,000 accounts
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    t, y = np.asarray(treated, bool), np.asarray(paid, float)
    if t.all() or not t.any():
        raise InputError("a pilot needs accounts in both arms")
    groups = np.zeros(t.size, np.int64) if team is None else pd.factorize(np.asarray(team, object))[0]
    sizes, paying = np.zeros((groups.max() + 1, 2)), np.zeros((groups.max() + 1, 2))
    np.add.at(sizes, (groups, t.astype(np.int64)), 1.0)
    np.add.at(paying, (groups, t.astype(np.int64)), y)
    means = np.divide(paying, sizes, out=np.full_like(sizes, np.nan), where=sizes > 0)
    both = ~np.isnan(means).any(axis=1)
    if both.any():
        mean, size = means[both], sizes[both]
        weight = size[:, 0] * size[:, 1] / size.sum(axis=1)
        p = (mean * size).sum(axis=1) / size.sum(axis=1)
        difference = float((weight * (mean[:, 1] - mean[:, 0])).sum() / weight.sum())
        error = float(np.sqrt((weight**2 * p * (1 - p) * (1 / size).sum(axis=1)).sum()) / weight.sum())
        law, used = norm, int(size.sum())
    else:
        arms = [column[~np.isnan(column)] for column in means.T]
        if min(a.size for a in arms) < 2:
            raise InputError("where each team works one arm, each arm needs two teams at least")
        difference = float(arms[1].mean() - arms[0].mean())
        error = float(np.sqrt(sum(a.var(ddof=1) / a.size for a in arms)))
        law, used = student(sum(a.size for a in arms) - 2), t.size
    error = max(error, 1e-12)
    half = float(law.ppf(0.975)) * error
    p_value = float(2 * law.sf(abs(difference) / error))
    likely = float(law.cdf(difference / error))
    return PilotResult(difference, error, difference - half, difference + half, p_value, used, likely)


def power(
    accounts: int,
    base: float,
    uplift: float,
    *,
    share: float = 0.5,
    teams: int = 1,
    team_sd: float = 0.0,
    by_team: bool = False,
    draws: int = 1000,
    seed: int = 0,
) -> float:
    """Return the simulated probability that a pilot of this size shows the effect (its 95 % interval excludes zero).

    Parameters
    ----------
    accounts : in all; share : of them treated
    base, uplift : share that pays without, and difference
    teams : that work them; team_sd : their spread in log-odds; by_team : whole teams on one arm
    draws : pilots simulated; seed : of their luck

    Examples
    --------
    >>> power(1000, 0.5, 0.0, draws=2000) < 0.07 < 0.8 < power(3200, 0.5, 0.05)
    True
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    rng = np.random.default_rng(seed)
    log_odds = np.log(base / (1 - base)) + team_sd * rng.standard_normal((draws, teams))
    control = 1 / (1 + np.exp(-log_odds))
    treated = np.clip(control + uplift, 0.0, 1.0)
    if by_team:
        arm = np.arange(teams) < round(teams * share)
        size = np.full(teams, max(accounts // teams, 1))
        mean = rng.binomial(size, np.where(arm, treated, control)) / size
        a, b = mean[:, arm], mean[:, ~arm]
        if min(a.shape[1], b.shape[1]) < 2:
            raise InputError("where each team works one arm, each arm needs two teams at least")
        error = np.sqrt(a.var(axis=1, ddof=1) / a.shape[1] + b.var(axis=1, ddof=1) / b.shape[1])
        limit = student(teams - 2).ppf(0.975)
        return float((np.abs(a.mean(axis=1) - b.mean(axis=1)) > limit * np.maximum(error, 1e-12)).mean())
    n1 = np.full(teams, max(round(accounts * share / teams), 1))
    n0 = np.full(teams, max(round(accounts * (1 - share) / teams), 1))
    y1, y0 = rng.binomial(n1, treated) / n1, rng.binomial(n0, control) / n0
    p = (y1 * n1 + y0 * n0) / (n1 + n0)
    weight = n1 * n0 / (n1 + n0)
    difference = ((y1 - y0) * weight).sum(axis=1) / weight.sum()
    error = np.sqrt((weight**2 * p * (1 - p) * (1 / n1 + 1 / n0)).sum(axis=1)) / weight.sum()
    return float((np.abs(difference) > norm.ppf(0.975) * np.maximum(error, 1e-12)).mean())


def design(
    base: float,
    uplift: float,
    weekly: float,
    *,
    window: int = 6,
    wanted: float = 0.8,
    share: float = 0.5,
    teams: int = 1,
    team_sd: float = 0.0,
    by_team: bool = False,
    largest: int = 2_000_000,
    seed: int = 0,
) -> Design:
    """Return the smallest pilot that shows a promised uplift with the wanted power.

    Parameters
    ----------
    base : share of accounts that pays within the window as things are
    uplift : promised difference, in shares
    weekly : accounts that become eligible in a week
    window : weeks in which payment counts
    wanted : power
    share : of accounts put on the new treatment
    teams, team_sd, by_team : see `power`
    largest : give up beyond this many accounts

    Raises
    ------
    InputError
        Shares are not between 0 and 1, or the uplift is zero.
    InfeasibleError
        No pilot up to `largest` would do: with whole teams on one arm, more accounts cannot make up for few teams.

    Examples
    --------
    >>> plan = design(0.55, 0.03, weekly=800)
    >>> 7500 < plan.accounts < 10000, plan.weeks > 15
    (True, True)
    """
    if not (0 < base < 1 and 0 < base + uplift < 1 and uplift != 0 and 0 < share < 1 and weekly > 0):
        raise InputError("base, base + uplift and share must lie between 0 and 1, uplift and weekly not be zero")

    def reached(accounts: int) -> float:
        return power(
            accounts, base, uplift, share=share, teams=teams, team_sd=team_sd, by_team=by_team, draws=2000, seed=seed
        )

    high = max(4 * teams, 64)
    while reached(high) < wanted:
        high *= 2
        if high > largest:
            remedy = "put both arms in each team" if by_team else "ask for less power, or a larger uplift"
            raise InfeasibleError(
                f"no pilot of up to {largest:,} accounts shows {uplift:+.3f} with power {wanted:.0%}; {remedy}"
            )
    low = high // 2
    for _ in range(STEPS):
        if high - low <= max(1, high // 200):
            break
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= wanted else (middle, high)
    false = power(
        high, base, 0.0, share=share, teams=teams, team_sd=team_sd, by_team=by_team, draws=4000, seed=seed + 1
    )
    weeks = int(np.ceil(high / weekly)) + window
    return Design(high, round(high * share), weeks, reached(high), false, base, uplift)
