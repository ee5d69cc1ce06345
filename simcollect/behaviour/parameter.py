"""One entry of the parameter table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Parameter:
    """One entry of the table.

    Attributes
    ----------
    name : dotted name, as given to `Behaviour.replace`
    value : number, or nested tuples of numbers
    axes : what the dimensions of `value` run over
    unit : with the period where it is a rate
    low, high : the range within which evidence or judgement puts it (each entry is scaled by the same factors for
        arrays: then they are factors, and the unit says so)
    source : code or sentence
    standing : seen | computed | fitted | unverified | judgement
    """

    name: str
    value: tuple[object, ...] | float
    axes: tuple[str, ...]
    unit: str
    low: float
    high: float
    source: str
    standing: str

    def array(self) -> npt.NDArray[np.float64]:
        """Return the value as a float array.

        Examples
        --------
        >>> from simcollect.behaviour.parameters import DEFAULTS
        >>> DEFAULTS["call.live_answer"].array().item()
        0.25
        """
        return np.asarray(self.value, dtype=np.float64)
