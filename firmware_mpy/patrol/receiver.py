"""A UART's bytes to frames, and each frame to whoever it is for; what is no frame is counted."""

from patrol import wire
from patrol.deframe import GOOD, PENDING, STATUS, WIRE_BYTES, Deframer

_CHUNK_BYTES = 128


class Receiver:
    """One receiving port. Those who build on it say what to do with a good frame in `take`."""

    def __init__(self, uart, car):
        self._uart = uart
        self._car = car
        self._chunk = bytearray(_CHUNK_BYTES)
        self._deframer = Deframer()

    def poll(self):
        """Handle what the UART holds, a chunk at most."""
        if self._uart.any():
            self.receive(self._chunk, self._uart.readinto(self._chunk, self._uart.any()) or 0)

    def receive(self, chunk, size):
        """Handle chunk[:size] of the stream."""
        deframer = self._deframer
        feed, state = deframer.feed, deframer.state
        at = 0
        while at < size:
            at = feed(state, chunk, at, size)
            status = state[STATUS]
            if status == PENDING or status == GOOD and self.take(deframer):
                continue
            self._car.count(wire.COUNTER_FRAMES_BAD)
            self._car.count(wire.COUNTER_BYTES_DROPPED, state[WIRE_BYTES])
