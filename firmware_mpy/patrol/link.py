"""The link to the host: sessions, commands in their order, heartbeats, the emergency stop, telemetry.

It takes any stream as its UART. docs/SPEC.md, section 6, is its state machine.
"""

from micropython import const

from patrol import contract, pins, wire
from patrol.buffers import copy, move, put16, put32, uint16
from patrol.commands import Commands
from patrol.decode import TABLE, Decoder
from patrol.deframe import SIZES
from patrol.encode import SIGNED, STORED, FrameWriter
from patrol.receiver import Receiver
from patrol.session import DOWN, NO_TAG, UP, Session, nearest
from patrol.telemetry import TelemetryEncoder
from patrol.window import Early, Replies

_MAGIC = b"PATROL"
_WINDOW = wire.WINDOW
_HEADER = wire.HEADER_BYTES
_BODY = wire.HEADER_BYTES + wire.COMMAND_HEAD_BYTES
"""Where a command's message begins in a frame's content."""
_REPLY_BODY = wire.HEADER_BYTES + wire.REPLY_HEAD_BYTES
_NAME_AT = len(_MAGIC) + 5
_PIECE_BYTES = const(16)
"""Written at a time: 1.4 ms at 115,200 baud, in which `write` returns to nobody."""
_NO_HOST_BYTES = bytes(4)


def hello_message(board):
    """(the car's HELLO, where in it the offer begins): only the offer's numbers change."""
    name = contract.NAME.encode()
    head = b"".join([_MAGIC, bytes([wire.PROTOCOL_VERSION]), contract.HASH, bytes([len(name)]), name])
    ring = pins.RX_BUFFER_BYTES
    offer = bytes(16) + bytes([_WINDOW, ring & 255, ring >> 8, 0, len(board)]) + board
    return bytearray(head + offer), len(head)


class Link(Receiver):
    """One car and its host. `telemetry` sends its frames here too; `measure` is the command profile's."""

    def __init__(self, uart, car, measure, board=b""):
        super().__init__(uart, car)
        self.meanwhile = None
        """Called while a frame goes out, which takes milliseconds that a control cannot wait."""
        self._decoder = Decoder(sizes=memoryview(self._deframer.state)[SIZES : SIZES + 4])
        self._message = memoryview(self._deframer.frame)[_BODY:]
        self._hello, self._offer_at = hello_message(board)
        self._writer = FrameWriter(wire.REPLY_HEAD_BYTES + wire.MAX_MESSAGE + wire.MAC_BYTES)
        self._session, self._prepared = Session(), Session()
        self._opening = 0
        self._early, self._replies = Early(), Replies()
        self.telemetry = TelemetryEncoder(car.parameters, car.counters, self.send)
        self.commands = Commands(car, self.telemetry, measure)

    def send(self, writer):
        """Put a sealed frame on the wire, all of it."""
        sent, size = 0, writer.size
        while sent < size:
            sent += self._uart.write(writer.wire, sent, min(size - sent, _PIECE_BYTES)) or 0
            if self.meanwhile is not None:
                self.meanwhile()

    def drain(self):
        """Return once everything has left the UART."""
        self._uart.flush()

    def take(self, deframer):
        """A good frame. What a car has no use for is received all the same."""
        frame = deframer.frame
        kind = frame[0] & 7
        self._car.count(wire.COUNTER_FRAMES_RECEIVED)
        if kind == wire.KIND_HELLO:
            self._take_hello(frame, deframer.body_size())
        elif kind == wire.KIND_COMMAND or kind == wire.KIND_ALIVE or kind == wire.KIND_HALT:
            self._take_session_frame(kind, frame, deframer.body_size())
        return True

    def _take_hello(self, frame, size):
        """Prepare a session for the host's nonce, and offer it; the same one when it asks again."""
        at = _HEADER + _NAME_AT + 1 + frame[_HEADER + _NAME_AT]
        if at + 4 != _HEADER + size or frame[_HEADER + len(_MAGIC)] != wire.PROTOCOL_VERSION:
            self._send_offer(uint16(frame, 1), _NO_HOST_BYTES, 0, 0)  # so that it can tell the versions
            return
        signer = self._car.signer
        if signer is not None:
            self._car.pairing.begin()
        if not self._prepared.is_of(frame, at) or self._prepared.is_signed != (signer is not None):
            self._opening += 1
            self._prepared.prepare(frame, at, self._boot(), self._opening, signer is not None)
        self._send_offer(uint16(frame, 1), frame, at, 0)

    def _boot(self):
        return self._car.pairing.boot if self._car.signer is not None else 0

    def _send_offer(self, sequence, nonce, at, flags):
        hello, offer = self._hello, self._offer_at
        self._car.update_clock()
        move(hello, offer, nonce, at, 4)
        put32(hello, offer + 4, self._boot())
        put32(hello, offer + 8, self._opening)
        copy(hello, offer + 12, self._car.counters, 4)  # the uptime is the first of them
        hello[offer + 19] = flags | self._car.flags()
        self._writer.put_stored(wire.KIND_HELLO, sequence, hello, len(hello))
        self.send(self._writer)

    def _take_session_frame(self, kind, frame, size):
        session = self._session_of(frame, size)
        if session is None:
            self._take_strange(kind, frame)
            return
        number = self._number_of(session, kind, uint16(frame, 1))
        if frame[0] & SIGNED or session.is_signed:
            size -= wire.MAC_BYTES
            if not self._is_authentic(session, number, frame, size):
                return
        if session is self._prepared:
            self._open()
        self._note_seen(frame[_BODY - 1])
        if kind == wire.KIND_COMMAND:
            self._take_command(frame, number, size - wire.COMMAND_HEAD_BYTES)
        else:
            self._take_beat(kind, frame, number)

    def _number_of(self, session, kind, sequence):
        """A frame's whole number: of a command, or of a heartbeat."""
        if kind != wire.KIND_COMMAND:
            return nearest(sequence, session.beat)
        return nearest(sequence, self._replies.next if session is self._session else session.first)

    def _is_authentic(self, session, number, frame, size):
        """Whether a frame comes from who has the key; the code is behind `size` bytes of body."""
        car, signer = self._car, self._car.signer
        if not frame[0] & SIGNED or size < wire.COMMAND_HEAD_BYTES:
            car.count(wire.COUNTER_REFUSED_UNSIGNED)
            return False
        # A number that no honest counter reaches would not fit the board's small integers either.
        known = signer is not None and session.is_signed and 0 <= number <= wire.MAX_COUNTER
        if known and car.pairing.boot > 0:
            head = session.signed_head(DOWN, number, frame[0])
            if signer.sign(head, frame, _HEADER, size) and signer.holds(frame, _HEADER + size):
                return True
        car.count(wire.COUNTER_REFUSED_FORGED)
        return False

    def _session_of(self, frame, size):
        """The session that a frame's body names; None when it names none of ours."""
        if size < wire.COMMAND_HEAD_BYTES:
            return None
        tag = uint16(frame, _HEADER)
        is_paired = self._car.signer is not None
        if tag == self._session.tag and is_paired == self._session.is_signed:
            return self._session
        return self._prepared if tag == self._prepared.tag and is_paired == self._prepared.is_signed else None

    def _take_strange(self, kind, frame):
        """A frame of no session: not obeyed, but for an emergency stop, and its sender is told."""
        self._car.count(wire.COUNTER_REFUSED_SESSION)
        if kind == wire.KIND_HALT and self._car.signer is None:
            self._car.halt()
            self._answer(wire.KIND_HALT, uint16(frame, 1))
        else:
            # In place of the nonce, of which it is enough that the sender knows its tag again.
            self._send_offer(uint16(frame, 1), frame, _HEADER, wire.FLAG_NO_SESSION)

    def _open(self):
        """The prepared session becomes the one in force; nothing of the one before is left."""
        self._session, self._prepared = self._prepared, self._session
        self._prepared.tag = NO_TAG
        self._early.clear()
        self._replies.restart(self._session.first)

    def _note_seen(self, low):
        replies = self._replies
        replies.forget(replies.first + (low - replies.first & 255))

    def _take_command(self, frame, number, size):
        ahead = number - self._replies.next
        if 0 <= ahead < _WINDOW and not self._early.has(number):
            self._car.supervisor.heard()
            if ahead == 0 and self._replies.has_room():
                self._execute(frame, size)
                self._execute_early(frame)
                return
            if ahead > 0 and self._early.keep(number, frame, _BODY + size):
                self._car.count(wire.COUNTER_COMMANDS_EARLY)
            self._answer(wire.KIND_ALIVE, self._session.beat)
        elif -_WINDOW <= ahead < _WINDOW:
            self._repeat(frame, number)
        else:
            self._car.count(wire.COUNTER_REFUSED_REPLAYED)

    def _repeat(self, frame, number):
        """A command that came before: it is not executed again, but its reply may have been lost."""
        self._car.count(wire.COUNTER_COMMANDS_REPEATED)
        replies = self._replies
        if number == replies.next:
            self._execute_early(frame)  # it had to wait for room
        if replies.first <= number < replies.next:
            size = replies.copy_out(number, self._writer.content, _REPLY_BODY)
            self._send_body(replies.control_of(number), number, size)
        else:
            self._answer(wire.KIND_ALIVE, self._session.beat)

    def _execute(self, frame, size):
        """Do the next command: frame[_BODY:][:size]. Its reply is kept, and sent."""
        writer, commands, replies = self._writer, self.commands, self._replies
        decoder = self._decoder
        if frame[0] & STORED:
            size = decoder.expand(self._message, size, STORED)
        else:
            decoder.sizes[0] = size
            size = decoder.decode(self._message, TABLE, decoder.message, decoder.sizes)
        size = commands.execute(decoder.message, size)
        control = wire.KIND_REPLY | writer.write_message(commands.reply, size, _REPLY_BODY)
        number = replies.next
        replies.keep(control, writer.content, _REPLY_BODY, writer.written)
        self._send_body(control, number, writer.written)

    def _execute_early(self, frame):
        """Do the commands whose turn has come by what was executed."""
        while self._early.has(self._replies.next) and self._replies.has_room():
            self._execute(frame, self._early.take(self._replies.next, frame) - _BODY)

    def _take_beat(self, kind, frame, number):
        """ALIVE or HALT. An emergency stop holds in whatever order it comes."""
        if kind == wire.KIND_HALT:
            self._car.halt()
        if number > self._session.beat:
            self._session.beat = number
            self._car.supervisor.heard()
        elif kind == wire.KIND_ALIVE:
            self._car.count(wire.COUNTER_REFUSED_REPLAYED)
            return
        self._answer(kind, number)

    def _answer(self, kind, sequence):
        """ALIVE or HALT to the host: what has come, and how the car is."""
        self._writer.content[_REPLY_BODY] = self._car.flags()
        self._send_body(kind, sequence, 1)

    def _send_body(self, control, number, size):
        """Send what stands in the writer's content at _REPLY_BODY, behind its head."""
        content, following = self._writer.content, self._replies.next
        put16(content, _HEADER, self._session.tag)
        content[_HEADER + 2] = following & 255
        content[_HEADER + 3] = self._early.after(following)
        size += wire.REPLY_HEAD_BYTES
        if self._session.is_signed:
            signer = self._car.signer
            control |= SIGNED
            signer.sign(self._session.signed_head(UP, number, control), content, _HEADER, size)
            copy(content, _HEADER + size, signer.code, wire.MAC_BYTES)
            size += wire.MAC_BYTES
        self._writer.seal(control, number & 0xFFFF, size)
        self.send(self._writer)
