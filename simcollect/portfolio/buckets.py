"""The eight buckets of days past due in which every report of the package counts accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-120", "121-150", "151-180", "180+")


def bucket(dpd: Any) -> NDArray[np.int8]:
    """Return the position in `BUCKETS` of each number of days past due.

    Parameters
    ----------
    dpd : days past due, whole and not negative; a scalar or an array of shape (n)

    Returns
    -------
    0 for current, 1 for 1 to 30 days, ... 6 for 151 to 180, 7 beyond; same shape as `dpd`

    Examples
    --------
    >>> [BUCKETS[i] for i in bucket([0, 1, 30, 31, 180, 181])]
    ['current', '1-30', '1-30', '31-60', '151-180', '180+']
    """
    days = np.asarray(dpd)
    return np.minimum((days + 29) // 30, 7).astype(np.int8)
