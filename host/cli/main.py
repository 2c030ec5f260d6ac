"""The `host` command: its verbs, and how their failures reach the person at the keyboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from host.cli.bench import bench
from host.cli.demo import demo
from host.cli.emulate import emulate
from host.cli.errors import UserError
from host.cli.halt import halt
from host.cli.monitor import monitor
from host.cli.pair import pair
from host.cli.send import HELP as SEND_HELP
from host.cli.send import send
from host.cli.train import train
from host.emulate import EmulatorError
from host.link import LinkError

app = typer.Typer(
    name="host",
    help="Talk to a patrol car over a thin wire.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(bench, name="bench")
app.command("demo")(demo)
app.command("train")(train)
app.command("emulate")(emulate)
app.command("halt")(halt)
app.command("monitor")(monitor)
app.command("pair")(pair)
# Options of the car's commands, such as --speed, are left for orders.py to read.
app.command("send", help=SEND_HELP, context_settings={"ignore_unknown_options": True})(send)


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            print(f"host {version('patrol-car')}")
        except PackageNotFoundError:
            print("host (not installed; run `make setup`)")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Talk to a patrol car over a thin wire."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; failures of ours are one line on stderr."""
    try:
        app(list(arguments), prog_name="host")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except UserError as error:
        return _failed(error, 2)
    except (EmulatorError, LinkError) as error:
        return _failed(error, 1)
    except KeyboardInterrupt:
        return 130
    return 0


def _failed(error: Exception, code: int) -> int:
    print(f"host: {error}", file=sys.stderr)
    return code


def main() -> None:
    """Entry point of `host`, `patrol` and `python -m host`."""
    if sys.stdout is None or sys.stderr is None:  # started with one of them closed
        sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        sys.stderr = sys.stderr or sys.stdout
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has left. Nothing to say, and Python would complain of it at its own exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
