"""Finished steps of a run that is under way, so that an interruption loses at most one.

A step is kept under a key made of everything it depends on; a changed input or library makes another key, and the
step is computed again. Steps are Python pickles: they are made and read only inside the ``.partial`` folder of a run
that has not ended, never in a finished run folder, which holds plain tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from simcollect.strategy import Strategy
from simcollect.versions import versions

T = TypeVar("T")


class Steps:
    """The store of finished steps.

    Attributes
    ----------
    folder : where they are kept; None keeps nothing
    seconds : how long each step took, 0 where it was found finished
    resumed : steps that were found finished

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> Steps(folder).get("plan", {"seed": 1}, lambda: "computed")
    'computed'
    >>> again = Steps(folder)
    >>> again.get("plan", {"seed": 1}, lambda: "computed again"), again.resumed
    ('computed', ['plan'])
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}
        self.resumed: list[str] = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, depends_on: dict[str, Any], make: Callable[[], T]) -> T:
        """Return a step's result: the one kept if there is one, else made now and kept."""
        if self.folder is None:
            return self._timed(name, make)
        file = self.folder / f"{name.replace(' ', '_')}-{key(depends_on)}.pickle"
        found = _read(file)
        if found is not None:
            self.seconds[name] = 0.0
            self.resumed.append(name)
            return found[0]
        result = self._timed(name, make)
        unfinished = file.with_suffix(".writing")
        unfinished.write_bytes(pickle.dumps((result,), protocol=pickle.HIGHEST_PROTOCOL))
        os.replace(unfinished, file)
        return result

    def _timed(self, name: str, make: Callable[[], T]) -> T:
        start = time.perf_counter()
        result = make()
        self.seconds[name] = time.perf_counter() - start
        return result


def key(depends_on: dict[str, Any]) -> str:
    """Return the fingerprint of what a step depends on and of the versions at work.

    Examples
    --------
    >>> key({"seed": 1}) == key({"seed": 1}), key({"seed": 1}) == key({"seed": 2})
    (True, False)
    """
    text = json.dumps({"versions": versions(), **depends_on}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def strategy_digest(strategy: Strategy) -> str:
    """Return the fingerprint of a strategy's tables, weights, order of work, and how often it plans again.

    Examples
    --------
    >>> strategy_digest(Strategy.champion()) == strategy_digest(Strategy.named("do_nothing"))
    False
    """
    again = getattr(strategy.policy, "every_days", None)
    total = hashlib.sha256(f"{strategy.name}|{strategy.priority}|{again}|{strategy.catalogue!r}".encode())
    for array in (strategy.tables, strategy.weights, strategy.gain):
        if array is not None:
            total.update(repr(array.shape).encode() + array.tobytes())
    return total.hexdigest()


def _read(file: Path) -> tuple[Any] | None:
    """Return a kept result; None if there is none, or if it cannot be read and must be made again."""
    try:
        kept = pickle.loads(file.read_bytes())
    except Exception:  # a file cut short may raise nearly anything, and is worth no more than a missing one
        return None
    return kept if isinstance(kept, tuple) and len(kept) == 1 else None
