"""The page's server over real HTTP, in front of a fake board."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer

from host.monitor.floor import floor_plan
from host.monitor.monitored_car import MonitoredCar
from host.web.guard import Guard
from host.web.server import STATIC, Page
from host.world import load_map, load_route
from tests.host.monitor.watched import Desk, until

ROOT = Path(__file__).parents[3]
GIVEN = {"Authorization": "Bearer secret"}

Client = TestClient[Any, Any]


def served(desk: Desk, steps: Callable[[Client], Awaitable[None]]) -> None:
    """Serve the car's page, and do these steps as its client."""
    floor, route = load_map(ROOT / "maps/yard.toml"), load_route(ROOT / "routes/loop.toml")
    page = Page(
        desk.car, desk.board.contract.schema, Guard("127.0.0.1", "secret"), floor_plan(floor, route), route
    )

    async def run() -> None:
        async with TestClient(TestServer(page.application())) as client:
            await steps(client)

    asyncio.run(run())


async def order(client: Client, asked: object, **more: Any) -> tuple[int, str]:
    answer = await client.post("/order", json=asked, headers=GIVEN, **more)
    return answer.status, await answer.text()


async def opened(client: Client) -> tuple[ClientWebSocketResponse, dict[str, Any]]:
    socket = await client.ws_connect("/live")
    await socket.send_json({"token": "secret"})
    hello: dict[str, Any] = await socket.receive_json(timeout=5)
    return socket, hello


async def reached(what: Callable[[], object]) -> None:
    await asyncio.to_thread(until, what)


def test_the_page_is_served_whole_with_headers_that_fence_it_in(desk: Desk) -> None:
    async def steps(client: Client) -> None:
        for name in STATIC:
            answer = await client.get("/" if name == "index.html" else f"/{name}")
            assert answer.status == 200, name
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        static = {path.name for path in (ROOT / "host/web/static").iterdir()}
        assert static == set(STATIC)

    served(desk, steps)


def test_an_order_with_the_token_reaches_the_car(desk: Desk, car: MonitoredCar) -> None:
    async def steps(client: Client) -> None:
        assert (await order(client, {"do": "drive", "speed": 250, "turn": -30}))[0] == 202
        await reached(lambda: desk.board.orders == [("drive", {"speed": 250, "turn": -30})])
        assert (await order(client, {"do": "halt"}))[0] == 202
        await reached(lambda: desk.board.halts)

    served(desk, steps)


def test_a_patrol_is_of_the_route_that_the_page_was_given(desk: Desk, car: MonitoredCar) -> None:
    async def steps(client: Client) -> None:
        assert (await order(client, {"do": "patrol"}))[0] == 202
        await reached(lambda: desk.board.commands == ["route", *["waypoint"] * 6, "mode"])

    served(desk, steps)


@pytest.mark.parametrize("authorization", [None, "Bearer other", "Bearer", "Basic secret"])
def test_an_order_without_the_token_is_refused(
    desk: Desk, car: MonitoredCar, authorization: str | None
) -> None:
    async def steps(client: Client) -> None:
        headers = {"Authorization": authorization} if authorization else {}
        answer = await client.post("/order", json={"do": "drive", "speed": 100}, headers=headers)
        assert answer.status == 401
        assert "host web" in await answer.text()

    served(desk, steps)
    assert desk.board.commands == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_other_sites_and_rebound_names_are_refused_even_with_the_token(
    desk: Desk, car: MonitoredCar, headers: dict[str, str], status: int
) -> None:
    async def steps(client: Client) -> None:
        sent = {**GIVEN, "Content-Type": "application/json", **headers}
        answer = await client.post("/order", data=json.dumps({"do": "stop"}), headers=sent)
        assert answer.status == status

    served(desk, steps)
    assert desk.board.commands == []


def test_an_order_is_no_link_that_can_be_followed(desk: Desk) -> None:
    async def steps(client: Client) -> None:
        assert (await client.get("/order", headers=GIVEN)).status == 405

    served(desk, steps)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"do": "fly"}, "one of drive, stop"), ([], "one of drive, stop"), ({"do": ["stop"]}, "one of drive"),
        ({"do": "drive", "speed": "fast"}, "whole numbers"),
        ({"do": "drive", "speed": True}, "whole numbers"),
        ({"do": "drive", "speed": 9999}, "3000"), ({"do": "drive", "turn": 1.5}, "whole numbers"),
    ],
)
def test_what_is_no_order_is_refused_in_a_line(
    desk: Desk, car: MonitoredCar, asked: object, said: str
) -> None:
    async def steps(client: Client) -> None:
        status, text = await order(client, asked)
        assert status == 400
        assert said in text
        assert text.count("\n") == 1

    served(desk, steps)


def test_the_socket_tells_nothing_before_it_has_the_token(desk: Desk, car: MonitoredCar) -> None:
    async def steps(client: Client) -> None:
        for said in ('{"token": "other"}', "{}", "[", '"secret"'):
            socket = await client.ws_connect("/live")
            await socket.send_str(said)
            message = await socket.receive(5)
            assert (message.data, message.type.name) == (4401, "CLOSE"), said
        answer = await client.get("/live", headers={"Origin": "http://evil.example"})
        assert answer.status == 403

    served(desk, steps)


def test_the_socket_tells_values_places_and_notes_once(desk: Desk, car: MonitoredCar) -> None:
    desk.board.row = {"x": 100, "y": 200, "mode": 2}

    async def steps(client: Client) -> None:
        socket, hello = await opened(client)
        assert hello["plan"]["name"] == "yard"
        assert [each["name"] for each in hello["channels"]] == [
            each.name for each in desk.board.contract.schema.channels
        ]
        told = await socket.receive_json(timeout=5)
        while told["mode"] != "patrol":
            told = await socket.receive_json(timeout=5)
        assert told["values"]["x"] == 100
        assert told["pose"][:2] == [100, 200]
        desk.board.row = {"x": 160, "y": 200, "mode": 2}
        car.mark("here")
        later = [await socket.receive_json(timeout=5) for _ in range(8)]
        assert [each["track"] for each in later if each["track"]] == [[[160, 200]]]
        notes = [note["text"] for each in later for note in each["notes"]]
        assert len(notes) == 1
        assert notes[0].startswith("mark here")
        assert all(each["history"] is None for each in later)

    served(desk, steps)


def test_the_car_stops_when_the_page_that_drives_it_is_closed(desk: Desk, car: MonitoredCar) -> None:
    async def steps(client: Client) -> None:
        driving, hello = await opened(client)
        watching, _ = await opened(client)
        await order(client, {"do": "drive", "speed": 200, "page": hello["page"]})
        await reached(lambda: desk.board.commands == ["drive"])
        await watching.close()
        await asyncio.sleep(0.2)  # one that only watches may go
        assert desk.board.commands == ["drive"]
        await driving.close()
        await reached(lambda: desk.board.commands == ["drive", "stop"])

    served(desk, steps)


def test_only_the_page_that_drives_keeps_the_car_driving(desk: Desk, car: MonitoredCar) -> None:
    async def steps(client: Client) -> None:
        driving, hello = await opened(client)
        watching, _ = await opened(client)
        await order(client, {"do": "drive", "speed": 200, "page": hello["page"]})
        await reached(lambda: desk.board.commands == ["drive"])
        for _ in range(4):
            desk.now += 1.0
            await driving.send_json({"here": True})
            await asyncio.sleep(0.1)
        assert desk.board.commands == ["drive"]
        for _ in range(4):
            desk.now += 1.0
            await watching.send_json({"here": True})
            await asyncio.sleep(0.1)
        await reached(lambda: desk.board.commands == ["drive", "stop"])

    served(desk, steps)
