"""The telemetry encoder's state: one array of words, so that native code gets at all of it by one argument.

First a header, then the row to take in, the words of each stream, the activity of each group, and at the end
the rows that wait in the frame. Places are in words here, in bytes for the assembler and in the contract's
tables.
"""

from array import array

import micropython
from micropython import const

from patrol import contract, wire

_STREAMS = contract.STREAMS
_HEADER_BYTES = const(3)
_KEY_TIME = const(25)
_KEY_INTERVAL_US = const(26)

# The header: bits not in the body yet (fewer than 16), how many, where in the frame's content they go.
BITS = const(0)
HAVE = const(1)
AT = const(2)
ROWS = const(3)  # of the frame, so far
TIME = const(4)  # of the last row
ROWS_TO_KEY = const(5)
ROWS_PER_FRAME = const(6)
KEY_FLAG = const(7)  # of the frame
SEQUENCE = const(8)
KEPT_AT = const(9)  # the word where the next row is kept
FIRST_KEPT = const(10)  # the word where the frame's first row is kept
# What only the assembler needs, as it takes no more arguments.
PREDICTORS = const(11)  # where the contract's tables and the frame's buffers are in memory
CODERS = const(12)
CODES = const(13)
CONTENT = const(14)
WIRE = const(15)
CHECKSUM_TABLE = const(16)
COUNTERS = const(17)
STREAMS_AT = const(18)  # in bytes, as the next five
STREAMS_END = const(19)
ALONE_END = const(20)
CODERS_END = const(21)
FULL_AT = const(22)
ROW_BYTES = const(23)
SEED = const(24)
KEY_TIME = const(25)  # of the last key frame's first row
KEY_INTERVAL_US = const(26)
INPUTS = const(27)  # of the network at work, wire.MAX_INPUTS of them

ROW = wire.STATE_HEADER_WORDS

# A stream's words: its value, changes, and zigzagged residual; its activity ahead of this row and after it.
FIRST = ROW + _STREAMS
STRIDE = wire.STREAM_WORDS
VALUE = const(0)  # in the row before
LAST_CHANGE = const(1)
CHANGE = const(2)
RESIDUAL = const(3)
ACTIVITY = const(4)
NEXT_ACTIVITY = const(5)
CHANGE_BEFORE_LAST = const(6)  # kept for streams that are predicted by the median

GROUPS = FIRST + STRIDE * _STREAMS
KEPT = GROUPS + contract.GROUPS
"""Where the groups' activities begin, and the rows of the frame."""


def new_state():
    words = array("i", bytes(4 * (KEPT + _STREAMS * wire.MAX_ROWS)))
    words[FIRST_KEPT] = KEPT
    begin_frame(words, 0)
    return words


@micropython.viper
def begin_frame(words: ptr32, key_flag: int):
    words[BITS] = 0
    words[HAVE] = 0
    words[AT] = _HEADER_BYTES
    words[KEY_FLAG] = key_flag
    words[KEPT_AT] = words[FIRST_KEPT]


@micropython.viper
def key_is_due(words: ptr32, row: ptr32) -> bool:
    """Whether a frame that begins with this row comes so late that it must be a key frame."""
    since = row[0] - words[_KEY_TIME]
    if since >> 26 & 63:  # more than any interval
        return True
    return since & 0x3FFFFFF >= words[_KEY_INTERVAL_US]
