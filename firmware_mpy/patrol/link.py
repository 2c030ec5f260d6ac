"""The link to the host: HELLO, commands and their replies, telemetry. It takes any stream as its UART."""

from patrol import contract, wire
from patrol.buffers import uint16
from patrol.commands import Commands
from patrol.decode import Decoder
from patrol.encode import STORED, FrameWriter
from patrol.receiver import Receiver
from patrol.telemetry import TelemetryEncoder

_MAGIC = b"PATROL"
_NO_SEQUENCE = -1


def hello_message():
    name = contract.NAME.encode()
    return b"".join([_MAGIC, bytes([wire.PROTOCOL_VERSION]), contract.HASH, bytes([len(name)]), name])


class Link(Receiver):
    """One host and one car. `telemetry` sends its frames here too; `measure` is the command profile's."""

    def __init__(self, uart, car, measure):
        super().__init__(uart, car)
        self._decoder = Decoder()
        self._hello = hello_message()
        self._writer = FrameWriter(wire.MAX_MESSAGE)
        self._answered = _NO_SEQUENCE
        self.telemetry = TelemetryEncoder(car.parameters, car.counters, self.send)
        self._commands = Commands(car, self.telemetry, measure)

    def send(self, writer):
        """Put a sealed frame on the wire, all of it."""
        sent = 0
        while sent < writer.size:
            sent += self._uart.write(writer.wire, sent, writer.size - sent) or 0

    def drain(self):
        """Return once everything has left the UART."""
        self._uart.flush()

    def take(self, deframer):
        """A good frame. What a car has no use for is received all the same."""
        frame = deframer.frame
        kind = frame[0] & 7
        self._car.count(wire.COUNTER_FRAMES_RECEIVED)
        if kind == wire.KIND_COMMAND:
            self._take_command(frame, uint16(frame, 1))
        elif kind == wire.KIND_HELLO:
            self._answered = _NO_SEQUENCE
            self._writer.put_stored(wire.KIND_HELLO, uint16(frame, 1), self._hello, len(self._hello))
            self.send(self._writer)
        return True

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
