"""Fetching records from memory before they are needed.

The accounts awake on a day lie scattered over a book that is far larger than the processor's caches, and notes on those
that wait for a collector are read in the order of urgency; waiting for each of them in turn took most of the time.
Whoever walks a list asks for the records a few places ahead first.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

AHEAD = 8  # places: by then the first has arrived, and no more requests are under way than a core can keep
_LINE = 64  # bytes the processor fetches at a time


def _request(typing_context: Any, records: Any, i: Any) -> Any:
    """Ask for the first two cache lines of one record, and do not wait."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte, word = ir.IntType(8), ir.IntType(32)
        base = builder.bitcast(array.data, byte.as_pointer())
        offset = builder.mul(args[1], array.itemsize)
        ask = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte.as_pointer(), word, word, word]),
            "llvm.prefetch.p0",
        )
        for line in range(2):
            at = builder.gep(base, [builder.add(offset, ir.Constant(offset.type, line * _LINE))])
            # To be written, to be kept, data.
            builder.call(ask, [at, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(records, types.intp), generate


request: Any = intrinsic(_request)


@njit(cache=True, inline="always")
def look_ahead(records: npt.NDArray[Any], index: npt.NDArray[Any], place: int, end: int) -> None:
    """Ask for the record `AHEAD` places on in a list that ends at `end`."""
    if place + AHEAD < end:
        request(records, index[place + AHEAD])
