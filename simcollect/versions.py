"""Which versions are at work, for manifests and for reports of faults."""

from __future__ import annotations

import platform
from importlib import metadata

# The libraries whose version can change a figure; the order is that of the printed list.
LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "numba", "simpy", "pulp", "highspy", "scikit-learn", "holidays")


def versions() -> dict[str, str]:
    """Return the versions of simcollect, Python and each library that can change a figure.

    Examples
    --------
    >>> list(versions())[:3]
    ['simcollect', 'python', 'numpy']
    """
    named = {"simcollect": _version("simcollect"), "python": platform.python_version()}
    return named | {name: _version(name) for name in LIBRARIES}


def show_versions() -> str:
    """Return the versions and the machine as text to paste into a report of a fault.

    Examples
    --------
    >>> show_versions().splitlines()[0].split()[0]
    'simcollect'
    """
    rows = {**versions(), "system": platform.platform()}
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {version}" for name, version in rows.items())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
