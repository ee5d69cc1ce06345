"""Progress on standard error: a bar on a terminal, a line a step anywhere else; and Ctrl-C, which is never lost.

Python raises an interrupt wherever it is. Where that is a callback from compiled code, as while compiled functions are
loaded, or an object's end, it is printed and forgotten; so it is remembered here, not printed, and raised again when
progress is next told.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any


class Bars:
    """Shows a long run's steps; give it as ``progress`` to `run_study` or, by `counter`, to `simulate`.

    Examples
    --------
    >>> with Bars() as bars:
    ...     bars("simulating baseline", 1, 10)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # the simulator tells its progress from several threads
        self._step: str | None = None
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()
        self._interrupted = False
        self._before: Any = None
        self._unraisable: Any = None

    def __enter__(self) -> Bars:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)
            self._unraisable, sys.unraisablehook = sys.unraisablehook, self._pass_on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            sys.unraisablehook = self._unraisable
        self._close()

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        """Show how far a step is; a total of 0 means that it is not known."""
        if self._interrupted:
            raise KeyboardInterrupt
        with self._lock:
            if step != self._step:
                self._close()
                self._open(step, total)
            if self._bar is not None:
                self._bar.total = total or None
                self._bar.update(done - self._bar.n)
                if note:
                    self._bar.set_postfix_str(note)

    def counter(self, step: str) -> Any:
        """Return a callback with done and total alone, for one step."""
        return lambda done, total: self(step, done, total)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        raise KeyboardInterrupt

    def _pass_on(self, lost: sys.UnraisableHookArgs) -> None:
        """Tell of an error that Python cannot raise, unless it is an interrupt, which is remembered."""
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            self._unraisable(lost)

    def _open(self, step: str, total: int) -> None:
        self._step = step
        if not self._terminal:
            print(f"{step} ...", file=sys.stderr, flush=True)
            return
        from tqdm import tqdm

        self._bar = tqdm(desc=f"{step:<32}", total=total or None, file=sys.stderr, mininterval=0.2)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = self._step = None
