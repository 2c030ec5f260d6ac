"""Takes out of the firmware's sources what a board with little room never runs, before they are compiled.

The firmware has its hot functions up to three times, and functions that only the tests or modules left out of a
set call. On a board that runs from files all of it is in RAM; `variants.keep_last` gives some back once a module
is loaded, but it was loaded, and it takes room in flash. Here it goes beforehand, by what the modules of the set
say of each other: a name that none of them reads is no use. That is safe for this firmware, which builds no names at
run time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping


def trimmed(sources: Mapping[str, str]) -> dict[str, str]:
    """The modules of a set (name of the file to source), which run on ARM only, without what none needs."""
    trees = {name: _ChooseVariants().visit(ast.parse(source, name)) for name, source in sources.items()}
    while _shake(trees):
        pass
    return {name: ast.unparse(ast.fix_missing_locations(tree)) + "\n" for name, tree in trees.items()}


class _ChooseVariants(ast.NodeTransformer):
    """Leaves of each list of implementations the last, which is what an ARM board runs."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST:  # noqa: N802  named by ast
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id.endswith("VARIANTS"):
            node.value = ast.Tuple([_last(node.value)], ast.Load())
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:  # noqa: N802
        """There is assembler, and nobody asks for another implementation: `if thumb and variant == -1`."""
        self.generic_visit(node)
        test = node.test.values[0] if isinstance(node.test, ast.BoolOp) else node.test
        return node.body if isinstance(test, ast.Name) and test.id.startswith("thumb") else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:  # noqa: N802
        return None if ast.unparse(node) == "variants.keep_last(globals())" else node


def _last(value: ast.expr) -> ast.expr:
    """The last of `(a, b)`, or of `(a, b) + ((c,) if there_is_arm else ())`."""
    if isinstance(value, ast.BinOp):
        return _last(value.right)
    if isinstance(value, ast.IfExp):
        return _last(value.body)
    assert isinstance(value, ast.Tuple), ast.unparse(value)
    return value.elts[-1]


def _shake(trees: Mapping[str, ast.Module]) -> bool:
    """Take out every definition that nothing reads; whether there was one."""
    read = {name for tree in trees.values() for name in _names_read(tree)}
    found = False
    for tree in trees.values():
        here = set(_names_in(tree))
        for holder in _holders(tree):
            kept = [node for node in holder.body if not _is_useless(node, read, here)]
            found = found or len(kept) < len(holder.body)
            holder.body = kept or [ast.Pass()]
    return found


def _holders(tree: ast.Module) -> list[ast.Module | ast.ClassDef | ast.FunctionDef]:
    """What has definitions: the module, its classes, and their constructors, which define attributes."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [node for each in classes for node in each.body if isinstance(node, ast.FunctionDef)]
    return [tree, *classes, *(method for method in methods if method.name == "__init__")]


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
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring, or one behind a constant
    if isinstance(node, ast.FunctionDef):
        return node.name not in read and not node.name.startswith("__")
    if isinstance(node, ast.Assign):
        return not any(_may_be_read(target, read) for target in node.targets) and _has_no_effect(node.value)
    if isinstance(node, ast.Import | ast.ImportFrom) and node.names[0].name != "*":
        node.names = [a for a in node.names if (a.asname or a.name).partition(".")[0] in here] or node.names
        return not any((a.asname or a.name).partition(".")[0] in here for a in node.names)
    return False


def _may_be_read(target: ast.expr, read: set[str]) -> bool:
    if isinstance(target, ast.Name):
        return target.id in read
    is_own = isinstance(target, ast.Attribute) and ast.unparse(target).startswith("self._")
    return not (is_own and isinstance(target, ast.Attribute) and target.attr not in read)


def _has_no_effect(value: ast.expr) -> bool:
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    return all(isinstance(call.func, ast.Name) and call.func.id == "const" for call in calls)
