"""Encoders on builds with `machine.Encoder`, with `pyb.Timer` and with neither, by stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from host.emulate.unix import micropython
from tests.firmware_mpy.served import FIRMWARE, HERE

A_AND_B = ["cpu.B6", "cpu.B7"]
ENC_AB, BOTH_EDGES = 11, 3


@pytest.mark.parametrize(
    ("build", "made"),
    [
        ("machine", [[4, *A_AND_B]]),
        ("machine_x1", [[4, *A_AND_B, 4]]),
        ("timer", [[4, 0, 0xFFFF], [1, ENC_AB, "cpu.B6"], [2, ENC_AB, "cpu.B7"]]),
        ("interrupts", [[name, BOTH_EDGES, True] for name in A_AND_B]),
    ],
)
def test_an_encoder_counts_every_edge_without_allocating(build: str, made: list[Any]) -> None:
    done = subprocess.run(
        [micropython(), str(HERE / "encoders_on_builds.py"), build],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout + done.stderr
    assert json.loads(done.stdout) == {
        "made": made,
        "told": [0, 1, 3, -4, 39_996, -4, -1],
        **({"missed": 0} if build == "interrupts" else {"wraps": True}),
    }
