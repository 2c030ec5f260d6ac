"""`host devices`: what is plugged in, what it is and, if asked, what runs on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from host.cli.options import BaudOption, ContractOption, JsonOption, contract_of
from host.devices import Device, Role, find_devices
from host.devices.known import Kind
from host.link import DEFAULT_BAUD, LinkError
from host.link.keys import KeyStore

if TYPE_CHECKING:
    from host.devices.probe import Told
    from protocol.contract import Contract

_FLASHED = {Kind.ST_LINK: "probe", Kind.CMSIS_DAP: "probe", Kind.DFU: "dfu"}
_Answers: TypeAlias = "dict[str, Told | str | None]"
"""By port: what runs there, why it could not be asked, or None for silence."""


def devices(
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Ask ports that may be a link what runs there; can restart boards."),
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=30.0, metavar="SECONDS", help="How long --probe waits for each.")
    ] = 1.0,
    baud: BaudOption = DEFAULT_BAUD,
    contract: ContractOption = None,
    as_json: JsonOption = False,
) -> None:
    """List boards and adapters: what they are, their serial numbers, and what --port may be.

    Nothing is opened without --probe. With it, HELLO is sent to adapters and emulated boards, never to a
    console, where it would be typed into whatever runs. Opening a port restarts a board whose reset is wired
    to the adapter's DTR or RTS.
    """
    found = find_devices()
    answers: _Answers = {}
    if probe:
        answers = _asked(found, baud, timeout, contract_of(contract))
    if as_json:
        for device in found:
            print(json.dumps(_record(device, answers)))
    else:
        print(_text(found, answers))


def _asked(found: Sequence[Device], baud: int, timeout_s: float, contract: Contract) -> _Answers:
    from host.cli.progress import progress
    from host.devices.probe import probe

    keys = KeyStore()
    links = [device.link for device in found if device.link]
    answers: _Answers = {}
    with progress() as told:
        for number, url in enumerate(links):
            told(f"asking {url}", number, len(links))
            try:
                answers[url] = probe(url, contract, baud=baud, timeout_s=timeout_s, key_of=keys.key_of)
            except LinkError as error:
                answers[url] = str(error)
    return answers


def _record(device: Device, answers: _Answers) -> dict[str, Any]:
    record: dict[str, Any] = {
        "port": device.port,
        "kind": device.kind,
        "name": device.name,
        "usb": device.usb_id,
        "serial_number": device.serial_number,
        "description": device.description,
        "role": device.role,
        "repl": device.repl,
        "contract": _contract(device.contract_name, device.contract_hash),
    }
    if device.port in answers:
        record["runs"] = _runs(answers[device.port])
    return record


def _contract(name: str, number: int | None) -> dict[str, str] | None:
    return None if number is None else {"name": name, "hash": f"{number:08x}"}


def _runs(answer: Told | str | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    if isinstance(answer, str):
        return {"error": answer}
    greeting = answer.greeting
    offer = greeting.offer
    return {
        "contract": _contract(greeting.contract_name, greeting.contract_hash),
        "protocol_version": greeting.protocol_version,
        "board": offer.board.hex() if offer else None,
        "paired": offer.is_paired if offer else None,
        "uptime_ms": offer.uptime_ms if offer else None,
        "machine": answer.machine or None,
        "micropython": answer.micropython or None,
        "application": answer.application or None,
    }


def _text(found: Sequence[Device], answers: _Answers) -> str:
    if not found:
        return "devices: none; plug a board in, or start `host emulate`"
    return "\n".join(line for device in found for line in _lines(device, answers))


def _lines(device: Device, answers: _Answers) -> list[str]:
    lines = [f"{device.port or '(no port)'}: {device.kind}, {device.name}"]
    number = device.serial_number
    details = {
        "USB": device.usb_id,
        "serial number": number and f"{number}  (--port id:{number})",
        "says": device.description if device.description not in ("", device.name) else None,
        "console": device.repl or ("this port (--repl)" if device.role is Role.CONSOLE else None),
        "contract": device.contract_name and f"{device.contract_name} ({device.contract_hash:08x})",
        "runs": _sentence(answers[device.port]) if device.port in answers else None,
        "flash": device.kind in _FLASHED and f"host flash IMAGE --port {_flashed_at(device)}",
    }
    return lines + [f"  {name:<14} {value}" for name, value in details.items() if value]


def _flashed_at(device: Device) -> str:
    way = _FLASHED[device.kind]
    return f"{way}:{device.serial_number}" if device.serial_number else way


def _sentence(answer: Told | str | None) -> str:
    if answer is None:
        return "nothing that answers HELLO"
    if isinstance(answer, str):
        return answer
    greeting = answer.greeting
    words = [f"{greeting.contract_name} ({greeting.contract_hash:08x}), protocol {greeting.protocol_version}"]
    if answer.machine:
        words += [answer.machine, f"MicroPython {answer.micropython}", f"application {answer.application}"]
    if greeting.offer:
        words += [f"board {greeting.offer.board.hex() or 'unnamed'}"]
        words += ["paired"] if greeting.offer.is_paired else []
    return ", ".join(words)
