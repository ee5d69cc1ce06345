"""What came out of a simulation: daily flows, balances by stage, roll rates, workload, costs, events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import HIDDEN
from simcollect.behaviour.parameters import CHANNELS, LEGAL_STAGES, OFFERS
from simcollect.errors import InputError
from simcollect.simulation import costs
from simcollect.simulation.adherence import adherence
from simcollect.simulation.flows import (
    ACCEPTED,
    ATTEMPT,
    BY_VISIT,
    FLOWS,
    HANDED,
    LEGAL_PAID,
    LEGAL_STEP,
    MESSAGE,
    OPTED_OUT,
    READ,
    REVIEW,
    TALK,
    WHAT,
)
from simcollect.simulation.run import Replication, Setting
from simcollect.simulation.snapshot import ROWS
from simcollect.simulation.summary import interval
from simcollect.simulation.vintages import vintages
from simcollect.strategy import TEAMS, Resources
from simcollect.units import minor_per_major, to_major

CASH = ("cash_contract", "cash_promise", "cash_plan", "cash_legal", "cash_agency", "cash_sale")
MONEY = (*CASH, "written_off", "conceded")


@dataclass(eq=False, repr=False)
class SimulationResult:
    """The outcome of `simcollect.simulate`; amounts in major units of the book's currency.

    Attributes
    ----------
    name : strategy and scenario
    currency, accounts, start, days, replications, seed : of the run
    agency_fee : share of what an agency collects that it keeps, one a replication
    draws : the parameters of each draw, if the run had some; all tables by replication then have a column `draw`
    resources : with which costs are worked out unless others are given
    daily : one row a replication and day: cash by source (``cash_legal`` and ``cash_agency`` before fees) and
        in all, messages by channel, attempts, talks, minutes, capacity (productive minutes) and paid hours by
        team, promises, offers accepted, suits (slots at the law firm used), filed, complaints, opt_outs
        (consents withdrawn), charged_off (accounts), written_off and conceded (principal), cures,
        standing_orders (set up), inbound (calls provoked by messages)
    final : for each replication float64 (G segments, S, H): instalments by observed state and hidden class at
        the end, with which the book can be valued
    """

    setting: Setting
    runs: list[Replication] = field(repr=False)
    draws: tuple[Behaviour, ...] = ()

    def __post_init__(self) -> None:
        s = self.setting
        self.name = f"{s.strategy.name} in {s.scenario.name}"
        self.currency, self.accounts, self.seed = s.portfolio.currency, len(s.portfolio), s.seed
        self.start: date = s.portfolio.as_of + timedelta(days=1)
        self.days, self.replications = s.days, len(self.runs)
        self.resources = s.resources
        self._of_a_draw = self.replications // len(self.draws or (0,))
        fees = [float(own["agency.fee"]) for own in self.draws or (s.behaviour,)]
        self.agency_fee = np.repeat(fees, self._of_a_draw)
        self.final = [run.final / minor_per_major(self.currency) for run in self.runs]

    def __repr__(self) -> str:
        cash = self.daily.groupby("replication")["cash"].sum()
        return (
            f"<SimulationResult {self.name}: {self.accounts:,} accounts, {self.days} days from {self.start}, "
            f"{self.replications} replication{'s' if self.replications != 1 else ''} (seed {self.seed}); "
            f"cash {self.currency} {cash.mean():,.0f}>"
        )

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Flows by replication and day."""
        return self._numbered([self._daily(number, run) for number, run in enumerate(self.runs)])

    def _numbered(self, frames: list[pd.DataFrame]) -> pd.DataFrame:
        """Return the tables of all replications in one, with the draw of each if there are draws."""
        table = pd.concat(frames, ignore_index=True)
        if self.draws:
            table.insert(1, "draw", table["replication"] // self._of_a_draw)
        return table

    def _spread(self, by_run: pd.DataFrame) -> pd.DataFrame:
        """Return mean, low and high: of the mean over replications, or where the means of 95 % of the draws lie."""
        if not self.draws:
            return interval(by_run)
        by_draw = by_run.groupby(by_run.index // self._of_a_draw).mean()
        low, high = by_draw.quantile(0.025), by_draw.quantile(0.975)
        return pd.DataFrame({"mean": by_draw.mean(), "low": low, "high": high})

    def _daily(self, number: int, run: Replication) -> pd.DataFrame:
        columns: dict[str, Any] = {
            "replication": number,
            "date": pd.date_range(self.start, periods=self.days),
            **{name: run.flows[:, at] for at, name in enumerate(FLOWS)},
        }
        for name in MONEY:
            columns[name] = to_major(columns[name], self.currency)
        columns["cash"] = sum(columns[name] for name in CASH)
        columns["messages"] = sum(columns[f"messages_{name}"] for name in CHANNELS)
        for label in ("minutes", "capacity", "paid_hours"):
            for team, name in enumerate(TEAMS):
                columns[f"{label}_{name}"] = getattr(run, label)[:, team]
        return pd.DataFrame(columns)

    @cached_property
    def by_stage(self) -> pd.DataFrame:
        """Accounts, principal and arrears by stage, at the start, each month end and the end of the run.

        Stages are the buckets of days past due of open accounts, and the other modes; of charged-off accounts
        the principal is what was written off.
        """
        frames = []
        for number, run in enumerate(self.runs):
            for day, counts in run.stages:
                frames.append(
                    pd.DataFrame(
                        {
                            "replication": number,
                            "date": self._date(day),
                            "bucket": ROWS,
                            "accounts": counts[:, 0],
                            "principal": to_major(counts[:, 1], self.currency),
                            "arrears": to_major(counts[:, 2], self.currency),
                        }
                    )
                )
        return self._numbered(frames)

    @cached_property
    def roll_rates(self) -> pd.DataFrame:
        """Accounts that moved from one stage to another between month ends, and as a share of the first."""
        frames = []
        for number, run in enumerate(self.runs):
            for day, counts in run.rolls:
                origin, target = np.nonzero(counts)
                total = counts.sum(axis=1)[origin]
                frames.append(
                    pd.DataFrame(
                        {
                            "replication": number,
                            "month": self._date(day).to_period("M"),
                            "from_bucket": np.array(ROWS)[origin],
                            "to_bucket": np.array(ROWS)[target],
                            "accounts": counts[origin, target],
                            "share": counts[origin, target] / total,
                        }
                    )
                )
        columns = ["replication", "month", "from_bucket", "to_bucket", "accounts", "share"]
        return self._numbered(frames) if frames else pd.DataFrame(columns=columns)

    @cached_property
    def adherence(self) -> pd.DataFrame:
        """Who kept to the strategy's deadlines: one row a stage, replications together; empty without owners.

        An account enters a stage by ageing, or when a payment or a failed plan moves its oldest unpaid due date into
        it, and may do so more than once; where an account stood on the first day does not count. The owner's contact is
        a message that went out (reminder system), an attempt to call or visit by the owner's team, or the case handed
        over (law firm); days count from the day of entry, which is day 0.

        Columns: stage, owner, from_dpd, to_dpd, deadline_days; then, accounts as a mean over replications,

        - ``accounts`` that entered = ``in_time`` + ``breaches`` + ``left_before_deadline`` + ``open_before_deadline``
          (the last two without a contact by the owner);
        - ``late``: contacted after the deadline; ``breaches``: these, and those whom the deadline found uncontacted
          and who left, or stay at the end of the run, without one;
        - ``share_in_time``: in_time / (in_time + breaches): of those for whom the deadline fell due;
        - ``median_days``, ``p90_days``: days to the owner's first contact, of those contacted;
        - ``never``: left the stage without the owner's contact, and ``untouched``: without anybody's, both as a share
          of those contacted or gone;
        - ``reached``: message read, right party spoken to, or handed over, as a share of all that entered.
        """
        return adherence(self)

    @cached_property
    def vintages(self) -> pd.DataFrame:
        """The book by month of origination: one row a replication, vintage, and month end (and first and last day).

        Columns: replication, date, vintage ("2025-03"; "unknown" where the tape has no date), months_on_book,
        accounts, principal (at the start of the run); then cumulative from the start of the run on: ``ever_30``,
        ``ever_90`` (share of accounts that have been so many days past due, at law or charged off; what the tape does
        not tell of the time before is not in it), ``charged_off`` (share of accounts), ``cash``, ``written_off`` and
        ``recovered`` (by the agency after charge-off; before fees).
        """
        return self._numbered([vintages(self)])

    def workload(self) -> pd.DataFrame:
        """Return minutes needed and available by month and team, mean over replications."""
        daily = self.daily
        month = daily["date"].dt.to_period("M")
        frames = []
        for team in TEAMS:
            sums = daily.groupby(month)[
                [f"minutes_{team}", f"capacity_{team}", f"attempts_{team}", f"talks_{team}"]
            ].sum()
            sums = (sums / self.replications).set_axis(["minutes", "capacity", "attempts", "talks"], axis=1)
            frames.append(sums.rename_axis("month").reset_index().assign(team=team))
        table = pd.concat(frames, ignore_index=True)
        return table[["month", "team", "minutes", "capacity", "attempts", "talks"]].sort_values(
            ["month", "team"], ignore_index=True, kind="stable"
        )

    def npv(self, resources: Resources | None = None) -> pd.Series:
        """Return discounted cash less all costs by replication, without the value of the book at the end."""
        return costs.net_present_value(self, resources or self.resources)

    def costs(self, resources: Resources | None = None) -> pd.DataFrame:
        """Return each cost of the whole run and their total, with intervals as `summary`."""
        table = costs.daily_costs(self, resources or self.resources)
        by_run = table.groupby(self.daily["replication"]).sum()
        by_run["total"] = by_run.sum(axis=1)
        return self._spread(by_run).rename_axis("item")

    def measures(self, resources: Resources | None = None) -> pd.DataFrame:
        """Return the figures that a run is judged by, one row a replication."""
        from simcollect.simulation.summary import measures

        return measures(self, resources or self.resources)

    def summary(self, resources: Resources | None = None) -> pd.DataFrame:
        """Return the figures that a run is judged by: mean over replications and its 95 % interval (t).

        With one replication the interval is unknown (NaN). With draws of the parameters it is the range in which the
        means of 95 % of the draws lie: what is not known of the borrowers, and the luck of the replications of a draw.
        """
        return self._spread(self.measures(resources)).rename_axis("measure")

    @cached_property
    def events(self) -> pd.DataFrame:
        """Return every event: replication, account_id, date, day, what, amount, detail, hour.

        Raises
        ------
        InputError
            The run kept no log.
        """
        if not self.setting.events:
            raise InputError("this run kept no event log; simulate with events=True")
        ids = self.setting.portfolio.accounts["account_id"].to_numpy()
        frames = []
        for number, run in enumerate(self.runs):
            parts = {
                name: np.concatenate([part[name] for part in run.events] or [np.zeros(0)]) for name in _LOGGED
            }
            order = np.lexsort((parts["account"], parts["day"]))
            day, account, what, amount, detail = (parts[name][order] for name in _LOGGED)
            codes = what.astype(np.int64)
            frames.append(
                pd.DataFrame(
                    {
                        "replication": number,
                        "account_id": ids[account.astype(np.int64)],
                        "date": pd.Timestamp(self.start) + pd.to_timedelta(day.astype(np.int64), unit="D"),
                        "day": day.astype(np.int64),
                        "what": np.array(WHAT)[codes],
                        "amount": to_major(amount.astype(np.int64), self.currency),
                        "detail": self._details(codes, detail),
                        "hour": np.where((codes == ATTEMPT) | (codes == TALK), detail % BY_VISIT, np.nan),
                    }
                )
            )
        return self._numbered(frames)

    def history(self, account_id: str) -> pd.DataFrame:
        """Return all events of one account in order.

        Raises
        ------
        InputError
            The run kept no log, or there is no such account.
        """
        events = self.events
        ids = self.setting.portfolio.accounts["account_id"]
        if not (ids == account_id).any():
            raise InputError(f"no account is called {account_id}; the book's first is called {ids.iloc[0]}")
        return events[events["account_id"] == account_id].reset_index(drop=True)

    def beliefs(self, replication: int = 0) -> pd.DataFrame:
        """Return what the strategy believes of each account at the end: one row an account, one column a hidden class.

        Raises
        ------
        InputError
            The strategy does not watch accounts; a plan's does.
        """
        beliefs = self.runs[replication].beliefs
        if beliefs is None:
            raise InputError(f"{self.setting.strategy.name} keeps no beliefs; simulate a plan's strategy")
        ids = self.setting.portfolio.accounts["account_id"].to_numpy()
        return pd.DataFrame(beliefs, index=pd.Index(ids, name="account_id"), columns=list(HIDDEN))

    def _date(self, day: int) -> pd.Timestamp:
        return pd.Timestamp(self.start) + pd.Timedelta(days=day)

    def _details(
        self, codes: npt.NDArray[np.int64], detail: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.object_]:
        """Put the number that goes with an event into words."""
        words = np.full(codes.size, "", dtype=object)
        whole = detail.astype(np.int64)
        names = {
            MESSAGE: CHANNELS, READ: CHANNELS, OPTED_OUT: (*CHANNELS, "call"), ACCEPTED: OFFERS,
            LEGAL_STEP: LEGAL_STAGES, LEGAL_PAID: LEGAL_STAGES,
            REVIEW: self.setting.strategy.catalogue.names, HANDED: LEGAL_STAGES,
        }  # fmt: skip
        for code, labels in names.items():
            rows = codes == code
            words[rows] = np.array(labels, dtype=object)[whole[rows]]
        timed = (codes == ATTEMPT) | (codes == TALK)
        words[timed] = [
            f"{int(h % BY_VISIT):02d}:{int(h % 1 * 60):02d}{', by visit' if h >= BY_VISIT else ''}"
            for h in detail[timed]
        ]
        return words


_LOGGED = ("day", "account", "what", "amount", "detail")
