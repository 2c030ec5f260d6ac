"""The program that measures on the board: firmware, firmware_mpy/bench/, native copies of plain functions.

Native code is the same source with a decorator, so nobody writes it twice: it is made here.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from intelhex import IntelHex

from host.bench.board.inputs import write_inputs
from host.emulate import ImageMissingError, build_application
from host.emulate.application import SOURCES

BENCH = SOURCES / "bench"
_MAIN = "serve.py"
_REQUEST = "bench/request.json"
_REQUEST_BYTES = 256
_NO_REQUEST = b"{" + b"#" * (_REQUEST_BYTES - 2) + b"}"
"""Found again in the built program, where each request takes its place: to build one takes a second."""
_NO_FILES: Mapping[str, Path] = {}


def _of_plain_name(name: str) -> bool:
    return name.endswith("_plain")


def _of_any_name(name: str) -> bool:
    return not name.startswith(("built_in", "by_sorted")) and not name.endswith("_viper")


NATIVE: Mapping[str, Callable[[str], bool]] = {
    "patrol/decode.py": _of_plain_name,
    "patrol/blocks.py": _of_plain_name,
    "patrol/checksum.py": _of_plain_name,
    "bench/plain_sorts.py": _of_any_name,
    "bench/medians.py": _of_any_name,
}
"""Modules that become bench/native_NAME.py, and which of their functions go there."""


def build_program(scratch: Path, extra_files: Mapping[str, Path] = _NO_FILES) -> Path:
    """The program as the emulated board loads it. `extra_files` add or replace. Raises EmulatorError."""
    return build_application(scratch / "bench.hex", extra_files={**program_files(scratch), **extra_files})


def with_request(program: Path, request: Mapping[str, str], out: Path) -> Path:
    """Write the program to `out` with something to do."""
    packed = json.dumps(request).encode().ljust(_REQUEST_BYTES)
    image = IntelHex(str(program))
    rom = image.tobinstr()
    if len(packed) != _REQUEST_BYTES or rom.count(_NO_REQUEST) != 1:
        raise ValueError(f"no room in the program for {request}")
    image.puts(image.minaddr() + rom.index(_NO_REQUEST), packed)
    image.write_hex_file(str(out))
    return out


def program_files(scratch: Path) -> dict[str, Path]:
    """All that comes on top of the car's application, by name on the board."""
    if not (BENCH / _MAIN).is_file():
        raise ImageMissingError(f"{BENCH / _MAIN}: not there; run this in a checkout of the repository")
    files = {f"bench/{path.name}": path for path in sorted(BENCH.glob("*.py")) if path.name != _MAIN}
    request = scratch / "request.json"
    request.write_bytes(_NO_REQUEST)
    files |= {_REQUEST: request, "main.py": BENCH / _MAIN}
    return {**files, **write_native(scratch), **write_inputs(scratch)}


def write_native(folder: Path) -> dict[str, Path]:
    """Write the native modules into a folder; answers the files by name on the board."""
    files = {}
    for name, wanted in NATIVE.items():
        path = folder / f"native_{Path(name).name}"
        path.write_text(native_source((SOURCES / name).read_text(encoding="utf-8"), wanted), encoding="utf-8")
        files[f"bench/{path.name}"] = path
    return files


def native_source(source: str, wanted: Callable[[str], bool]) -> str:
    """A module's wanted functions that have no decorator, as native code, and the constants they use."""
    body = ast.parse(source).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and wanted(node.name)]
    functions = [node for node in functions if not node.decorator_list]
    used = _names_in(functions)
    kept: list[ast.stmt] = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    for assignment in reversed([node for node in body if isinstance(node, ast.Assign)]):
        if _names_in(assignment.targets) & used:
            used |= _names_in([assignment.value])
            kept.append(assignment)
    decorator = ast.parse("micropython.native", mode="eval").body
    for function in functions:
        function.decorator_list = [decorator]
    imports = [node for node in kept if not isinstance(node, ast.Assign)]
    constants = [node for node in reversed(kept) if isinstance(node, ast.Assign)]
    module = ast.Module([*ast.parse("import micropython").body, *imports, *constants, *functions], [])
    return ast.unparse(module) + "\n"


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}
