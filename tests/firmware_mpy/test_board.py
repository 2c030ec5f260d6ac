"""The whole application on the emulated board: pins, ports, memory, time, and the ways it ends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from host.emulate import Emulator, build_application
from host.link import Link, connect
from protocol.contract import Contract, load_contract
from protocol.frame import Frame, Kind, encode_frame
from protocol.schema import Row
from tests.fuzz import record

pytestmark = pytest.mark.emulator

_PROMPT = b">>> "
# TIM3's compare registers are the duties of A6 and A7; port B's output register has the direction pins.
REST = (0,) * (len(load_contract().schema.channels) - 8)
_READ_MOTORS = "import machine; [machine.mem32[a] for a in (0x40000434, 0x40000438)]"


class Console:
    """The board's REPL."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._said = b""

    def interrupt(self) -> str:
        """Ctrl-C; what the console says until its prompt."""
        self._connection.sendall(b"\x03")
        return self.read()

    def ask(self, line: str) -> str:
        """Type a line; what it prints."""
        self._connection.sendall(line.encode() + b"\r")
        return self.read().partition("\n")[2].strip()

    def start(self, line: str) -> None:
        """Type a line that does not lead back to the prompt."""
        self._connection.sendall(line.encode() + b"\r")

    def read(self) -> str:
        while _PROMPT not in self._said:
            data = self._connection.recv(4096)
            assert data, self._said
            self._said += data
        text, _, self._said = self._said.partition(_PROMPT)
        return text.decode().replace("\r\n", "\n")


@contextmanager
def console_of(board: Emulator) -> Iterator[Console]:
    address = urlsplit(board.repl_url)
    with socket.create_connection((address.hostname, address.port), 60) as connection:
        yield Console(connection)


@pytest.fixture
def fresh_car(application: Path) -> Iterator[Emulator]:
    """A board of the test's own, which may end as it likes."""
    with Emulator(application) as car:
        yield car


def fed_rows(link: Link, car: Emulator, rows: list[Row]) -> list[Row]:
    """Feed a log to the sensors' port, four rows a frame; the telemetry that comes of it."""
    schema = link.contract.schema
    address = urlsplit(car.sensors_url)
    with socket.create_connection((address.hostname, address.port), 60) as sensors:
        came: list[Row] = []
        for at in range(0, len(rows), 4):
            body = b"".join(map(schema.pack, rows[at : at + 4]))
            frame = Frame(Kind.SENSORS, at, body, stored=True, rows=len(rows[at : at + 4]))
            sensors.sendall(encode_frame(frame, link.contract.hash))
        while len(came) < len(rows) and (more := link.next_rows(30)):
            came += more
    return came


def test_a_whole_log_passes_through_the_car_and_leaves_its_heap_as_it_was(
    car_link: Link, emulated_car: Emulator
) -> None:
    rows = [
        Row(20_000 * at, (at % 99, -at, 5 * at, 0, 7000 + at, at & 255, 4000, 0, *REST)) for at in range(600)
    ]
    car_link.send("key")
    car_link.next_rows(0)  # the car's own, of before
    assert fed_rows(car_link, emulated_car, rows[:200]) == rows[:200]
    before = car_link.send("counters").values["heap_free"]
    assert fed_rows(car_link, emulated_car, rows[200:]) == rows[200:]
    assert car_link.send("counters").values["heap_free"] == before


def test_driving_and_sampling_leave_the_heap_as_it_was(car_link: Link) -> None:
    car_link.send("key")
    car_link.send("rate", {"hz": 200})
    before = car_link.send("counters").values["heap_free"]
    for speed in range(-400, 400, 20):
        car_link.send("drive", {"speed": speed, "turn": 10})
    assert len(car_link.next_rows(30)) > 0
    assert car_link.send("counters").values["heap_free"] == before


def test_decoding_costs_20_instructions_a_byte_at_most_and_encoding_250_a_channel(
    car_link: Link, emulated_car: Emulator
) -> None:
    values = car_link.send("profile").values
    assert values["decoder"] == 2
    assert 0 < emulated_car.instructions(values["block_ticks"]) <= 20 * values["block_bytes"]
    a_byte = emulated_car.instructions(values["frame_ticks"]) / values["frame_bytes"]
    assert 0 < a_byte <= 120
    record("instructions a received byte, drive command of 16 bytes", {
        "found_checked_decoded": a_byte,
        "decoding_alone_in_a_block_of_1024": emulated_car.instructions(values["block_ticks"]) / 1024,
    })
    most = 250 * len(car_link.contract.schema.channels) * values["encode_rows"]
    assert 0 < emulated_car.instructions(values["encode_ticks"]) <= most
    assert values["receive_heap_bytes"] == values["encode_heap_bytes"] == 0


def test_the_application_leaves_28_kib_of_the_heap_free(car_link: Link) -> None:
    car_link.send("profile")  # collects
    assert car_link.send("counters").values["heap_free"] > 28 * 1024


def test_the_duties_reach_the_motors_timer(fresh_car: Emulator, contract: Contract) -> None:
    with connect(fresh_car.link_url, contract) as link:
        link.send("drive", {"speed": 500, "turn": 0})
    with console_of(fresh_car) as console:
        console.interrupt()
        console.ask("from patrol import motors, pins; m = motors.Motor(*pins.LEFT_MOTOR); m.set(-250)")
        left, _ = map(int, console.ask(_READ_MOTORS).strip("[]").split(","))
        period = int(console.ask("machine.mem32[0x4000042c] + 1"))
        assert left == pytest.approx(0.25 * period, abs=1)


def test_ctrl_c_stops_the_motors_and_gives_the_console_back(fresh_car: Emulator, contract: Contract) -> None:
    with connect(fresh_car.link_url, contract) as link:
        link.send("drive", {"speed": 500, "turn": 0})
        (*_, row) = link.next_rows(30)
        assert row.values[:4] == (500, 0, 500, 500)
    with console_of(fresh_car) as console:
        assert "KeyboardInterrupt" in console.interrupt()
        assert console.ask(_READ_MOTORS) == "[0, 0]"


def test_any_other_exception_stops_the_motors_and_says_what_it_was(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text(
        "from patrol import app, sampling\n"
        "def poll(self, loop_us):\n"
        "    self._car.drive.set(500, 0)\n"
        "    raise ValueError('wheel came off')\n"
        "sampling.Sampler.poll = poll\n"
        "app.run()\n"
    )
    application = build_application(tmp_path / "failing.hex", extra_files={"main.py": program})
    with Emulator(application, ready_when=_PROMPT) as car:
        assert "Traceback" in car.boot_output
        assert "ValueError: wheel came off" in car.boot_output
        with console_of(car) as console:
            assert console.ask(_READ_MOTORS) == "[0, 0]"


def test_reboot_is_answered_and_then_done(fresh_car: Emulator, contract: Contract) -> None:
    with connect(fresh_car.link_url, contract) as link:
        link.send("set", {"parameter": 0, "value": 250})
        link.send("reboot")
        link.hello(30)
        assert link.send("get", {"parameter": 0}).values["value"] == 1000
