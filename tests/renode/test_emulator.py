"""The board on Renode, with a stand-in for Renode: how it is started and ended, not what it computes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from host.emulate import (
    BootError,
    EmulatorError,
    ImageMissingError,
    PortTakenError,
    RenodeEmulator,
    ToolMissingError,
)
from host.link import connect
from protocol.contract import Contract

STAND_IN = Path(__file__).with_name("stand_in_renode.py")
HOST = [sys.executable, "-m", "host"]
on_the_board = pytest.mark.emulator


@pytest.fixture
def renode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the stand-in, first on the PATH."""
    program = tmp_path / "renode"
    program.write_text(f"#!{sys.executable}\n{STAND_IN.read_text(encoding='utf-8')}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An image and an application of no bytes, for what never boots."""
    files = {"image": tmp_path / "firmware.elf", "application": tmp_path / "application.hex"}
    for path in files.values():
        path.touch()
    return files


@on_the_board
@pytest.mark.usefixtures("renode")
def test_a_board_is_up_when_start_returns_and_gone_after_stop(application: Path, contract: Contract) -> None:
    car = RenodeEmulator(application)
    with car:
        with connect(car.link_url, contract) as link:
            assert link.send("ping", {"token": 5}).values["token"] == 5
        with pytest.raises(EmulatorError, match="runs already"):
            car.start()
        assert not car.wait(0)
        address = ("127.0.0.1", int(car.link_url.rpartition(":")[2]))
    assert car.wait(0)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address)
    car.stop()


@on_the_board
@pytest.mark.usefixtures("renode")
def test_host_emulate_runs_the_board_on_renode() -> None:
    command = [*HOST, "emulate", "--emulator", "renode", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        ping = subprocess.run([*HOST, "send", "--port", told["link"], "ping"], check=False, timeout=60)
        process.terminate()
        assert process.wait(20) == 0
    assert ping.returncode == 0


@pytest.mark.usefixtures("renode")
def test_a_renode_that_ends_at_once_is_reported_with_what_it_said(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN", "ends")
    # Far beyond the test's own limit: only its end, not the time-out, can end this in time.
    car = RenodeEmulator(**files, start_timeout_s=100_000)
    with pytest.raises(BootError, match=r"renode ended; .* It said: \[ERROR\] There was an error"):
        car.start()


@pytest.mark.usefixtures("renode")
def test_a_renode_that_opens_no_port_is_given_up_and_ended(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN", "hangs")
    car = RenodeEmulator(**files, start_timeout_s=1)
    with pytest.raises(BootError, match="renode was not ready within 1 s"):
        car.start()
    assert car.wait(0)


@pytest.mark.usefixtures("renode")
@pytest.mark.parametrize("missing", ["image", "application"])
def test_a_missing_file_is_named(files: dict[str, Path], missing: str) -> None:
    files[missing].unlink()
    with pytest.raises(ImageMissingError, match=files[missing].name):
        RenodeEmulator(**files).start()


@pytest.mark.usefixtures("renode")
def test_a_port_in_use_is_refused_by_its_option(files: dict[str, Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"TCP port {number} .* leave --link-port out"):
            RenodeEmulator(**files, link_port=number).start()


def test_instructions_are_for_qemu(files: dict[str, Path]) -> None:
    with pytest.raises(EmulatorError, match="measure on QEMU"):
        RenodeEmulator(**files).instructions(1)


def test_without_renode_it_says_where_to_get_it(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=r"renode is not installed; get 1\.16\.1 .*releases"):
        RenodeEmulator(**files).start()


def test_without_renode_host_emulate_ends_with_1_and_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*HOST, "emulate", "--emulator", "renode"], env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("host: renode is not installed; get ")
    assert done.stderr.count("\n") == 1


def test_a_store_is_for_qemu(tmp_path: Path) -> None:
    done = subprocess.run(
        [*HOST, "emulate", "--emulator", "renode", "--store", str(tmp_path / "store")],
        capture_output=True, text=True, check=False, timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == "host: --store is for QEMU only; leave it out\n"
