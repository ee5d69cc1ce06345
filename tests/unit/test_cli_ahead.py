"""The second process that compiles while the first run plans."""

from __future__ import annotations

import subprocess
from contextlib import suppress

import pytest

from simcollect.cli import ahead


def started(monkeypatch: pytest.MonkeyPatch, cold: bool) -> list[subprocess.Popen[bytes]]:
    """Return where helpers will stand that are started from now on."""
    found: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*command: object, **how: object) -> subprocess.Popen[bytes]:
        found.append(start(*command, **how))  # type: ignore[call-overload]
        return found[-1]

    monkeypatch.setattr(ahead.subprocess, "Popen", noted)
    monkeypatch.setattr(ahead, "cold", lambda: cold)
    return found


def test_a_helper_compiles_where_nothing_is_compiled_and_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    helpers = started(monkeypatch, cold=True)
    with suppress(KeyboardInterrupt), ahead.compiling_ahead():
        assert [helper.poll() for helper in helpers] == [None]
        raise KeyboardInterrupt
    assert [helper.poll() is not None for helper in helpers] == [True]


def test_no_helper_where_all_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    helpers = started(monkeypatch, cold=False)
    with ahead.compiling_ahead():
        pass
    assert helpers == []


def test_what_the_helper_does_works_and_leaves_the_kernels_on_disk() -> None:
    ahead.use_every_kernel()
    assert not ahead.cold()
