"""`host emulate --bootloader`: a chip's ROM bootloader on a pseudo-terminal, for `host flash` and others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.signals import signals_as_event

if TYPE_CHECKING:
    from host.flash.chips import Chip
    from host.flash.rom_simulator import Counts

BAUD = 115_200
"""The pace; a pseudo-terminal takes any."""
_OWN = ("chip", "nack_rate", "flip_rate")
_SHARED = ("bootloader", "seed", "as_json")

BootloaderOption = Annotated[
    bool,
    typer.Option(
        "--bootloader",
        help="In place of the car, a bare chip in its ROM bootloader, on a pseudo-terminal for `host flash`.",
    ),
]
ChipOption = Annotated[
    str | None, typer.Option(help="With --bootloader: this chip, not an STM32F405.", metavar="NAME")
]
NackRateOption = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, metavar="P", help="With --bootloader: refuse this share of commands and blocks."
    ),
]
FlipRateOption = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, metavar="P", help="With --bootloader: flip a bit in this share of bytes."),
]


@dataclass(frozen=True)
class Simulated:
    """What is asked of the simulation. Rates are of commands and blocks refused, and of bytes each way."""

    chip: Chip
    nack_rate: float
    flip_rate: float
    seed: int


def check_given(context: typer.Context, is_bootloader: bool) -> None:
    """Raises UserError for an option that was given and does not go together with --bootloader's choice."""
    refused = set(context.params) - {*_OWN, *_SHARED} if is_bootloader else set(_OWN)
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if name in refused and source is not None and source.name == "COMMANDLINE":
            option = max(parameter.opts, key=len)
            if is_bootloader:
                raise UserError(f"{option} is for the car, and --bootloader is a bare chip; leave one out")
            raise UserError(f"{option} is for the bootloader; give --bootloader, too")


def chip_of(name: str | None) -> Chip:
    """The chip of that name, an STM32F405 by default. Raises UserError unless it is one of those known."""
    from host.flash.chips import CHIPS, chips_named

    found: Sequence[Chip] = chips_named(name or "STM32F405")
    if len(found) != 1:
        which = "not known" if not found else "more than one"
        raise UserError(f"--chip {name}: {which}; name one of {', '.join(each.name for each in CHIPS)}")
    return found[0]


def emulate_bootloader(simulated: Simulated, as_json: bool) -> None:
    """Answer until Ctrl-C, and tell what was done."""
    from host.flash.pty_board import PtyBoard
    from host.flash.rom_simulator import RomBootloader

    rom = RomBootloader(
        simulated.chip.id, nack_rate=simulated.nack_rate, flip_rate=simulated.flip_rate, seed=simulated.seed
    )
    with signals_as_event() as ends, PtyBoard(rom, BAUD) as board:
        print(_json(board.port, simulated) if as_json else _text(board.port, simulated), flush=True)
        ends.wait()
    print(json.dumps(_done(rom.counts)) if as_json else _told(rom.counts))


def _json(port: str, simulated: Simulated) -> str:
    chip = simulated.chip
    return json.dumps({
        "port": port, "chip": chip.name, "flash_bytes": chip.flash_bytes, "nack_rate": simulated.nack_rate,
        "flip_rate": simulated.flip_rate, "seed": simulated.seed,
    })  # fmt: skip


def _text(port: str, simulated: Simulated) -> str:
    return (
        f"The ROM bootloader of an {simulated.chip.name} is on {port}; in another terminal run "
        f"`host flash FILE --port {port}`, or `stm32flash -m 8n1 -w FILE {port}` (a pseudo-terminal has no "
        "parity). Ctrl-C ends it."
    )


def _done(counts: Counts) -> dict[str, object]:
    return {
        "written_bytes": counts.written_bytes, "writes": counts.writes, "sectors_erased": counts.erased,
        "refused": counts.nacks, "started": counts.went_to is not None,
    }


def _told(counts: Counts) -> str:
    sectors = f"{len(counts.erased)} sector{'s' * (len(counts.erased) != 1)}"
    started = "; the program was started" if counts.went_to is not None else ""
    return (
        f"{counts.written_bytes:,} bytes written in {counts.writes:,} blocks, {sectors} erased, "
        f"{counts.nacks:,} refused{started}"
    )
