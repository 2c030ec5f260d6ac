"""What is there: by pyserial's list of ports, the kernel's of USB devices, and files of emulated boards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from host.devices import (
    ChoiceError,
    Device,
    Kind,
    Role,
    bootloader_of,
    console_of,
    find_devices,
    link_of,
    named_port,
    only_port,
)
from host.devices.known import lookup
from host.running import RunningBoard, announced, folder, running_boards
from tests.host.devices.fakes import port, usb

BOARD = RunningBoard(
    "socket://127.0.0.1:5331", "socket://127.0.0.1:5330", "socket://127.0.0.1:5332", "qemu", "car", 7
)


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    return tmp_path / "sysfs"


def found(ports: list[ListPortInfo], sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    monkeypatch.setattr("host.devices.find.comports", lambda: ports)
    return find_devices(sysfs)


KNOWN = [
    (0xF055, 0x9800, Kind.MICROPYTHON, Role.CONSOLE),
    (0xF055, 0x9801, Kind.MICROPYTHON, Role.CONSOLE),
    (0x0483, 0x374B, Kind.ST_LINK, Role.CONSOLE),
    (0x0483, 0x374E, Kind.ST_LINK, Role.CONSOLE),
    (0x0D28, 0x0204, Kind.CMSIS_DAP, Role.CONSOLE),
    (0x10C4, 0xEA60, Kind.UART, Role.LINK),
    (0x1A86, 0x7523, Kind.UART, Role.LINK),
    (0x0403, 0x6001, Kind.UART, Role.LINK),
    (0x067B, 0x2303, Kind.UART, Role.LINK),
    (0x2341, 0x0043, Kind.SERIAL, Role.NONE),
    (None, None, Kind.SERIAL, Role.NONE),
]


@pytest.mark.parametrize(("vendor", "product", "kind", "role"), KNOWN)
def test_a_port_is_told_by_its_numbers(
    vendor: int | None, product: int | None, kind: Kind, role: Role, sysfs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (device,) = found([port("/dev/ttyUSB0", vendor, product)], sysfs, monkeypatch)
    assert (device.kind, device.role, device.port) == (kind, role, "/dev/ttyUSB0")
    assert device.usb_id == (f"{vendor:04x}:{product:04x}" if vendor and product else None)


def test_an_unknown_probe_is_told_by_its_name_as_its_standard_has_it() -> None:
    assert lookup(0x1234, 0x5678, "Maker CMSIS-DAP v2").kind is Kind.CMSIS_DAP
    assert lookup(0x1234, 0x5678, "Toaster").kind is Kind.SERIAL


def test_a_bootloader_and_a_bare_probe_are_found_on_the_bus(sysfs: Path) -> None:
    usb(sysfs, "1-1", 0x0483, 0xDF11, "STM32  BOOTLOADER", "377A")
    usb(sysfs, "1-2", 0x0483, 0x3748, "STM32 STLink", "V2")
    usb(sysfs, "1-3", 0x046D, 0xC52B, "Receiver", "")
    usb(sysfs, "usb1", 0x1D6B, 0x0002, "xHCI Host Controller", "0000:00:14.0")
    devices = [device for device in find_devices(sysfs) if device.vendor == 0x0483]
    assert [(device.kind, device.serial_number, device.port) for device in devices] == [
        (Kind.DFU, "377A", None), (Kind.ST_LINK, "V2", None),
    ]
    assert len(find_devices(sysfs)) == 2


def test_a_device_with_a_serial_port_is_listed_once(sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usb(sysfs, "1-1", 0x0483, 0x374B, "STM32 STLink", "066E", tty="ttyACM0")
    devices = found([port("/dev/ttyACM0", 0x0483, 0x374B, "066E")], sysfs, monkeypatch)
    assert [device.port for device in devices] == ["/dev/ttyACM0"]


def test_no_kernel_list_is_no_failure(tmp_path: Path) -> None:
    assert find_devices(tmp_path / "nowhere") == []


def test_an_emulated_board_is_found_while_it_runs(sysfs: Path) -> None:
    with announced(BOARD):
        (device,) = find_devices(sysfs)
        assert (device.kind, device.link, device.console) == (Kind.EMULATED, BOARD.link, BOARD.repl)
        assert (device.serial_number, device.contract_name) == ("emulated-5331", "car")
    assert list(folder().iterdir()) == []
    assert find_devices(sysfs) == []


def test_what_a_killed_emulator_left_behind_is_ignored_and_removed() -> None:
    program = (
        "import os, signal; from host.running import *; import tests.host.devices.test_find as t\n"
        "with announced(t.BOARD):\n"
        "    print(len(running_boards()), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr
    assert [path.name for path in folder().iterdir()] == ["emulated-5331.json"]
    assert running_boards() == []
    assert list(folder().iterdir()) == []


def test_a_run_file_that_makes_no_sense_is_ignored() -> None:
    with announced(BOARD):
        (path,) = folder().iterdir()
        path.write_text('{"link": 1}')
        assert running_boards() == []


def test_a_runtime_folder_that_cannot_be_written_does_not_keep_a_board_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patrol-car").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with announced(BOARD):
        assert running_boards() == []


def device(path: str | None, kind: Kind, role: Role, serial_number: str | None = None) -> Device:
    return Device(path, kind, "one", role, serial_number=serial_number)


ADAPTER = device("/dev/ttyUSB0", Kind.UART, Role.LINK, "A50285BI")
CONSOLE = device("/dev/ttyACM0", Kind.MICROPYTHON, Role.CONSOLE, "3754")
DFU = device(None, Kind.DFU, Role.NONE, "377A")


def test_a_bootloader_may_be_on_an_adapter_or_in_dfu_mode_and_never_in_an_emulated_car() -> None:
    emulated = device("socket://127.0.0.1:1", Kind.EMULATED, Role.LINK)
    assert bootloader_of(emulated) is None
    assert only_port([CONSOLE, ADAPTER, emulated], bootloader_of, "port", "--port") == "/dev/ttyUSB0"
    assert str(only_port([CONSOLE, DFU], bootloader_of, "port", "--port")).startswith("dfu")
    with pytest.raises(ChoiceError, match="2 ports may be the port"):
        only_port([ADAPTER, DFU], bootloader_of, "port", "--port")


def test_the_only_port_for_a_use_is_meant() -> None:
    assert only_port([CONSOLE, ADAPTER, DFU], link_of, "link", "--port") == "/dev/ttyUSB0"
    assert only_port([CONSOLE, ADAPTER, DFU], console_of, "console", "--repl") == "/dev/ttyACM0"


def test_two_ports_for_a_use_are_listed_as_choices() -> None:
    with pytest.raises(ChoiceError, match=r"(?s)2 ports may be the link.*--port.*ttyUSB0.*ttyUSB1"):
        only_port([ADAPTER, device("/dev/ttyUSB1", Kind.UART, Role.LINK)], link_of, "link", "--port")


def test_without_a_port_the_others_are_told() -> None:
    with pytest.raises(ChoiceError, match=r"(?s)no link found.*--port.*ttyACM0"):
        only_port([CONSOLE, DFU], link_of, "link", "--port")


def test_a_serial_number_names_a_port_in_any_case() -> None:
    assert named_port("id:a50285bi", [ADAPTER, CONSOLE], link_of, "--port") == "/dev/ttyUSB0"
    assert named_port("id:3754", [ADAPTER, CONSOLE], link_of, "--port") == "/dev/ttyACM0"


@pytest.mark.parametrize(
    ("name", "message"),
    [("id:nobody", "no such device"), ("id:", "no such device"), ("id:377A", "no serial port")],
)
def test_a_serial_number_that_names_no_port_is_told(name: str, message: str) -> None:
    with pytest.raises(ChoiceError, match=message):
        named_port(name, [ADAPTER, CONSOLE, DFU], link_of, "--port")


def test_an_adapter_with_two_ports_has_to_be_named_by_port() -> None:
    second = device("/dev/ttyUSB1", Kind.UART, Role.LINK, "A50285BI")
    with pytest.raises(ChoiceError, match="has 2 ports"):
        named_port("id:A50285BI", [ADAPTER, second], link_of, "--port")


def test_files_of_others_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with announced(BOARD):
        monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
        assert running_boards() == []


@pytest.mark.emulator
def test_the_verb_makes_its_board_known_for_as_long_as_it_runs() -> None:
    command = [sys.executable, "-m", "host", "emulate", "--bare", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            assert emulator.stdout is not None
            told = json.loads(emulator.stdout.readline())
            (board,) = running_boards()
            assert (board.link, board.repl) == (told["link"], told["repl"])
            assert told["contract"] is None
        finally:
            emulator.terminate()
        assert emulator.wait(10) == 0
    assert list(folder().iterdir()) == []
