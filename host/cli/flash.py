"""`host flash`: an image into a board's flash memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.options import JsonOption, PortOption, bootloader_port_of
from host.cli.progress import progress

if TYPE_CHECKING:
    from host.flash.bootloader import Bootloader
    from host.flash.program import Outcome


def flash(
    image: Annotated[Path, typer.Argument(help=".hex, .bin, .elf or .dfu.", metavar="IMAGE")],
    port: PortOption = None,
    baud: Annotated[int, typer.Option(min=1200, max=115_200, help="Of the bootloader's UART.")] = 115_200,
    address: Annotated[
        str | None, typer.Option(help="Where a .bin begins, such as 0x08000000.", metavar="ADDRESS")
    ] = None,
    chip: Annotated[
        str | None, typer.Option(help="Refuse any other chip than this, such as STM32F405.", metavar="NAME")
    ] = None,
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Compare, and write nothing.")] = False,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Start the program afterwards.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Write an image through the bootloader in the chip's ROM (BOOT0 high), and read it back.

    On its UART, or on USB with --port dfu, or dfu:SERIAL when there is more than one board. With --port
    probe, or probe:SERIAL, through an ST-Link or CMSIS-DAP debug probe, which needs no BOOT0.

    File and chip are checked first. Sectors that hold their part of the image already are left alone.
    """
    from host.flash import BootloaderError, ImageError, load_image
    from host.flash.check import check_for_some
    from host.flash.chips import CHIPS, chips_named
    from host.flash.errors import NoBootloaderError, ProtectedError
    from host.flash.program import Programmer

    wanted = chips_named(chip) if chip is not None else []
    if chip is not None and not wanted:
        raise UserError(f"--chip {chip}: not known; there are {', '.join(each.name for each in CHIPS)}")
    try:
        loaded = load_image(image, _number(address))
        check_for_some(loaded, wanted or CHIPS)
        with _bootloader(bootloader_port_of(port), baud) as bootloader, progress() as told:
            programmer = Programmer(bootloader, loaded, wanted=wanted, told=told)
            programmer.prepare()
            if verify_only:
                programmer.verify()
            else:
                programmer.run()
                programmer.outcome.started = run and programmer.start()
            outcome = programmer.outcome
    except ImageError as error:
        raise UserError(str(error) if str(image) in str(error) else f"{image}: {error}") from None
    except (NoBootloaderError, ProtectedError) as error:
        raise UserError(str(error)) from None  # the board is as it should be, and wants something done to it
    except BootloaderError as error:
        typer.echo(f"host: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps(outcome.record()))
    else:
        print(f"{outcome.chip}: {_what_was_done(outcome, verify_only)}")
    if run and not verify_only and not outcome.started:
        typer.echo("host: it was not seen to start; set BOOT0 low and reset the board", err=True)
    if verify_only and not outcome.same:
        raise typer.Exit(1)


@contextmanager
def _bootloader(port: str, baud: int) -> Iterator[Bootloader]:
    """The bootloader on USB for `dfu` and `dfu:SERIAL`, a debug probe for `probe`, else a serial port."""
    name, _, serial = port.partition(":")
    if name == "dfu":
        require_extra("flash", ("usb",), "host flash over USB")
        from host.flash.dfu_device import DfuDevice

        yield DfuDevice(serial or None)
        return
    if name == "probe":
        require_extra("probe", ("pyocd",), "host flash through a debug probe")
        from host.flash.probe import ProbedChip

        with closing(ProbedChip(serial or None)) as chip:
            yield chip
        return
    from host.flash.an3155 import UartBootloader
    from host.flash.uart import open_uart

    with open_uart(port, baud) as wire:
        yield UartBootloader(wire, baud)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(text, 0)
    except ValueError:
        raise UserError(f"--address {text}: not a number; write it as 0x08000000") from None


def _what_was_done(outcome: Outcome, verify_only: bool) -> str:
    if outcome.same:
        return "it holds this image already; nothing was written"
    if verify_only:
        return "it holds something else; leave --verify-only out to write the image"
    again = f", {outcome.retries} tries more than without noise" if outcome.retries else ""
    return (
        f"{len(outcome.sectors_erased)} sectors erased, {outcome.written_bytes:,} bytes written and read "
        f"back{again}"
    )
