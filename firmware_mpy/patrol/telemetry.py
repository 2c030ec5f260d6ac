"""Rows to telemetry frames: protocol/telemetry.py's encoder, bit for bit, without an object per row."""

import micropython

from patrol import checksum, contract, predict, rows, state, tokens, wire
from patrol.buffers import add_to_word, copy, copy_word
from patrol.encode import KEY, ROWS_SHIFT, STORED, FrameWriter
from patrol.state import AT, HAVE, ROWS, ROWS_TO_KEY, SEQUENCE
from patrol.variants import thumb_row

_STREAMS = contract.STREAMS
_HEADER_BYTES = wire.HEADER_BYTES
_FULL_AT = wire.HEADER_BYTES + wire.MAX_BODY - contract.WORST_ROW_BYTES
"""Where content may end at most for another row to be sure of its place."""

# What `append` answers: 0, the size of a frame that is sealed, or one of these.
_NOT_TAKEN = -1
"""The row needs a key frame, or the frame is too full for it."""
_COMPLETE = -2
"""The row was taken, and its frame is still to be sealed."""


class TelemetryEncoder:
    """Rows in; `send(writer)` is called with every frame that is complete.

    Write a row, a time and the channels, into `row`, and then

        if answer := encoder.append(encoder.row):
            encoder.finish(answer)

    `append` is native code where there is any, and is called without a method around it, which would cost as
    much as a row. It finds the encoder's state around `row`, and must never get another array. `parameters`
    and `counters` are the car's, read when they have changed and counted in as frames end.
    """

    def __init__(self, parameters, counters, send, variant=-1):
        self._parameters = parameters
        self._counters = counters
        self._send = send
        self._restart = predict.RESTART_VARIANTS[variant]
        self._residuals = predict.RESIDUALS_VARIANTS[variant]
        self._key_row = tokens.KEY_ROW_VARIANTS[variant]
        self._write = tokens.WRITE_VARIANTS[variant]
        self._fit = rows.FITS_VARIANTS[variant]
        self._pack = rows.PACK_VARIANTS[variant]
        self._writer = FrameWriter(wire.MAX_BODY)
        self._content = self._writer.content
        self._words = state.new_state()
        self.row = memoryview(self._words)[state.ROW : state.FIRST]
        self._kept = memoryview(self._words)[state.KEPT :]
        if thumb_row and variant == -1:
            self.append = thumb_row.append
            self._address()
        else:
            self.append = self._append_row
        self.refresh()

    def _address(self):
        """What only the assembler's coder needs to know. All of it stays where it is."""
        words = self._words
        for place, thing in (
            (state.PREDICTORS, contract.PREDICTORS),
            (state.CODERS, contract.CODERS),
            (state.CODES, contract.CODES),
            (state.CONTENT, self._content),
            (state.WIRE, self._writer.wire),
            (state.CHECKSUM_TABLE, checksum.TABLE),
            (state.COUNTERS, self._counters),
        ):
            words[place] = thumb_row.address(thing)
        words[state.STREAMS_AT] = 4 * state.FIRST
        words[state.STREAMS_END] = 4 * state.GROUPS
        words[state.ALONE_END] = contract.ALONE_BYTES
        words[state.CODERS_END] = len(contract.CODERS)
        words[state.FULL_AT] = _FULL_AT
        words[state.ROW_BYTES] = contract.ROW_BYTES
        words[state.SEED] = predict.signed(~int.from_bytes(contract.HASH, "little"))

    def refresh(self):
        """Heed parameters that have changed."""
        self._words[state.ROWS_PER_FRAME] = self._parameters[wire.PARAMETER_ROWS_PER_FRAME]
        self._words[state.KEY_INTERVAL_US] = 1000 * self._parameters[wire.PARAMETER_KEY_INTERVAL]

    def request_key(self):
        """Make the next frame that begins a key frame."""
        self._words[ROWS_TO_KEY] = 0

    @micropython.viper
    def finish(self, answer: int):
        """Do what appending a row has left over."""
        if answer > 0:
            writer = self._writer
            writer.size = answer
            self._send(writer)
        else:
            self._finish(answer)

    def _finish(self, answer):
        if answer == _COMPLETE:
            self.flush()
        elif self._words[ROWS]:
            self.flush()
            if answer := self.append(self.row):
                self.finish(answer)
        else:
            self._begin_with_key()

    def flush(self):
        """Send the rows that wait for others, if any."""
        words = self._words
        count = words[ROWS]
        if not count:
            return
        control = wire.KIND_TELEMETRY | count - 1 << ROWS_SHIFT | words[state.KEY_FLAG]
        size = self._close()
        if contract.ROW_BYTES * count < size and self._fit(self._kept, count, rows.FORMATS, _STREAMS):
            size = self._store(count)
            control |= KEY | STORED
        self._writer.seal(control, words[SEQUENCE], size)
        words[SEQUENCE] = words[SEQUENCE] + 1 & 0xFFFF
        add_to_word(self._counters, wire.COUNTER_TELEMETRY_FRAMES, 1)
        add_to_word(self._counters, wire.COUNTER_TELEMETRY_ROWS, count)
        words[ROWS] = 0
        self._send(self._writer)

    def _append_row(self, row):
        """Take a row in, unless it needs a new frame."""
        words = self._words
        if not words[ROWS]:
            if words[ROWS_TO_KEY] <= 0 or state.key_is_due(words, row):
                return _NOT_TAKEN
            state.begin_frame(words, 0)
        elif words[AT] + (words[HAVE] + 7 >> 3) > _FULL_AT:
            return _NOT_TAKEN
        self._residuals(words, row, _STREAMS, contract.PREDICTORS)
        self._write(words, self._content, contract.CODERS, contract.CODES, contract.ALONE_BYTES)
        words[ROWS] += 1
        words[ROWS_TO_KEY] -= 1
        return _COMPLETE if words[ROWS] >= words[state.ROWS_PER_FRAME] else 0

    def _begin_with_key(self):
        words, row = self._words, self.row
        state.begin_frame(words, KEY)
        copy(self._content, _HEADER_BYTES, row, 4)  # the time in full
        words[AT] += 4
        self._key_row(
            words, self._content, row, _STREAMS, contract.BASES, contract.KEY_BITS, contract.KEY_CODES
        )
        copy(words, 4 * state.KEPT, row, 4 * _STREAMS)
        words[state.KEPT_AT] += _STREAMS
        self._restart(words, state.KEPT, _STREAMS, contract.BASES, contract.INITIALS)
        words[ROWS_TO_KEY] = wire.KEY_ROWS - 1
        copy_word(words, state.KEY_TIME, row, 0)
        words[ROWS] = 1
        if words[state.ROWS_PER_FRAME] == 1:
            self.flush()

    def _close(self):
        """Write the last bits; answers the coded body's size, without zeros at its end."""
        content = self._content
        end = tokens.close(self._words, content)
        while end > _HEADER_BYTES and not content[end - 1]:
            end -= 1
        return end - _HEADER_BYTES

    def _store(self, count):
        """Replace the coded body by the rows as they are; answers its size."""
        # A receiver may begin with this frame.
        self._restart(
            self._words,
            state.KEPT + (count - 1) * _STREAMS,
            _STREAMS,
            contract.BASES,
            contract.INITIALS,
        )
        end = self._pack(self._kept, count, rows.FORMATS, _STREAMS, self._content, _HEADER_BYTES)
        return end - _HEADER_BYTES
