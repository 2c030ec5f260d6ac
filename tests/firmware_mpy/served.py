"""The firmware behind a pipe: on MicroPython's unix port, or on the emulated board over its console."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from host.emulate import Emulator, build_application
from host.emulate.unix import READY, STAND_INS, run_on_unix
from host.link.hello import parse_hello
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, FrameStatus, Kind, encode_frame
from protocol.limits import MAC_BYTES
from protocol.messages import Counters, Reply, build_command, build_hello, compress, expand, parse_reply
from protocol.schema import Row
from protocol.session import DOWN, CommandHead, ReplyHead, Session

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware_mpy"
PROGRAM = HERE / "served_firmware.py"
COUNTERS = [field.name for field in Counters.subcons]
_ANSWER_S = 120


class ServedFirmware:
    """What served_firmware.py offers, and the host's side of the wire to go with it."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, contract: Contract) -> None:
        self.contract = contract
        self.key: bytes | None = None
        """What frames of a session are signed with; None leaves them unsigned."""
        self._nonces = 0
        self._session = Session(0)
        self._next = 0
        self._reader = reader
        self._writer = writer

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        self._writer.write(json.dumps({"do": do, **request}).encode() + b"\n")
        self._writer.flush()
        line = self._reader.readline()
        assert line.startswith(b"{"), (line + self._rest()).decode()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _rest(self) -> bytes:
        """The lines of a traceback; the program that printed it has ended."""
        lines = []
        while (line := self._reader.readline()) and not line.startswith((b"MicroPython", b">>>")):
            lines.append(line)
        return b"".join(lines)

    @property
    def state(self) -> dict[str, Any]:
        return self.ask("state")

    def feed(self, data: bytes, **options: Any) -> list[Frame]:
        """Feed the link; the frames that the car sends back."""
        return self.frames(self.ask("on_link", data=data.hex(), **options)["sent"])

    def feed_sensors(self, data: bytes, **options: Any) -> list[Frame]:
        return self.frames(self.ask("on_sensors", data=data.hex(), **options)["sent"])

    def frames(self, sent: str) -> list[Frame]:
        frames = []
        for received in Deframer(self.contract.hash).feed(bytes.fromhex(sent)):
            assert received.status is FrameStatus.GOOD
            assert received.frame is not None
            frames.append(received.frame)
        return frames

    def greet(self, nonce: int | None = None) -> Session:
        """Have a session offered; the first frame of it opens it."""
        self._nonces += 1
        (frame,) = self.feed(self.hello(nonce=0x1234_0000 + self._nonces if nonce is None else nonce))
        greeting = parse_hello(frame.body)
        assert greeting is not None
        assert greeting.offer is not None
        self._session = greeting.offer.session
        self._next = self._session.first
        return self._session

    @property
    def session(self) -> Session:
        """The session that `greet` had offered last."""
        return self._session

    @property
    def next(self) -> int:
        """The number of the next command."""
        return self._next

    def skip(self) -> None:
        """One number was used without `wire` knowing."""
        self._next += 1

    def wire(self, name: str, ahead: int | None = None, **values: int) -> bytes:
        """A command on the wire: the next one, or one so far from the next, which then stays the next."""
        return self.wire_of(build_command(name, values), ahead)

    def wire_of(self, message: bytes, ahead: int | None = None) -> bytes:
        body, stored = compress(message, self.contract.message_book)
        return self.command_frame(body, stored, ahead)

    def command_frame(
        self, body: bytes, stored: bool, ahead: int | None = None, seen: int | None = None
    ) -> bytes:
        """A COMMAND frame around a message's body. Without `seen`, all replies before it were."""
        number = self._next + (ahead or 0)
        self._next += ahead is None
        return self.session_frame(Kind.COMMAND, number, body, stored, number if seen is None else seen)

    def session_frame(
        self, kind: Kind, number: int, body: bytes = b"", stored: bool = False, seen: int | None = None
    ) -> bytes:
        """Any frame of the session on the wire."""
        lowest = self._next if seen is None else seen
        head = CommandHead.build({"tag": self._session.tag, "seen": lowest & 255})
        frame = Frame(kind, number & 0xFFFF, head + body, stored, key=self.key is not None)
        return encode_frame(self.signed(frame, number), self.contract.hash)

    def signed(self, frame: Frame, number: int) -> Frame:
        """The frame with a code behind it, if there is a key."""
        if self.key is None:
            return frame
        code = self._session.sign(self.key, self.contract.hash, DOWN, number, frame.control, frame.body)
        return replace(frame, body=frame.body + code)

    def command(self, name: str, **values: int) -> Reply:
        """Send a command that must be answered, and nothing else be sent; its reply."""
        sequence = self._next & 0xFFFF
        (frame,) = self.feed(self.wire(name, **values))
        assert (frame.kind, frame.sequence) == (Kind.REPLY, sequence)
        return parse_reply(self.message(frame))

    def hello(self, sequence: int = 0, nonce: int = 0) -> bytes:
        """The host's HELLO on the wire."""
        body = build_hello(self.contract.hash, "host", nonce)
        return encode_frame(Frame(Kind.HELLO, sequence, body, stored=True), self.contract.hash)

    def sensor_wire(self, rows: Sequence[Row], rows_said: int | None = None) -> bytes:
        """Rows on the sensors' wire; the header may say another number of them."""
        body = b"".join(map(self.contract.schema.pack, rows))
        frame = Frame(Kind.SENSORS, 0, body, stored=True, rows=rows_said or len(rows))
        return encode_frame(frame, self.contract.hash)

    def counter(self, name: str) -> int:
        count: int = self.state["counters"][COUNTERS.index(name)]
        return count

    def message(self, frame: Frame) -> bytes:
        """The message of a REPLY."""
        body = frame.body[: -MAC_BYTES if frame.signed else None]
        message = expand(body[ReplyHead.sizeof() :], frame.stored, self.contract.message_book)
        assert message is not None
        return message


@contextmanager
def on_unix(contract: Contract, scratch: Path) -> Iterator[ServedFirmware]:
    """The firmware on the unix port, under any contract."""
    with run_on_unix(PROGRAM, contract, scratch) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield ServedFirmware(process.stdout, process.stdin, contract)


@contextmanager
def on_board(contract: Contract, scratch: Path) -> Iterator[ServedFirmware]:
    """The firmware on the emulated board, under any contract."""
    files = {"main.py": PROGRAM, STAND_INS.name: STAND_INS}
    application = build_application(scratch / "served.hex", contract, files)
    # With a store, whose heap is larger: it holds all implementations of everything here.
    with Emulator(application, store=scratch / "store", ready_when=READY + b"\r\n") as board:
        address = urlsplit(board.repl_url)
        with socket.create_connection((address.hostname, address.port), _ANSWER_S) as console:
            stream = console.makefile("rwb")
            yield ServedFirmware(stream, stream, contract)
