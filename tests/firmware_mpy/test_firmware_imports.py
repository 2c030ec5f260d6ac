"""The firmware stands on its own: MicroPython's modules, patrol, update and bench, nothing of the host's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware_mpy.served import FIRMWARE

MICROPYTHON = {
    "array", "binascii", "deflate", "emulated_board", "errno", "gc", "hashlib", "io", "json", "machine",
    "micropython", "os", "pyb", "select", "struct", "sys", "time", "uctypes", "vfs",
}
# What needs the board: everything else can be imported, and tested, anywhere.
HARDWARE = {"machine", "pyb"}
MEASURED_ONLY = {"deflate", "json"}
"""What bench/ may use and the car has no use for."""
ON_HARDWARE = {
    *("cycles.py", "app.py", "motors.py", "encoders.py", "imu.py", "pilot.py", "rangers.py"),
    *("start.py", "trial.py"),
}

PACKAGES = ("patrol", "update", "bench")
FILES = [FIRMWARE / "main.py"]
FILES += sorted(path for package in PACKAGES for path in (FIRMWARE / package).rglob("*.py"))


PACKAGES_OF_MODULES = {"patrol", "patrol.control", "patrol.boards", "patrol.drivers"}


def dotted(path: Path) -> str:
    """A file's name as it is imported."""
    return ".".join(path.relative_to(FIRMWARE).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_module_imports_only_micropython_and_patrol(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(path)}
    if path.parent.name == "bench":
        assert roots <= MICROPYTHON | {"patrol", "bench"}
    else:
        assert roots <= MICROPYTHON - MEASURED_ONLY | {"patrol", "update"}
    if path.name not in ON_HARDWARE:
        assert not roots & HARDWARE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_patrol_module_that_is_imported_exists(path: Path) -> None:
    modules = {dotted(file) for file in FILES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "patrol":
            assert node.module in modules
            if node.module in PACKAGES_OF_MODULES:
                assert {f"{node.module}.{alias.name}" for alias in node.names} <= modules


def test_the_boot_code_needs_nothing_of_an_application_but_its_start() -> None:
    for path in (FIRMWARE / "update").glob("*.py"):
        needed = {name for name in imported(path) if name.startswith("patrol")}
        assert needed <= ({"patrol"} if path.name == "start.py" else set())
