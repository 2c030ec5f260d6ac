"""Rows to telemetry frames: protocol/telemetry.py's encoder, bit for bit, without an object per row."""

from array import array

from patrol import contract, rows, tokens, wire
from patrol.buffers import add_to_word, copy
from patrol.encode import KEY, ROWS_SHIFT, STORED, FrameWriter
from patrol.tokens import AHEAD, AT, HAVE

_STREAMS = contract.STREAMS
_TOKEN_CODES = contract.TOKEN_CODES
_HEADER_BYTES = wire.HEADER_BYTES
_FULL_AT = wire.HEADER_BYTES + wire.MAX_BODY - contract.WORST_ROW_BYTES
"""Where content may end at most for another row to be sure of its place."""
_ROWS_PER_FRAME = wire.PARAMETER_ROWS_PER_FRAME


class TelemetryEncoder:
    """Rows in; `send(writer)` is called with every frame that is complete.

    A row is an array("i") of a time and the channels. `parameters` and `counters` are the car's, read and
    counted in as frames begin and end.
    """

    def __init__(self, parameters, counters, send, variant=-1):
        self._parameters = parameters
        self._counters = counters
        self._send = send
        self._rebase = tokens.REBASE_VARIANTS[variant]
        self._residuals_of = tokens.RESIDUALS_VARIANTS[variant]
        self._write = tokens.WRITE_VARIANTS[variant]
        self._fit = rows.FITS_VARIANTS[variant]
        self._pack = rows.PACK_VARIANTS[variant]
        self._bases = array("i", contract.BASES)
        self._last = array("i", bytes(4 * (_STREAMS + 1)))
        self._residuals = array("I", bytes(4 * _STREAMS))
        self._kept = array("i", bytes(4 * _STREAMS * wire.MAX_ROWS))
        self._bits = tokens.new_bit_writer()
        self._writer = FrameWriter(wire.MAX_BODY)
        self._content = self._writer.content
        self._rows = 0
        self._sequence = 0
        self._frames_to_key = 0
        self._is_key = False

    def request_key(self):
        """Make the next frame that begins a key frame."""
        self._frames_to_key = 0

    def append(self, row):
        """Add a row; sends the frames that it completes: none, one, or two."""
        bits, residuals = self._bits, self._residuals
        if self._rows and bits[AT] + (bits[HAVE] > 0) > _FULL_AT:
            self.flush()
        if not self._rows:
            self._begin(row)
        self._residuals_of(row, self._last, residuals, _STREAMS, self._kept, self._rows)
        self._write(residuals, _STREAMS, _TOKEN_CODES, self._content, bits)
        self._rows += 1
        if self._rows >= self._parameters[_ROWS_PER_FRAME]:
            self.flush()

    def flush(self):
        """Send the rows that wait for others, if any."""
        if not self._rows:
            return
        control = wire.KIND_TELEMETRY | (self._rows - 1) << ROWS_SHIFT | (KEY if self._is_key else 0)
        size = self._close()
        if self._is_shorter_stored(size):
            size = self._store()
            control |= KEY | STORED
        self._writer.seal(control, self._sequence, size)
        self._sequence = self._sequence + 1 & 0xFFFF
        add_to_word(self._counters, wire.COUNTER_TELEMETRY_FRAMES, 1)
        add_to_word(self._counters, wire.COUNTER_TELEMETRY_ROWS, self._rows)
        self._rows = 0
        self._send(self._writer)

    def _begin(self, row):
        bits = self._bits
        bits[AHEAD] = bits[HAVE] = 0
        bits[AT] = _HEADER_BYTES
        self._is_key = self._frames_to_key == 0
        self._frames_to_key = (self._frames_to_key or self._parameters[wire.PARAMETER_KEY_INTERVAL]) - 1
        if self._is_key:
            copy(self._content, _HEADER_BYTES, row, 4)  # the time in full
            bits[AT] += 4
            self._rebase(row, self._last, self._bases, _STREAMS)

    def _close(self):
        """Write the last bits, padded with zeros; answers the coded body's size."""
        bits = self._bits
        end = bits[AT]
        if bits[HAVE]:
            self._content[end] = bits[AHEAD]
            end += 1
        return end - _HEADER_BYTES

    def _is_shorter_stored(self, size):
        if contract.ROW_BYTES * self._rows >= size:
            return False
        return self._fit(self._kept, self._rows, rows.FORMATS, _STREAMS)

    def _store(self):
        """Replace the coded body by the rows as they are; answers its size."""
        if self._rows == 1:
            self._last[1] = self._bases[0]  # a receiver that starts at this frame knows no step yet
        end = self._pack(self._kept, self._rows, rows.FORMATS, _STREAMS, self._content, _HEADER_BYTES)
        return end - _HEADER_BYTES
