"""Stored rows: time as u32, then each channel in its format, little endian, unpadded.

In memory a row is an array of words: time first, then the channels, each sign-extended to 32 bits.
"""

import micropython

from patrol import contract, variants

FORMATS = b"\x04" + contract.FORMATS
"""Bytes of every word of a row, time first; 0x80 is added to a signed one."""


def fits_plain(rows, count, formats, streams):
    """Whether every value of `count` rows is within its format."""
    for word in range(count * streams):
        form = formats[word % streams]
        bits = 8 * (form & 7)
        low = -(1 << (bits - 1)) if form & 0x80 else 0
        if bits < 32 and not low <= rows[word] < low + (1 << bits):
            return False
    return True


@micropython.viper
def fits_viper(rows: ptr32, count: int, formats: ptr8, streams: int) -> bool:
    word = stream = 0
    words = count * streams
    while word < words:
        form = formats[stream]
        bits = (form & 7) << 3
        if bits < 32:
            half = (form >> 7) << (bits - 1)
            # What is left of the 32 bits above the format's: one of them set is out of range.
            if (rows[word] + half) >> bits & ((1 << (32 - bits)) - 1):
                return False
        word += 1
        stream += 1
        if stream == streams:
            stream = 0
    return True


def pack_plain(rows, count, formats, streams, content, at):
    """Store `count` rows in content[at:]; answers where they end."""
    for word in range(count * streams):
        for index in range(formats[word % streams] & 7):
            content[at] = rows[word] >> (8 * index) & 255
            at += 1
    return at


@micropython.viper
def pack_viper(rows: ptr32, count: int, formats: ptr8, streams: int, content: ptr8, at: int) -> int:
    word = stream = 0
    words = count * streams
    while word < words:
        value = rows[word]
        size = formats[stream] & 7
        while size:
            content[at] = value
            at += 1
            value >>= 8
            size -= 1
        word += 1
        stream += 1
        if stream == streams:
            stream = 0
    return at


def unpack_plain(content, at, formats, streams, row):
    """Read the stored row at content[at:] into `row`; answers where it ends."""
    for stream in range(streams):
        size = formats[stream] & 7
        value = sum([content[at + index] << (8 * index) for index in range(size)])
        if (formats[stream] & 0x80 or size == 4) and value >> (8 * size - 1):
            value -= 1 << (8 * size)
        row[stream] = value
        at += size
    return at


@micropython.viper
def unpack_viper(content: ptr8, at: int, formats: ptr8, streams: int, row: ptr32) -> int:
    stream = 0
    while stream < streams:
        form = formats[stream]
        bits = (form & 7) << 3
        value = shift = 0
        while shift < bits:
            value |= content[at] << shift
            at += 1
            shift += 8
        if form > 0x80 and bits < 32:
            value -= (value >> (bits - 1)) << bits
        row[stream] = value
        stream += 1
    return at


FITS_VARIANTS = (fits_plain, fits_viper)
PACK_VARIANTS = (pack_plain, pack_viper)
UNPACK_VARIANTS = (unpack_plain, unpack_viper)
variants.keep_last(globals())
