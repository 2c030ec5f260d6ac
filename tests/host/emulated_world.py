"""A program that runs `host emulate --world`, for tests that talk to its car."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HALL = """
size_mm = [6000, 2000]
[start]
x_mm = 500
y_mm = 1000
[[walls]]
points_mm = [[20, 20], [5980, 20], [5980, 1980], [20, 1980]]
closed = true
"""
_END_S = 20


@dataclass
class Emulation:
    """The program, and where it serves what."""

    process: subprocess.Popen[str]
    link_url: str
    repl_url: str
    picture: Path


@contextmanager
def emulated_hall(folder: Path, *arguments: str) -> Iterator[Emulation]:
    """A car in an empty hall; its track is drawn into `picture` when it ends."""
    (folder / "hall.toml").write_text(HALL)
    picture = folder / "pictures" / "hall.png"
    command = [sys.executable, "-m", "host", "emulate", "--world", str(folder / "hall.toml"), "--json"]
    process = subprocess.Popen(
        [*command, "--picture", str(picture), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    try:
        yield Emulation(process, told["link"], told["repl"], picture)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(_END_S) == 0
