"""What runs on a port, asked over real ones: a pseudo-terminal, and the emulated car's link."""

from __future__ import annotations

import json
import os
import threading
import tty
from collections.abc import Iterator

import pytest

from host.cli.main import run
from host.devices.probe import greet, probe
from host.emulate import Emulator
from host.link import LinkError
from host.running import RunningBoard, announced
from protocol.contract import Contract
from tests.host.devices.fakes import port
from tests.host.fake_board import FakeBoard, FakeClock


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the board's end, and the name of the host's."""
    board, host = os.openpty()
    tty.setraw(host)
    try:
        yield board, os.ttyname(host)
    finally:
        os.close(board)
        os.close(host)


def answers(end: int, board: FakeBoard) -> None:
    """Carry bytes between a board and a pseudo-terminal until that is closed."""
    while True:
        try:
            board.write(os.read(end, 4096))
            os.write(end, board.read())
        except OSError:
            return


def test_a_car_on_a_serial_port_says_what_it_is(
    terminal: tuple[int, str], board: FakeBoard, contract: Contract
) -> None:
    end, name = terminal
    threading.Thread(target=answers, args=(end, board), daemon=True).start()
    told = probe(name, contract)
    assert told is not None
    assert (told.greeting.contract_name, told.greeting.contract_hash) == ("car", contract.hash)
    assert told.greeting.offer is not None
    assert told.greeting.offer.board == b"fake"
    assert (told.machine, told.micropython) == ("fake", "0")


def test_a_silent_port_has_nothing_to_say(terminal: tuple[int, str], contract: Contract) -> None:
    assert probe(terminal[1], contract, timeout_s=0.1) is None


def test_noise_is_no_car(terminal: tuple[int, str], contract: Contract) -> None:
    os.write(terminal[0], b">>> \0hello\0" + bytes(range(256)))
    assert probe(terminal[1], contract, timeout_s=0.1) is None


def test_hello_is_repeated_until_the_time_is_up(board: FakeBoard, clock: FakeClock) -> None:
    board.ignores_hello = 3
    assert greet(board, 1.0, clock.monotonic) is not None
    board.ignores_hello = 100
    assert greet(board, 1.0, clock.monotonic) is None


def test_a_port_that_is_not_there_is_an_error(contract: Contract) -> None:
    with pytest.raises(LinkError, match="no such device"):
        probe("/dev/ttyUSB99", contract)


@pytest.mark.emulator
def test_the_verb_tells_what_runs_and_other_verbs_find_the_only_car(
    emulated_car: Emulator, contract: Contract, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = RunningBoard(
        emulated_car.link_url, emulated_car.repl_url, emulated_car.sensors_url, "qemu", "car", contract.hash
    )
    monkeypatch.setattr("host.devices.find.comports", lambda: [port("/dev/ttyACM7", 0xF055, 0x9800, "37")])
    with announced(running):
        assert run(["devices", "--json"]) == 0
        console, car = map(json.loads, capsys.readouterr().out.splitlines())
        assert (console["kind"], console["usb"], console["role"]) == ("MicroPython", "f055:9800", "console")
        assert (car["kind"], car["repl"]) == ("emulated", emulated_car.repl_url)
        assert "runs" not in car

        # A console would take HELLO for something typed: it is not even opened, as it could not be here.
        assert run(["devices", "--probe", "--json"]) == 0
        console, car = map(json.loads, capsys.readouterr().out.splitlines())
        assert "runs" not in console
        assert car["runs"]["contract"] == {"name": "car", "hash": f"{contract.hash:08x}"}
        assert car["runs"]["micropython"].startswith("1.")

        assert run(["devices", "--probe"]) == 0
        assert "protocol 3, Emulated patrol-car board" in capsys.readouterr().out
        assert run(["send", "ping"]) == 0
        assert run(["send", "--port", f"id:{running.serial_number}", "ping"]) == 0
        assert capsys.readouterr().out.count("ping: answered") == 2
        assert run(["send", "--port", "id:37x", "ping"]) == 2
        assert "no such device" in capsys.readouterr().err


def test_without_any_device_a_verb_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["send", "ping"]) == 2
    assert "no link to a car found; plug the board in or start `host emulate`" in capsys.readouterr().err
    assert run(["devices"]) == 0
    assert "none; plug a board in" in capsys.readouterr().out


def test_a_debug_probe_says_how_to_flash_through_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("host.devices.find.comports", lambda: [port("/dev/ttyACM0", 0x0483, 0x374B, "066E")])
    assert run(["devices"]) == 0
    assert "host flash IMAGE --port probe:066E" in capsys.readouterr().out


def test_with_two_adapters_the_choices_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = [port("/dev/ttyUSB0", 0x10C4, 0xEA60, "0001"), port("/dev/ttyUSB1", 0x1A86, 0x7523)]
    monkeypatch.setattr("host.devices.find.comports", lambda: ports)
    assert run(["send", "ping"]) == 2
    said = capsys.readouterr().err
    assert "/dev/ttyUSB0  USB-UART, CP210x  id:0001" in said
    assert "/dev/ttyUSB1  USB-UART, CH340" in said
