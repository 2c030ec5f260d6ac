"""A row's streams to residuals, and residuals to bits: a token's Huffman code, then raw bits.

Two passes, so that every intermediate result goes through a 32-bit word: arithmetic modulo 2**32 comes
out the same on any word size.
"""

from array import array

import micropython
from micropython import const

from patrol import wire

_DIRECT = const(16)
_FIRST_LONG = const(10)  # _DIRECT - 2 * 3: the shortest long residuals have three raw bits
_MASK = 0xFFFFFFFF

# The bit writer's state: bits not in a whole byte yet, how many, and the place of that byte.
AHEAD = const(0)
HAVE = const(1)
AT = const(2)
_CODES = const(3)  # codes in each stream's codebook: a constant, kept where viper gets at it quickly


def new_bit_writer():
    return array("i", (0, 0, 0, wire.TOKENS))


def rebase_plain(row, last, bases, streams):
    """Have `last` predict the row by the bases: time a step before it, channels as they say."""
    last[0] = _signed(row[0] - bases[0])
    for stream in range(streams):
        last[stream + 1] = bases[stream]


@micropython.viper
def rebase_viper(row: ptr32, last: ptr32, bases: ptr32, streams: int):
    last[0] = row[0] - bases[0]
    stream = 0
    while stream < streams:
        last[stream + 1] = bases[stream]
        stream += 1


def residuals_plain(row, last, out, streams, kept, count):
    """Zigzagged residuals of a row against `last` (time, clock's step, channels), which it becomes.

    The row is also kept behind the `count` rows that `kept` has.
    """
    step = row[0] - last[0]
    last[0] = row[0]
    for stream in range(streams):
        value = row[stream] if stream else step
        residual = _signed(value - last[stream + 1])
        out[stream] = (residual << 1 ^ residual >> 31) & _MASK
        last[stream + 1] = _signed(value)
        kept[count * streams + stream] = row[stream]


def _signed(value):
    return ((value + 0x80000000) & _MASK) - 0x80000000


@micropython.viper
def residuals_viper(row: ptr32, last: ptr32, out: ptr32, streams: int, kept: ptr32, count: int):
    step = row[0] - last[0]
    last[0] = row[0]
    keep_at = count * streams
    stream = 0
    while stream < streams:
        value = row[stream]
        kept[keep_at + stream] = value
        if stream == 0:
            value = step
        out[stream] = value - last[stream + 1]
        residual = out[stream]
        out[stream] = residual << 1 ^ 0 - (residual >> 31 & 1)
        stream += 1
        last[stream] = value


def token_of(residual):
    """(token, raw bits' value, raw bits' count) of a zigzagged residual."""
    if residual < _DIRECT:
        return residual, 0, 0
    raw_bits = 3
    while residual >> (raw_bits + 2):
        raw_bits += 1
    token = _DIRECT + 2 * (raw_bits - 3) + (residual >> raw_bits & 1)
    return token, residual & ((1 << raw_bits) - 1), raw_bits


def write_plain(residuals, streams, codes, content, state):
    """Append every stream's token, in its own codebook, and raw bits to content."""
    for stream in range(streams):
        token, raw, raw_bits = token_of(residuals[stream])
        place = 2 * (stream * wire.TOKENS + token)
        packed = codes[place] | codes[place + 1] << 8
        ahead = state[AHEAD] | (packed >> 4 | raw << (packed & 15)) << state[HAVE]
        have = state[HAVE] + (packed & 15) + raw_bits
        while have >= 8:
            content[state[AT]] = ahead & 255
            state[AT] += 1
            ahead >>= 8
            have -= 8
        state[AHEAD] = ahead
        state[HAVE] = have


@micropython.viper
def write_viper(residuals: ptr32, streams: int, codes: ptr16, content: ptr8, state: ptr32):
    ahead = state[AHEAD]
    have = state[HAVE]
    at = state[AT]
    stream = book = 0
    while stream < streams:
        raw = token = residuals[stream]
        raw_bits = 0
        high = raw >> 4 & 0xFFFFFFF
        if high:
            raw_bits = 3
            high >>= 1
            while high:
                high >>= 1
                raw_bits += 1
            token = _FIRST_LONG + (raw_bits << 1) + (raw >> raw_bits & 1)
        packed = codes[book + token]
        ahead |= packed >> 4 << have
        have += packed & 15
        while True:
            while have >= 8:
                content[at] = ahead
                at += 1
                ahead >>= 8
                have -= 8
            if raw_bits == 0:
                break
            some = 16 if raw_bits > 16 else raw_bits  # never more bits ahead than a word has
            ahead |= (raw & ((1 << some) - 1)) << have
            have += some
            raw >>= some
            raw_bits -= some
        stream += 1
        book += state[_CODES]
    state[AHEAD] = ahead
    state[HAVE] = have
    state[AT] = at


REBASE_VARIANTS = (rebase_plain, rebase_viper)
RESIDUALS_VARIANTS = (residuals_plain, residuals_viper)
WRITE_VARIANTS = (write_plain, write_viper)
