"""Puts the application onto a board's file system, and tells when the car is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from host.deploy.architecture import architecture_of, check_format
from host.deploy.errors import DeployError
from host.deploy.on_board import BoardFacts, BoardFiles
from host.deploy.plan import (
    KEPT_STARTER,
    MANIFEST,
    STARTER,
    Plan,
    manifest_of,
    names_in,
    plan_of,
    room_needed,
)
from host.deploy.repl import Repl
from host.devices.probe import greet
from host.link import Port
from host.link.hello import Greeting, check_greeting
from protocol.contract import Contract

Told = Callable[[int, int], None]
"""How many bytes were copied, and of how many."""
Build = Callable[[str], dict[str, bytes]]
"""The application's files for an architecture."""

_SLOTS = tuple(f"slots/{name}" for name in ("record.0", "record.1", "a.romfs", "b.romfs", "part"))
"""Where `host update` puts applications, which run in place of the deployed one. The record goes first."""
_PROMPT = b">>> "
START_S = 30.0
_GREET_S = 0.5


@dataclass(frozen=True)
class Deployed:
    """What was done, or would be."""

    board: BoardFacts
    architecture: str
    plan: Plan
    copied_bytes: int
    kept_starter: bool
    slots_emptied: bool


def deploy(
    repl: Repl, build: Build, *, dry_run: bool = False, told: Told = lambda done, total: None
) -> Deployed:
    """Have the board's file system hold the application and nothing of an earlier one. Does not start it.

    The board is compared file by file, by SHA-256 that it computes itself. While a file is wrong, main.py is
    not there: a deploy that breaks off leaves a board that waits at its prompt for the next one. Raises
    DeployError, EmulatorError when the application does not compile.
    """
    board = BoardFiles(repl)
    facts = board.facts()
    architecture = architecture_of(facts.mpy)
    files = build(architecture)
    check_format(facts.mpy, files)
    deployed = board.content(MANIFEST)
    there = board.tell(sorted({*files, *names_in(deployed)}))
    plan = plan_of(files, there, deployed)
    slots = board.tell(_SLOTS)
    free = facts.free_bytes + sum(each.size for each in slots.values())
    _check_room(room_needed(plan, files, there, facts.block_bytes), free)
    is_others = STARTER in there and STARTER in plan.copy and STARTER not in names_in(deployed)
    if not dry_run:
        if slots:
            board.remove(_SLOTS)
        if is_others:
            board.rename(STARTER, KEPT_STARTER)
        _carry_out(plan, files, board, deployed, told)
    copied_bytes = sum(len(files[name]) for name in plan.copy)
    return Deployed(facts, architecture, plan, copied_bytes, is_others, bool(slots))


def _check_room(needed: int, free: int) -> None:
    if needed > free:
        raise DeployError(
            f"the board's file system has {free} bytes free, and {needed} are needed; remove "
            "files there, deploy less (--set small), or start the emulated board with --store FILE"
        )


def _carry_out(
    plan: Plan, files: Mapping[str, bytes], board: BoardFiles, deployed: bytes, told: Told
) -> None:
    if not plan.is_empty:
        # Both, until it is done: what a broken deploy leaves is still known to be ours.
        both = {**files, **dict.fromkeys(names_in(deployed), b"")}
        _write(board, MANIFEST, manifest_of(both), deployed)
        board.remove([STARTER])
        board.remove(plan.remove)
        _copy(plan, files, board, told)
    _write(board, MANIFEST, plan.manifest, board.content(MANIFEST))


def _copy(plan: Plan, files: Mapping[str, bytes], board: BoardFiles, told: Told) -> None:
    total, done = sum(len(files[name]) for name in plan.copy), 0
    for name in plan.copy:
        for size in board.write(name, files[name]):
            done += size
            told(done, total)


def _write(board: BoardFiles, name: str, content: bytes, before: bytes) -> None:
    if content != before:
        for _ in board.write(name, content):
            pass


def await_car(repl: Repl, link: Port, contract: Contract, timeout_s: float = START_S) -> Greeting:
    """The answer of the car that was just restarted. Raises DeployError with what its console said."""
    said = b""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        greeting = greet(link, _GREET_S)
        if greeting is not None:
            check_greeting(greeting, contract)
            return greeting
        said += repl.heard()
        if said.endswith(_PROMPT):
            advice = " (--set drive needs less memory)" if b"MemoryError" in said else ""
            raise DeployError(f"the application ended at its start{advice}; its console said: {_tail(said)}")
    raise DeployError(
        f"the car did not answer on {link.name} within {timeout_s:g} s; is that its link, and is no other "
        f"program connected to it? Its console said: {_tail(said)}"
    )


def _tail(said: bytes, lines: int = 4) -> str:
    """The console's last lines on one line, without the interpreter's greeting."""
    text = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    told = [line for line in text if line and not line.startswith((">>>", "MicroPython v", 'Type "help()"'))]
    return " | ".join(told[-lines:]) or "nothing"
