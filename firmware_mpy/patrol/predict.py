"""A row to residuals: protocol/predict.py's predictors and protocol/context.py's activities, on the state.

Results go through the state's 32-bit words, or are wrapped: modulo 2**32 on any word size.
"""

import micropython
from micropython import const

from patrol import state, variants
from patrol.buffers import int16, uint16

# The same places as in `state`: viper is fast with constants of its own module only.
_TIME = const(4)
_KEPT_AT = const(9)
_INPUTS = const(27)
_HEADER = const(43)
_STRIDE = const(7)
_LAST_CHANGE = const(1)
_CHANGE = const(2)
_RESIDUAL = const(3)
_ACTIVITY = const(4)
_NEXT_ACTIVITY = const(5)
_CHANGE_BEFORE_LAST = const(6)

_MEDIAN_TAPS = const(255)
_NETWORK_FLAG = const(256)
_INPUT_LIMIT = const(2047)
_HIDDEN_LIMIT = const(4095)
_WEIGHT_SHIFT = const(8)
_LARGEST = const(0xFFFF)
_SCALE_SHIFT = const(5)
_GAIN_SHIFT = const(4)


def signed(value):
    """A number's lowest 32 bits as a signed one."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def restart_plain(words, row_at, streams, bases, initials):
    """Go on from a row that is given in full, as key rows and stored ones are; the one kept at `row_at`."""
    words[_TIME] = words[row_at]
    for stream in range(streams):
        at = state.FIRST + state.STRIDE * stream
        words[at] = words[row_at + stream] if stream else signed(_word(bases, 0))
        words[at + _LAST_CHANGE] = words[at + _CHANGE] = words[at + _CHANGE_BEFORE_LAST] = 0
        words[at + _NEXT_ACTIVITY] = _word(initials, stream)
    for group in range(state.KEPT - state.GROUPS):
        words[state.GROUPS + group] = _word(initials, streams + group)


def _word(data, index):
    return int.from_bytes(data[4 * index : 4 * index + 4], "little")


@micropython.viper
def restart_viper(words: ptr32, row_at: int, streams: int, bases: ptr32, initials: ptr32):
    words[_TIME] = words[row_at]
    at = _HEADER + streams
    words[at] = bases[0]
    index = 0
    while index < streams:
        if index:
            words[at] = words[row_at + index]
        words[at + _LAST_CHANGE] = 0
        words[at + _CHANGE] = 0
        words[at + _CHANGE_BEFORE_LAST] = 0
        words[at + _NEXT_ACTIVITY] = initials[index]
        at += _STRIDE
        index += 1
    end = int(state.KEPT)
    while at < end:
        words[at] = initials[index]
        at += 1
        index += 1


def residuals_plain(words, row, streams, predictors):
    """Take the next row in: every stream's residual and activity. The row is kept, too."""
    kept_at = words[_KEPT_AT]
    step = signed(row[0] - words[_TIME])
    words[_TIME] = row[0]
    for stream in range(streams):
        at = state.FIRST + state.STRIDE * stream
        words[kept_at + stream] = row[stream]
        words[at] = signed(words[at] + words[at + _CHANGE])
        words[at + _LAST_CHANGE] = words[at + _CHANGE]
        words[at + _CHANGE] = signed((row[stream] if stream else step) - words[at])
    words[_KEPT_AT] = kept_at + streams
    place = 0
    for stream in range(streams):
        at = state.FIRST + state.STRIDE * stream
        taps = uint16(predictors, place)
        place += 2
        change = 0
        if taps == _MEDIAN_TAPS:
            change = _median(words, at)
        elif taps:
            total = _word(predictors[place : place + 4], 0)
            end = place + 4 + 4 * (taps & _NETWORK_FLAG - 1)
            for tap in range(place + 4, end, 4):
                total += words[uint16(predictors, tap) >> 2] * int16(predictors, tap + 2)
            place = end
            if taps & _NETWORK_FLAG:
                bend, place = _network_plain(words, predictors, place)
                total += bend
            change = signed(total) >> _WEIGHT_SHIFT
        residual = signed(words[at + _CHANGE] - change)
        zigzagged = residual << 1 ^ residual >> 31
        words[at + _RESIDUAL] = signed(zigzagged)
        activity = words[at + _ACTIVITY] = words[at + _NEXT_ACTIVITY]
        words[at + _NEXT_ACTIVITY] = next_activity(activity, zigzagged & 0xFFFFFFFF)


def _network_plain(words, table, at):
    """(what the network at table[at:] adds to the taps' sum, where its numbers end)."""
    inputs, units, hidden_shift, output_shift = table[at : at + 4]
    at += 4
    scaled = []
    for _ in range(inputs):
        value = signed(words[uint16(table, at) >> 2] - _word(table[at + 4 : at + 8], 0))
        scaled.append(max(~_INPUT_LIMIT, min(value >> uint16(table, at + 2), _INPUT_LIMIT)))
        at += 8
    total = 0
    for _ in range(units):
        drive = signed(_word(table[at : at + 4], 0))
        at += 4
        for value in scaled:
            drive += int16(table, at) * value
            at += 2
        total += int16(table, at) * max(0, min(drive >> hidden_shift, _HIDDEN_LIMIT))
        at += 2
    return total >> output_shift, at


@micropython.viper
def network_viper(words: ptr32, table: ptr16, at: int) -> int:
    sign = 1
    mask = (sign << 32) - 1
    sign <<= 31
    inputs = table[at] & 255
    units = table[at] >> 8
    hidden_shift = table[at + 1] & 255
    output_shift = table[at + 1] >> 8
    at += 2
    end = _INPUTS + inputs
    place = _INPUTS
    while place < end:
        value = words[table[at] >> 2] - (table[at + 2] | table[at + 3] << 16)
        value = ((value & mask) ^ sign) - sign >> table[at + 1]
        if value > _INPUT_LIMIT:
            value = _INPUT_LIMIT
        if value < -1 - _INPUT_LIMIT:
            value = -1 - _INPUT_LIMIT
        words[place] = value
        place += 1
        at += 4
    total = 0
    while units:
        drive = ((table[at] | table[at + 1] << 16) & mask ^ sign) - sign
        at += 2
        place = _INPUTS
        while place < end:
            weight = table[at]
            drive += (weight - (weight >> 15 << 16)) * ((words[place] & mask ^ sign) - sign)
            at += 1
            place += 1
        drive >>= hidden_shift
        if drive < 0:
            drive = 0
        if drive > _HIDDEN_LIMIT:
            drive = _HIDDEN_LIMIT
        weight = table[at]
        total += (weight - (weight >> 15 << 16)) * drive
        at += 1
        units -= 1
    words[_INPUTS] = at
    return total >> output_shift


def _median(words, at):
    back = signed(-words[at + _LAST_CHANGE])
    further_back = signed(back - words[at + _CHANGE_BEFORE_LAST])
    words[at + _CHANGE_BEFORE_LAST] = words[at + _LAST_CHANGE]
    return sorted((0, back, further_back))[1]


def next_activity(activity, value):
    """The activity after a zigzagged residual, or after so many streams of a group were not as predicted."""
    return activity + ((min(value, _LARGEST) << _SCALE_SHIFT) - activity >> _GAIN_SHIFT)


@micropython.viper
def residuals_viper(words: ptr32, row: ptr32, streams: int, predictors: ptr16):
    sign = 1  # made step by step: as constants these are no small integers
    mask = (sign << 32) - 1  # all ones where words have 32 bits
    sign <<= 31
    kept_at = words[_KEPT_AT]
    at = _HEADER + streams
    index = 0
    value = row[0] - words[_TIME]
    words[_TIME] = row[0]
    while index < streams:
        words[kept_at + index] = row[index]
        change = words[at + _CHANGE]
        words[at + _LAST_CHANGE] = change
        words[at] = words[at] + change
        words[at + _CHANGE] = value - words[at]
        at += _STRIDE
        index += 1
        value = row[index] if index < streams else 0
    words[_KEPT_AT] = kept_at + streams
    end = at
    at = _HEADER + streams
    place = 0
    while at < end:
        taps = predictors[place]
        place += 1
        change = 0
        if taps == _MEDIAN_TAPS:
            change = ((0 - words[at + _LAST_CHANGE] & mask) ^ sign) - sign
            further_back = ((change - words[at + _CHANGE_BEFORE_LAST] & mask) ^ sign) - sign
            words[at + _CHANGE_BEFORE_LAST] = words[at + _LAST_CHANGE]
            low = change if change < 0 else 0
            high = 0 if change < 0 else change
            change = high if further_back > high else low if further_back < low else further_back
        elif taps:
            total = predictors[place] | predictors[place + 1] << 16
            place += 2
            network = taps & _NETWORK_FLAG
            taps &= _NETWORK_FLAG - 1
            while taps:
                weight = predictors[place + 1]
                total += words[predictors[place] >> 2] * (weight - (weight >> 15 << 16))
                place += 2
                taps -= 1
            if network:
                total += int(network_viper(words, predictors, place))
                place = words[_INPUTS]  # where the network's numbers end
            change = ((total & mask) ^ sign) - sign >> _WEIGHT_SHIFT
        residual = ((words[at + _CHANGE] - change & mask) ^ sign) - sign
        residual = residual << 1 ^ residual >> 31
        words[at + _RESIDUAL] = residual
        if residual >> 16 & 0xFFFF:
            residual = _LARGEST
        activity = words[at + _NEXT_ACTIVITY]
        words[at + _ACTIVITY] = activity
        words[at + _NEXT_ACTIVITY] = activity + ((residual << _SCALE_SHIFT) - activity >> _GAIN_SHIFT)
        at += _STRIDE


RESTART_VARIANTS = (restart_plain, restart_viper)
RESIDUALS_VARIANTS = (residuals_plain, residuals_viper)
variants.keep_last(globals())
