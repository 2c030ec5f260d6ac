"""The real firmware in lock step with a virtual clock: its link, car and clock on MicroPython's unix port."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from host.emulate.application import SOURCES
from host.emulate.errors import EmulatorError
from host.emulate.unix import run_on_unix
from protocol.contract import Contract

_PROGRAM = SOURCES / "unix" / "lockstep.py"


class LockStepCar:
    """A car to which time passes only in `step`. It takes no time itself, and sends no telemetry."""

    def __init__(self, process: Popen[bytes]) -> None:
        self.executed: list[bytes] = []
        """Messages of all commands that the car has executed, in order."""
        self._process = process
        self._now_us = 0

    def step(self, now_us: int, data: bytes) -> bytes:
        """Let time pass until then and bytes come in; what the car sends. Raises EmulatorError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EmulatorError("the firmware has no pipes; start it with lock_step_car()")
        request = {"step_us": max(0, now_us - self._now_us), "data": data.hex()}
        self._now_us = max(now_us, self._now_us)
        stdin.write(json.dumps(request).encode() + b"\n")
        stdin.flush()
        line = stdout.readline()
        if not line.startswith(b"{"):
            self._process.kill()
            raise EmulatorError(f"the firmware ended: {(line + stdout.read()).decode().strip()}")
        answer = json.loads(line)
        self.executed += map(bytes.fromhex, answer["executed"])
        return bytes.fromhex(answer["sent"])


@contextmanager
def lock_step_car(contract: Contract) -> Iterator[LockStepCar]:
    """A car that was just switched on. Raises EmulatorError."""
    with (
        tempfile.TemporaryDirectory(prefix="patrol-") as scratch,
        run_on_unix(_PROGRAM, contract, Path(scratch)) as process,
    ):
        yield LockStepCar(process)
