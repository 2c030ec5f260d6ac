"""The application for boards that run MicroPython's own stm32 builds: files to copy, and their file system.

    python -m host.emulate.official NUCLEO_F411RE     into build/official/

What is copied to the board is the folder's content. The image beside it is the board's whole file system with
the same files in it, for who writes the flash anyway, and for emulators.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from host.emulate.application import ROOT, SOURCES, build_files, checked
from host.emulate.errors import ApplicationError, EmulatorError
from host.emulate.sets import OFFICIAL_BOARDS, OfficialBoard
from host.emulate.unix import micropython
from protocol.contract import Contract, load_contract

OUT = ROOT / "build" / "official"
_BLOCK_BYTES = 512


class Built(NamedTuple):
    """What was made for a board. `used_bytes` is what the files take of its `board.file_bytes`."""

    folder: Path
    image: Path
    used_bytes: int
    board: OfficialBoard

    @property
    def contract(self) -> Contract:
        """What the car speaks with it."""
        return load_contract(self.board.contract_file)


def official_files(name: str) -> dict[str, bytes]:
    """What goes onto a board, by the name of its folder in MicroPython's stm32 port. Raises EmulatorError."""
    board = OFFICIAL_BOARDS.get(name)
    if board is None:
        raise ApplicationError(f"{name}: no such board here; choose {' or '.join(OFFICIAL_BOARDS)}")
    return build_files(load_contract(board.contract_file), chosen=board.files, pins=board.pins)


def build_official(name: str, out: Path = OUT) -> Path:
    """The folder of a board's files. Raises EmulatorError."""
    return build(name, out).folder


def build(name: str, out: Path = OUT) -> Built:
    """Write the folder OUT/NAME and the image OUT/NAME.fat.bin, in place of what was there."""
    files = official_files(name)
    board = OFFICIAL_BOARDS[name]
    used = blocks_of(files) * _BLOCK_BYTES
    if used > board.file_bytes:
        raise ApplicationError(f"{name} has {board.file_bytes} bytes for files, and {used} are needed")
    folder, image = out / name, out / f"{name}.fat.bin"
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    _write_image(image, board.flash_bytes, folder, sorted(files))
    return Built(folder, image, used, board)


def blocks_of(files: dict[str, bytes]) -> int:
    """Blocks that a FAT takes for files and their folders, whose entries have long names."""
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents if str(parent) != "."}
    in_files = sum(-(-len(content) // _BLOCK_BYTES) for content in files.values())
    entries = dict.fromkeys(folders, 2)  # itself, and the one it is in
    for name in files:
        parent = str(PurePosixPath(name).parent)
        if parent in entries:
            entries[parent] += 1 + -(-len(PurePosixPath(name).name) // 13)
    return in_files + sum(-(-32 * count // _BLOCK_BYTES) for count in entries.values())


def _write_image(image: Path, size: int, folder: Path, names: list[str]) -> None:
    command = [micropython(), str(SOURCES / "unix" / "fat_image.py"), str(image), str(size), str(folder)]
    program = subprocess.Popen([*command, *names], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    checked(program, f"{image} cannot be made")


def main(names: list[str]) -> int:
    """The command line of this module."""
    try:
        for name in names or list(OFFICIAL_BOARDS):
            built = build(name)
            files = sum(path.is_file() for path in built.folder.rglob("*"))
            print(
                f"{built.folder}: {files} files, {built.used_bytes} of {built.board.file_bytes} bytes in "
                f"blocks of {_BLOCK_BYTES}; {built.image.name} has them as a file system"
            )
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
