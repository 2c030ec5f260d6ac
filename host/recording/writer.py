"""What a recording says, message by message. One thread's: it knows no link, no clock, and no lock."""

from __future__ import annotations

from base64 import b64encode
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Any, cast

from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer

from host.monitor.physical import PhysicalRows, plain
from host.recording import layout
from host.recording.growing_file import GrowingFile
from protocol.contract import Contract
from protocol.frame import DELIMITER
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import MessageError, Reply, parse_command
from protocol.schema import Row
from protocol.telemetry import SEQUENCES, Decoded

_MAX_PIECE = 4096
"""Bytes without a delimiter that are kept back for the rest of their frame."""
_SECRET = "(not recorded)"
_HALF_CLOCK_US = 1 << 31
_INFO = 2
"""A level of foxglove.Log."""


class RecordingWriter:
    """Times are in nanoseconds, of whatever clock the recording goes by. All methods may raise OSError."""

    def __init__(self, file: GrowingFile, contract: Contract, now_ns: int) -> None:
        """Write what stands in front: the contract, what made the file, and the topics."""
        self._contract = contract
        self._now_ns = now_ns
        self._piece = bytearray()
        self._counts: dict[str, int] = {}
        self._physical = PhysicalRows(contract.schema)
        self._time_us = 0
        # Typed as a stream of Python's own; what it calls is write, tell and flush.
        self._mcap: Any = Writer(cast(IO[bytes], file), compression=CompressionType.ZSTD)
        self._file = file
        program = _own_version()
        self._mcap.start(library=f"patrol-car {program}")
        document = contract.to_json().encode()
        self._mcap.add_attachment(now_ns, now_ns, layout.CONTRACT_FILE, "application/json", document)
        self._mcap.add_metadata(layout.METADATA, {
            "contract": contract.schema.name, "contract_hash": f"{contract.hash:08x}",
            "protocol_version": str(PROTOCOL_VERSION), "program": program,
        })
        self._channels = {
            topic: self._register(topic, name, schema)
            for topic, (name, schema) in layout.schemas_of(contract.schema).items()
        }
        self.flush()

    def link(self, at_ns: int, event: str, port: str) -> None:
        """A link begins, or is joined; a frame that the link before did not finish ends here."""
        self._put_piece()
        self.event(at_ns, event, f"through {port}")

    def received(self, at_ns: int, data: bytes) -> None:
        """Bytes came. A frame is written when its delimiter is there."""
        self._now_ns = at_ns
        *complete, rest = data.split(DELIMITER)
        for part in complete:
            self._piece += part + DELIMITER
            self._put_piece()
        self._piece += rest
        if len(self._piece) > _MAX_PIECE:
            self._put_piece()

    def decoded(self, at_ns: int, telemetry: Decoded) -> None:
        """What a telemetry frame was decoded to."""
        # A step of half the numbers or more is a step back: the board began anew, nothing was lost.
        if 0 < telemetry.lost_frames < SEQUENCES // 2:
            self.event(at_ns, "telemetry_lost", "frames never came", telemetry.lost_frames)
        if not telemetry.rows:
            self.event(at_ns, "telemetry_unreadable", telemetry.status.value, 1)
            return
        newest_us = telemetry.rows[-1].time_us
        for row in telemetry.rows:
            # The newest row is as old as its frame, the others older, by their own clock.
            age_us = (newest_us - row.time_us) % (1 << 32)
            self._row(at_ns - 1000 * (age_us if age_us < _HALF_CLOCK_US else 0), row)

    def command(self, at_ns: int, number: int, name: str, message: bytes) -> None:
        """A command was sent. A key that pairs a board does not go into a file that is passed around."""
        try:
            arguments = layout.jsonable(parse_command(message)[1])
        except MessageError:  # a program may send what no car understands
            arguments = {"message": message.hex()}
        if name == "pair":
            arguments = dict.fromkeys(arguments, _SECRET)
        self._put(layout.COMMANDS, at_ns, {"number": number, "command": name, "arguments": arguments})

    def reply(self, at_ns: int, number: int, reply: Reply) -> None:
        """The car has answered."""
        self._put(layout.REPLIES, at_ns, {
            "number": number, "command": reply.command, "status": reply.status.name.lower(),
            "values": layout.jsonable(reply.values),
        })

    def event(self, at_ns: int | None, event: str, text: str, count: int = 0) -> None:
        """Something happened, at that time or at the latest that was told."""
        at_ns = self._now_ns if at_ns is None else at_ns
        self._put(layout.EVENTS, at_ns, {"event": event, "text": text, "count": count})

    def log(self, at_ns: int, message: str) -> None:
        """A line of the board's log, which knows no levels."""
        seconds, rest = divmod(at_ns, 1_000_000_000)
        self._put(layout.LOG, at_ns, {
            "timestamp": {"sec": seconds, "nsec": rest}, "level": _INFO, "message": message,
            "name": self._contract.schema.name, "file": "", "line": 0,
        })

    def flush(self) -> None:
        """Hand all there is to the operating system."""
        self._mcap.flush()

    def finish(self, last_event: str, count: int) -> None:
        """Write the end and the index, and give the file back."""
        self._put_piece()
        self.event(None, last_event, f"{count} rows", count)
        self._mcap.finish()
        self._file.close()

    def _register(self, topic: str, name: str, schema: dict[str, Any]) -> int:
        number = self._mcap.register_schema(name, SchemaEncoding.JSONSchema, layout.packed(schema))
        channel: int = self._mcap.register_channel(topic, MessageEncoding.JSON, number)
        return channel

    def _row(self, at_ns: int, row: Row) -> None:
        # A step back is a board that began anew, not one that said nothing for over half an hour.
        if (row.time_us - self._time_us) % (1 << 32) >= _HALF_CLOCK_US:
            self._physical = PhysicalRows(self._contract.schema)
        self._time_us = row.time_us
        physical = self._physical.convert(row)
        self._put(layout.TELEMETRY, at_ns, {
            "time_us": physical.time_us,
            "values": {name: plain(value) for name, value in physical.values.items()},
            "raw": row.values,
        })

    def _put_piece(self) -> None:
        """Write the bytes that wait for the rest of their frame."""
        if self._piece:
            data = {"bytes": len(self._piece), "data": b64encode(self._piece).decode()}
            self._put(layout.FRAMES, self._now_ns, data)
            self._piece.clear()

    def _put(self, topic: str, at_ns: int, document: dict[str, Any]) -> None:
        at_ns = max(0, at_ns)
        self._now_ns = max(self._now_ns, at_ns)
        count = self._counts[topic] = self._counts.get(topic, -1) + 1
        self._mcap.add_message(
            self._channels[topic], at_ns, layout.packed(document), at_ns, count & 0xFFFF_FFFF
        )


def _own_version() -> str:
    try:
        return version("patrol-car")
    except PackageNotFoundError:
        return "unknown"
