"""Bytes off the wire to checked frames, however the bytes are cut up.

COBS is undone byte by byte into one buffer, so a frame is never held twice, and whatever was lost, the
next delimiter begins anew. What became of a frame is the same as in protocol/frame.py.
"""

from array import array

import micropython
from micropython import const

from patrol import checksum, contract, wire
from patrol.buffers import add_to_word
from patrol.checksum import NO_SEED, holds

STATUSES = ("good", "bad_cobs", "too_short", "too_long", "bad_crc", "bad_kind")
GOOD = const(0)
_BAD_COBS = const(1)
_TOO_SHORT = const(2)
_TOO_LONG = const(3)
_BAD_CRC = const(4)
_BAD_KIND = const(5)
PENDING = const(-1)

_HEADER_BYTES = wire.HEADER_BYTES
_OVERHEAD = wire.HEADER_BYTES + wire.CHECKSUM_BYTES
_KIND_HELLO = wire.KIND_HELLO
_KINDS = wire.KIND_HALT + 1
_MANY = const(0x20000000)
_SLACK = 8
"""The decoders read, and the check of the checksum writes, a few bytes beyond the frame."""

# The state: what the functions below keep from one chunk to the next.
LEFT = const(0)  # bytes of the block to come
_OWES = const(1)  # 1: the block ends with a zero that the wire leaves out, unless the frame ends there
LENGTH = const(2)  # bytes of content
WIRE = const(3)  # bytes on the wire, delimiter left out
# and what never changes, kept where viper gets at it quickly
_MAX_WIRE = const(4)
_MAX_LENGTH = const(5)
_MIN_LENGTH = const(6)


def new_state(max_length=wire.MAX_FRAME):
    max_wire = max_length + max_length // 254 + 1
    return array("i", (0, 0, 0, 0, max_wire, max_length, wire.HEADER_BYTES + wire.CHECKSUM_BYTES))


def take_plain(state, frame, chunk, at, end):
    """Undo chunk[at:end] up to a delimiter; answers its place, or end."""
    while at < end and chunk[at]:
        if state[WIRE] <= state[_MAX_WIRE]:
            if state[LEFT]:
                frame[state[LENGTH]] = chunk[at]
                state[LENGTH] += 1
                state[LEFT] -= 1
            else:
                if state[_OWES]:
                    frame[state[LENGTH]] = 0
                    state[LENGTH] += 1
                state[LEFT] = chunk[at] - 1
                state[_OWES] = chunk[at] < 255
        state[WIRE] = min(state[WIRE] + 1, _MANY)
        at += 1
    return at


@micropython.viper
def take_viper(state: ptr32, frame: ptr8, chunk: ptr8, at: int, end: int) -> int:
    left = state[LEFT]
    owes = state[_OWES]
    length = state[LENGTH]
    start = at
    stop = at + state[_MAX_WIRE] + 1 - state[WIRE]
    if stop > end:
        stop = end
    while at < stop:
        byte = chunk[at]
        if byte == 0:
            break
        at += 1
        if left:
            frame[length] = byte
            length += 1
            left -= 1
            continue
        if owes:
            frame[length] = 0
            length += 1
        left = byte - 1
        owes = 0 if byte == 255 else 1
    while at < end:  # too long: nothing but the delimiter matters
        if chunk[at] == 0:
            break
        at += 1
    state[LEFT] = left
    state[_OWES] = owes
    state[LENGTH] = length
    state[WIRE] += at - start
    if state[WIRE] > _MANY:  # days without a delimiter must not turn the count negative
        state[WIRE] = _MANY
    return at


def shape_plain(state):
    """The status of the frame that just ended, as far as its sizes tell; the next one begins."""
    status = GOOD
    if state[WIRE] == 0:
        status = PENDING  # nothing between two delimiters is no frame
    elif state[WIRE] > state[_MAX_WIRE]:
        status = _TOO_LONG
    elif state[LEFT]:
        status = _BAD_COBS
    elif state[LENGTH] > state[_MAX_LENGTH]:
        status = _TOO_LONG
    elif state[LENGTH] < state[_MIN_LENGTH]:
        status = _TOO_SHORT
    state[LEFT] = state[_OWES] = state[LENGTH] = state[WIRE] = 0
    return status


@micropython.viper
def shape_viper(state: ptr32) -> int:
    status = GOOD
    if state[WIRE] == 0:
        status = PENDING
    elif state[WIRE] > state[_MAX_WIRE]:
        status = _TOO_LONG
    elif state[LEFT]:
        status = _BAD_COBS
    elif state[LENGTH] > state[_MAX_LENGTH]:
        status = _TOO_LONG
    elif state[LENGTH] < state[_MIN_LENGTH]:
        status = _TOO_SHORT
    state[LEFT] = 0
    state[_OWES] = 0
    state[LENGTH] = 0
    state[WIRE] = 0
    return status


TAKE_VARIANTS = (take_plain, take_viper)
SHAPE_VARIANTS = (shape_plain, shape_viper)


class Deframer:
    """Finds frames in a byte stream. `frame[:length]` is the last one, checksum included."""

    def __init__(self, variant=-1, append=checksum.append):
        self._state = new_state()
        self.frame = bytearray(self._state[_MAX_WIRE] + _SLACK)
        self.body = memoryview(self.frame)[_HEADER_BYTES:]
        self.length = 0
        self.status = PENDING
        self.wire_bytes = 0
        self.counts = array("I", bytes(4 * len(STATUSES)))
        self._seed = contract.HASH
        self._take = TAKE_VARIANTS[variant]
        self._shape = SHAPE_VARIANTS[variant]
        self._append = append

    def feed(self, chunk, at, end):
        """Take bytes from chunk[at:end] until a frame ends there; answers where to go on.

        `status` then tells of that frame; it is PENDING while none ended.
        """
        state = self._state
        at = self._take(state, self.frame, chunk, at, end)
        self.status = PENDING
        if at == end:
            return at
        self.length = state[LENGTH]
        self.wire_bytes = state[WIRE] + 1
        status = self._shape(state)
        if status != PENDING:
            if status == GOOD:
                status = self._checked(self.frame[0] & 7)
            self.status = status
            add_to_word(self.counts, status, 1)
        return at + 1

    def body_size(self):
        return self.length - _OVERHEAD

    def _checked(self, kind):
        seed = NO_SEED if kind == _KIND_HELLO else self._seed
        if not holds(self.frame, self.length, seed, self._append):
            return _BAD_CRC
        return GOOD if kind < _KINDS else _BAD_KIND
