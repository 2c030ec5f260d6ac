"""The firmware stands on its own: MicroPython's modules, patrol and update, nothing of the host's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware_mpy.served import FIRMWARE

MICROPYTHON = {
    "array", "binascii", "emulated_board", "errno", "gc", "hashlib", "io", "machine", "micropython", "os",
    "pyb", "select", "struct", "sys", "time", "uctypes", "vfs",
}
# What needs the board: everything else can be imported, and tested, anywhere.
HARDWARE = {"machine", "pyb"}
ON_HARDWARE = {"cycles.py", "app.py", "motors.py", "start.py", "trial.py"}

PACKAGES = ("patrol", "update")
FILES = [FIRMWARE / "main.py"]
FILES += sorted(path for package in PACKAGES for path in (FIRMWARE / package).glob("*.py"))


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
    assert roots <= MICROPYTHON | {"patrol", "update"}
    if path.name not in ON_HARDWARE:
        assert not roots & HARDWARE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_patrol_module_that_is_imported_exists(path: Path) -> None:
    modules = {file.stem for file in FILES if file.parent.name == "patrol"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "patrol":
            assert {alias.name for alias in node.names} <= modules
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("patrol."):
            assert (node.module or "").removeprefix("patrol.") in modules


def test_the_boot_code_needs_nothing_of_an_application_but_its_start() -> None:
    for path in (FIRMWARE / "update").glob("*.py"):
        needed = {name for name in imported(path) if name.startswith("patrol")}
        assert needed <= ({"patrol"} if path.name == "start.py" else set())
