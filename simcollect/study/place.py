"""Where results go: a folder that appears complete or not at all, and never over another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simcollect.errors import InputError, Problem


def refuse_taken(folder: Path) -> None:
    """Refuse a place where something is already.

    Raises
    ------
    InputError
        There is a file, or a folder that is not empty.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        rule = "exists already, and nothing is ever overwritten"
        raise InputError([Problem(str(folder), None, None, None, rule, "name another folder, or remove this one")])


def make_folder(folder: Path) -> None:
    """Make a folder, or say why it cannot be.

    Raises
    ------
    InputError
        It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        raise cannot_write(folder, error) from None
    if not writable:
        raise cannot_write(folder, PermissionError(13, "Permission denied"))


def cannot_write(path: Path, error: OSError) -> InputError:
    """Return the error that says that a place cannot be written to.

    Examples
    --------
    >>> print(cannot_write(Path("/safe"), PermissionError(13, "Permission denied")).problems[0])
    /safe: cannot be written (Permission denied); name a folder that you may write to
    """
    rule = f"cannot be written ({error.strerror or error})"
    return InputError([Problem(str(path), None, None, None, rule, "name a folder that you may write to")])


def unfinished(folder: Path) -> Path:
    """Return where a folder grows until it is complete.

    Examples
    --------
    >>> unfinished(Path("run")).name
    'run.partial'
    """
    return folder.with_name(folder.name + ".partial")


def finish(folder: Path) -> None:
    """Give a complete folder its name."""
    try:
        if folder.is_dir():
            folder.rmdir()  # an empty one that the user made
        os.rename(unfinished(folder), folder)
    except OSError as error:
        raise cannot_write(folder, error) from None


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a folder to write to; it takes its name when all is written, and is gone if anything fails.

    Raises
    ------
    InputError
        Something is there already, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "figures"
    >>> with whole_folder(place) as folder:
    ...     _ = (folder / "cash.csv").write_text("1")
    >>> [file.name for file in place.iterdir()]
    ['cash.csv']
    """
    folder = Path(path)
    refuse_taken(folder)
    growing = unfinished(folder)
    if growing.exists():
        shutil.rmtree(growing)
    make_folder(growing)
    try:
        yield growing
        finish(folder)
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise
