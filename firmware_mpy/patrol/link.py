"""The link to the host: HELLO, commands and their replies, telemetry. It takes any stream as its UART."""

from patrol import contract, wire
from patrol.buffers import uint16
from patrol.commands import Commands
from patrol.decode import Decoder
from patrol.deframe import GOOD, PENDING, Deframer
from patrol.encode import STORED, FrameWriter
from patrol.telemetry import TelemetryEncoder

_MAGIC = b"PATROL"
_CHUNK_BYTES = 128
_NO_SEQUENCE = -1


def hello_message():
    name = contract.NAME.encode()
    return b"".join([_MAGIC, bytes([wire.PROTOCOL_VERSION]), contract.HASH, bytes([len(name)]), name])


class Link:
    """One host and one car. `telemetry` sends its frames here too."""

    def __init__(self, uart, car):
        self._uart = uart
        self._car = car
        self._chunk = bytearray(_CHUNK_BYTES)
        self._deframer = Deframer()
        self._decoder = Decoder()
        self._hello = hello_message()
        self._writer = FrameWriter(wire.MAX_MESSAGE)
        self._answered = _NO_SEQUENCE
        self.telemetry = TelemetryEncoder(car.parameters, car.counters, self.send)
        self._commands = Commands(car, self.telemetry)

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
            if deframer.status == GOOD:
                self._car.count(wire.COUNTER_FRAMES_RECEIVED)
                self._take(deframer.frame)
            elif deframer.status != PENDING:
                self._car.count(wire.COUNTER_FRAMES_BAD)
                self._car.count(wire.COUNTER_BYTES_DROPPED, deframer.wire_bytes)

    def send(self, writer):
        """Put a sealed frame on the wire, all of it."""
        sent = 0
        while sent < writer.size:
            sent += self._uart.write(writer.wire, sent, writer.size - sent) or 0

    def drain(self):
        """Return once everything has left the UART."""
        self._uart.flush()

    def _take(self, frame):
        kind = frame[0] & 7
        if kind == wire.KIND_COMMAND:
            self._take_command(frame, uint16(frame, 1))
        elif kind == wire.KIND_HELLO:
            self._answered = _NO_SEQUENCE
            self._writer.put_stored(wire.KIND_HELLO, uint16(frame, 1), self._hello, len(self._hello))
            self.send(self._writer)

    def _take_command(self, frame, sequence):
        """Execute a command, unless it is the last one again: then its reply was lost and is repeated."""
        if sequence == self._answered:
            self._car.count(wire.COUNTER_COMMANDS_REPEATED)
        else:
            deframer, decoder, commands = self._deframer, self._decoder, self._commands
            size = decoder.expand(deframer.body, deframer.body_size(), frame[0] & STORED)
            size = commands.execute(decoder.message, size)
            self._writer.put_message(wire.KIND_REPLY, sequence, commands.reply, size)
            self._answered = sequence
        self.send(self._writer)
