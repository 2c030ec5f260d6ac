"""This project's codec as a scheme. Its packets are whole frames; what of them counts is a choice."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.contract import Contract
from protocol.frame import DELIMITER, Frame, decode_frame, encode_frame
from protocol.schema import Row
from protocol.telemetry import TelemetryDecoder, TelemetryEncoder


class Ours:
    """Telemetry frames as the car sends them: COBS, header, checksum, key frames at the usual interval."""

    def __init__(self, contract: Contract, rows_per_frame: int, count_framing: bool) -> None:
        """`count_framing` counts every byte on the wire; without it the frames' bodies alone."""
        self._seed = contract.hash
        self._count_framing = count_framing
        self._encoder = TelemetryEncoder(contract, rows_per_frame)
        self._decoder = TelemetryDecoder(contract)

    def encode(self, row: Row) -> Iterable[bytes]:
        """See Scheme."""
        return [encode_frame(frame, self._seed) for frame in self._encoder.append(row)]

    def flush(self) -> Iterable[bytes]:
        """See Scheme."""
        return [encode_frame(frame, self._seed) for frame in self._encoder.flush()]

    def decode(self, packet: bytes) -> Iterable[Row]:
        """See Scheme. A frame that is refused has no rows."""
        frame = self._frame(packet)
        return self._decoder.decode(frame).rows if frame else ()

    def counted_bytes(self, packet: bytes) -> int:
        """See Scheme."""
        frame = self._frame(packet)
        return len(packet) if self._count_framing or frame is None else len(frame.body)

    def _frame(self, packet: bytes) -> Frame | None:
        return decode_frame(packet.removesuffix(DELIMITER), self._seed).frame
