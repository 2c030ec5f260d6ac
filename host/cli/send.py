"""`host send`: one command to the car, or a mission of them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from host.cli import completion
from host.cli.errors import UserError
from host.cli.mission import MAX_WAIT_S, Step, Wait, read_mission
from host.cli.named import named
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.cli.orders import Order, known_commands, known_parameters, parse_order
from host.cli.sentences import sentence
from host.link import DEFAULT_BAUD, CommandRefusedError, Link, LinkError, connect
from host.link.keys import KeyStore
from protocol.messages import Reply

_DRIVING_MODES = ("line", "patrol", "home")

HELP = f"""Send the car a command and print its answer.

The car's commands; arguments in order, or as --name VALUE:

\b
{known_commands()}

Its parameters, for get and set:

\b
{known_parameters()}

A mission file has one command a line, `wait SECONDS` between them, and comments after #. All of it is checked
before the first command is sent. When a mission breaks off, the car is told to stop.
"""

SETTINGS = {"help": HELP, "context_settings": {"ignore_unknown_options": True}}
"""How the command line takes this verb: options of the car's commands (--speed) are left for orders.py."""


def send(
    command: Annotated[
        str | None, typer.Argument(help="One of the car's commands.", autocompletion=completion.commands)
    ] = None,
    args: Annotated[
        list[str] | None, typer.Argument(help="Its arguments.", autocompletion=completion.arguments)
    ] = None,
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Send the commands in this file.", metavar="MISSION")
    ] = None,
    hold: Annotated[
        float,
        typer.Option(
            min=0.0, max=MAX_WAIT_S, metavar="SECONDS",
            help="Stay on the link for so long, so that a car that drives goes on.",
        ),
    ] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Send the car a command, or the commands of a mission file."""
    if (command is None) == (file is None):
        raise UserError("give a command, or --file MISSION; `host send --help` lists the commands")
    if file is not None and hold:
        raise UserError("--hold is for a single command; write `wait SECONDS` into the mission")
    steps = read_mission(file) if file else [_single([command or "", *(args or [])])]
    spoken = contract_of(contract)
    with connect(port_of(port), spoken, baud=baud, key_of=KeyStore().key_of) as link:
        Sender(link, steps, file, as_json).run()
        if not as_json and _drives_on(steps[0]) and file is None:
            print(_until_when(str(command), hold), flush=True)
        keep_listening(link, hold)


def _drives_on(step: Step) -> bool:
    """Whether the car may be driving after it."""
    if isinstance(step.action, Wait):
        return False
    order = step.action
    return order.command.name == "drive" or order.spoken_values.get("mode") in _DRIVING_MODES


def _until_when(name: str, hold: float) -> str:
    """How long the car drives on: it stops by itself when no host is there."""
    if hold:
        return f"{name}: held for {hold:g} s; Ctrl-C ends it, and the car stops within its link_timeout"
    return f"{name}: nobody stays on the link, so the car stops within its link_timeout; --hold SECONDS stays"


def keep_listening(link: Link, seconds: float) -> None:
    """Let time pass with an open ear: telemetry that nobody reads would hold the board up."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        link.next_rows(left)


def _single(words: list[str]) -> Step:
    return Step(0, " ".join(words), parse_order(words))


class Sender:
    """The steps of a file, or the one of the command line, on their way to the car."""

    def __init__(self, link: Link, steps: Sequence[Step], file: Path | None, as_json: bool) -> None:
        self.link = link
        self.steps = steps
        self.file = file
        self.as_json = as_json
        self.console = Console(highlight=False, markup=False, soft_wrap=True)

    def run(self) -> None:
        """Do every step in turn. Raises LinkError, naming the line when there is a file."""
        shown = self.file is not None and not self.as_json and self.console.is_terminal
        with Progress(console=self.console, transient=True, disable=not shown) as progress:
            task = progress.add_task("mission", total=len(self.steps))
            for step in self.steps:
                progress.update(task, description=step.text)
                self._do_or_stop(step)
                progress.advance(task)

    def _do_or_stop(self, step: Step) -> None:
        try:
            self._do(step)
        except BaseException as error:
            if self.file is None:
                raise
            # Nobody steers a car whose mission broke off.
            with suppress(LinkError):
                self.link.send("stop")
            if isinstance(error, LinkError):
                raise LinkError(f"{self.file}, line {step.line}: {error}") from None
            raise

    def _do(self, step: Step) -> None:
        if isinstance(step.action, Wait):
            self._wait(step, step.action.seconds)
        else:
            self._order(step, step.action)

    def _order(self, step: Step, order: Order) -> None:
        started = time.monotonic()
        try:
            reply = self.link.send(order.command.name, order.values)
        except CommandRefusedError as refusal:
            if self.as_json:
                self._print(step, "", _record(order, refusal.reply, time.monotonic() - started))
            raise
        took_s = time.monotonic() - started
        self._print(step, sentence(order, reply, took_s), _record(order, reply, took_s))

    def _wait(self, step: Step, seconds: float) -> None:
        keep_listening(self.link, seconds)
        record = {"command": "wait", "arguments": {"seconds": seconds}, "status": "ok", "values": {}}
        self._print(step, f"wait: {seconds:g} s", record)

    def _print(self, step: Step, text: str, record: dict[str, Any]) -> None:
        if self.as_json:
            place = {"line": step.line} if self.file else {}
            print(json.dumps({**place, **record}), flush=True)
        else:
            self.console.print(text)


def _record(order: Order, reply: Reply, took_s: float) -> dict[str, Any]:
    return {
        "command": order.command.name,
        "arguments": order.spoken_values,
        "status": reply.status.name.lower(),
        "values": named(reply.values),
        "round_trip_ms": round(1000 * took_s, 3),
    }
