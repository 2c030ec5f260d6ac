"""Message bodies to messages: canonical Huffman codes by one look into a table of 4,096 entries.

An entry is length << 8 | byte, and the index is the next 12 bits of the body, first bit lowest. The end
mark has the length _NONE: it stands in no message. What is left behind the last whole code must be fewer
than 8 bits, all ones.
"""

from array import array

import micropython
from micropython import const

from patrol import contract, variants, wire
from patrol.buffers import copy
from patrol.variants import thumb

_SYMBOLS = const(256)
_ENTRIES = const(4096)
_NONE = const(255)

SLACK = const(4)
"""Bytes that a body's buffer and a message's have beyond their size: decoders read and write over."""


def fill_table_plain(table, codes):
    for index in range(_ENTRIES):
        table[index] = _NONE << 8
    for symbol in range(_SYMBOLS):
        packed = codes[2 * symbol] | codes[2 * symbol + 1] << 8
        length = packed & 15
        for index in range(packed >> 4, _ENTRIES, 1 << length):
            table[index] = length << 8 | symbol


@micropython.viper
def fill_table_viper(table: ptr16, codes: ptr8):
    index = 0
    while index < _ENTRIES:
        table[index] = _NONE << 8
        index += 1
    symbol = 0
    while symbol < _SYMBOLS:
        packed = codes[2 * symbol] | codes[2 * symbol + 1] << 8
        entry = (packed & 15) << 8 | symbol
        step = 1 << (packed & 15)
        index = packed >> 4
        while index < _ENTRIES:
            table[index] = entry
            index += step
        symbol += 1


TABLE = array("H", bytes(2 * _ENTRIES))
fill_table_viper(TABLE, contract.MESSAGE_CODES)


def decode_plain(body, table, message, sizes):
    """Decode sizes[0] bytes of body; answers the message's size, or -1: no message, or over sizes[1]."""
    left, limit = 8 * sizes[0], sizes[1]
    ahead = have = at = count = length = 0
    while left > 0 and count <= limit:
        while have < 12:
            ahead |= body[at] << have
            at += 1
            have += 8
        entry = table[ahead & 4095]
        length = entry >> 8
        if length == _NONE:
            break
        message[count] = entry & 255
        count += 1
        ahead >>= length
        have -= length
        left -= length
    if left < 0:  # the last code ran over the end: no code but padding
        left += length
        count -= 1
    if left > 7 or count > limit or (body[sizes[0] - 1] ^ 255) >> (8 - left):
        return -1
    return count


@micropython.viper
def decode_viper(body: ptr8, table: ptr16, message: ptr8, sizes: ptr32) -> int:
    left = sizes[0] << 3
    limit = sizes[1]
    ahead = have = at = count = length = 0
    while left > 0:
        if count > limit:
            break
        while have < 12:
            ahead |= body[at] << have
            at += 1
            have += 8
        entry = table[ahead & 4095]
        length = entry >> 8
        if length == _NONE:
            break
        message[count] = entry
        count += 1
        ahead >>= length
        have -= length
        left -= length
    if left < 0:
        left += length
        count -= 1
    if left > 7 or count > limit or (body[sizes[0] - 1] ^ 255) >> (8 - left):
        return -1
    return count


VARIANTS = (decode_plain, decode_viper) + ((thumb.decode_message,) if thumb else ())
variants.keep_last(globals())


class Decoder:
    """Bodies to messages in one buffer, `message`."""

    def __init__(self, limit=wire.MAX_MESSAGE, decode=VARIANTS[-1], sizes=None):
        self.message = bytearray(limit + SLACK)
        self._limit = limit
        self.decode = decode
        # body's size and limit for `decode`; thumb keeps two pointers in the rest
        self.sizes = array("i", 4 * (0,)) if sizes is None else sizes
        self.sizes[1] = limit

    def expand(self, body, size, stored):
        """The size of the message in body[:size], or -1 when there is none."""
        if not stored:
            self.sizes[0] = size
            return self.decode(body, TABLE, self.message, self.sizes)
        if size > self._limit:
            return -1
        copy(self.message, 0, body, size)
        return size
