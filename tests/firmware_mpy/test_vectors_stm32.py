"""The golden vectors on the emulated STM32F405: 32 bits, Thumb assembler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.emulate import Emulator, build_application
from protocol.vectors.make import TABLE
from tests.firmware_mpy.served import HERE


@pytest.mark.emulator
def test_every_golden_vector_holds_on_the_board(tmp_path: Path, vectors_run: dict[str, int]) -> None:
    files = {"main.py": HERE / "run_vectors.py", "vectors.jsonl": TABLE}
    application = build_application(tmp_path / "vectors.hex", extra_files=files)
    with Emulator(application, ready_when=b">>> ", boot_timeout_s=120) as board:
        said = board.boot_output
    lines = [line for line in said.splitlines() if line.startswith(("{", "FAILED"))]
    assert lines, said
    result = json.loads(lines[-1])
    vectors_run["MicroPython, emulated STM32F405"] = result["vectors"]
    assert result["failed"] == 0, said
    assert result["vectors"] == len(TABLE.read_text(encoding="utf-8").splitlines())
    assert result["variants"] == ["plain", "viper", "thumb"]
    assert result["platform"] == "emulated-stm32f405"
