"""The car's control behind one interface: on MicroPython, or in this Python with every sum checked."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from host.emulate.unix import run_on_unix
from protocol.contract import Contract
from tests.firmware_mpy.served import FIRMWARE, HERE

PROGRAM = HERE / "served_control.py"
LIMIT = 1 << 30
"""What fits a small integer of 32-bit MicroPython is from -LIMIT to LIMIT - 1."""


class Answer(NamedTuple):
    """What the control says after a step."""

    left: int
    right: int
    mode: int
    faults: int
    first: int
    x: int
    y: int
    heading: int
    speed_left: int
    speed_right: int
    at: int
    phase: int
    line: int
    heap: int


class Brain(Protocol):
    def ask(self, do: str, *arguments: Any) -> Any: ...


class PipedBrain:
    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer

    def ask(self, do: str, *arguments: Any) -> Any:
        self._writer.write(json.dumps((do, *arguments)).encode() + b"\n")
        self._writer.flush()
        line = self._reader.readline()
        assert (line or b"?")[0] in b"[ntf0123456789", (line + self._reader.read()).decode()
        return json.loads(line)


@contextmanager
def piped_brain(contract: Contract, scratch: Path) -> Iterator[PipedBrain]:
    with run_on_unix(PROGRAM, contract, scratch) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield PipedBrain(process.stdout, process.stdin)


def limited(value: Any) -> Any:
    """A result of arithmetic, unless the board would have no small integer for it."""
    assert not isinstance(value, float), value
    if isinstance(value, int):
        assert -LIMIT <= value < LIMIT, value
    return value


class _Checks(ast.NodeTransformer):
    """Puts `limited` around whatever is worked out."""

    def _checked(self, node: ast.expr) -> ast.expr:
        return ast.Call(ast.Name("limited", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return self._checked(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return self._checked(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        value = ast.parse(ast.unparse(node.target), mode="eval").body
        return ast.Assign([node.target], self._checked(ast.BinOp(value, node.op, node.value)))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the control's modules, and loads them with checks."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] != "patrol":
            return None
        file = FIRMWARE / name.replace(".", "/")
        is_package = file.is_dir()
        file = file / "__init__.py" if is_package else file.with_suffix(".py")
        return importlib.util.spec_from_file_location(
            name, file, loader=self, submodule_search_locations=[str(file.parent)] if is_package else None
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None
        assert module.__spec__.origin is not None
        run_checked(Path(module.__spec__.origin), module)


def run_checked(file: Path, module: types.ModuleType) -> None:
    tree = ast.fix_missing_locations(_Checks().visit(ast.parse(file.read_text(encoding="utf-8"))))
    module.__dict__["limited"] = limited
    module.__dict__["ptr32"] = object  # viper's, in annotations
    exec(compile(tree, str(file), "exec"), module.__dict__)


class CheckedBrain:
    """The same program in this Python."""

    def __init__(self, program: types.ModuleType) -> None:
        self._served = program.Served()

    def ask(self, do: str, *arguments: Any) -> Any:
        return getattr(self._served, do)(*arguments)


def checked_brain() -> CheckedBrain:
    """The modules are this brain's own; nothing of them stays importable."""
    finder = _Finder()
    micropython = types.ModuleType("micropython")
    micropython.const = lambda value: value  # type: ignore[attr-defined]
    micropython.viper = lambda function: function  # type: ignore[attr-defined]
    sys.modules["micropython"] = micropython
    sys.meta_path.insert(0, finder)
    program = types.ModuleType("served_control")
    try:
        source = PROGRAM.read_text(encoding="utf-8").replace("\nserve()\n", "\n")
        exec(compile(source, str(PROGRAM), "exec"), program.__dict__)
        program.gc = types.SimpleNamespace(mem_alloc=lambda: 0)  # type: ignore[attr-defined]
        return CheckedBrain(program)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in ("patrol", "micropython")]:
            del sys.modules[name]


def answered(values: Sequence[int]) -> Answer:
    return Answer(*values)
