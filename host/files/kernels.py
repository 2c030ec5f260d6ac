"""Blocks in machine code (numba): what protocol.blocks does, bit for bit, a thousand times as fast.

Compiled once for a machine and kept on its disk; the interpreter's lock is released while they run. Four
streams are decoded side by side, so that one's look-up hides another's, and an entry of the table holds two
symbols where both codes fit its index (as in Collet's huff0). Code lengths come from package-merge, its rows
kept as weights and marks alone (Larmore and Hirschberg, 1990).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, types, uint8, uint16, uint32, uint64

from host.files.memory import load64, store16, store64

BITS = 11
"""Longest code, and the index of the decoder's table."""
STREAMS = 4
SLACK = 16
"""Bytes that must be readable behind a body, and writable behind an encoded one."""

RAW, SINGLE, CODED = 0, 1, 2
"""Kinds of blocks, as protocol.blocks has them."""

GOOD, BAD_LENGTHS, BAD_STREAM = 0, 1, 2
"""What became of a coded body."""

_ENTRIES = 1 << BITS
_INDEX = uint64(_ENTRIES - 1)
_BYTE = uint64(255)
_LOOKUPS = 5
"""Symbols or pairs of them in 56 bits, the most that are sure to follow any bit of a 64-bit read."""
_ROOM = uint64(2 * _LOOKUPS + 1)

_OPTIONS: Any = {"nogil": True, "cache": True, "boundscheck": False, "error_model": "numpy"}
_READ = types.Array(types.uint8, 1, "C", readonly=True)
_WRITTEN = types.Array(types.uint8, 1, "C")


@njit(**_OPTIONS)
def _histogram(data, start, end):
    """Counts of bytes; four tables in turn, since a repeated byte would wait for its own count."""
    counts = np.zeros(4 * 256, np.uint32)
    at = start
    while at + 8 <= end:
        word = load64(data, at)
        for _half in range(2):
            counts[word & _BYTE] += uint32(1)
            counts[uint64(256) + ((word >> uint64(8)) & _BYTE)] += uint32(1)
            counts[uint64(512) + ((word >> uint64(16)) & _BYTE)] += uint32(1)
            counts[uint64(768) + ((word >> uint64(24)) & _BYTE)] += uint32(1)
            word >>= uint64(32)
        at += 8
    while at < end:
        counts[data[at]] += uint32(1)
        at += 1
    return counts[:256] + counts[256:512] + counts[512:768] + counts[768:]


@njit(**_OPTIONS)
def _code_lengths(counts):
    """Optimal lengths of BITS at most for two live symbols or more; ties fall as in protocol.huffman."""
    keys = np.sort((counts.astype(np.int64) << 8) + np.arange(256))
    live = keys[keys >= 256]
    count = len(live)
    weights = np.zeros((BITS, 512), np.int64)
    leaf = np.zeros((BITS, 512), np.bool_)
    weights[0, :count] = live >> 8
    leaf[0, :count] = True
    size = count
    for row in range(1, BITS):
        packages = size // 2
        coin, package = 0, 0
        size = count + packages
        for place in range(size):
            heavy = int64(0)
            if package < packages:
                heavy = weights[row - 1, 2 * package] + weights[row - 1, 2 * package + 1]
            if coin < count and (package == packages or live[coin] >> 8 <= heavy):
                weights[row, place] = live[coin] >> 8
                leaf[row, place] = True
                coin += 1
            else:
                weights[row, place] = heavy
                package += 1
    lengths = np.zeros(256, np.uint8)
    wanted = 2 * count - 2
    for row in range(BITS - 1, -1, -1):
        coins = 0
        for place in range(wanted):
            coins += leaf[row, place]
        for coin in range(coins):
            lengths[live[coin] & 255] += uint8(1)
        wanted = 2 * (wanted - coins)
    return lengths


@njit(**_OPTIONS)
def _reversed(code, length):
    out = 0
    for _ in range(length):
        out = out << 1 | code & 1
        code >>= 1
    return out


@njit(**_OPTIONS)
def _codes(lengths):
    """Canonical codes, bit-reversed: code | length << 16."""
    codes = np.zeros(256, np.uint32)
    code = 0
    for length in range(1, BITS + 1):
        code <<= 1
        for symbol in range(256):
            if lengths[symbol] == length:
                codes[symbol] = uint32(_reversed(code, length) | length << 16)
                code += 1
    return codes


@njit(**_OPTIONS)
def _put_nibble(out, at, half, value):
    """Append four bits; (byte, half) where the next ones go."""
    if half:
        out[at] |= uint8(value << 4)
        return at + 1, 0
    out[at] = uint8(value)
    return at, 1


@njit(**_OPTIONS)
def _run_of(lengths, symbol):
    end = symbol
    while end < 256 and lengths[end] == lengths[symbol]:
        end += 1
    return end - symbol


@njit(**_OPTIONS)
def _pack_lengths(lengths, out, at):
    """Code lengths as nibbles with runs, in protocol.blocks' own choice of runs; answers where they end."""
    half = 0
    symbol = 0
    while symbol < 256:
        run = _run_of(lengths, symbol)
        if lengths[symbol] == 0 and run >= 3:
            if run >= 19:
                taken = min(run, 274)
                values = (14, (taken - 19) & 15, (taken - 19) >> 4)
                for value in values:
                    at, half = _put_nibble(out, at, half, value)
            else:
                taken = run
                at, half = _put_nibble(out, at, half, 13)
                at, half = _put_nibble(out, at, half, taken - 3)
        elif symbol and lengths[symbol] == lengths[symbol - 1] and run >= 3:
            taken = min(run, 18)
            at, half = _put_nibble(out, at, half, 15)
            at, half = _put_nibble(out, at, half, taken - 3)
        else:
            taken = 1
            at, half = _put_nibble(out, at, half, lengths[symbol])
        symbol += taken
    return at + half


@njit(**_OPTIONS)
def _five_codes(codes, data, at, bits, count):
    """Five bytes' codes behind `count` bits: at most 7 + 55."""
    word = load64(data, at)
    for _ in range(_LOOKUPS):
        entry = codes[word & _BYTE]
        bits |= uint64(entry & uint32(0xFFFF)) << count
        count += uint64(entry >> uint32(16))
        word >>= uint64(8)
    return bits, count


@njit(**_OPTIONS)
def _write_stream(codes, data, at, end, out, out_at):
    """Append one stream, filled up to a whole byte; answers where it ends."""
    bits, count = uint64(0), uint64(0)
    while at + 8 <= end:
        bits, count = _five_codes(codes, data, at, bits, count)
        store64(out, out_at, bits)
        out_at += int64(count >> uint64(3))
        bits >>= count & uint64(0xF8)
        count &= uint64(7)
        at += _LOOKUPS
    while at < end:
        entry = codes[data[at]]
        bits |= uint64(entry & uint32(0xFFFF)) << count
        count += uint64(entry >> uint32(16))
        store64(out, out_at, bits)
        out_at += int64(count >> uint64(3))
        bits >>= count & uint64(0xF8)
        count &= uint64(7)
        at += 1
    return out_at + int64(count > uint64(0))


@njit(types.UniTuple(int64, 2)(_READ, int64, int64, _WRITTEN, int64, int64), **_OPTIONS)
def encode_body(data, start, size, out, out_at, streams):
    """(kind, bytes) of data[start : start + size]; the body and SLACK bytes are written to out[out_at:]."""
    end = start + size
    counts = _histogram(data, start, end)
    if counts[data[start]] == size:
        out[out_at] = data[start]
        return SINGLE, 1
    lengths = _code_lengths(counts)
    bits = int64(0)
    for symbol in range(256):
        bits += int64(counts[symbol]) * lengths[symbol]
    at = out_at
    if bits // 8 < size:
        codes = _codes(lengths)
        table = _pack_lengths(lengths, out, at)
        at = table + 4 * (streams - 1)
        share = (size + streams - 1) // streams
        for stream in range(streams):
            first = start + min(stream * share, size)
            last = start + min((stream + 1) * share, size)
            begun = at
            at = _write_stream(codes, data, first, last, out, at)
            if stream < streams - 1:
                for byte in range(4):
                    out[table + 4 * stream + byte] = uint8((at - begun) >> 8 * byte & 255)
            if at - out_at >= size:
                break
    if at == out_at or at - out_at >= size:
        out[out_at : out_at + size] = data[start:end]
        return RAW, size
    return CODED, at - out_at


@njit(**_OPTIONS)
def _unpack_lengths(data, at, end, lengths):
    """Read code lengths from nibbles; where they end, or -1."""
    nibble, last = 2 * at, 2 * end
    symbol = 0
    while symbol < 256:
        if nibble >= last:
            return int64(-1)
        value = data[nibble >> 1] >> (4 * (nibble & 1)) & 15
        nibble += 1
        run, length = 1, value
        if value >= 13:
            extra = 2 if value == 14 else 1
            if nibble + extra > last or (value == 15 and symbol == 0):
                return int64(-1)
            run = int64(data[nibble >> 1] >> (4 * (nibble & 1)) & 15)
            nibble += 1
            length = 0
            if value == 15:
                length = lengths[symbol - 1]
            if value == 14:
                run += 16 * int64(data[nibble >> 1] >> (4 * (nibble & 1)) & 15) + 16
                nibble += 1
            run += 3
        if symbol + run > 256:
            return int64(-1)
        for _ in range(run):
            lengths[symbol] = uint8(length)
            symbol += 1
    if nibble & 1 and data[nibble >> 1] >> 4:
        return int64(-1)
    return (nibble + 1) >> 1


@njit(**_OPTIONS)
def _fill_tables(lengths, single, pairs):
    """Entries of one symbol (symbol | length << 8) and of two where they fit (see _five_lookups)."""
    codes = _codes(lengths)
    for symbol in range(256):
        length = int64(lengths[symbol])
        if length:
            code = int64(codes[symbol] & uint32(0xFFFF))
            while code < _ENTRIES:
                single[code] = uint16(symbol | length << 8)
                code += 1 << length
    for index in range(_ENTRIES):
        first = uint32(single[index])
        length = first >> uint32(8)
        second = uint32(single[uint32(index) >> length])
        both = length + (second >> uint32(8))
        if both <= BITS:
            symbols = first & uint32(255) | (second & uint32(255)) << uint32(8)
            pairs[index] = both | uint32(2) << uint32(8) | symbols << uint32(16)
        else:
            pairs[index] = length | uint32(1) << uint32(8) | (first & uint32(255)) << uint32(16)


@njit(**_OPTIONS)
def _five_lookups(pairs, data, bit, out, at):
    """Up to ten symbols from one read; (bit, place) where it goes on. Two bytes are always written.

    An entry is length | symbols << 8 | both symbols << 16: its lowest bits shift as they are, and lengths add
    up in the lowest byte of a sum of entries.
    """
    word = load64(data, int64(bit >> uint64(3))) >> (bit & uint64(7))
    lengths = uint64(0)
    for _ in range(_LOOKUPS):
        entry = uint64(pairs[word & _INDEX])
        store16(out, int64(at), uint16(entry >> uint64(16)))
        word >>= entry & uint64(63)
        lengths += entry
        at += (entry >> uint64(8)) & uint64(255)
    return bit + (lengths & uint64(255)), at


@njit(**_OPTIONS)
def _read_rest(single, data, bit, last_bit, out, at, end):
    """The symbols that are left of a stream, one at a time; whether it ends where they do."""
    while at < end and bit < last_bit:
        word = load64(data, int64(bit >> uint64(3))) >> (bit & uint64(7))
        entry = single[word & _INDEX]
        out[at] = uint8(entry & uint16(255))
        bit += uint64(entry >> uint16(8))
        at += uint64(1)
    if at != end or bit > last_bit or last_bit - bit >= uint64(8):
        return False
    left = last_bit - bit
    word = load64(data, int64(bit >> uint64(3))) >> (bit & uint64(7))
    return word & ((uint64(1) << left) - uint64(1)) == uint64(0)


@njit(**_OPTIONS)
def _read_four(pairs, single, data, bits, last_bits, out, ats, ends):
    """Four streams side by side while each has room for five look-ups, then each to its end."""
    bit0, bit1, bit2, bit3 = bits[0], bits[1], bits[2], bits[3]
    at0, at1, at2, at3 = ats[0], ats[1], ats[2], ats[3]
    room = True
    for stream in range(4):
        room = room and ends[stream] - ats[stream] >= _ROOM
    if room:
        end0, end1, end2, end3 = ends[0] - _ROOM, ends[1] - _ROOM, ends[2] - _ROOM, ends[3] - _ROOM
        last0, last1, last2, last3 = last_bits[0], last_bits[1], last_bits[2], last_bits[3]
        while (
            (at0 <= end0) & (at1 <= end1) & (at2 <= end2) & (at3 <= end3)
            & (bit0 <= last0) & (bit1 <= last1) & (bit2 <= last2) & (bit3 <= last3)
        ):
            bit0, at0 = _five_lookups(pairs, data, bit0, out, at0)
            bit1, at1 = _five_lookups(pairs, data, bit1, out, at1)
            bit2, at2 = _five_lookups(pairs, data, bit2, out, at2)
            bit3, at3 = _five_lookups(pairs, data, bit3, out, at3)
    good = _read_rest(single, data, bit0, last_bits[0], out, at0, ends[0])
    good &= _read_rest(single, data, bit1, last_bits[1], out, at1, ends[1])
    good &= _read_rest(single, data, bit2, last_bits[2], out, at2, ends[2])
    good &= _read_rest(single, data, bit3, last_bits[3], out, at3, ends[3])
    return good


@njit(int64(_READ, int64, int64, _WRITTEN, int64, int64, int64), **_OPTIONS)
def decode_body(data, at, end, out, out_at, size, streams):
    """Decode the coded body data[at:end] to out[out_at : out_at + size]; SLACK bytes behind it are read.

    `streams` is 1 or 4. Answers GOOD, or why it is no such body; then `out` holds nothing of worth.
    """
    lengths = np.zeros(256, np.uint8)
    at = _unpack_lengths(data, at, end, lengths)
    if at < 0:
        return BAD_LENGTHS
    shares = int64(0)
    live = 0
    for symbol in range(256):
        if lengths[symbol] > BITS:
            return BAD_LENGTHS
        if lengths[symbol]:
            shares += int64(1) << (BITS - lengths[symbol])
            live += 1
    if shares != _ENTRIES or live < 2:
        return BAD_LENGTHS
    single = np.empty(_ENTRIES, np.uint16)
    pairs = np.empty(_ENTRIES, np.uint32)
    _fill_tables(lengths, single, pairs)
    bits, last_bits = np.empty(4, np.uint64), np.empty(4, np.uint64)
    ats, ends = np.empty(4, np.uint64), np.empty(4, np.uint64)
    table = at
    at += 4 * (streams - 1)
    share = (size + streams - 1) // streams
    for stream in range(streams):
        bits[stream] = uint64(8 * at)
        if stream < streams - 1:
            for byte in range(4):
                if table + 4 * stream + byte < end:
                    at += int64(data[table + 4 * stream + byte]) << (8 * byte)
        else:
            at = end
        if at > end or bits[stream] > uint64(8 * end):
            return BAD_STREAM
        last_bits[stream] = uint64(8 * at)
        ats[stream] = uint64(out_at + min(stream * share, size))
        ends[stream] = uint64(out_at + min((stream + 1) * share, size))
    if streams == 4:
        good = _read_four(pairs, single, data, bits, last_bits, out, ats, ends)
    else:
        bit, here = bits[0], ats[0]
        while here + _ROOM <= ends[0] and bit <= last_bits[0]:
            bit, here = _five_lookups(pairs, data, bit, out, here)
        good = _read_rest(single, data, bit, last_bits[0], out, here, ends[0])
    return GOOD if good else BAD_STREAM
