"""The golden vectors on MicroPython's unix port: 64 bits, no assembler."""

from __future__ import annotations

import json
import os
import subprocess

from host.emulate.unix import micropython
from protocol.vectors.make import TABLE
from tests.firmware_mpy.served import FIRMWARE, HERE


def test_every_golden_vector_holds_on_the_unix_port(vectors_run: dict[str, int]) -> None:
    done = subprocess.run(
        [micropython(), str(HERE / "run_vectors.py"), str(TABLE)],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    vectors_run["MicroPython, unix port"] = result["vectors"]
    assert result["failed"] == 0, done.stdout
    assert result["vectors"] == len(TABLE.read_text(encoding="utf-8").splitlines())
    assert result["variants"] == ["plain", "viper"]
    assert result["checks"] > 4 * result["vectors"]
