"""What a calibration hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import DEFAULTS
from simcollect.calibration.free import apply
from simcollect.calibration.learned import Block
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.score import Score
from simcollect.economy import Link
from simcollect.errors import Problem


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """The borrower as a lender's own history shows him, and what it could not show.

    Attributes
    ----------
    behaviour : the parameter table with the calibrated entries, to give to `simulate` and `optimise`
    table : one row a number estimated: parameter, estimate, standard_error, low, high (95 %), default, identified, why
    learned : name -> table of what else the history shows (talk times, days late, shares by segment, ...)
    kept : one row a parameter that stayed at its default: parameter, why
    problems : what was wrong with the history
    broken : the same, counted, as a table
    score : probability to cure by itself, or None
    contact_score : probability to pay when contacted, or None; `scores.account_scores` puts the scores side by side
    link : delinquency on unemployment, or None
    fit : the likelihood fit behind the hidden parameters, or None
    blocks : numbers from logs of contacts and outcomes that were estimated together
    source : whose history it was
    """

    behaviour: Behaviour
    table: pd.DataFrame
    learned: Mapping[str, pd.DataFrame]
    kept: pd.DataFrame
    problems: tuple[Problem, ...]
    broken: pd.DataFrame
    source: str
    score: Score | None = None
    link: Link | None = None
    fit: Fit | None = None
    blocks: tuple[Block, ...] = ()
    contact_score: Score | None = None
    notes: tuple[str, ...] = field(default=())

    def draws(self, n: int, seed: int = 0) -> list[Behaviour]:
        """Return `n` parameter tables drawn from the uncertainty of the estimates, to simulate or plan under each.

        Numbers that were estimated together are drawn together, others on their own; what was kept at its default
        stays there. Give the draws to `compare` or `decide`.

        Examples
        --------
        >>> import numpy as np
        >>> outcome = np.where(np.arange(400) % 4 == 0, "promised", "right_party")
        >>> calls = pd.DataFrame({"what": "call", "outcome": outcome})
        >>> from simcollect.calibration import History, calibrate
        >>> found = calibrate(History.of(events=calls))
        >>> one, other = found.draws(2, seed=1)
        >>> bool((one["talk.promise"] != other["talk.promise"]).all())
        True
        """
        rng = np.random.default_rng(seed)
        thetas = self.fit.draws(n, seed) if self.fit is not None else [None] * n
        single = self.table[self.table["parameter"].isin(list(DEFAULTS))]
        together = [entry.name for block in self.blocks for entry in block.free]
        if self.fit is not None:
            together += [entry.name for entry in self.fit.model.free]
        single = single[~single["parameter"].isin(together)]
        alone = list(single[["parameter", "estimate", "standard_error"]].itertuples(index=False))
        out = []
        for theta in thetas:
            behaviour = self.behaviour
            if theta is not None and self.fit is not None:
                behaviour = behaviour.replace(apply(self.fit.model.base, self.fit.model.free, theta))
            moved: dict[str, object] = {
                name: max(value + error * rng.standard_normal(), 0.0) for name, value, error in alone
            }
            for block in self.blocks:
                moved |= block.draw(rng)
            out.append(behaviour.replace(moved))
        return out

    def summary(self) -> str:
        """Return in words what was learned, what was not, and what to beware of."""
        yes = self.table["identified"].eq("yes").sum()
        lines = [
            f"Calibrated on {self.source}.",
            f"{len(self.table)} numbers estimated, {yes} of them identified by the data; "
            f"{len(self.kept)} entries of the parameter table stay at their default.",
        ]
        if self.fit is not None:
            months = self.fit.model.panel
            accounts = int(months.weight.sum())
            lines.append(
                f"Status history: {accounts:,} histories, log-likelihood {self.fit.log_likelihood:,.0f} with "
                f"{len(self.fit.model.free)} numbers; "
                + ("the search converged." if self.fit.converged else "the search did NOT converge: do not rely on it.")
            )
        for name, frame in self.learned.items():
            lines.append(f"Learned {name}: {len(frame)} row{'s' if len(frame) != 1 else ''}.")
        lines += list(self.notes)
        lines += [f"Problem: {problem}" for problem in self.problems]
        return "\n".join(lines)

    def __repr__(self) -> str:
        yes = int(self.table["identified"].eq("yes").sum())
        return (
            f"Calibration on {self.source}: {len(self.table)} estimates ({yes} identified), "
            f"{len(self.kept)} entries kept, kinds of problem: {len(self.problems)}"
        )
