"""The sensors' port: stored rows come in, and each becomes a telemetry row at once.

Nothing is read ahead of what has been sent, so the port's flow control holds a fast sender back.
"""

from patrol import contract, rows, wire
from patrol.encode import ROWS_SHIFT
from patrol.receiver import Receiver


class Sensors(Receiver):
    def __init__(self, uart, car, telemetry):
        super().__init__(uart, car)
        self._telemetry = telemetry
        self._unpack = rows.UNPACK_VARIANTS[-1]

    def _is_rows(self, deframer):
        control = deframer.frame[0]
        expected = (control >> ROWS_SHIFT) + 1
        return control & 7 == wire.KIND_SENSORS and deframer.body_size() == expected * contract.ROW_BYTES

    def take(self, deframer):
        """A good frame; False when it holds no rows."""
        if not self._is_rows(deframer):
            return False
        telemetry = self._telemetry
        if self._car.samples_itself:
            self._car.samples_itself = False
            telemetry.flush()  # the car's own rows share no frame with a log's
        end = wire.HEADER_BYTES + deframer.body_size()
        at = wire.HEADER_BYTES
        while at < end:
            at = self._unpack(deframer.frame, at, rows.FORMATS, contract.STREAMS, telemetry.row)
            self._car.count(wire.COUNTER_SENSOR_ROWS)
            if answer := telemetry.append(telemetry.row):
                telemetry.finish(answer)
        return True
