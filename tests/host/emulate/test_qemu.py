"""The emulator around a board; what runs on the board is a line or two of these tests' own."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serial

from host.emulate import (
    BootError,
    Emulator,
    EmulatorError,
    ImageMissingError,
    PortTakenError,
    ToolMissingError,
    build_application,
)

on_the_board = pytest.mark.emulator


@pytest.fixture
def idle(tmp_path: Path) -> Path:
    """An application that leaves the board to its console."""
    return _running("print('idle')", tmp_path)


def _running(program: str, tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(program + "\n")
    return build_application(tmp_path / "program.hex", extra_files={"main.py": tmp_path / "program.py"})


def _ask(url: str, line: str) -> str:
    """What a console prints when a line of Python is typed."""
    console = serial.serial_for_url(url, timeout=10)
    try:
        console.write(line.encode() + b"\r\n")
        assert console.read_until(b"\n").rstrip().endswith(line.encode())
        printed: bytes = console.read_until(b">>> ")
        return printed.removesuffix(b">>> ").decode().strip()
    finally:
        console.close()


@on_the_board
def test_the_board_runs_the_application_and_its_console_answers(idle: Path) -> None:
    with Emulator(idle, ready_when=b">>> ") as car:
        assert car.boot_output.startswith("idle\r\n")
        assert _ask(car.repl_url, "6 * 7") == "42"


@on_the_board
def test_only_compiled_code_is_on_the_board(idle: Path) -> None:
    with Emulator(idle, ready_when=b">>> ") as car:
        names = _ask(car.repl_url, "import os; sorted(os.listdir('/rom'))")
        assert names == "['main.mpy', 'patrol', 'update']"
        folders = "['boards', 'control', 'drivers']"
        others = "sorted(n for n in os.listdir('/rom/patrol') if not n.endswith('.mpy'))"
        assert _ask(car.repl_url, others) == folders
        inner = f"[n for f in {folders} for n in os.listdir('/rom/patrol/' + f) if not n.endswith('.mpy')]"
        assert _ask(car.repl_url, inner) == "[]"


@on_the_board
def test_a_port_takes_one_peer_after_another(idle: Path) -> None:
    with Emulator(idle, ready_when=b">>> ") as car:
        assert [_ask(car.repl_url, f"{n} + 1") for n in range(3)] == ["1", "2", "3"]


@on_the_board
def test_the_three_ports_lead_to_usart_1_to_3(tmp_path: Path) -> None:
    program = "from machine import UART\nports = [UART(2, 115200), UART(3, 115200)]\nprint('open')"
    with Emulator(_running(program, tmp_path), ready_when=b">>> ") as car:
        for index, url in enumerate((car.link_url, car.sensors_url)):
            port = serial.serial_for_url(url, timeout=10)
            assert _ask(car.repl_url, f"main.ports[{index}].write('to')") == "2"
            assert port.read(2) == b"to"
            port.close()


@on_the_board
def test_ports_may_be_chosen(idle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    with Emulator(idle, ready_when=b">>> ", repl_port=number) as car:
        assert car.repl_url == f"socket://127.0.0.1:{number}"
        assert _ask(car.repl_url, "1") == "1"


@on_the_board
def test_a_port_in_use_is_refused_by_its_option(idle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"TCP port {number} .* leave --link-port out"):
            Emulator(idle, link_port=number).start()


@on_the_board
def test_instructions_are_counted_the_same_every_time(tmp_path: Path) -> None:
    program = "import time\nt = time.ticks_us()\nfor _ in range(9999): pass\nprint(time.ticks_us() - t)"
    application = _running(program, tmp_path)
    outputs = []
    for _ in range(2):
        with Emulator(application, ready_when=b">>> ", icount_shift=3, sleep=False) as car:
            outputs.append(car.boot_output.split()[0])
            assert car.instructions(800) == 100
    assert outputs[0] == outputs[1]


def test_instructions_need_a_clock_that_counts_them() -> None:
    with pytest.raises(EmulatorError, match="icount_shift"):
        Emulator(icount_shift=None).instructions(1)


@on_the_board
@pytest.mark.parametrize("shift", [None, 0])
def test_the_board_runs_by_other_clocks_too(idle: Path, shift: int | None) -> None:
    with Emulator(idle, ready_when=b">>> ", icount_shift=shift) as car:
        assert _ask(car.repl_url, "1") == "1"


@on_the_board
def test_a_program_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    program = "import patrol_of_another_town"
    with pytest.raises(BootError, match=r"its program ended.*ImportError: no module named") as caught:
        Emulator(_running(program, tmp_path)).start()
    assert "Traceback" in caught.value.console


@on_the_board
def test_a_program_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    application = _running("print('thinking')\nwhile True: pass", tmp_path)
    with pytest.raises(BootError, match=r"it was not up within 0.5 s; .* Its console said: thinking"):
        Emulator(application, boot_timeout_s=0.5).start()


@on_the_board
def test_an_image_that_is_none_is_reported_with_what_qemu_said(tmp_path: Path, idle: Path) -> None:
    (tmp_path / "firmware.elf").write_text("not an image")
    with pytest.raises(BootError, match=r"qemu-system-arm ended; check .*firmware.elf.* It said: qemu.*"):
        Emulator(idle, image=tmp_path / "firmware.elf").start()


@on_the_board
def test_a_qemu_that_ends_at_once_is_noticed_at_once(idle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.emulate.qemu.MACHINE", "no-such-board")
    # Far beyond the test's own limit: only QEMU's end, not the time-out, can end this in time.
    with pytest.raises(BootError, match=r"qemu-system-arm ended; .* It said: qemu.*unsupported machine"):
        Emulator(idle, boot_timeout_s=100_000).start()


@on_the_board
def test_ctrl_c_in_the_terminal_is_left_to_us(idle: Path) -> None:
    with Emulator(idle, ready_when=b">>> ") as car:
        assert car._process is not None
        assert os.getpgid(car._process.pid) != os.getpgid(0)


@on_the_board
def test_a_board_that_was_stopped_is_gone_and_can_be_started_again(idle: Path) -> None:
    car = Emulator(idle, ready_when=b">>> ")
    car.start()
    with pytest.raises(EmulatorError, match="runs already"):
        car.start()
    assert not car.wait(0)
    process = car._process
    assert process is not None
    car.stop()
    car.stop()
    assert process.returncode == 0
    assert car.wait(0)
    with car:
        assert _ask(car.repl_url, "1") == "1"


@on_the_board
def test_an_emulator_that_ends_by_itself_is_noticed(idle: Path) -> None:
    with Emulator(idle, ready_when=b">>> ") as car:
        assert car._process is not None
        car._process.kill()
        assert car.wait(10)


@on_the_board
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv, of util-linux")
def test_no_emulator_outlives_a_python_that_was_killed(idle: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from host.emulate import Emulator\n"
        "car = Emulator(Path(sys.argv[1]), ready_when=b'>>> '); car.start()\n"
        "print(car._process.pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(idle)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as python:
        assert python.stdout is not None
        pid = python.stdout.readline()
        qemu = os.pidfd_open(int(pid))
        python.kill()
        # Readable once the process has ended, so that there is nothing to wait for by the clock.
        ended, _, _ = select.select([qemu], [], [], 10)
    os.close(qemu)
    assert ended


def test_without_an_image_it_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_FIRMWARE", str(tmp_path / "firmware.elf"))
    with pytest.raises(ImageMissingError, match=r"firmware.elf: .* run `make firmware`"):
        Emulator().start()


def test_without_an_application_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImageMissingError, match="build it first"):
        Emulator(tmp_path / "none.hex", image=Path(__file__)).start()


def test_without_qemu_it_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=r"qemu-system-arm is not installed; run `make setup`"):
        Emulator(image=Path(__file__)).start()


@on_the_board
def test_a_qemu_that_will_not_end_is_killed(idle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.emulate.qemu._STOP_S", 0.1)
    car = Emulator(idle, ready_when=b">>> ")
    car.start()
    process = car._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    car.stop()
    assert process.returncode == -signal.SIGKILL
