"""The page's server: static files, a socket with what the car does, and a way to give orders."""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import suppress
from importlib.resources import files

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler, Middleware

from host.monitor import orders
from host.monitor.floor import FloorPlan
from host.monitor.monitored_car import MonitoredCar
from host.web.asked import AskedError, give
from host.web.guard import Guard
from host.web.records import Updates, hello_record
from host.world import Route
from protocol.schema import Schema

UPDATE_S = 0.1
_TOKEN_S = 5.0
"""How long a socket may take to say its token."""
_MAX_BYTES = 4096
"""Of what a page may send at once."""
_NO_TOKEN = 4401
"""A socket's close code (RFC 6455, section 7.4.2: 4000 and above are the program's own)."""
_TYPES = {"index.html": "text/html", "style.css": "text/css"}
STATIC = ("index.html", "style.css", "page.js", "map.js", "values.js", "drive.js")
_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """The web application of one car."""

    def __init__(
        self, car: MonitoredCar, schema: Schema, guard: Guard, plan: FloorPlan | None, route: Route | None
    ) -> None:
        self._car = car
        self._schema = schema
        self._guard = guard
        self._plan = plan
        self._route = route
        self._driving: str | None = None
        """The page that drives by hand: it alone keeps the car driving."""

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application(middlewares=[self._checked()], client_max_size=_MAX_BYTES)
        for name in STATIC:
            app.router.add_get("/" if name == "index.html" else f"/{name}", _static(name))
        app.router.add_get("/live", self._live)
        app.router.add_post("/order", self._order)
        return app

    def _checked(self) -> Middleware:
        @web.middleware
        async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
            host, origin = request.headers.get("Host"), request.headers.get("Origin")
            if not self._guard.knows_host(host):
                raise web.HTTPMisdirectedRequest(text="open the address that `host web` printed\n")
            if not self._guard.allows_origin(origin, host):
                raise web.HTTPForbidden(text="another site's page may not talk to the car\n")
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return checked

    async def _order(self, request: web.Request) -> web.Response:
        """POST /order: JSON, as host.web.asked has it, with the token in the Authorization header."""
        if not self._guard.has_header(request.headers.get("Authorization")):
            raise web.HTTPUnauthorized(
                text="open the URL that `host web` printed, token and all\n",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="send application/json\n")
        try:
            asked = json.loads(await request.text())
            given = give(self._car, self._route, asked)
        except (AskedError, ValueError, RecursionError) as error:
            text = str(error) if isinstance(error, AskedError) else "not JSON"
            raise web.HTTPBadRequest(text=f"{text}\n") from None
        if given == "drive":
            page = asked.get("page")
            self._driving = page if isinstance(page, str) else None
        elif given in ("stop", "halt", "patrol", "line"):
            self._driving = None
        return web.json_response({"ordered": given}, status=202)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """GET /live: a socket. The page says its token first, then again and again that it is there."""
        socket = web.WebSocketResponse(max_msg_size=_MAX_BYTES, heartbeat=10.0)
        await socket.prepare(request)
        if not await self._says_token(socket):
            await socket.close(code=_NO_TOKEN, message=b"wrong token")
            return socket
        page = secrets.token_urlsafe(8)
        await socket.send_json(hello_record(self._schema, self._plan, _name(self._route), page))
        telling = asyncio.create_task(self._tell(socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and self._driving == page:
                    self._car.attend()
        finally:
            telling.cancel()
            if self._driving == page:
                self._driving = None
                self._car.order(orders.stop())
        return socket

    async def _says_token(self, socket: web.WebSocketResponse) -> bool:
        try:
            message = await socket.receive(_TOKEN_S)
            said = json.loads(message.data) if message.type is WSMsgType.TEXT else None
        except (TimeoutError, ValueError, RecursionError):
            return False
        return isinstance(said, dict) and self._guard.has_token(said.get("token"))

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        updates, first = Updates(), True
        with suppress(ConnectionError):
            while not socket.closed:
                shown = self._car.snapshot(since_note=updates.note, with_history=first)
                await socket.send_json(updates.record(shown))
                first = False
                await asyncio.sleep(UPDATE_S)


def _name(route: Route | None) -> str | None:
    return route.name if route else None


def _static(name: str) -> Handler:
    content = (files("host.web") / "static" / name).read_bytes()
    kind = _TYPES.get(name, "text/javascript")

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8")

    return handler
