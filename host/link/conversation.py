"""One host's side of a session: HELLO, then frames of the session in both directions. No port, no clock.

    wire = conversation.hello(now)          again and again, until `is_open`
    conversation.submit("drive", message, now)
    for wire in conversation.due(now): ...  what to send now
    conversation.take(frame, now)           what came
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from construct import ConstructError

from host.link.counters import LinkCounters
from host.link.errors import LinkError, NoReplyError, SessionLostError
from host.link.hello import CarOffer, check_greeting, hello_frame, parse_hello
from host.link.observer import NOBODY, Observer
from host.link.timing import RetransmissionTimer
from host.link.window import Pending, Window
from protocol.contract import Contract
from protocol.frame import DELIMITER, Frame, Kind, encode_frame
from protocol.limits import MAC_BYTES
from protocol.messages import MessageError, compress, expand, parse_reply
from protocol.session import DOWN, FLAG_HALTED, UP, CommandHead, ReplyHead, Session

RandomBytes = Callable[[int], bytes]
KeyOf = Callable[[bytes], bytes | None]
"""The key for a board, by what its HELLO says it is; None when there is none."""

_REPLY_HEAD = ReplyHead.sizeof()


def no_key(board: bytes) -> bytes | None:
    """The key store of a host that has paired with none."""
    return None


class Conversation:
    """What is said between one host and one car. `lost` is set when a session ended by itself."""

    def __init__(
        self,
        contract: Contract,
        counters: LinkCounters,
        key_of: KeyOf = no_key,
        random: RandomBytes = os.urandom,
        observer: Observer = NOBODY,
    ) -> None:
        self.contract = contract
        self.observer = observer
        self.counters = counters
        self.timer = RetransmissionTimer()
        self.offer: CarOffer | None = None
        self.window: Window | None = None
        self.lost: LinkError | None = None
        self.halted = False
        """Whether the car said last that an emergency stop holds."""
        self.key: bytes | None = None
        self._key_of = key_of
        self._random = random
        self._session = Session(0)
        self._nonce = 0
        self._hellos: dict[int, float] = {}
        self._hello_number = 0
        self._opened_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self.window is not None

    def restart(self) -> None:
        """Leave the session, if any, and choose a nonce for another."""
        self.window = None
        self._nonce = int.from_bytes(self._random(4), "little")
        self._hellos.clear()

    def hello(self, now: float) -> bytes:
        """HELLO on the wire; behind a delimiter, which ends whatever noise came before."""
        self._hello_number = (self._hello_number + 1) & 0xFFFF
        self._hellos[self._hello_number] = now
        frame = hello_frame(self.contract, self._hello_number, self._nonce)
        return DELIMITER + encode_frame(frame, self.contract.hash)

    def submit(self, name: str, message: bytes, now: float) -> Pending:
        """Put a command into the window, which must be open and have room."""
        if self.window is None:
            raise RuntimeError("no session is open")
        pending = self.window.submit(name, message, now)
        self.observer.submitted(pending, now)
        return pending

    def due(self, now: float) -> Iterator[bytes]:
        """What to put on the wire now."""
        if self.window is not None:
            before = self.window.retransmissions
            yield from self.window.due(now)
            if self.window is not None:
                self.counters.retries += self.window.retransmissions - before

    def take(self, frame: Frame, now: float) -> None:
        """A frame of the conversation. Raises ContractMismatchError at another board's HELLO."""
        if frame.kind is Kind.HELLO:
            self._take_hello(frame, now)
        elif self.window is not None:
            self._take_session_frame(self.window, frame, now)
        else:
            self.counters.refused_session += 1

    def give_up(self, now: float, patience_s: float, name: str) -> None:
        """Fail all that is under way when the oldest has waited for so long."""
        pending = self.window.pending if self.window else []
        if pending and now - pending[0].submitted_s >= patience_s:
            names = ", ".join(each.name for each in pending)
            self._lose(NoReplyError(
                f"no reply to {names} from {name} in {patience_s:g} s; it may or may not have been "
                "executed; check the wiring, then `host send ping`"
            ), now, raised=True)

    def _lose(self, error: LinkError, now: float, raised: bool) -> None:
        """The session is over. `raised`: whoever waits for a command gets the error."""
        self.observer.session_lost(error, self.window.pending if self.window else [], now)
        if self.window is not None:
            self.window.fail(error)
        self.window = None
        self.lost = None if raised else error

    def _take_hello(self, frame: Frame, now: float) -> None:
        greeting = parse_hello(frame.body)
        if greeting is None:
            self.counters.frames_unread += 1
            return
        check_greeting(greeting, self.contract)
        offer = greeting.offer
        if offer is None:
            self.counters.frames_unread += 1
        elif offer.is_notice:
            self._take_notice(offer, now)
        elif self.window is None and offer.session.nonce == self._nonce and frame.sequence in self._hellos:
            self.timer.measured(now - self._hellos[frame.sequence])
            self._open(offer, now)

    def _open(self, offer: CarOffer, now: float) -> None:
        self.offer, self._session = offer, offer.session
        self.key = self._key_of(offer.board) if offer.is_paired else None
        self.halted = bool(offer.flags & FLAG_HALTED)
        self.window = Window(offer.session.first, self._encode, self.timer, offer.ring_bytes)
        self._opened_s = now
        self.observer.session_opened(offer, now)

    def _take_notice(self, offer: CarOffer, now: float) -> None:
        """The car knows no session of this tag: it restarted, or another host took over."""
        if self.window is None or offer.session.nonce & 0xFFFF != self._session.tag:
            return
        pending = self.window.pending
        # Half, as no two clocks agree; after a restart it is a fraction of a second.
        restarted = offer.uptime_ms < 500 * (now - self._opened_s) + self._uptime_at_opening
        cause = "the board restarted" if restarted else "the board took up with another host"
        names = ", ".join(each.name for each in pending)
        fate = (
            f"{len(pending)} command{'s' * (len(pending) > 1)} may or may not have been executed: {names}"
            if pending else "no command was under way"
        )
        self._lose(SessionLostError(f"{cause}; {fate}"), now, raised=bool(pending))

    @property
    def _uptime_at_opening(self) -> float:
        return self.offer.uptime_ms if self.offer else 0

    def _encode(self, kind: Kind, number: int, seen: int, message: bytes) -> bytes:
        session, contract = self._session, self.contract
        packed, stored = compress(message, contract.message_book) if message else (b"", False)
        body = CommandHead.build({"tag": session.tag, "seen": seen & 0xFF}) + packed
        frame = Frame(kind, number & 0xFFFF, body, stored, key=self.key is not None)
        if self.key is not None:
            code = session.sign(self.key, contract.hash, DOWN, number, frame.control, body)
            frame = replace(frame, body=body + code)
        return encode_frame(frame, contract.hash)

    def _take_session_frame(self, window: Window, frame: Frame, now: float) -> None:
        body = self._authentic_body(window, frame)
        if body is None:
            return
        head, rest = ReplyHead.parse(body), body[_REPLY_HEAD:]
        if frame.kind is not Kind.REPLY:
            self.halted = bool(rest[:1] and rest[0] & FLAG_HALTED)
            window.take_beat(frame.sequence, head.next, head.later, now)
            return
        message = expand(rest, frame.stored, self.contract.message_book)
        try:
            reply = parse_reply(message or b"")
        except (MessageError, ConstructError):
            self.counters.frames_unread += 1
            return
        number = window.number_of(Kind.REPLY, frame.sequence)
        if window.take_reply(frame.sequence, head.next, head.later, reply, now):
            self.observer.replied(number, reply, now)
        else:
            self.counters.replies_stray += 1

    def _authentic_body(self, window: Window, frame: Frame) -> bytes | None:
        """The body of a frame of this session, its code checked and taken off."""
        code_bytes = MAC_BYTES if self.key is not None else 0
        if len(frame.body) < _REPLY_HEAD + code_bytes:
            self.counters.frames_unread += 1
            return None
        if int.from_bytes(frame.body[:2], "little") != self._session.tag:
            self.counters.refused_session += 1
            return None
        if self.key is None:
            return frame.body
        body, code = frame.body[:-MAC_BYTES], frame.body[-MAC_BYTES:]
        number = window.number_of(frame.kind, frame.sequence)
        expected = self._session.sign(self.key, self.contract.hash, UP, number, frame.control, body)
        if hmac.compare_digest(code, expected):
            return body
        self.counters.refused_forged += 1
        return None
