"""`host web`: the monitor as a local web page."""

from __future__ import annotations

import ipaddress
import json
import sys
from contextlib import suppress
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra
from host.cli.options import BaudOption, ContractOption, JsonOption, PortOption, contract_of, watched_port_of
from host.cli.recordings import RecordOption
from host.cli.signals import signals_as_ctrl_c
from host.cli.watched import MapOption, RateOption, RouteOption, floor_of, monitored_car, route_of
from host.link import DEFAULT_BAUD

DEFAULT_WEB_PORT = 8321

_ListenOption = Annotated[
    str,
    typer.Option("--listen", metavar="ADDRESS", help="Address to serve on; 0.0.0.0 is the whole network."),
]
_WebPortOption = Annotated[int, typer.Option(min=0, max=65535, help="TCP port of the page; 0 is a free one.")]


def web(
    port: PortOption = None,
    map_file: MapOption = None,
    route_file: RouteOption = None,
    rate: RateOption = None,
    record: RecordOption = None,
    listen: _ListenOption = "127.0.0.1",
    web_port: _WebPortOption = DEFAULT_WEB_PORT,
    contract: ContractOption = None,
    baud: BaudOption = DEFAULT_BAUD,
    as_json: JsonOption = False,
) -> None:
    """Serve a page that shows the car and drives it, until Ctrl-C. Open the URL that is printed."""
    require_extra("web", ("aiohttp",), "host web")
    from host.monitor.floor import floor_plan
    from host.web.guard import Guard
    from host.web.run import serve
    from host.web.server import Page

    address = _address(listen)
    url, spoken = watched_port_of(port), contract_of(contract)
    floor, route = floor_of(map_file), route_of(route_file)
    guard = Guard(str(address))
    plan = floor_plan(floor, route) if floor else None
    with signals_as_ctrl_c(), monitored_car(url, spoken, baud, rate, record) as car:
        page = Page(car, spoken.schema, guard, plan, route)

        def started(on: int) -> None:
            _tell(address, on, guard.token, as_json)

        try:
            with suppress(KeyboardInterrupt):
                serve(page.application(), str(address), web_port, started)
        except OSError as error:
            raise UserError(
                f"cannot serve on {address} port {web_port} ({error.strerror}); give another --web-port, "
                "or an --listen address of this machine"
            ) from None


def _address(listen: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if listen == "localhost" else listen)
    except ValueError:
        raise UserError(f"--listen {listen}: give an address as 127.0.0.1 or 0.0.0.0") from None


def _tell(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, token: str, as_json: bool
) -> None:
    name = f"[{address}]" if address.version == 6 else str(address)
    page = f"http://{name}:{port}/#token={token}"
    if as_json:
        print(json.dumps({"url": page, "token": token}), flush=True)
    else:
        print(f"{page}\nCtrl-C ends it.", flush=True)
    if not address.is_loopback:
        print(
            "host: whoever can read this network's traffic can read the token, and drive the car; among "
            "strangers use `ssh -L` instead of --listen",
            file=sys.stderr,
        )
