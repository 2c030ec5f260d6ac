"""Feeds rows to the board's sensor port, as fast as the board takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Thread

from host.link import LinkError, Port
from protocol.contract import Contract
from protocol.frame import Frame, Kind, encode_frame
from protocol.limits import MAX_BODY, MAX_ROWS
from protocol.schema import Row
from protocol.telemetry import SEQUENCES


def sensor_frames(contract: Contract, rows: Sequence[Row]) -> Iterator[bytes]:
    """The rows as SENSORS frames on the wire, as many rows in each as fit."""
    size = contract.schema.row_struct.size
    per_frame = min(MAX_ROWS, MAX_BODY // size)
    for sequence, start in enumerate(range(0, len(rows), per_frame)):
        batch = rows[start : start + per_frame]
        body = b"".join(map(contract.schema.pack, batch))
        frame = Frame(Kind.SENSORS, sequence % SEQUENCES, body, stored=True, rows=len(batch))
        yield encode_frame(frame, contract.hash)


class Feeder(Thread):
    """Writes in a thread of its own: the board holds it back while telemetry waits to be read."""

    def __init__(self, port: Port, contract: Contract, rows: Sequence[Row]) -> None:
        super().__init__(name="sensor feed", daemon=True)
        self._port = port
        self._frames = sensor_frames(contract, rows)
        self.error: LinkError | None = None

    def run(self) -> None:
        """Write every frame; a port that goes leaves its error in `error`."""
        try:
            for wire in self._frames:
                self._port.write(wire)
        except LinkError as error:
            self.error = error
