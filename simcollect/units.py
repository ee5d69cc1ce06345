"""Money in whole minor units, and the one place where it is converted.

Inside the package an amount is a 64-bit integer of minor units (cents, fen), so that ledgers balance to the cent.
At the border, tapes and reports, it is a decimal number of major units.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# ISO 4217 currencies without minor units, as far as lenders use them; all others here have two decimals.
WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "PYG", "RWF"})

DAYS_A_MONTH = 365.2425 / 12


def minor_per_major(currency: str) -> int:
    """Return how many minor units make one major unit (100 cents a dollar).

    Examples
    --------
    >>> minor_per_major("USD"), minor_per_major("JPY")
    (100, 1)
    """
    return 1 if currency.upper() in WITHOUT_MINOR_UNITS else 100


def to_major(amount: Any, currency: str) -> Any:
    """Convert minor units (scalar, array or Series) to major units as floats.

    Examples
    --------
    >>> float(to_major(1250, "USD"))
    12.5
    """
    return np.divide(amount, minor_per_major(currency)) if np.isscalar(amount) else amount / minor_per_major(currency)
