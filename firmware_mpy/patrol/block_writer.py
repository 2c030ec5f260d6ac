"""Writes blocks (docs/SPEC.md, section 10) of one stream, each of the kind that is smallest.

Code lengths are those of least redundancy (A. Moffat, J. Katajainen, "In-place calculation of
minimum-redundancy codes", 1995), held to 11 bits by lengthening what is cheapest. Where that limit bites the
code is not quite the best one of 11 bits, which only the host looks for: any complete code is a block.
"""

from array import array

import micropython
from micropython import const

from patrol.blocks import CHECKSUM_VARIANTS
from patrol.checksum import TABLE

HEADER_BYTES = const(16)
"""Room for what stands before a body."""

_RAW = const(0)
_SINGLE = const(1)
_CODED = const(2)
_MAX_BITS = const(11)
_WHOLE = const(2048)
_SYMBOLS = const(256)
_LENGTHS_BYTES = const(130)
"""Most bytes of packed code lengths."""

_checksum = CHECKSUM_VARIANTS[-1]

_ZEROS = const(13)
_MANY_ZEROS = const(14)
_AGAIN = const(15)


@micropython.viper
def count_bytes(data: ptr8, size: int, counts: ptr32):
    index = 0
    while index < 256:
        counts[index] = 0
        index += 1
    index = 0
    while index < size:
        counts[data[index]] = counts[data[index]] + 1
        index += 1


@micropython.viper
def sort_symbols(counts: ptr32, keys) -> int:
    """Put count << 8 | symbol of all that occur into keys, rising; how many there are.

    By quicksort with insertion at the end, which costs least for so many (docs/cost.md).
    """
    sorted_ = ptr32(keys)
    live = 0
    symbol = 0
    while symbol < 256:
        if counts[symbol]:
            sorted_[live] = counts[symbol] << 8 | symbol
            live += 1
        symbol += 1
    _sort_roughly(keys, 0, live - 1)
    index = 1
    while index < live:
        value = sorted_[index]
        at = index
        while at:
            before = sorted_[at - 1]
            if before <= value:
                break
            sorted_[at] = before
            at -= 1
        sorted_[at] = value
        index += 1
    return live


@micropython.viper
def _sort_roughly(keys, low: int, high: int):
    """Parts of up to a dozen keys are left as they are. The larger part is gone on with: calls stay few."""
    values = ptr32(keys)
    while high - low >= 12:
        first = values[low]
        pivot = values[(low + high) >> 1]
        last = values[high]
        if first > pivot:  # the median of the three
            first, pivot = pivot, first
        if pivot > last:
            pivot = last if last > first else first
        left = low
        right = high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                larger = values[left]
                values[left] = values[right]
                values[right] = larger
                left += 1
                right -= 1
        if right - low < high - left:
            _sort_roughly(keys, low, right)
            low = left
        else:
            _sort_roughly(keys, left, high)
            high = right


@micropython.viper
def find_lengths(sorted_: ptr32, live: int, work: ptr32):
    """Code lengths of 2 or more counts, the rarest first, into work[:live]."""
    index = 0
    while index < live:
        work[index] = sorted_[index] >> 8
        index += 1
    # Pairs are joined from left to right; a joined node's entry becomes its parent's place.
    work[0] = work[0] + work[1]
    root = 0
    leaf = 2
    following = 1
    while following < live - 1:
        if leaf >= live or work[root] < work[leaf]:
            work[following] = work[root]
            work[root] = following
            root += 1
        else:
            work[following] = work[leaf]
            leaf += 1
        if leaf >= live or (root < following and work[root] < work[leaf]):
            work[following] = work[following] + work[root]
            work[root] = following
            root += 1
        else:
            work[following] = work[following] + work[leaf]
            leaf += 1
        following += 1
    # Depths of the joined nodes, then of the leaves.
    work[live - 2] = 0
    following = live - 3
    while following >= 0:
        work[following] = work[work[following]] + 1
        following -= 1
    available = 1
    used = 0
    depth = 0
    root = live - 2
    following = live - 1
    while available > 0:
        while root >= 0 and work[root] == depth:
            used += 1
            root -= 1
        while available > used:
            work[following] = depth
            following -= 1
            available -= 1
        available = used << 1
        depth += 1
        used = 0


@micropython.viper
def limit_lengths(work: ptr32, live: int):
    """Hold lengths, the rarest first, to 11 bits, and keep the code complete."""
    share = 0
    index = 0
    while index < live:
        if work[index] > _MAX_BITS:
            work[index] = _MAX_BITS
        share += 1 << _MAX_BITS - work[index]
        index += 1
    while share > _WHOLE:
        # The longest code that can still grow costs least.
        index = 0
        while work[index] == _MAX_BITS:
            index += 1
        work[index] = work[index] + 1
        share -= 1 << _MAX_BITS - work[index]
    while share < _WHOLE:
        # What lengthening gave away too much is given back to the most frequent that it fits.
        index = live - 1
        while share + (1 << _MAX_BITS - work[index]) > _WHOLE:
            index -= 1
        share += 1 << _MAX_BITS - work[index]
        work[index] = work[index] - 1


@micropython.viper
def assign_codes(
    sorted_: ptr32, work: ptr32, live: int, lengths: ptr8, codes: ptr32, firsts: ptr32
) -> int:
    """Canonical codes, first bit lowest, as code << 4 | length; answers the bits of all that is coded."""
    index = 0
    while index < 256:
        lengths[index] = 0
        index += 1
    index = 0
    while index <= _MAX_BITS:
        firsts[index] = 0
        index += 1
    bits = 0
    index = 0
    while index < live:
        lengths[sorted_[index] & 255] = work[index]
        firsts[work[index]] = firsts[work[index]] + 1
        bits += work[index] * (sorted_[index] >> 8)
        index += 1
    code = 0
    index = 1
    while index <= _MAX_BITS:
        code <<= 1
        count = firsts[index]
        firsts[index] = code
        code += count
        index += 1
    index = 0
    while index < 256:
        length = lengths[index]
        if length:
            code = firsts[length]
            firsts[length] = code + 1
            turned = 0
            left = length
            while left:
                turned = turned << 1 | code & 1
                code >>= 1
                left -= 1
            codes[index] = turned << 4 | length
        index += 1
    return bits


@micropython.viper
def pack_lengths(lengths: ptr8, out: ptr8, at: int) -> int:
    """Write code lengths as nibbles with runs, as SPEC says; answers where they end."""
    place = at << 1
    symbol = 0
    previous = -1
    while symbol < 256:
        value = lengths[symbol]
        run = 1
        while symbol + run < 256 and lengths[symbol + run] == value:
            run += 1
        first = value
        second = third = -1
        if value == 0 and run >= 3:
            if run >= 19:
                run = 274 if run > 274 else run
                first = _MANY_ZEROS
                second = run - 19 & 15
                third = run - 19 >> 4
            else:
                first = _ZEROS
                second = run - 3
        elif value == previous and run >= 3:
            run = 18 if run > 18 else run
            first = _AGAIN
            second = run - 3
        else:
            run = 1
        count = 0
        while count < 3 and first >= 0:
            if place & 1:
                out[place >> 1] = out[place >> 1] | first << 4
            else:
                out[place >> 1] = first
            place += 1
            first = second
            second = third
            third = -1
            count += 1
        previous = value
        symbol += run
    return place + 1 >> 1


@micropython.viper
def pack_stream(data: ptr8, size: int, codes: ptr32, out: ptr8, at: int) -> int:
    held = have = index = 0
    while index < size:
        entry = codes[data[index]]
        held |= entry >> 4 << have
        have += entry & 15
        while have >= 8:
            out[at] = held
            at += 1
            held >>= 8
            have -= 8
        index += 1
    if have:
        out[at] = held
        at += 1
    return at


class BlockWriter:
    """Blocks of at most `limit` bytes of content; `block[:n]` is the last one, n what `write` answered."""

    def __init__(self, limit):
        self.block = bytearray(HEADER_BYTES + limit + _LENGTHS_BYTES)
        self._counts = array("i", bytes(4 * _SYMBOLS))
        self._sorted = array("i", bytes(4 * _SYMBOLS))
        self._codes = array("i", bytes(4 * _SYMBOLS))
        self._lengths = bytearray(_SYMBOLS)
        self._firsts = array("i", bytes(4 * (_MAX_BITS + 1)))
        self._span = array("i", (0, 0, 0))

    def write(self, content, size):
        """Make a block of content[:size], 1 byte or more; answers its bytes."""
        count_bytes(content, size, self._counts)
        live = sort_symbols(self._counts, self._sorted)
        if live == 1:
            return self._seal(_SINGLE, size, content, 1)
        return self._coded(content, size, live) or self._seal(_RAW, size, content, size)

    def _coded(self, content, size, live):
        """As `write`; 0 when a raw body is no longer."""
        work, lengths, block = self._codes, self._lengths, self.block
        find_lengths(self._sorted, live, work)
        limit_lengths(work, live)
        bits = assign_codes(self._sorted, work, live, lengths, self._counts, self._firsts)
        packed = pack_lengths(lengths, block, HEADER_BYTES)
        body_bytes = packed - HEADER_BYTES + (bits + 7 >> 3)
        if body_bytes >= size:
            return 0
        pack_stream(content, size, self._counts, block, packed)
        return self._seal(_CODED, size, None, body_bytes)

    def _seal(self, kind, size, body, body_bytes):
        """Put the header before a body, which stands in the block at HEADER_BYTES if it is None here."""
        block, span = self.block, self._span
        head = bytes([kind]) + _leb128(size) + _leb128(body_bytes)
        start = len(head) + 4
        source, source_at = (block, HEADER_BYTES) if body is None else (body, 0)
        block[:len(head)] = head
        _move_down(block, start, source, source_at, body_bytes)
        span[0], span[1], span[2] = 0, len(head), 0
        _checksum(block, span, TABLE)
        span[0], span[1] = start, start + body_bytes
        _checksum(block, span, TABLE)
        _put_word(block, len(head), span)
        return start + body_bytes


def _leb128(number):
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _leb128(number >> 7)


@micropython.viper
def _move_down(target: ptr8, at: int, source: ptr8, start: int, size: int):
    """As buffers.move, within one buffer too: what is moved goes toward its start."""
    index = 0
    while index < size:
        target[at + index] = source[start + index]
        index += 1


@micropython.viper
def _put_word(target: ptr8, at: int, span: ptr32):
    value = span[2]
    index = 0
    while index < 4:
        target[at + index] = value
        value >>= 8
        index += 1
