"""Consistent overhead byte stuffing, outward: a frame's content without zeros, then the delimiter.

Byte for byte what the `cobs` package writes: a full block of 254 bytes is followed by another only when
more bytes are.
"""

import micropython
from micropython import const

from patrol import variants

_FULL = const(255)


def encode_plain(content, size, wire):
    """Stuff content[:size] into wire and answer the bytes there, delimiter included."""
    code_at, at = 0, 1
    for index in range(size):
        if content[index]:
            wire[at] = content[index]
            at += 1
        if not content[index] or (at - code_at == _FULL and index + 1 < size):
            wire[code_at] = at - code_at
            code_at = at
            at += 1
    wire[code_at] = at - code_at
    wire[at] = 0
    return at + 1


@micropython.viper
def encode_viper(content: ptr8, size: int, wire: ptr8) -> int:
    code_at = 0
    at = 1
    index = 0
    while index < size:
        byte = content[index]
        index += 1
        if byte:
            wire[at] = byte
            at += 1
            if at - code_at < _FULL:
                continue
            if index == size:
                break
        wire[code_at] = at - code_at
        code_at = at
        at += 1
    wire[code_at] = at - code_at
    wire[at] = 0
    return at + 1


VARIANTS = (encode_plain, encode_viper)
encode = VARIANTS[-1]
variants.keep_last(globals())
