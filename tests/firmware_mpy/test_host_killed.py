"""The host is killed without a word: the motors stop, in the board's own time."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from host.emulate import Emulator, build_application
from tests.fuzz import record

pytestmark = pytest.mark.emulator

LIMIT_MS = 500
# The whole application; beside it, the console is told of every duty and of every byte's arrival.
PROGRAM = """
import time
from patrol import app, motors, receiver

start = time.ticks_ms()

def told(method, what):
    def wrapped(self, *arguments):
        print(what, *arguments[-1:], "at", time.ticks_diff(time.ticks_ms(), start))
        return method(self, *arguments)
    return wrapped

motors.Motor.set = told(motors.Motor.set, "duty")
receiver.Receiver.receive = told(receiver.Receiver.receive, "bytes")
app.run()
"""


@pytest.fixture(scope="module")
def telling_car(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("telling")
    program = folder / "main.py"
    program.write_text(PROGRAM, encoding="utf-8")
    with Emulator(build_application(folder / "telling.hex", extra_files={"main.py": program})) as car:
        yield car


@contextmanager
def console_of(car: Emulator) -> Iterator[BinaryIO]:
    address = urlsplit(car.repl_url)
    with socket.create_connection((address.hostname, address.port), 60) as connection:
        yield connection.makefile("rb")


@pytest.mark.parametrize("attempt", range(3))
def test_the_duty_is_0_within_500_ms_of_the_last_byte_of_a_host_that_was_killed(
    telling_car: Emulator, attempt: int
) -> None:
    """The last byte arrived before the kill, so the time since the kill is shorter still."""
    drive = ["send", "--port", telling_car.link_url, "drive", "300", "--hold", "60"]
    with console_of(telling_car) as console:
        command = [sys.executable, "-m", "host", *drive]
        host = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last_byte = driven_from = 0
        for line in console:
            found = re.match(rb"(duty|bytes) (-?\d+) at (\d+)", line)
            if not found:
                continue
            at = int(found[3])
            if found[1] == b"bytes":
                last_byte = at
                if driven_from and at - driven_from > LIMIT_MS + 50 * attempt and host.poll() is None:
                    host.send_signal(signal.SIGKILL)  # after it had driven on heartbeats alone
                    host.wait()
            elif int(found[2]):
                driven_from = at
            elif driven_from:
                stopped = at
                break
        host.kill()
    assert host.wait() == -signal.SIGKILL
    assert last_byte - driven_from > LIMIT_MS
    assert 0 < stopped - last_byte <= LIMIT_MS
    record(f"host killed while it drives, {attempt}", {
        "virtual_ms_from_the_last_byte_to_duty_0": stopped - last_byte, "driven_ms": stopped - driven_from,
    })


def test_a_loop_that_hangs_stops_the_motors(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text(
        PROGRAM.replace("app.run()", "")
        + "from patrol import sampling\n"
        "def poll(self, loop_us):\n"
        "    self._car.drive.set(500, 0)\n"
        "    print('hangs at', time.ticks_diff(time.ticks_ms(), start))\n"
        "    while True:\n"
        "        pass\n"
        "sampling.Sampler.poll = poll\n"
        "app.run()\n",
        encoding="utf-8",
    )
    application = build_application(tmp_path / "hanging.hex", extra_files={"main.py": program})
    # Up once both motors are told to stop: with the loop hung, it is the timer that tells them.
    with Emulator(application, ready_when=b"duty 0 at") as car:
        said = car.boot_output
    times = [int(at) for at in re.findall(r"at (\d+)", said)]
    assert "hangs at" in said
    assert times[-1] - times[-2] <= LIMIT_MS
