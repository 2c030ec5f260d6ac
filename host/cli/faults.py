"""`host faults`: a line that misbehaves, between a program and a board, until Ctrl-C."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from host.cli.errors import UserError
from host.cli.options import JsonOption
from host.cli.signals import signals_as_ctrl_c
from host.faults import Faults, FaultsError
from host.faults.proxy import Proxy
from host.link import DEFAULT_BAUD, open_port

_Listen = Annotated[
    str, typer.Option("--listen", help="Where programs connect; port 0 is a free one.", metavar="URL")
]
_Connect = Annotated[
    str, typer.Option("--connect", help="The board: socket://HOST:PORT or a serial device.", metavar="PORT")
]
_Baud = Annotated[
    int,
    typer.Option(min=0, help="Line rate, each way; 0 takes no time. A serial device takes its own time."),
]


def _probability(text: str) -> Any:
    return typer.Option(help=f"Probability that {text}.", metavar="P")


def _seconds(text: str) -> Any:
    return typer.Option(help=f"Seconds {text}.", metavar="S")


def faults(
    listen: _Listen,
    connect: _Connect,
    baud: _Baud = DEFAULT_BAUD,
    bit_errors: Annotated[float, _probability("a bit is flipped")] = 0.0,
    drop: Annotated[float, _probability("a byte is lost")] = 0.0,
    insert: Annotated[float, _probability("a random byte comes before a byte")] = 0.0,
    duplicate: Annotated[float, _probability("a chunk comes twice")] = 0.0,
    reorder: Annotated[float, _probability("a chunk is overtaken by the next")] = 0.0,
    split: Annotated[float, _probability("a chunk comes in two pieces")] = 0.0,
    stall: Annotated[float, _probability("the line stands still before a chunk")] = 0.0,
    stall_s: Annotated[float, _seconds("that a stall lasts")] = 0.5,
    delay_s: Annotated[float, _seconds("that every byte is late")] = 0.0,
    disconnect: Annotated[float, _probability("the connection breaks with a chunk")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed and bytes give the same faults.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Put a faulty line between a program and a board, until Ctrl-C; then tell what it did.

    A chunk is what was read at once. Programs connect to --listen, one at a time.
    """
    try:
        wanted = Faults(
            bit_errors=bit_errors, drop=drop, insert=insert, duplicate=duplicate, reorder=reorder,
            split=split, stall=stall, stall_s=stall_s, delay_s=delay_s, baud=baud, disconnect=disconnect,
            seed=seed,
        )
    except FaultsError as error:
        raise UserError(str(error)) from None
    listener = _listening(listen)
    with listener, signals_as_ctrl_c():
        board = open_port(connect, baud or DEFAULT_BAUD)
        # On a serial device the bytes take their time anyway.
        modelled = wanted if "://" in connect else replace(wanted, baud=0)
        _run(Proxy(listener, board, modelled), listener, connect, as_json)


def _listening(url: str) -> socket.socket:
    parts = urlsplit(url)
    try:
        if parts.scheme != "socket" or not parts.hostname or parts.port is None:
            raise ValueError
    except ValueError:
        raise UserError(f"--listen {url}: give socket://HOST:PORT, as socket://127.0.0.1:5000") from None
    try:
        return socket.create_server((parts.hostname, parts.port))
    except OSError as error:
        raise UserError(f"--listen {url}: {error.strerror}; give another port, or 0 for a free one") from None


def _run(proxy: Proxy, listener: socket.socket, connect: str, as_json: bool) -> None:
    host, port = listener.getsockname()[:2]
    url = f"socket://{host}:{port}"
    if as_json:
        print(json.dumps({"listen": url, "connect": connect}), flush=True)
    else:
        print(f"A faulty line from {url} to {connect}. Ctrl-C ends it.", flush=True)
    try:
        proxy.run()
    except KeyboardInterrupt:
        pass
    finally:
        proxy.close()
        _tell(proxy, as_json)


def _tell(proxy: Proxy, as_json: bool) -> None:
    document = {"connections": proxy.connections, **proxy.channel.to_json()}
    if as_json:
        print(json.dumps(document), flush=True)
        return
    print(f"{proxy.connections} connections, {proxy.channel.disconnects} of them broken")
    for way, line in (("to the board", proxy.channel.down), ("from the board", proxy.channel.up)):
        counts = line.counters.to_json()
        told = [f"{name.replace('_', ' ')} {count}" for name, count in counts.items() if count]
        print(f"{way}: {', '.join(told) or 'nothing'}", flush=True)
