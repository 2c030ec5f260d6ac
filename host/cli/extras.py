"""Extras: what verbs need that is not installed with the program."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.util import find_spec

import typer

TRAIN_MODULES = ("jax", "optax", "matplotlib")


def require_extra(extra: str, modules: Iterable[str], what: str) -> None:
    """End with 1 and a line saying what to install, unless all modules are there."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        needed = ", ".join(missing)
        print(f"host: {what} needs {needed}; run: pip install 'patrol-car[{extra}]'", file=sys.stderr)
        raise typer.Exit(1)
