"""What a shell may offer for the next word. Loaded only when it asks, or with the verb itself."""

from __future__ import annotations

import typer


def commands(incomplete: str) -> list[tuple[str, str]]:
    """The car's commands that begin so, and what they do."""
    from host.cli.orders import TYPED

    return [(name, command.help) for name, command in TYPED.items() if name.startswith(incomplete)]


def arguments(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The next argument of the command that was typed: a name out of its choices, or `--NAME`."""
    from host.cli.orders import TYPED
    from protocol.parameters import PARAMETERS

    command = TYPED.get(ctx.params.get("command") or "")
    if command is None:
        return []
    found: list[tuple[str, str]] = []
    if incomplete.startswith("-"):
        found = [(f"--{argument.name}", argument.help) for argument in command.arguments]
    elif not ctx.params.get("args"):
        if command.name in ("get", "set"):
            found = [(parameter.name, parameter.help) for parameter in PARAMETERS]
        elif command.arguments:
            found = [(choice, "") for choice in command.arguments[0].choices]
    return [(name, text) for name, text in found if name.startswith(incomplete)]


def sets(incomplete: str) -> list[tuple[str, str]]:
    """Sets of the application's files."""
    from host.deploy.sets import SETS

    return [(name, each.what) for name, each in SETS.items() if name.startswith(incomplete)]
