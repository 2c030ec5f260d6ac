"""The emulated chip's pins, as records exchanged with the board every 5 ms of its virtual time.

firmware_mpy/board/F405/world.c has the other end. The board waits for each answer, and its time with it.
"""

from __future__ import annotations

import os
import select
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host.emulate.errors import EmulatorError

PERIOD_MS = 5
LINK_BYTES = 64
"""Most bytes of the link in one exchange, either way."""
IMU_BYTES = 14
PORTS, MOTORS, RANGERS, ENCODERS, CHANNELS = 3, 2, 3, 2, 16

_OUTPUTS = struct.Struct(f"<I{PORTS}H{MOTORS}HHH")
_WIRING = f"{RANGERS}B{RANGERS}B{ENCODERS}B{MOTORS}B"
_INPUTS = struct.Struct(f"<{ENCODERS}i{RANGERS}I{CHANNELS}H{PORTS}H{IMU_BYTES}sB{_WIRING}H")


@dataclass(frozen=True)
class Wiring:
    """What is wired to what. Pins are port * 16 + pin, motors timer * 16 + channel."""

    triggers: tuple[int, ...]
    echoes: tuple[int, ...]
    encoder_timers: tuple[int, ...]
    motors: tuple[int, ...]


@dataclass(frozen=True)
class Outputs:
    """What the chip does. `fired`: a bit for each ranger whose trigger fell; `duties` 0 to 65535."""

    time_ms: int
    levels: tuple[int, ...]
    duties: tuple[int, ...]
    fired: int
    link: bytes


@dataclass(frozen=True)
class Inputs:
    """What the chip senses. `imu`: the MPU-6050's registers 0x3B to 0x48; None when it does not answer."""

    encoders: Sequence[int]
    echoes_us: Sequence[int]
    adc: Sequence[int]
    levels: Sequence[int]
    imu: bytes | None
    link: bytes


class Pins:
    """The FIFOs `world.out` and `world.in` in a folder, from before the emulator starts."""

    def __init__(self, folder: Path) -> None:
        out, into = folder / "world.out", folder / "world.in"
        os.mkfifo(out)
        os.mkfifo(into)
        # Opened for both, so that neither open waits for the emulator.
        self._out = os.open(out, os.O_RDWR)
        self._in = os.open(into, os.O_RDWR)

    def receive(self, timeout_s: float = 30.0) -> Outputs:
        """What the board does now; waits for it. Raises EmulatorError when it does not say."""
        time_ms, *rest = _OUTPUTS.unpack(self._read(_OUTPUTS.size, timeout_s))
        levels, duties = tuple(rest[:PORTS]), tuple(rest[PORTS : PORTS + MOTORS])
        fired, link_bytes = rest[-2:]
        return Outputs(time_ms, levels, duties, fired, self._read(link_bytes, timeout_s))

    def answer(self, inputs: Inputs, wiring: Wiring) -> None:
        """Let the board go on with these inputs."""
        link = inputs.link[:LINK_BYTES]
        record = _INPUTS.pack(
            *inputs.encoders, *inputs.echoes_us, *inputs.adc, *inputs.levels,
            inputs.imu or bytes(IMU_BYTES), inputs.imu is not None,
            *wiring.triggers, *wiring.echoes, *wiring.encoder_timers, *wiring.motors, len(link),
        )
        os.write(self._in, record + link)

    def close(self) -> None:
        """Give the FIFOs up."""
        os.close(self._out)
        os.close(self._in)

    def _read(self, size: int, timeout_s: float) -> bytes:
        data = b""
        while len(data) < size:
            if not select.select([self._out], [], [], timeout_s)[0]:
                raise EmulatorError(f"the board said nothing for {timeout_s:g} s; look at its console")
            data += os.read(self._out, size - len(data))
        return data
