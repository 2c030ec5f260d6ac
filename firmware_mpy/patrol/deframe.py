"""Bytes off the wire to checked frames, however the bytes are cut up.

COBS is undone byte by byte into one buffer, so a frame is never held twice, and whatever was lost, the
next delimiter begins anew. What became of a frame is the same as in protocol/frame.py.
"""

from array import array

import micropython
from micropython import const

from patrol import checksum, contract, variants, wire
from patrol.buffers import add_to_word, copy
from patrol.checksum import NO_SEED, holds
from patrol.variants import thumb_frame

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
LEFT = const(0)  # bytes of the block to come; below 0 is none, too
_OWES = const(1)  # 1: the block ends with a zero that the wire leaves out, unless the frame ends there
LENGTH = const(2)  # bytes of content
WIRE = const(3)  # bytes on the wire, delimiter left out
# what never changes, kept where viper gets at it quickly
_MAX_WIRE = const(4)
_MAX_LENGTH = const(5)
_MIN_LENGTH = const(6)
# of the last frame: its status, its content's size, its bytes on the wire
STATUS = const(7)
CONTENT = const(8)
WIRE_BYTES = const(9)
# how many frames there were of each status
_COUNTS = const(11)
# what only the assembler needs to know: where things are, and the seed of checksums, inverted
_FRAME = const(17)
_TABLE = const(18)
_SEED = const(19)
# of the last good frame: bytes of message, if it is of a session and not signed; then three words for who
# decodes it (see decode.py)
SIZES = const(20)
_WORDS = const(24)
_AROUND_MESSAGE = wire.HEADER_BYTES + wire.COMMAND_HEAD_BYTES + wire.CHECKSUM_BYTES


def new_state(max_length=wire.MAX_FRAME):
    state = array("i", bytes(4 * _WORDS))
    state[_MAX_WIRE] = max_length + max_length // 254 + 1
    state[_MAX_LENGTH] = max_length
    state[_MIN_LENGTH] = wire.HEADER_BYTES + wire.CHECKSUM_BYTES
    state[STATUS] = PENDING
    return state


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
variants.keep_last(globals())


class Deframer:
    """Finds frames in a byte stream. `frame[: state[CONTENT]]` is the last one, checksum included.

        at = deframer.feed(deframer.state, chunk, at, end)

    takes bytes from chunk[at:end] until a frame ends there, and answers where to go on. `state[STATUS]` then
    tells of that frame; it is PENDING while none ended. `feed` is native code where there is any, and is
    called without a method around it, which would cost more than a frame.
    """

    def __init__(self, variant=-1, append=checksum.append):
        self.state = new_state()
        self.frame = bytearray(self.state[_MAX_WIRE] + _SLACK)
        self.body = memoryview(self.frame)[_HEADER_BYTES:]
        self.counts = memoryview(self.state)[_COUNTS : _COUNTS + len(STATUSES)]
        self._seed = contract.HASH
        self._take = TAKE_VARIANTS[variant]
        self._shape = SHAPE_VARIANTS[variant]
        self._append = append
        if thumb_frame and variant == -1:
            self.feed = thumb_frame.feed
            self.state[_FRAME] = thumb_frame.address(self.frame)
            self.state[_TABLE] = thumb_frame.address(checksum.TABLE)
            inverted = bytes([byte ^ 255 for byte in contract.HASH])
            copy(self.state, 4 * _SEED, inverted, 4)
        else:
            self.feed = self._feed

    @property
    def status(self):
        return self.state[STATUS]

    @property
    def length(self):
        return self.state[CONTENT]

    @property
    def wire_bytes(self):
        return self.state[WIRE_BYTES]

    def body_size(self):
        return self.state[CONTENT] - _OVERHEAD

    def _feed(self, state, chunk, at, end):
        at = self._take(state, self.frame, chunk, at, end)
        state[STATUS] = PENDING
        if at == end:
            return at
        state[CONTENT] = state[LENGTH]
        state[WIRE_BYTES] = state[WIRE] + 1
        state[SIZES] = state[LENGTH] - _AROUND_MESSAGE
        status = self._shape(state)
        if status != PENDING:
            if status == GOOD:
                status = self._checked(self.frame[0] & 7)
            state[STATUS] = status
            add_to_word(state, _COUNTS + status, 1)
        return at + 1

    def _checked(self, kind):
        seed = NO_SEED if kind == _KIND_HELLO else self._seed
        if not holds(self.frame, self.length, seed, self._append):
            return _BAD_CRC
        return GOOD if kind < _KINDS else _BAD_KIND
