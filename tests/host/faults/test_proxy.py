"""`host faults` between the real host and the car on the emulated board."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from host.cli.main import run
from host.emulate import Emulator
from host.link import connect
from protocol.contract import Contract


@pytest.mark.emulator
def test_commands_get_through_a_proxy_with_bit_errors(emulated_car: Emulator, contract: Contract) -> None:
    words = ["faults", "--listen", "socket://127.0.0.1:0", "--connect", emulated_car.link_url, "--json"]
    faults = ["--bit-errors", "3e-4", "--drop", "1e-3", "--baud", "115200", "--seed", "7"]
    command = [sys.executable, "-m", "host", *words, *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        try:
            url = json.loads(proxy.stdout.readline())["listen"]
            with connect(url, contract, timeout_s=20) as link:
                tokens = [link.send("ping", {"token": token}).values["token"] for token in range(100)]
        except BaseException:
            proxy.kill()  # or leaving this waits for it
            raise
        proxy.send_signal(signal.SIGINT)
        told = json.loads(proxy.stdout.read())
    assert tokens == list(range(100))
    assert proxy.returncode == 0
    assert told["connections"] == 1
    assert told["down"]["bytes_in"] > 1000
    assert told["down"]["flipped_bits"] + told["up"]["flipped_bits"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--listen", "tcp://nowhere"], "give socket://HOST:PORT"),
        (["--listen", "socket://127.0.0.1:0", "--drop", "2"], "--drop 2: give a probability"),
    ],
)
def test_what_cannot_be_is_a_line_and_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["faults", "--connect", "socket://127.0.0.1:9", *words]) == 2
    assert said in capsys.readouterr().err
