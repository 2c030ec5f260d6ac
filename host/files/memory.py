"""Unaligned reads and writes of several bytes at once, for kernels: one instruction each. Little endian.

numba has no name for them; they are what `memcpy` of 2, 4 or 8 bytes becomes in C. Nothing is checked: who
calls sees to it that the bytes are there.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _pointer(context: Any, builder: Any, signature: Any, args: Any, bits: int) -> Any:
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(bits).as_pointer())


def _load(bits: int, result: Any) -> Any:
    def typing(_context: Any, array: Any, index: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.load(_pointer(context, builder, signature, args, bits), align=1)

        return result(array, types.intp), code

    return typing


def _store(bits: int, value_type: Any) -> Any:
    def typing(_context: Any, array: Any, index: Any, value: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            builder.store(args[2], _pointer(context, builder, signature, args, bits), align=1)
            return context.get_dummy_value()

        return types.void(array, types.intp, value_type), code

    return typing


load64 = intrinsic(_load(64, types.uint64))
store64 = intrinsic(_store(64, types.uint64))
store16 = intrinsic(_store(16, types.uint16))
