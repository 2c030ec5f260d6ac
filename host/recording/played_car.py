"""The car's side of a session, as far as a played recording needs one. It moves no bytes, knows no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from construct import ConstructError

from host.link.hello import PLAYED_BOARD
from protocol.command import Command
from protocol.contract import Contract
from protocol.frame import Deframer, Frame, Kind, encode_frame
from protocol.limits import WINDOW
from protocol.messages import (
    Hello,
    MessageError,
    Nonce,
    Status,
    build_offer,
    build_reply,
    compress,
    expand,
    parse_command,
)
from protocol.session import FLAG_HALTED, FLAG_NO_SESSION, CommandHead, ReplyHead, Session, nearest

_RING_BYTES = 1024
_HEAD = CommandHead.sizeof()
_TOLD = ("info", "status", "counters", "profile")
"""Commands that ask: answered as they were answered in the recording."""


class PlayedCar:
    """Answers HELLO under the recording's contract, and commands as a car would that does not move.

    What asks something is answered as in the recording, as far as it is played. `key` and `rate` are granted
    and change nothing; `stop` is, as nothing moves. All others a recording does not know.
    """

    def __init__(self, contract: Contract, name: str, uptime_ms: Callable[[], int]) -> None:
        self.contract = contract
        self.told: dict[str, dict[str, Any]] = {
            "info": {"machine": f"recording {name}"[:100], "micropython": "", "application": ""}
        }
        """The latest values that each command was answered with in the recording."""
        self._uptime_ms = uptime_ms
        self._deframer = Deframer(contract.hash)
        self._opening = 0
        self._session = Session(0)
        self._next = 0
        self._replies: dict[int, Frame] = {}
        self._flags = 0

    def take(self, data: bytes) -> Iterator[bytes]:
        """Bytes from the host; what to put on the wire for them."""
        for received in self._deframer.feed(data):
            frame = received.frame
            if frame is None:
                continue
            if frame.kind is Kind.HELLO:
                yield from self._greet(frame)
            elif frame.kind in (Kind.COMMAND, Kind.ALIVE, Kind.HALT) and len(frame.body) >= _HEAD:
                yield from self._take_session_frame(frame)

    def _greet(self, frame: Frame) -> Iterator[bytes]:
        try:
            nonce = Nonce.parse(Hello.parse(frame.body).rest).nonce
        except ConstructError:
            return
        if not self._opening or self._session.nonce != nonce:
            self._opening += 1
            self._session = Session(nonce, 0, self._opening)
            self._next, self._replies = self._session.first, {}
        yield self._offer(frame.sequence, self._session.nonce, self._flags)

    def _offer(self, sequence: int, nonce: int, flags: int) -> bytes:
        contract = self.contract
        offer = build_offer(
            contract.hash, contract.schema.name, nonce=nonce, boot=0, opening=self._opening,
            uptime_ms=self._uptime_ms() & 0xFFFF_FFFF, window=WINDOW, ring_bytes=_RING_BYTES, flags=flags,
            board=PLAYED_BOARD,
        )
        return encode_frame(Frame(Kind.HELLO, sequence, offer, stored=True), contract.hash)

    def _take_session_frame(self, frame: Frame) -> Iterator[bytes]:
        tag = int.from_bytes(frame.body[:2], "little")
        if not self._opening or self._session.tag != tag:
            yield self._offer(frame.sequence, tag, FLAG_NO_SESSION)
        elif frame.kind is not Kind.COMMAND:
            if frame.kind is Kind.HALT:
                self._flags = FLAG_HALTED
            yield self._wire(Frame(frame.kind, frame.sequence, bytes([self._flags])))
        else:
            yield from self._take_command(frame)

    def _take_command(self, frame: Frame) -> Iterator[bytes]:
        """In order only: what comes early is sent again by a host that gets no answer to it."""
        number = nearest(frame.sequence, self._next)
        if number == self._next:
            self._next += 1
            self._replies[number] = self._executed(frame)
            self._replies.pop(number - 2 * WINDOW, None)
        if number in self._replies:
            yield self._wire(self._replies[number])

    def _executed(self, frame: Frame) -> Frame:
        message = expand(frame.body[_HEAD:], frame.stored, self.contract.message_book)
        try:
            command, values = parse_command(message or b"")
        except MessageError:
            return Frame(Kind.REPLY, frame.sequence, bytes([0, Status.BAD_BODY]), stored=True)
        status, results = self._answer(command, values)
        body, stored = compress(build_reply(command, status, results), self.contract.message_book)
        return Frame(Kind.REPLY, frame.sequence, body, stored)

    def _answer(self, command: Command, values: dict[str, Any]) -> tuple[Status, dict[str, Any]]:
        if command.name == "ping":
            return Status.OK, {**values, "uptime_ms": self._uptime_ms() & 0xFFFF_FFFF}
        if command.name in ("key", "rate", "stop", "resume"):
            self._flags = 0 if command.name == "resume" else self._flags
            return Status.OK, values
        if command.name in _TOLD and command.name in self.told:
            return Status.OK, self.told[command.name]
        return Status.UNKNOWN_COMMAND, {}

    def _wire(self, frame: Frame) -> bytes:
        head = ReplyHead.build({"tag": self._session.tag, "next": self._next & 0xFF, "later": 0})
        return encode_frame(replace(frame, body=head + frame.body), self.contract.hash)
