"""The real host on the real firmware, byte by byte, under a clock that both share."""

from __future__ import annotations

from random import Random

from host.link import Link
from protocol.messages import parse_command
from tests.firmware_mpy.served import ServedFirmware

_STEP_S = 0.001


class WiredPort:
    """A Port with the firmware behind it: up to `burst` bytes a millisecond in either direction."""

    name = "wired://car"

    def __init__(self, car: ServedFirmware, random: Random, burst: int = 12) -> None:
        self.car = car
        self.now = 100.0
        self.passed = 0
        """Bytes that have arrived so far, both ways together: what instants are counted in."""
        self._random = random
        self._burst = burst
        self._down = bytearray()
        self._up = bytearray()
        self._reset_at: int | None = None

    def monotonic(self) -> float:
        return self.now

    def reset_after(self, passed: int) -> None:
        """Reset the board once so many bytes have passed."""
        self._reset_at = self.passed + passed

    def read(self) -> bytes:
        self.now += _STEP_S
        count = self._random.randint(0, self._burst)
        arriving, self._down = self._down[:count], self._down[count:]
        if self._reset_at is not None and self.passed + len(arriving) >= self._reset_at:
            arriving = arriving[: self._reset_at - self.passed]
            self._feed(arriving)
            self._reset()
        else:
            self._feed(arriving)
        came, self._up = bytes(self._up[:count]), self._up[count:]
        self.passed += len(came)
        return came

    def write(self, data: bytes) -> None:
        self._down += data

    def close(self) -> None:
        pass

    def unplug(self) -> None:
        """The host is gone: what it sent stays on its way, and nobody reads what comes."""
        self._up.clear()

    def _feed(self, data: bytearray) -> None:
        self.passed += len(data)
        if data:
            self._up += bytes.fromhex(self.car.ask("on_link", data=data.hex())["sent"])

    def _reset(self) -> None:
        self._reset_at = None
        self.car.ask("restart", paired=True)
        self.car.ask("log_commands")
        self._down.clear()


def link_over(port: WiredPort, random: Random) -> Link:
    return Link(port, port.car.contract, clock=port, random=random.randbytes)


def tokens_executed(car: ServedFirmware) -> list[int]:
    """The tokens of the pings that were executed since this was asked last."""
    commands = map(bytes.fromhex, car.ask("executed")["commands"])
    return [values["token"] for command, values in map(parse_command, commands) if command.name == "ping"]
