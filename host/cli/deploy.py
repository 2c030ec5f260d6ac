"""`host deploy`: the application onto a board, through its console."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import typer

from host.cli import completion
from host.cli.errors import UserError
from host.cli.options import (
    BaudOption,
    ContractOption,
    JsonOption,
    PortOption,
    ReplOption,
    contract_of,
    port_of,
    repl_of,
)
from host.cli.progress import progress
from host.deploy import Deployed, Repl, await_car
from host.deploy import deploy as deploy_to
from host.deploy.plan import KEPT_STARTER, STARTER
from host.deploy.sets import DEFAULT, SETS
from host.emulate.application import build_files
from host.link import DEFAULT_BAUD, open_port
from host.link.hello import Greeting
from protocol.contract import CAR_FILE

CAR = CAR_FILE.stem
_SETS_HELP = "; ".join(f"{name}, {each.what}" for name, each in SETS.items())


def deploy(
    port: PortOption = None,
    repl: ReplOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    files: Annotated[
        str,
        typer.Option(
            "--set", help=f"Which files and contract: {_SETS_HELP}.", metavar="SET",
            autocompletion=completion.sets,
        ),
    ] = DEFAULT,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait on the link until the car answers.")
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compile firmware_mpy/ and put it onto a board that runs MicroPython; copies only what differs.

    The board's program is stopped meanwhile, so the car stands; it is started again at the end, whatever
    happened.
    """
    if files not in SETS:
        raise UserError(f"--set {files}: no such set; choose {' or '.join(SETS)}")
    chosen = SETS[files]
    spoken = contract_of(contract or chosen.contract_file)
    url = port_of(port) if port else None
    console = repl_of(repl, url)
    # Opened first: a link that is in use is told before the board is touched.
    asks = wait and not dry_run
    link = open_port(url or port_of(_link_beside(console)), baud) if asks else None
    started = time.monotonic()
    try:
        with Repl(console, baud) as board:
            with progress() as told:
                done = deploy_to(
                    board, lambda architecture: build_files(spoken, architecture, chosen), dry_run=dry_run,
                    told=lambda now, total: told("deploy", now, total),
                )
            board.restart()
            greeting = await_car(board, link, spoken) if link is not None else None
    finally:
        if link is not None:
            link.close()
    took_s = time.monotonic() - started
    print(json.dumps(_record(done, greeting, dry_run, took_s)) if as_json else _text(done, greeting, dry_run))


def _link_beside(console: str) -> str | None:
    """The link of the emulated board that has this console; None for other boards."""
    from host.running import running_boards

    return next((board.link for board in running_boards() if board.repl == console), None)


def _record(done: Deployed, greeting: Greeting | None, dry_run: bool, took_s: float) -> dict[str, Any]:
    return {
        "board": done.board.machine,
        "micropython": done.board.micropython,
        "architecture": done.architecture,
        "dry_run": dry_run,
        "copied": done.plan.copy,
        "copied_bytes": done.copied_bytes,
        "removed": done.plan.remove,
        "unchanged": len(done.plan.unchanged),
        "kept": KEPT_STARTER if done.kept_starter else None,
        "slots_emptied": done.slots_emptied,
        "contract": greeting and {"name": greeting.contract_name, "hash": f"{greeting.contract_hash:08x}"},
        "seconds": round(took_s, 2),
    }


def _text(done: Deployed, greeting: Greeting | None, dry_run: bool) -> str:
    lines = [f"deploy: {done.board.machine}, MicroPython {done.board.micropython}, {done.architecture}"]
    if dry_run:
        lines += [f"  would copy    {name}" for name in done.plan.copy]
        lines += [f"  would remove  {name}" for name in done.plan.remove]
    would = "would be " if dry_run else ""
    if done.plan.is_empty:
        lines.append(f"  nothing to do: all {len(done.plan.unchanged)} files are there")
    else:
        lines.append(
            f"  {len(done.plan.copy)} files {would}copied ({done.copied_bytes} bytes), "
            f"{len(done.plan.remove)} {would}removed, {len(done.plan.unchanged)} unchanged"
        )
    if done.kept_starter:
        lines.append(f"  the board had a {STARTER} of its own: {would}kept as {KEPT_STARTER}")
    if done.slots_emptied:
        lines.append(f"  what `host update` had put there {would or 'was '}removed: it would run instead")
    if greeting is not None:
        name = greeting.contract_name
        lines.append(f"  the car answers, under contract {name} ({greeting.contract_hash:08x})")
        if name != CAR:
            lines.append("  give other verbs the same --contract")
    return "\n".join(lines)
