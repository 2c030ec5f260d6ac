"""The `host` command: its verbs, and how their failures reach the person at the keyboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from host.cli.errors import UserError

NAME, ALIAS = "host", "patrol"

VERBS = {
    "devices": "devices:devices",
    "demo": "demo:demo",
    "emulate": "emulate:emulate",
    "flash": "flash:flash",
    "send": "send:send",
    "faults": "faults:faults",
    "halt": "halt:halt",
    "patrol": "patrol:patrol",
    "monitor": "monitor:monitor",
    "web": "web:web",
    "record": "record:record",
    "replay": "replay:replay",
    "export": "export:export",
    "plot": "plot:plot",
    "pair": "pair:pair",
    "put": "transfer:put",
    "get": "transfer:get",
    "files": "transfer:files",
    "remove": "transfer:remove",
    "deploy": "deploy:deploy",
    "update": "update:update",
    "train": "train:train",
    "compress": "compress:compress",
    "decompress": "decompress:decompress",
    "verify": "decompress:verify",
    "list": "list:list_files",
    "bench": "bench:bench",
}
"""Each verb's module in host.cli and its name there, in the order of --help. One that was not asked for is
not loaded: all of them together take longer to load than most take to run."""


def _add(app: typer.Typer, verb: str) -> None:
    module_name, name = VERBS[verb].split(":")
    module = import_module(f"host.cli.{module_name}")
    found = getattr(module, name)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=verb)
    else:
        app.command(verb, **getattr(module, "SETTINGS", {}))(found)


def _wanted(arguments: Sequence[str]) -> Sequence[str]:
    """The verb that was asked for, or all of them, to be listed."""
    first = next((argument for argument in arguments if not argument.startswith("-")), None)
    return [first] if first in VERBS else list(VERBS)


def app_of(verbs: Sequence[str]) -> typer.Typer:
    """The command line with these verbs. Shells complete it once `host --install-completion` has run."""
    app = typer.Typer(
        name="host",
        help="Talk to a patrol car over a thin wire.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for verb in verbs:
        _add(app, verb)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"host {version('patrol-car')}")
        except PackageNotFoundError:
            print("host (not installed; run `make setup`)")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Talk to a patrol car over a thin wire."""


def run(arguments: Sequence[str], name: str = NAME) -> int:
    """Run the command line and return its exit code; failures of ours are one line on stderr.

    `name` is what it was called by: a shell completes each of them by itself.
    """
    try:
        app_of(_wanted(arguments))(list(arguments), prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except UserError as error:
        return _failed(error, 2)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # Here, for importing their modules takes longer than most verbs.
        from host.emulate import EmulatorError
        from host.link import LinkError

        if isinstance(error, (EmulatorError, LinkError)):
            return _failed(error, 1)
        raise
    return 0


def _failed(error: Exception, code: int) -> int:
    print(f"host: {error}", file=sys.stderr)
    return code


def main() -> None:
    """Entry point of `host`, `patrol` and `python -m host`."""
    if sys.stdout is None or sys.stderr is None:  # started with one of them closed
        sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        sys.stderr = sys.stderr or sys.stdout
    called = Path(sys.argv[0]).stem
    code = run(sys.argv[1:], called if called == ALIAS else NAME)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has left. Nothing to say, and Python would complain of it at its own exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
