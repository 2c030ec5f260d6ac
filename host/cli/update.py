"""`host update`: a new application for the car."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from host.cli.errors import UserError
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of
from host.cli.progress import progress
from host.cli.transfer import car
from host.emulate.application import build_image
from host.link import DEFAULT_BAUD
from host.transfer import Slots
from host.transfer import update as update_car
from protocol.boot_record import SLOT_NAMES

_ROMFS_MAGIC = b"\xd2\xcd\x31"

_ImageArgument = Annotated[
    Path | None,
    typer.Argument(help="ROM file system image; else firmware_mpy/ is compiled.", metavar="IMAGE"),
]


def update(
    image: _ImageArgument = None,
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the car a new application, try it, and keep it if it answers; else the car goes back by itself."""
    content = _read(image) if image else build_image(contract_of(contract))
    with car(port, baud, contract) as link, progress() as told:
        sent, slots = update_car(link, content, told=lambda done, total: told("update", done, total))
    if as_json:
        print(json.dumps({
            "bytes": len(content), "resumed_at": sent.resumed_at, "block_bytes": sent.block_bytes,
            **_record(slots),
        }))
    elif sent.resumed_at == len(content):
        print(f"update: the car runs this application already, from {slots.named(slots.running)}")
    else:
        print(
            f"update: {len(content)} bytes, {sent.block_bytes} of blocks on the wire; the car runs the new "
            f"application from {slots.named(slots.running)} and keeps it"
        )


def _read(image: Path) -> bytes:
    try:
        content = image.read_bytes()
    except OSError as error:
        raise UserError(f"{image}: cannot be read ({error.strerror})") from None
    if not content.startswith(_ROMFS_MAGIC):
        raise UserError(f"{image}: no ROM file system image; leave it out to have firmware_mpy/ compiled")
    return content


def _record(slots: Slots) -> dict[str, Any]:
    return {
        "running": slots.named(slots.running),
        "slots": {
            name: slot.state.name.lower() for name, slot in zip(SLOT_NAMES, slots.slots, strict=True)
        },
    }
