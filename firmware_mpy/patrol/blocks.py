"""Blocks of files, read in bounded memory: protocol/blocks.py's, of one stream.

Nothing is decoded before the checksum is known to be right, and nothing is allocated for a block. A block is
refused for the reasons that the reference has, though not in its words.
"""

from array import array

import micropython
from micropython import const

from patrol import variants
from patrol.checksum import TABLE
from patrol.variants import thumb

if thumb:  # its memory is for those who read blocks
    from patrol import thumb_blocks
else:
    thumb_blocks = None

SLACK = const(4)
"""Bytes behind a block's buffer that are read, and make no difference."""

_RAW = const(0)
_SINGLE = const(1)
_CODED = const(2)

_ENTRIES = const(2048)
_MAX_BITS = const(11)
_ZEROS = const(13)
_MANY_ZEROS = const(14)

# A span of the data for the functions below: where it begins and ends, and a number that goes with it.
_START = const(0)
_END = const(1)
_NUMBER = const(2)


def checksum_plain(data, span, table):
    """Go on with the CRC-32 in span[_NUMBER] over data[span[_START]:span[_END]]."""
    crc = span[_NUMBER] & 0xFFFFFFFF ^ 0xFFFFFFFF
    for at in range(span[_START], span[_END]):
        crc = crc >> 8 ^ table[(crc ^ data[at]) & 255]
    crc ^= 0xFFFFFFFF
    span[_NUMBER] = crc - (crc >> 31 << 32)


@micropython.viper
def checksum_viper(data: ptr8, span: ptr32, table: ptr32):
    crc = span[_NUMBER] ^ -1
    at = span[_START]
    end = span[_END]
    while at < end:
        # viper shifts keep the sign; the mask drops it, and on 64 bits what stands above bit 31
        crc = (crc >> 8 & 0xFFFFFF) ^ table[(crc ^ data[at]) & 255]
        at += 1
    span[_NUMBER] = crc ^ -1


def fill_table_plain(lengths, table, firsts):
    """Entries of length << 8 | byte for the next 11 bits, first bit lowest; `firsts`: 12 words of scratch."""
    code = 0
    for length in range(1, _MAX_BITS + 1):
        code <<= 1
        for symbol in range(256):
            if lengths[symbol] == length:
                place = 0
                for bit in range(length):
                    place |= (code >> bit & 1) << length - 1 - bit
                for index in range(place, _ENTRIES, 1 << length):
                    table[index] = length << 8 | symbol
                code += 1


@micropython.viper
def fill_table_viper(lengths: ptr8, table: ptr16, firsts: ptr32):
    index = 0
    while index <= _MAX_BITS:
        firsts[index] = 0
        index += 1
    index = 0
    while index < 256:
        firsts[lengths[index]] = firsts[lengths[index]] + 1
        index += 1
    code = 0
    index = 1
    while index <= _MAX_BITS:
        code <<= 1
        count = firsts[index]
        firsts[index] = code
        code += count
        index += 1
    symbol = 0
    while symbol < 256:
        length = lengths[symbol]
        if length:
            code = firsts[length]
            firsts[length] = code + 1
            place = 0
            left = length
            while left:
                place = place << 1 | code & 1
                code >>= 1
                left -= 1
            while place < _ENTRIES:
                table[place] = length << 8 | symbol
                place += 1 << length
        symbol += 1


def decode_plain(data, table, content, span):
    """Decode span[_NUMBER] bytes of the stream data[span[_START]:span[_END]]; whether it ends with them."""
    bit, end = 8 * span[_START], 8 * span[_END]
    for place in range(span[_NUMBER]):
        at = bit >> 3
        ahead = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        entry = table[ahead >> (bit & 7) & _ENTRIES - 1]
        content[place] = entry & 255
        bit += entry >> 8
        if bit > end:
            return False
    return end - bit < 8 and (end == bit or data[bit >> 3] >> (bit & 7) == 0)


@micropython.viper
def decode_viper(data: ptr8, table: ptr16, content: ptr8, span: ptr32) -> bool:
    bit = span[_START] << 3
    end = span[_END] << 3
    place = 0
    size = span[_NUMBER]
    while place < size:
        at = bit >> 3
        ahead = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        entry = table[ahead >> (bit & 7) & _ENTRIES - 1]
        content[place] = entry
        place += 1
        bit += entry >> 8
        if bit > end:
            return False
    if bit == end:
        return True
    return end - bit < 8 and data[bit >> 3] >> (bit & 7) == 0


_THUMB = thumb_blocks
CHECKSUM_VARIANTS = (checksum_plain, checksum_viper) + ((_THUMB.checksum,) if _THUMB else ())
FILL_VARIANTS = (fill_table_plain, fill_table_viper) + ((_THUMB.fill_table,) if _THUMB else ())
DECODE_VARIANTS = (decode_plain, decode_viper) + ((_THUMB.decode,) if _THUMB else ())
variants.keep_last(globals())


@micropython.viper
def _unpack_lengths(data: ptr8, span: ptr32, lengths: ptr8) -> bool:
    """Read code lengths; the span then begins behind them. Whether they make a complete code."""
    nibble = span[_START] << 1
    last = span[_END] << 1
    symbol = shares = live = previous = 0
    while symbol < 256:
        if nibble >= last:
            return False
        value = data[nibble >> 1] >> ((nibble & 1) << 2) & 15
        nibble += 1
        run = 1
        if value > _MAX_BITS:
            if value < _ZEROS or nibble >= last:
                return False
            run = 3 + (data[nibble >> 1] >> ((nibble & 1) << 2) & 15)
            nibble += 1
            if value == _MANY_ZEROS:
                if nibble >= last:
                    return False
                run += 16 + ((data[nibble >> 1] >> ((nibble & 1) << 2) & 15) << 4)
                nibble += 1
            if value > _MANY_ZEROS:
                if symbol == 0:
                    return False
                value = previous
            else:
                value = 0
        if symbol + run > 256:
            return False
        previous = value
        if value:
            shares += run << _MAX_BITS - value
            live += run
        while run:
            lengths[symbol] = value
            symbol += 1
            run -= 1
    if nibble & 1:
        if data[nibble >> 1] >> 4:
            return False
        nibble += 1
    span[_START] = nibble >> 1
    return shares == _ENTRIES and live > 1


@micropython.viper
def _read_header(data: ptr8, end: int, limit: int, numbers: ptr32) -> bool:
    """Put kind, size, body size and where the checksum stands into numbers; whether they may be so."""
    kind = data[0]
    if end < 7 or kind > _CODED:
        return False
    at = 1
    which = 1
    while which < 3:
        value = shift = 0
        byte = 0x80
        while byte >= 0x80:
            if at >= end or shift > 28:
                return False
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
        if (byte == 0 and shift > 7) or value < 1 or value > limit + 256:
            return False
        numbers[which] = value
        which += 1
    numbers[0] = kind
    numbers[3] = at
    if numbers[1] > limit or at + 4 + numbers[2] != end:
        return False
    size = numbers[1] if kind == _RAW else 1
    return kind == _CODED or numbers[2] == size


@micropython.viper
def _is_checksum(span: ptr32, data: ptr8, at: int) -> bool:
    crc = span[_NUMBER]
    index = 0
    while index < 4:
        if data[at + index] != crc & 255:
            return False
        crc >>= 8
        index += 1
    return True


@micropython.viper
def _copy_raw(data: ptr8, at: int, content: ptr8, size: int, step: int):
    index = 0
    while index < size:
        content[index] = data[at]
        at += step
        index += 1


class BlockReader:
    """Reads blocks whose content is at most `limit` bytes; `content[:size]` is the last one's."""

    def __init__(self, limit, variant=-1):
        self.limit = limit
        self.content = bytearray(limit)
        self.size = 0
        self._lengths = bytearray(256)
        # Made of zeros that are there, if they are as many: others would be 4 KB more, for a moment.
        self._table = array("H", self.content if limit == 2 * _ENTRIES else bytes(2 * _ENTRIES))
        self._firsts = array("I", bytes(4 * (_MAX_BITS + 1)))
        self._span = array("i", (0, 0, 0))
        self._numbers = array("i", (0, 0, 0, 0))
        self._checksum = CHECKSUM_VARIANTS[variant]
        self._fill = FILL_VARIANTS[variant]
        self._decode = DECODE_VARIANTS[variant]

    def read(self, data, end):
        """Take in the block data[:end], which SLACK bytes follow; whether it is one, and whole."""
        numbers, span = self._numbers, self._span
        self.size = 0
        if not _read_header(data, end, self.limit, numbers):
            return False
        kind, size, at = numbers[0], numbers[1], numbers[3]
        span[_START] = 0  # one by one: a tuple would be on the heap
        span[_END] = at
        span[_NUMBER] = 0
        self._checksum(data, span, TABLE)
        span[_START] = at + 4
        span[_END] = end
        self._checksum(data, span, TABLE)
        if not _is_checksum(span, data, at):
            return False
        if kind != _CODED:
            _copy_raw(data, at + 4, self.content, size, 1 - kind)
        else:
            if not _unpack_lengths(data, span, self._lengths):
                return False
            self._fill(self._lengths, self._table, self._firsts)
            span[_NUMBER] = size
            if not self._decode(data, self._table, self.content, span):
                return False
        self.size = size
        return True
