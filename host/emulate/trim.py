"""Takes out of the firmware's sources what a board with little room never runs, before they are compiled.

The firmware has its hot functions up to three times, and functions that only tests call, or modules that a
set leaves out. On a board that runs from files all of it is in RAM; `variants.keep_last` gives some back once
a module is loaded, but loaded it was, and it takes room in flash. Here it goes beforehand, by what a set's
modules say of each other: what none of them reads is of no use. That is safe for this firmware, which makes
up no names at run time.

What stays is left as it was written, to the letter: MicroPython compiles `a, b = c, d` without a tuple, and
`a, b = (c, d)`, which is the same to Python's own `ast.unparse`, with one, on the heap.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

_KEEP_LAST = "variants.keep_last(globals())"
_TYPED = {"unpair"}
"""What only a user calls, at the board's console."""


class _Edit(NamedTuple):
    """Lines `first` to `last`, counted from 1, become `text`, which may be nothing."""

    first: int
    last: int
    text: str = ""


def trimmed(sources: Mapping[str, str]) -> dict[str, str]:
    """The modules of a set (name of the file to source), for ARM only, without what none of them needs."""
    texts = {name: _edited(source, _choices(ast.parse(source, name))) for name, source in sources.items()}
    while True:
        trees = {name: ast.parse(text, name) for name, text in texts.items()}
        read = _TYPED | {name for tree in trees.values() for name in _names_read(tree)}
        edits = {name: list(_removals(tree, read)) for name, tree in trees.items()}
        if not any(edits.values()):
            return texts
        texts = {name: _edited(text, edits[name]) for name, text in texts.items()}


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, reverse=True):
        lines[edit.first - 1 : edit.last] = [edit.text] if edit.text else []
    return "".join(lines)


def _choices(tree: ast.Module) -> Iterator[_Edit]:
    """Of each list of implementations the last; of each question whether there is assembler the answer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("VARIANTS"):
            name, last = ast.unparse(node.targets[0]), ast.unparse(_last(node.value))
            yield _whole(node, f"{name} = ({last},)\n")
        elif isinstance(node, ast.Expr) and ast.unparse(node) == _KEEP_LAST:
            yield _whole(node)
        elif isinstance(node, ast.If) and _asks_for_assembler(node.test):
            yield _Edit(node.lineno, node.body[0].lineno - 1, " " * node.col_offset + "if True:\n")
            if node.orelse:
                yield _Edit((node.body[-1].end_lineno or 0) + 1, node.end_lineno or 0)


def _last(value: ast.expr) -> ast.expr:
    """The last of `(a, b)`, or of `(a, b) + ((c,) if there_is_assembler else ())`."""
    if isinstance(value, ast.BinOp):
        return _last(value.right)
    if isinstance(value, ast.IfExp):
        return _last(value.body)
    assert isinstance(value, ast.Tuple), ast.unparse(value)
    return value.elts[-1]


def _asks_for_assembler(test: ast.expr) -> bool:
    """Whether it is `thumb_row and variant == -1` or so: nobody asks for another implementation on a car."""
    first = test.values[0] if isinstance(test, ast.BoolOp) else test
    return isinstance(first, ast.Name) and first.id.startswith("thumb")


def _removals(tree: ast.Module, read: set[str]) -> Iterator[_Edit]:
    """Every definition of a module that nothing reads."""
    here = set(_names_in(tree))
    for holder in _holders(tree):
        useless = [node for node in holder.body if _is_useless(node, read, here)]
        is_emptied = len(useless) == len(holder.body) and not isinstance(holder, ast.Module)
        if is_emptied and all(isinstance(node, ast.Pass) for node in useless):
            continue
        for number, node in enumerate(useless):
            stays = is_emptied and not number
            yield _whole(node, " " * node.col_offset + "pass\n" if stays else "")
        if isinstance(holder, ast.Module):
            yield from _shorter_imports(holder, here)


def _holders(tree: ast.Module) -> list[ast.Module | ast.ClassDef | ast.FunctionDef]:
    """What has definitions: the module, its classes, and their constructors, which define attributes."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [node for each in classes for node in each.body if isinstance(node, ast.FunctionDef)]
    return [tree, *classes, *(method for method in methods if method.name == "__init__")]


def _shorter_imports(tree: ast.Module, here: set[str]) -> Iterator[_Edit]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            used = [alias for alias in node.names if _is_used(alias, here)]
            if 0 < len(used) < len(node.names):
                yield _whole(node, ast.unparse(ast.ImportFrom(node.module, used, 0)) + "\n")


def _whole(node: ast.stmt, text: str = "") -> _Edit:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return _Edit(first, node.end_lineno or first, text)


def _names_read(tree: ast.AST) -> Iterator[str]:
    """Every name that a module reads, as its own, as another's, or by importing it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
    yield from _names_in(tree)


def _names_in(tree: ast.AST) -> Iterator[str]:
    yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _is_useless(node: ast.stmt, read: set[str], here: set[str]) -> bool:
    """Whether a statement only defines what nobody reads."""
    if isinstance(node, ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring, or one behind a constant
    if isinstance(node, ast.FunctionDef):
        return node.name not in read and not node.name.startswith("__")
    if isinstance(node, ast.Assign):
        return not any(_may_be_read(target, read) for target in node.targets) and _has_no_effect(node.value)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return not any(_is_used(alias, here) for alias in node.names)
    return False


def _is_used(alias: ast.alias, here: set[str]) -> bool:
    return alias.name == "*" or (alias.asname or alias.name).partition(".")[0] in here


def _may_be_read(target: ast.expr, read: set[str]) -> bool:
    if isinstance(target, ast.Name):
        return target.id in read
    is_private = isinstance(target, ast.Attribute) and ast.unparse(target).startswith("self._")
    return not (is_private and isinstance(target, ast.Attribute) and target.attr not in read)


def _has_no_effect(value: ast.expr) -> bool:
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    return all(isinstance(call.func, ast.Name) and call.func.id == "const" for call in calls)
