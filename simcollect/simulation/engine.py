"""One replication: SimPy keeps the clock, compiled code moves the accounts.

The clock runs in days. At a quarter of each day (06:00) the morning sweep runs, at the start of the
shift the collectors work, after it the evening comes, and just before midnight the day is closed: ledger,
counters, month end. Processes of a user's own that act at whole days therefore act before the morning.

Where nothing outside an account can change for some days, because no process is due and nobody looks at the whole book,
accounts that need nobody are carried through all of these days on the first morning. Those who need somebody wait in a
queue for the day on which they do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.opening import opening, start_calendar
from simcollect.behaviour.parameters import CHANNELS
from simcollect.economy import group_factors, hazard_paths
from simcollect.portfolio.segments import segment
from simcollect.simulation import attempts, liquidity, operations, snapshot, sweep
from simcollect.simulation.attempts import TRY
from simcollect.simulation.columns import open_accounts, reorder
from simcollect.simulation.crew import Crew
from simcollect.simulation.floor import Floor
from simcollect.simulation.flows import FLOWS, make_tallies, take, take_followed
from simcollect.simulation.follow import close_stages
from simcollect.simulation.ledger import Ledger
from simcollect.simulation.review import ASK_GATEWAY, ASK_LAW, ASK_STRATEGY, ASK_TEAM
from simcollect.simulation.rules import make_days, make_rules, make_tables
from simcollect.simulation.run import Replication, Setting
from simcollect.simulation.view import decide, view, whole_book
from simcollect.simulation.vintages import vintage_codes
from simcollect.simulation.waiting import WORD, make_queue, take_waiting, who_waits_for
from simcollect.simulation.worklist import Ranking
from simcollect.simulation.world import World
from simcollect.strategy import TEAMS, Learner
from simcollect.streams import account_keys

CHUNK = 32_768  # accounts that one thread sweeps at a time; fixed, whatever the number of threads
PARTS = 8  # of the accounts that waited on a day: enough to keep threads busy, few enough to start quickly
MORNING, MIDNIGHT = 0.25, 0.99
_ASLEEP = np.zeros(0, TRY)  # whoever sleeps has not been tried


class Simulation:
    """A running simulation, as processes of the user's own see it.

    A process is a generator function of the simulation. It waits with ``yield sim.env.timeout(days)`` and may
    change the attributes marked (*); a change holds from the next morning on.

    Attributes
    ----------
    env : the SimPy environment, in days
    people (*) : collectors at work, by team
    channel_open (*) : share of each message channel that works, 0 to 1
    calls_allowed (*) : whether collectors may contact anybody
    legal_open (*) : share of the law firm's slots that can be used
    message_delay_days (*) : days by which messages go out late; beyond the account's week they are lost

    Examples
    --------
    >>> def strike(sim):
    ...     yield sim.env.timeout(10)
    ...     sim.people["early"] = 0
    ...     yield sim.env.timeout(5)
    ...     sim.people["early"] = 3
    """

    def __init__(
        self,
        setting: Setting,
        replication: int,
        crew: Crew | None = None,
        tick: Callable[[], None] | None = None,
    ) -> None:
        self.env = simpy.Environment()
        self.people: dict[str, float] = {team: setting.resources.team(team).people for team in TEAMS}
        self.channel_open: dict[str, float] = dict.fromkeys(CHANNELS, 1.0)
        self.calls_allowed = True
        self.legal_open = 1.0
        self.message_delay_days = 0
        self._setting, self._crew, self._tick = setting, crew, tick
        self._prepare(replication)

    @property
    def day(self) -> int:
        """Day index; 0 is the day after the tape's as-of date."""
        return int(self.env.now)

    @property
    def date(self) -> date:
        """Today's date."""
        return self._calendar.date_of(self.day)

    def run(self) -> Replication:
        """Run all days and return what they brought."""
        setting = self._setting
        for operation in setting.scenario.operations:
            if operation.from_day < setting.days:
                self.env.process(operations.failure(self, operation))
        for process in setting.processes:
            self.env.process(process(self))
        self.env.process(self._days())
        self.env.run(until=setting.days)
        self._each(self._close, self._chunks)
        self._result.followed = take_followed(self._world.followed)
        self._result.final = snapshot.measure(self._acc, setting.days, self._segments)
        if isinstance(self._policy, Learner):
            book = whole_book(self._acc, self._order, setting.days)
            self._result.beliefs = np.empty((len(book), N_HIDDEN))
            self._result.beliefs[book["account"]] = self._policy.beliefs(book)
        return self._result

    def _prepare(self, replication: int) -> None:
        s = self._setting
        calendar = start_calendar(s.portfolio, s.days)
        start = opening(s.portfolio, calendar)
        groups = group_factors(s.scenario, s.portfolio.accounts, calendar)
        paths = hazard_paths(s.scenario, calendar)
        segments = segment(s.portfolio)
        low = min(int(start.month.min()), -1) - 1
        keys = account_keys(s.portfolio.accounts["account_id"], seed=s.seed, replication=replication)
        self._calendar, self._segments = calendar, len(segments)
        acc = open_accounts(
            s.portfolio, start, calendar, s.prior, s.strategy, segments.codes, groups.klass, keys
        )
        # Accounts that wake on the same days lie side by side: memory is read in runs, branches are foreseen.
        self._order = np.lexsort((acc["due"], acc["due_day"]))
        self._acc = acc
        reorder(acc, self._order)
        vintage, names = vintage_codes(s.portfolio)
        self._vintage, self._vintages = vintage[self._order], len(names)
        self._allowed = s.strategy.catalogue.allowed()
        self._team = s.strategy.catalogue.teams().astype(np.int8)
        n = len(self._acc)
        size = -(-CHUNK // WORD) * WORD  # no two threads write to the same word of the queue
        starts = list(range(0, n, size))
        self._chunks = [(slot, a, min(a + size, n)) for slot, a in enumerate(starts)]
        tallies, followed, log = make_tallies(starts, n, s.events)
        self._lists = len(tallies) - 1
        tables = make_tables(s.behaviour, s.strategy, calendar, paths, groups)
        limited = s.resources.messages_a_week < 2 * n
        self._world = World(
            acc=self._acc,
            wake=np.zeros(n, np.int32),
            queue=make_queue(n),
            rules=make_rules(s.behaviour, s.strategy, s.resources, s.caps, calendar, low),
            days=make_days(calendar, s.days, tables.season, limited),
            tables=tables,
            tallies=tallies,
            followed=followed,
            log=log,
        )
        self._each(lambda chunk: liquidity.foresee(self._world, *chunk[1:]), self._chunks)
        self._carried = -1  # the day up to which accounts have been carried
        self._codes = np.zeros(n, np.int8)
        self._policy, self._every = s.strategy.policy, 0
        self._ranking = Ranking(s.strategy, n)
        if isinstance(self._policy, Learner):
            self._every = self._policy.every_days or 0
            self._policy = self._policy.begin(whole_book(acc, self._order, 0))
        self._slots = self._messages = 0.0
        self._delay = 0
        self._has_month_end = False
        shape = (s.days, len(TEAMS))
        self._result = Replication(
            np.zeros((s.days, len(FLOWS)), np.int64), np.zeros(shape), np.zeros(shape), np.zeros(shape)
        )
        self._floor = Floor(s.resources, self._world, self._result, ties=self._ranking.own is not None)
        as_of_month = 0 if calendar.start.day > 1 else -1
        self._ledger = Ledger(self._acc, as_of_month, self._world.rules) if s.check else None
        self._picture(-1, as_of_month, month_end=calendar.start.day == 1)

    def _days(self) -> Generator[Any, Any, None]:
        opens = self._setting.resources.shift_start / 24
        closes = min(opens + self._setting.resources.hours / 24, MIDNIGHT - 0.01)
        for t in range(self._setting.days):
            yield self.env.timeout(t + MORNING - self.env.now)
            waiting = self._morning(t)
            yield self.env.timeout(t + opens - self.env.now if opens > MORNING else 0)
            self._shift(t, waiting)
            yield self.env.timeout(t + max(closes, MORNING) - self.env.now)
            self._evening(t, waiting)
            yield self.env.timeout(t + MIDNIGHT - self.env.now)
            self._close_day(t)

    def _morning(self, t: int) -> npt.NDArray[np.int32]:
        """Return the accounts that wait for somebody today; what for is in the queue."""
        if self._every and t and t % self._every == 0 and isinstance(self._policy, Learner):
            self._policy.survey(whole_book(self._acc, self._order, t))
        if t > self._carried:
            self._carried = self._known_to(t)
            self._set_out(t, self._carried)
            self._each(self._wake, self._chunks)
        waiting = take_waiting(self._world.queue, self._world.days["column"][t])
        self._grant(t, waiting)
        return waiting

    def _known_to(self, t: int) -> int:
        """Return the last day, from day t on, of those through which accounts can be carried from day t's morning.

        Nothing outside an account changes on these days, and nobody looks at the whole book before the last is over.
        """
        if self._setting.events or self._setting.check:
            return t  # the log is written, and the ledger checked, day by day
        # A process acts before the morning of a day, or after it.
        acts = ceil(min(self.env.peek(), self._setting.days) - MORNING) - 1
        month_end = int(self._calendar.month_first[self._calendar.month[t] + 1 + self._calendar.month_offset]) - 1
        looks = t - t % self._every + self._every - 1 if self._every else month_end
        return max(t, min(acts, month_end, looks, self._setting.days - 1))

    def _set_out(self, t: int, last: int) -> None:
        """Write down for days t to `last` what processes may have changed."""
        days = self._world.days[t : last + 1]
        days["calls"] = self._calendar.working[t : last + 1] & self.calls_allowed
        days["barred"] = not self.calls_allowed
        days["channel_open"] = [self.channel_open[name] for name in CHANNELS]
        days["delay"] = self.message_delay_days
        if self.message_delay_days != self._delay:
            # Who sleeps until a message goes out must look again.
            np.minimum(self._world.wake, t, out=self._world.wake)
            self._delay = self.message_delay_days

    def _each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Do something for each item, on several threads where the book is large and there are any."""
        if self._crew is not None and len(self._chunks) > 1:
            return self._crew.each(work, items)
        return [work(item) for item in items]

    def _wake(self, chunk: tuple[int, int, int]) -> None:
        slot, low, high = chunk
        awake = low + np.flatnonzero(self._world.wake[low:high] <= self._carried)
        sweep.carry(self._world, awake.astype(np.int32), _ASLEEP, slot, -1, self._carried)

    def _close(self, chunk: tuple[int, int, int]) -> None:
        """Bring a chunk's hidden liquidity and stages up to the run's last day."""
        slot, low, high = chunk
        liquidity.catch_up(self._world, low, high, self._setting.days - 1)
        close_stages(self._world, slot, low, high, self._setting.days - 1)

    def _grant(self, t: int, waiting: npt.NDArray[np.int32]) -> None:
        """Serve those who wait for a decision, a slot at the law firm, message capacity, in that order."""
        queue, resources = self._world.queue, self._setting.resources
        if self._policy is not None and (index := who_waits_for(queue, waiting, ASK_STRATEGY)).size:
            actions, urgency = decide(self._policy, view(self._acc, self._order, index, t), self._allowed)
            if self._ranking.own is not None and urgency is not None:
                self._ranking.own[index] = urgency
            queue.reasons[index] = sweep.apply_policy(self._world, index, t, actions)
        # What is not used in a week is lost, but a slot may take longer than a week to come free.
        a_week = resources.legal_slots_a_week * self.legal_open
        self._slots = min(self._slots + a_week / 7, max(a_week, 1.0))
        index = who_waits_for(queue, waiting, ASK_LAW)
        if index.size:
            index = self._ranking.ordered(self._world, index, t)
            # A firm that has stopped takes no case on slots saved before.
            slots = min(int(self._slots + 1e-9), index.size) if a_week > 0 else 0
            sweep.allot_slots(self._world, index, t, slots)
            self._slots -= slots
        self._messages = min(self._messages + resources.messages_a_week / 7, resources.messages_a_week)
        if self._world.days["limited"][t] and (index := who_waits_for(queue, waiting, ASK_GATEWAY)).size:
            index = self._ranking.ordered(self._world, index, t)
            count = min(int(self._messages + 1e-9), index.size)
            tried = sweep.allot_messages(self._world, index, t, count)
            self._messages -= count
            queue.reasons[index[tried]] = ASK_TEAM

    def _shift(self, t: int, waiting: npt.NDArray[np.int32]) -> None:
        """Let the teams work their lists; what came of it is written to the accounts in the evening, or at once."""
        self._tries = np.empty(waiting.size, TRY)
        self._parts = self._cut(waiting)
        teams = np.empty(waiting.size, np.int8)
        ranking = self._ranking

        def look_up(part: tuple[int, int, int]) -> None:
            _, low, high = part
            index, tries = waiting[low:high], self._tries[low:high]
            attempts.look_up(self._world, index, t, self._team, ranking.kind, ranking.gain, tries, teams[low:high])
            if ranking.own is not None:
                tries["urgency"] = ranking.own[index]

        self._each(look_up, self._parts)
        working = bool(self._calendar.working[t])
        worked = self._floor.work(t, working, self.people, self._tries, teams, self._each)
        if self._setting.events:
            for order in worked:
                attempts.book_in_order(self._world, waiting, self._tries, order, t, self._lists)

    def _cut(self, waiting: npt.NDArray[np.int32]) -> list[tuple[int, int, int]]:
        """Divide a day's list among threads: slot, first place and the place after the last."""
        if self._crew is None or self._setting.events or waiting.size == 0:
            return [(self._lists, 0, waiting.size)]
        parts = min(PARTS, len(self._chunks))
        at = waiting[np.arange(1, parts) * waiting.size // parts] // WORD * WORD
        edges = [0, *np.searchsorted(waiting, at).tolist(), waiting.size]
        return [(slot, low, high) for slot, (low, high) in enumerate(pairwise(edges)) if high > low]

    def _evening(self, t: int, waiting: npt.NDArray[np.int32]) -> None:
        """Let accounts that had to wait go on."""

        def go_on(part: tuple[int, int, int]) -> None:
            slot, low, high = part
            sweep.carry(self._world, waiting[low:high], self._tries[low:high], slot, t, self._carried)

        self._each(go_on, self._parts)

    def _close_day(self, t: int) -> None:
        flows, events = take(self._world.tallies, self._world.log, int(self._calendar.day_of_month[t]))
        self._result.flows[t] = flows
        if events and events["account"].size:
            events["account"] = self._order[events["account"]]
            self._result.events.append({"day": np.full(events["account"].size, t, np.int32), **events})
        month = int(self._calendar.month[t])
        if self._ledger is not None:
            self._ledger.verify(self._acc, t, month, flows)
        last = t == self._setting.days - 1
        month_end = self._calendar.date_of(t + 1).day == 1
        if month_end or last:
            self._picture(t, month, month_end)
        if self._tick is not None:
            self._tick()

    def _picture(self, t: int, month: int, month_end: bool) -> None:
        """Keep the book by stage; between two month ends also who rolled from where to where."""

        def look(chunk: tuple[int, int, int]) -> tuple[npt.NDArray[np.int64], ...]:
            part = slice(*chunk[1:])
            vintage, codes = self._vintage[part], self._codes[part]
            return snapshot.picture(self._acc[part], t, month, self._world.rules, vintage, self._vintages, codes)

        stages, vintages, moves = (np.sum(parts, axis=0) for parts in zip(*self._each(look, self._chunks), strict=True))
        self._result.stages.append((t, stages))
        self._result.vintages.append((t, vintages))
        if month_end:
            if self._has_month_end:
                self._result.rolls.append((t, moves))
            self._has_month_end = True
