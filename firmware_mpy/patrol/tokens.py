"""Residuals to bits: protocol/rows.py's order, protocol/tokens.py's tokens.

Fewer than 16 bits wait for a whole pair of bytes, so that 16 more never overflow a word.
"""

import micropython
from micropython import const

from patrol import variants
from patrol.buffers import uint16
from patrol.predict import next_activity

# The same places as in `state`: viper is fast with constants of its own module only.
_BITS = const(0)
_HAVE = const(1)
_AT = const(2)
_RESIDUAL = const(3)
_ACTIVITY = const(4)

_SCALE_SHIFT = const(5)
_GAIN_SHIFT = const(4)
_DIRECT = const(16)
_MANTISSA_BITS = const(2)
_TOKEN_BITS = const(7)
_MASK = 0xFFFFFFFF
_LEADING_ZEROS = const(128)
"""Bytes that coders point behind the first class: four for each bit of an activity that is 0."""
_CODER_BYTES = const(8)
_CODER_HALVES = const(4)


def put_bits(words, content, value, bits):
    """Append the lowest `bits` bits of a value."""
    ahead = words[_BITS] | (value & ((1 << bits) - 1)) << words[_HAVE]
    have = words[_HAVE] + bits
    while have >= 16:
        content[words[_AT]] = ahead & 255
        content[words[_AT] + 1] = ahead >> 8 & 255
        words[_AT] += 2
        ahead >>= 16
        have -= 16
    words[_BITS] = ahead
    words[_HAVE] = have


def put_code(words, content, codes, symbol):
    packed = uint16(codes, 2 * symbol)
    put_bits(words, content, packed >> 4, packed & 15)


def close(words, content):
    """Write the last bits, padded with zeros; answers where they end."""
    content[words[_AT]] = words[_BITS] & 255
    content[words[_AT] + 1] = words[_BITS] >> 8
    return words[_AT] + (words[_HAVE] + 7 >> 3)


def token_of(residual):
    """(token, raw bits' value, raw bits' count) of a zigzagged residual."""
    if residual < _DIRECT:
        return residual, 0, 0
    raw_bits = 0
    while residual >> raw_bits >= 8:
        raw_bits += 1
    token = (raw_bits + 1 << _MANTISSA_BITS) + (residual >> raw_bits)
    return token, residual & ((1 << raw_bits) - 1), raw_bits


def key_row_plain(words, content, row, streams, bases, key_bits, codes):
    """Append a key row's channels: how many bits their differences from the bases have, and those."""
    for stream in range(1, streams):
        difference = row[stream] - int.from_bytes(bases[4 * stream : 4 * stream + 4], "little")
        difference = ((difference + 0x80000000) & _MASK) - 0x80000000
        difference = (difference << 1 ^ difference >> 31) & _MASK
        bits = 0
        while difference >> bits:
            bits += 1
        more = bits - key_bits[stream]
        put_code(words, content, codes, more << 1 ^ more >> 31)
        put_bits(words, content, difference, max(0, bits - 1))


@micropython.viper
def key_row_viper(
    words: ptr32, content: ptr8, row: ptr32, streams: int, bases: ptr32, key_bits: ptr8, codes: ptr16
):
    sign = 1  # made step by step: as constants these are no small integers
    mask = (sign << 32) - 1
    sign <<= 31
    ahead = words[_BITS]
    have = words[_HAVE]
    at = words[_AT]
    stream = 1
    while stream < streams:
        difference = ((row[stream] - bases[stream] & mask) ^ sign) - sign
        difference = (difference << 1 ^ difference >> 31) & mask
        high = uint(difference)
        bits = 0
        while high:
            high >>= 1
            bits += 1
        more = bits - key_bits[stream]
        packed = codes[more << 1 ^ more >> 31]
        piece = packed >> 4
        some = packed & 15
        bits -= 1
        while True:
            ahead |= piece << have
            have += some
            if have >= 16:
                content[at] = ahead
                content[at + 1] = ahead >> 8
                at += 2
                ahead = ahead >> 16 & 0xFFFF
                have -= 16
            if bits <= 0:
                break
            some = 16 if bits > 16 else bits
            piece = difference & ((1 << some) - 1)
            difference >>= some
            bits -= some
        stream += 1
    words[_BITS] = ahead
    words[_HAVE] = have
    words[_AT] = at


def write_plain(words, content, coders, codes, alone_end):
    """Append a row: the streams in no group, then each group's symbol and those of its streams that moved."""
    for at in range(0, alone_end, _CODER_BYTES):
        _write_stream(words, content, coders, codes, at, 0)
    at = alone_end
    while at < len(coders):
        streams = range(at + _CODER_BYTES, at + _CODER_BYTES + uint16(coders, at + 4), _CODER_BYTES)
        moved = [coder for coder in streams if words[(uint16(coders, coder) >> 2) + _RESIDUAL]]
        group = uint16(coders, at) >> 2
        symbol = sum([1 << (coder - streams[0]) // _CODER_BYTES for coder in moved])
        put_code(words, content, codes, _codebook(coders, at, codes, words[group])[0] + symbol)
        words[group] = next_activity(words[group], len(moved))
        for coder in moved:
            _write_stream(words, content, coders, codes, coder, 1)
        at = streams[-1] + _CODER_BYTES


def _codebook(coders, at, codes, activity):
    """Where the codebook begins, in codes, that is in force at an activity, and the escape's place in it."""
    entry = uint16(coders, at + 2) - _LEADING_ZEROS
    while activity:
        activity >>= 1
        entry += 4
    return uint16(codes, entry) >> 1, uint16(codes, entry + 2) >> 1


def _write_stream(words, content, coders, codes, at, less):
    stream = uint16(coders, at) >> 2
    codebook, escape = _codebook(coders, at, codes, words[stream + _ACTIVITY])
    token, raw, raw_bits = token_of((words[stream + _RESIDUAL] & _MASK) - less)
    put_code(words, content, codes, codebook + min(token, escape))
    if token >= escape:
        put_bits(words, content, token, _TOKEN_BITS)
    put_bits(words, content, raw, raw_bits)


@micropython.viper
def write_viper(words: ptr32, content: ptr8, coders_object, codes: ptr16, alone_end: int):
    coders = ptr16(coders_object)
    total = int(len(coders_object)) >> 1
    ahead = words[_BITS]
    have = words[_HAVE]
    at = words[_AT]
    coder = less = 0
    end = alone_end >> 1
    while coder < total:
        here = coder
        coder += _CODER_HALVES
        stream = coders[here] >> 2
        escaped = raw_bits = value = 0
        if here == end:  # a group's
            less = 1
            end = coder + (coders[here + 2] >> 1)
            token = moved = 0
            bit = 1
            member = coder
            while member < end:
                if words[(coders[member] >> 2) + _RESIDUAL]:
                    token |= bit
                    moved += 1
                bit <<= 1
                member += _CODER_HALVES
            if token == 0:
                coder = end
            activity = words[stream]
            words[stream] = activity + ((moved << _SCALE_SHIFT) - activity >> _GAIN_SHIFT)
        else:
            value = words[stream + _RESIDUAL]
            if less:
                if value == 0:
                    continue
                value -= 1
            token = value
            high = value >> 4 & 0xFFFFFFF
            if high:
                raw_bits = 2
                while high > 1:
                    high >>= 1
                    raw_bits += 1
                token = (raw_bits + 1 << _MANTISSA_BITS) + (value >> raw_bits & 7)
            activity = words[stream + _ACTIVITY]
        entry = coders[here + 1] - _LEADING_ZEROS >> 1
        while activity:
            activity >>= 1
            entry += 2
        if token << 1 >= codes[entry + 1]:  # never a group's
            escaped = token
            token = codes[entry + 1] >> 1
        packed = codes[(codes[entry] >> 1) + token]
        piece = packed >> 4
        some = packed & 15
        while True:
            ahead |= piece << have
            have += some
            if have >= 16:
                content[at] = ahead
                content[at + 1] = ahead >> 8
                at += 2
                ahead = ahead >> 16 & 0xFFFF
                have -= 16
            if escaped:
                piece = escaped
                some = _TOKEN_BITS
                escaped = 0
            elif raw_bits:
                some = 16 if raw_bits > 16 else raw_bits
                piece = value & ((1 << some) - 1)
                value >>= some
                raw_bits -= some
            else:
                break
    words[_BITS] = ahead
    words[_HAVE] = have
    words[_AT] = at


KEY_ROW_VARIANTS = (key_row_plain, key_row_viper)
WRITE_VARIANTS = (write_plain, write_viper)
variants.keep_last(globals())
