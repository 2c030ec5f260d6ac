"""What is copied to a NUCLEO-F411RE, run from files as there: a FAT of 64 KiB, its heap, its link's UART."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.emulate import Emulator
from host.emulate.official import Built, build
from host.link import Link, connect
from host.link.errors import CommandRefusedError
from protocol.contract import Contract
from tests.firmware_mpy.test_board import console_of

pytestmark = pytest.mark.emulator

NUCLEO = "NUCLEO_F411RE"
LINK_UART = 6
_DUTIES_TOLD = """
import machine

def tell(timer, before=[]):
    now = [machine.mem32[address] for address in (0x40000434, 0x40000438, 0x4000042C)]
    if now != before:
        before[:] = now
        print("timer", *now)

watch = machine.Timer(-1)
watch.init(period=20, mode=machine.Timer.PERIODIC, callback=tell)
from patrol import app
app.run()
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(NUCLEO, tmp_path_factory.mktemp("official"))


@pytest.fixture(scope="module")
def small_contract(built: Built) -> Contract:
    return built.contract


def nucleo(built: Built, store: Path) -> Emulator:
    """A board with the Nucleo's heap, which finds the application in its own files only."""
    shutil.copyfile(built.image, store)
    return Emulator(store=store, heap_bytes=built.board.heap_bytes, link_uart=LINK_UART)


@pytest.fixture(scope="module")
def board(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with nucleo(built, tmp_path_factory.mktemp("store") / "flash") as running:
        yield running


@pytest.fixture
def link(board: Emulator, small_contract: Contract) -> Iterator[Link]:
    with connect(board.link_url, small_contract) as connected:
        connected.send("stop")
        yield connected


def test_it_imports_and_its_link_comes_up_with_12_kib_of_the_heap_free(link: Link) -> None:
    assert link.send("info").values["application"] == "patrol"
    free = link.send("counters").values["heap_free"]
    print(f"heap free on a {NUCLEO}'s heap, uncollected: {free}")
    assert free >= 12 * 1024


def test_driving_and_telemetry_leave_the_heap_as_it_was(link: Link) -> None:
    link.send("rate", {"hz": 50})
    link.send("drive", {"speed": 200, "turn": 0})
    before = link.send("counters").values["heap_free"]
    for speed in range(-400, 400, 20):
        link.send("drive", {"speed": speed, "turn": 10})
    rows = link.next_rows(30)
    assert rows
    assert link.send("counters").values["heap_free"] == before


def test_telemetry_tells_what_was_commanded(link: Link) -> None:
    link.send("rate", {"hz": 50})
    link.send("drive", {"speed": 300, "turn": 0})
    link.next_rows(0)
    (*_, row) = link.next_rows(30)
    assert row.values[:4] == (300, 0, 300, 300)


@pytest.mark.parametrize(
    ("command", "arguments"), [("profile", {}), ("pair", {"key": bytes(32)}), ("slots", {})]
)
def test_what_a_small_board_leaves_out_is_refused_and_the_car_goes_on(
    link: Link, command: str, arguments: dict[str, bytes]
) -> None:
    with pytest.raises(CommandRefusedError, match="does not know this command"):
        link.send(command, arguments)
    assert link.send("ping")


def test_a_silent_host_stops_it_and_an_emergency_stop_holds(link: Link) -> None:
    link.send("drive", {"speed": 300, "turn": 0})
    link.halt()
    with pytest.raises(CommandRefusedError, match="emergency stop holds"):
        link.send("drive", {"speed": 300, "turn": 0})
    link.send("resume")
    assert link.send("drive", {"speed": 300, "turn": 0}).values["speed"] == 300


def test_drive_changes_the_duty_of_the_motors_timer(
    built: Built, small_contract: Contract, tmp_path: Path
) -> None:
    """A timer of another main.py tells the registers of TIM3 while the application runs."""
    with nucleo(built, tmp_path / "flash") as running, console_of(running) as console:
        console.interrupt()
        console.ask(f"f = open('main.py', 'w'); f.write({_DUTIES_TOLD!r}); f.close()")
        console.start("import machine; machine.reset()")
        with connect(running.link_url, small_contract) as link:
            link.hello(30)
            link.send("drive", {"speed": 250, "turn": 0})
            link.next_rows(5)
            link.send("drive", {"speed": 250, "turn": 90})
            link.next_rows(5)
            link.send("stop")
            while (rows := link.next_rows(5)) and rows[-1].values[2:4] != (0, 0):
                pass
            assert link.next_rows(5)  # a row later the timer has been looked at again
        told = [line.split()[1:] for line in console.interrupt().splitlines() if line.startswith("timer")]
    duties = [(int(left) / (int(top) + 1), int(right) / (int(top) + 1)) for left, right, top in told]
    assert pytest.approx((0.25, 0.25), abs=0.001) in duties
    assert any(left < 0.25 < right for left, right in duties)
    assert duties[-1] == (0, 0)


def test_a_pyboards_larger_application_leaves_11_kib_free_with_all_loaded(tmp_path: Path) -> None:
    larger = build("PYBV11", tmp_path)
    with (
        Emulator(store=larger.image, heap_bytes=larger.board.heap_bytes) as running,
        connect(running.link_url, larger.contract) as link,
    ):
        link.send("slots")
        link.send("profile")
        free = 0
        for _ in range(40):  # its loop collects once a second
            link.next_rows(0.05)
            free = max(free, link.send("counters").values["heap_free"])
        print(f"heap free on a PYBV11's heap: {free}")
        assert free >= 11 * 1024
