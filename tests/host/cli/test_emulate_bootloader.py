"""`host emulate --bootloader`: a chip to flash without having one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from host.cli.main import run
from tests.host.flash.test_flash import program


@contextmanager
def bootloader(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """It, running, and the line that it printed."""
    command = [sys.executable, "-m", "host", "emulate", "--bootloader", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.terminate()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "program.bin"
    path.write_bytes(program(3_001))
    return path


def flash(image: Path, port: str) -> int:
    return run(["flash", str(image), "--address", "0x08000000", "--port", port, "--json"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_image_is_flashed_to_it_and_a_signal_ends_it_in_order(
    image: Path, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with bootloader("--chip", "f411", "--json") as (process, line):
        assert flash(image, json.loads(line)["port"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["chip"], told["flash_bytes"]) == ("STM32F411", 512 << 10)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")
    done = json.loads(out)
    assert (done["written_bytes"], done["sectors_erased"], done["refused"]) == (3_004, [0], 0)
    assert done["started"]


def test_it_refuses_as_often_as_it_is_told_to(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bootloader("--nack-rate", "0.1", "--flip-rate", "0.001", "--seed", "3", "--json") as (process, line):
        assert flash(image, json.loads(line)["port"]) == 0
        assert json.loads(capsys.readouterr().out)["retries"] > 0
        process.send_signal(signal.SIGINT)
        assert json.loads(process.communicate(timeout=20)[0])["refused"] > 0


@pytest.mark.skipif(which("stm32flash") is None, reason="stm32flash is not installed (make setup does it)")
def test_what_it_says_to_run_with_stm32flash_works(image: Path) -> None:
    with bootloader() as (process, line):
        assert "The ROM bootloader of an STM32F405/407 is on /dev/" in line
        said = next(words for words in line.split("`") if words.startswith("stm32flash"))
        done = subprocess.run(said.replace("FILE", str(image)).split(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        process.send_signal(signal.SIGINT)
        assert "3,004 bytes written" in process.communicate(timeout=20)[0]


@pytest.mark.parametrize(("options", "text"), [
    ("--bootloader --world maps/yard.toml", "--world is for the car"),
    ("--bootloader --store car.store", "--store is for the car"),
    ("--bootloader --bare", "--bare is for the car"),
    ("--bootloader --link-port 0", "--link-port is for the car"),
    ("--bootloader --chip f4", "--chip f4: more than one; name one of STM32F405/407"),
    ("--bootloader --chip f103", "--chip f103: not known"),
    ("--chip f411", "--chip is for the bootloader; give --bootloader, too"),
    ("--flip-rate 0.1", "--flip-rate is for the bootloader"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused_in_a_line(
    options: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["emulate", *options.split()]) == 2
    told = capsys.readouterr()
    assert text in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
