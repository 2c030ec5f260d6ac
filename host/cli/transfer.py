"""`host put`, `get`, `files`, `remove`: files on the car."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, port_of
from host.cli.progress import progress
from host.link import DEFAULT_BAUD, Link, connect
from host.link.keys import KeyStore
from host.transfer import get_file, put_file
from host.transfer.get import Entry, list_folder
from host.transfer.get import remove as remove_file
from protocol.file_commands import name_fault

_CarName = Annotated[
    str, typer.Argument(help="Name on the car, with folders: routes/yard.toml.", metavar="NAME")
]
_OutOption = Annotated[
    Path | None,
    typer.Option("-o", "--out", help="Name of the copy; by default the file's own, here.", metavar="FILE"),
]
_NameArgument = Annotated[
    str | None, typer.Argument(help="Its name on the car; the file's own by default.", metavar="NAME")
]


def _checked(name: str) -> str:
    """A name that the car takes. Raises UserError before anything is sent."""
    if fault := name_fault(name):
        raise UserError(fault)
    return name


@contextmanager
def car(port: str | None, baud: int, contract: Path | None) -> Iterator[Link]:
    """The car on a port; what it says is signed if it is paired."""
    with connect(port_of(port), contract_of(contract), baud=baud, key_of=KeyStore().key_of) as link:
        yield link


def put(
    file: Annotated[Path, typer.Argument(help="File to send.", metavar="FILE")],
    name: _NameArgument = None,
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file to the car, which has it whole or not at all; a broken transfer is continued."""
    name = _checked(file.name if name is None else name)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None
    with car(port, baud, contract) as link, progress() as told:
        sent = put_file(link, content, name, told=lambda done, total: told(name, done, total))
    if as_json:
        print(json.dumps({
            "name": name, "bytes": len(content), "resumed_at": sent.resumed_at,
            "block_bytes": sent.block_bytes,
        }))
        return
    went_on = f", of which {sent.resumed_at} were there" if sent.resumed_at else ""
    print(f"put: {name}, {len(content)} bytes{went_on}; {sent.block_bytes} bytes of blocks on the wire")


def get(
    name: _CarName,
    out: _OutOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a copy that exists.")] = False,
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch a file from the car; after a break, the next try goes on."""
    target = out or Path(Path(_checked(name)).name)
    if target.is_dir():
        raise UserError(f"{target}: a folder; name the file with -o FILE")
    if not target.parent.is_dir():
        raise UserError(f"{target.parent}: no such folder; make it first")
    if target.exists() and not force:
        raise UserError(f"{target}: exists; give --force to replace it, or another name with -o FILE")
    _checked(name)
    with car(port, baud, contract) as link, progress() as told:
        try:
            got = get_file(link, name, target, told=lambda done, total: told(name, done, total))
        except OSError as error:
            raise UserError(f"{error.filename or target}: cannot be written ({error.strerror})") from None
    if as_json:
        print(json.dumps({
            "name": name, "file": str(target), "bytes": got.size, "resumed_at": got.resumed_at,
            "block_bytes": got.block_bytes,
        }))
        return
    went_on = f", of which {got.resumed_at} were here" if got.resumed_at else ""
    print(f"get: {target}, {got.size} bytes{went_on}; {got.block_bytes} bytes of blocks on the wire")


def files(
    folder: Annotated[str, typer.Argument(help="Folder on the car; its root by default.")] = "",
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the files on the car."""
    if folder:
        _checked(folder)
    with car(port, baud, contract) as link:
        entries = sorted(list_folder(link, folder), key=lambda entry: entry.name)
    if as_json:
        for entry in entries:
            print(json.dumps({"name": entry.name, "folder": entry.is_folder, "bytes": entry.size}))
        return
    for entry in entries:
        print(_line(entry))
    if not entries:
        print("files: none here")


def _line(entry: Entry) -> str:
    return f"{'':>9}  {entry.name}/" if entry.is_folder else f"{entry.size:>9}  {entry.name}"


def remove(
    name: _CarName,
    port: PortOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a file, or an empty folder, from the car."""
    _checked(name)
    with car(port, baud, contract) as link:
        remove_file(link, name)
    print(json.dumps({"removed": name}) if as_json else f"remove: {name} is gone")
