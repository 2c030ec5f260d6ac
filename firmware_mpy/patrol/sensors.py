"""The sensors' port: stored rows come in, and each becomes a telemetry row at once.

Nothing is read ahead of what has been sent, so the port's flow control holds a fast sender back.
"""

from array import array

from patrol import contract, rows, wire
from patrol.deframe import GOOD, PENDING, Deframer
from patrol.encode import ROWS_SHIFT

_CHUNK_BYTES = 128


class Sensors:
    def __init__(self, uart, car, telemetry):
        self._uart = uart
        self._car = car
        self._telemetry = telemetry
        self._unpack = rows.UNPACK_VARIANTS[-1]
        self._chunk = bytearray(_CHUNK_BYTES)
        self._deframer = Deframer()
        self._row = array("i", bytes(4 * contract.STREAMS))

    def poll(self):
        """Handle what the UART holds, a chunk at most."""
        if self._uart.any():
            self.receive(self._chunk, self._uart.readinto(self._chunk, self._uart.any()) or 0)

    def receive(self, chunk, size):
        """Handle chunk[:size] of the stream."""
        deframer = self._deframer
        at = 0
        while at < size:
            at = deframer.feed(chunk, at, size)
            if deframer.status == GOOD and self._is_rows(deframer):
                self._take(deframer)
            elif deframer.status != PENDING:
                self._car.count(wire.COUNTER_FRAMES_BAD)
                self._car.count(wire.COUNTER_BYTES_DROPPED, deframer.wire_bytes)

    def _is_rows(self, deframer):
        control = deframer.frame[0]
        expected = (control >> ROWS_SHIFT) + 1
        return control & 7 == wire.KIND_SENSORS and deframer.body_size() == expected * contract.ROW_BYTES

    def _take(self, deframer):
        if self._car.samples_itself:
            self._car.samples_itself = False
            self._telemetry.flush()  # the car's own rows share no frame with a log's
        end = wire.HEADER_BYTES + deframer.body_size()
        at = wire.HEADER_BYTES
        while at < end:
            at = self._unpack(deframer.frame, at, rows.FORMATS, contract.STREAMS, self._row)
            self._car.count(wire.COUNTER_SENSOR_ROWS)
            self._telemetry.append(self._row)
