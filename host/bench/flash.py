"""`host flash` beside stm32flash, on the simulated ROM bootloader at the pace of a real line.

What is measured is writing alone, by the simulated board itself: from the answer to one block to the answer
to the next one, where nothing was erased or read between. The limit is what the line carries: a byte in
eleven bits.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from host.emulate import EmulatorError
from host.flash import Image
from host.flash.an3155 import BITS_PER_BYTE, UartBootloader
from host.flash.image import FLASH_START, Piece
from host.flash.program import Programmer
from host.flash.pty_board import PtyBoard
from host.flash.rom_simulator import RomBootloader
from host.flash.uart import open_uart

Told = Callable[[str, int, int], None]
PEER = "stm32flash"
NOTES = {
    "bytes_per_second": "of the image while it is written: from each block's answer to the next one's, as "
    "the board sees it, where nothing else came between",
    "of_limit": "bytes_per_second over baud / 11, the bytes that a line of 8E1 carries; the protocol's own "
    "bytes (12 a block of 256) and answers are in the time",
    "board": "the simulated ROM bootloader on a pseudo-terminal, each byte at the line's pace in real time, "
    "each word programmed in 16 us; by what the machine's timer wakes it too late, its next wait is shorter",
    "not_counted": "erasing, and reading back, which goes by at the same pace after each sector",
    "run_seconds": "of the client's whole run; ours has found out what differs and has read all of it back, "
    "stm32flash was not asked to",
}


@dataclass(frozen=True)
class Rate:
    """One client's write phase."""

    client: str
    bytes_per_second: float
    of_limit: float
    blocks: int
    run_seconds: float
    whole: bool
    """The board holds the image afterwards."""


def measure(kib: int, baud: int, told: Told) -> dict[str, Any]:
    """Both clients with an image of so many KiB. Raises EmulatorError when stm32flash is not there."""
    if shutil.which(PEER) is None:
        raise EmulatorError(f"{PEER} is not installed; run `make setup`, or apt-get install {PEER}")
    content = struct.pack("<II", 0x2001_0000, FLASH_START + 0x201) + Random(1).randbytes((kib << 10) - 8)
    rates = []
    for done, (name, write) in enumerate({"ours": _ours, PEER: _peer}.items()):
        told(name, done, 2)
        rom = RomBootloader()
        with PtyBoard(rom, baud) as board:
            began_s = time.monotonic()
            write(board.port, content, baud)
            run_s = time.monotonic() - began_s
        rates.append(_rate(name, board, content, baud, run_s))
    told("done", 2, 2)
    ours, peer = rates
    return {
        "baud": baud, "image_bytes": len(content), "limit_bytes_per_second": round(baud / BITS_PER_BYTE, 1),
        "clients": [asdict(rate) for rate in rates],
        "ratio": round(ours.bytes_per_second / peer.bytes_per_second, 3), "notes": NOTES,
    }


def _rate(name: str, board: PtyBoard, content: bytes, baud: int, run_s: float) -> Rate:
    pairs = [(a, b) for a, b in pairwise(board.blocks) if a.other_commands == b.other_commands]
    written = sum(b.written_bytes - a.written_bytes for a, b in pairs)
    rate = written / sum(b.at_s - a.at_s for a, b in pairs)
    whole = bytes(board.rom.flash[: len(content)]) == content
    return Rate(
        name, round(rate, 1), round(rate * BITS_PER_BYTE / baud, 4), board.rom.counts.writes,
        round(run_s, 2), whole,
    )


def _ours(port: str, content: bytes, baud: int) -> None:
    with open_uart(port, baud) as wire:
        programmer = Programmer(UartBootloader(wire, baud), Image((Piece(FLASH_START, content),)))
        programmer.prepare()
        programmer.run()


def _peer(port: str, content: bytes, baud: int) -> None:
    with tempfile.TemporaryDirectory(prefix="patrol-") as folder:
        path = Path(folder) / "image.bin"
        path.write_bytes(content)
        # A pseudo-terminal has no parity to set.
        command = [PEER, "-m", "8n1", "-b", str(baud), "-w", str(path), port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EmulatorError(f"{PEER} failed: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
