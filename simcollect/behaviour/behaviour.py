"""A set of parameters: the default one, a calibrated one, or one changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.law import Law
from simcollect.behaviour.parameters import DAY_BINS, DEFAULTS, STRETCHES
from simcollect.errors import InputError, nearest
from simcollect.units import DAYS_A_MONTH

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Behaviour:
    """The borrower's parameters, each by its dotted name in the table of `parameters`.

    Attributes
    ----------
    values : arrays by name; what is not given is at its default
    origin : where the values come from, for reports

    Examples
    --------
    >>> shy = Behaviour.default().replace({"call.live_answer": 0.10})
    >>> float(shy["call.live_answer"]), float(Behaviour.default()["call.live_answer"])
    (0.1, 0.25)
    """

    values: Mapping[str, Array] = field(default_factory=dict)
    origin: str = "published evidence and judgement"

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if name not in DEFAULTS:
                raise InputError(f"no parameter is called {name}; {nearest(name, DEFAULTS)}")
            shape = DEFAULTS[name].array().shape
            if np.shape(value) != shape:
                raise InputError(
                    f"parameter {name} has shape {shape}, not {np.shape(value)}; see simcollect parameters"
                )
            if not np.isfinite(value).all() or (np.asarray(value) < 0).any():
                raise InputError(f"parameter {name} must be finite and not negative; see its range in the table")

    @classmethod
    def default(cls) -> Behaviour:
        """Return the defaults of the parameter table."""
        return cls()

    def __getitem__(self, name: str) -> Array:
        if name in self.values:
            return np.asarray(self.values[name], dtype=np.float64)
        if name not in DEFAULTS:
            raise InputError(f"no parameter is called {name}; {nearest(name, DEFAULTS)}")
        return DEFAULTS[name].array()

    def replace(self, changes: Mapping[str, object], origin: str | None = None) -> Behaviour:
        """Return a copy with some values changed.

        Raises
        ------
        InputError
            A name is unknown, a shape wrong, a value negative or not finite.
        """
        merged = dict(self.values) | {name: np.asarray(v, dtype=np.float64) for name, v in changes.items()}
        return Behaviour(merged, origin or self.origin)

    def table(self) -> pd.DataFrame:
        """Return the parameter table with the values in force: one row a parameter."""
        return pd.DataFrame(
            {
                "parameter": entry.name,
                "value": np.array2string(self[entry.name], precision=4, separator=", ").replace("\n", ""),
                "by": ", ".join(entry.axes) or "-",
                "unit": entry.unit,
                "low": entry.low,
                "high": entry.high,
                "standing": "calibrated" if entry.name in self.values else entry.standing,
                "source": self.origin if entry.name in self.values else entry.source,
            }
            for entry in DEFAULTS.values()
        )

    def law(self) -> Law:
        """Return the values as the arrays that compiled code reads."""
        cut = self["offer.cut"]
        hazard = -np.log1p(-self["plan.miss"])[None, :] * np.exp(-self["plan.relief"] * cut)[:, None]
        call = self["call.live_answer"] * self["call.right_party"] * self["call.reach"]
        visit = self["visit.right_party"] * self["call.reach"]
        return Law(
            bins=np.array(DAY_BINS, np.int64),
            base=self["pay.base"],
            partial=self["pay.partial"],
            all_=self["pay.all"],
            part_size=float(self["pay.part_size"]),
            read=self["message.read"] * self["message.reach"],
            effect=self["message.effect"],
            clears=self["message.clears"],
            enrol=float(self["prevention.enrol"]),
            attention=self["attention.effect"],
            decay=float(self["attention.decay"]),
            right_party=np.minimum(np.stack([call, visit]), 1.0),
            attempt_decay=float(self["call.attempt_decay"]),
            promise=self["talk.promise"],
            keep=self["talk.keep"],
            hardship=self["talk.hardship"],
            refuse=self["talk.refuse"],
            clear=float(self["talk.clear"]),
            horizon=int(self["promise.horizon"]),
            accept=self["offer.accept"],
            cut=cut,
            stretch=1.0 - cut * np.array(STRETCHES),
            miss=-np.expm1(-hazard),
            settle_share=float(self["settlement.share"]),
            settle_keep=self["settlement.keep"],
            legal_exit=1.0 / self["legal.weeks"],
            legal_pay=self["legal.pay"],
            legal_share=self["legal.settle_share"],
            judgment=float(self["legal.judgment"]),
            enforced=self["legal.enforced"],
            agency_pays=self["agency.collects"],
            agency_share=float(self["agency.share"]),
            agency_exit=float(self["agency.exit"]),
            complaint_call=float(self["complaint.call"]),
            complaint_message=float(self["complaint.message"]),
            fatigue=float(self["fatigue.factor"]),
            loss=self["liquidity.loss"] / DAYS_A_MONTH,
            regain=self["liquidity.regain"] / DAYS_A_MONTH,
        )
