"""Writes docs/reference.md: every verb with its arguments and options, from the program itself.

    python docs/reference.py            write it
    python docs/reference.py --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from host.cli.main import VERBS, app_of

PAGE = Path(__file__).with_name("reference.md")
_HEAD = """# Every verb

Made from the program by `make docs`; `host VERB --help` says the same. Exit codes: 0 done, 1 it did not work,
2 something was asked for that cannot be, 130 Ctrl-C. `--json` prints one JSON object a line.
"""


def page() -> str:
    """The whole page."""
    program: Any = typer.main.get_command(app_of(list(VERBS)))
    verbs: dict[str, Any] = program.commands
    return "\n".join([_HEAD, *(part for name in VERBS for part in _verb(f"host {name}", verbs[name]))])


def _verb(name: str, command: Any) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{_prose(command.help)}\n"
    for sub_name, sub in getattr(command, "commands", {}).items():
        yield f"### {name} {sub_name}\n"
        yield f"{_prose(sub.help)}\n"
        yield from _parameters(sub)
    if not getattr(command, "commands", None):
        yield from _parameters(command)


def _parameters(command: Any) -> Iterator[str]:
    rows = [_row(each) for each in command.params if each.name != "help"]
    if rows:
        yield "\n".join(["| | | default |", "| --- | --- | --- |", *rows]) + "\n"


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
    else:
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        is_flag = parameter.is_flag or getattr(parameter, "is_bool_flag", False)
        name = names if is_flag else f"{names} {parameter.metavar or 'VALUE'}"
    return f"| `{name}` | {_plain(getattr(parameter, 'help', '') or '')} | {_default(parameter)} |"


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "needed"
    return "" if value is None or value is False or callable(value) else f"`{getattr(value, 'value', value)}`"


def _prose(text: str) -> str:
    """Paragraphs, and lists as they are: Click's sign for a paragraph that is not to be wrapped is \\b."""
    parts = [part.strip("\n") for part in text.split("\n\n")]
    return "\n\n".join(
        "```text\n" + part.removeprefix("\b").strip("\n") + "\n```" if part.startswith("\b") else _plain(part)
        for part in parts
    )


def _plain(text: str) -> str:
    """On one line, and no cell is ended by it."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """The command line of this module."""
    text = page()
    if "--check" in sys.argv[1:]:
        stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text
        if stale:
            print("docs/reference.md is stale; run `make docs`", file=sys.stderr)
        return int(stale)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
