"""The full screen without a terminal: Textual's own pilot presses the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import RichLog, Static

from host.monitor.monitored_car import MonitoredCar
from host.monitor.tui.app import MonitorApp
from host.world import Route
from host.world.route_file import Waypoint
from tests.host.monitor.watched import Desk

ROUTE = Route("round", (Waypoint(100, 0, 0), Waypoint(0, 0, 0)), 1, True)


def piloted(
    desk: Desk, steps: Callable[[MonitorApp, Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> None:
    """Run the program, and these steps in it."""

    async def run() -> None:
        app = MonitorApp(desk.car, desk.board.contract.schema, route=ROUTE)
        async with app.run_test(size=size) as pilot:
            await steps(app, pilot)

    asyncio.run(run())


async def until(pilot: Pilot[None], what: Callable[[], object]) -> None:
    for _ in range(400):
        if what():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


@pytest.mark.parametrize(
    ("keys", "commands"),
    [
        (["up", "w", "a"], [("drive", {"speed": 200, "turn": 20})]),
        (["down", "d", "right"], [("drive", {"speed": -100, "turn": -40})]),
        (["r", "c", "l"], [("resume", {}), ("clear", {}), ("mode", {"mode": 1})]),
        (["p"], [
            ("route", {"laps": 1, "home": 1}), ("waypoint", {"x": 100, "y": 0, "dwell": 0}),
            ("waypoint", {"x": 0, "y": 0, "dwell": 0}), ("mode", {"mode": 2}),
        ]),
    ],
)
def test_keys_give_orders(desk: Desk, car: MonitoredCar, keys: list[str], commands: list[object]) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await until(pilot, lambda: desk.board.orders[-len(commands):] == commands)

    piloted(desk, steps)


def test_a_terminal_that_gets_narrower_gets_the_narrow_layout(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        left = app.query_one("#left")
        await until(pilot, lambda: left.size.width > 45)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: left.size.width == 45)
        await pilot.resize_terminal(120, 38)
        await until(pilot, lambda: left.size.width > 45)

    piloted(desk, steps, (120, 38))


def test_space_stops_and_the_next_drive_begins_from_nothing(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press("up", "up", "up", "space")
        await until(pilot, lambda: desk.board.commands[-1:] == ["stop"])
        await pilot.press("up")
        await until(pilot, lambda: desk.board.orders[-1] == ("drive", {"speed": 100, "turn": 0}))

    piloted(desk, steps)


def test_after_a_loss_the_next_drive_begins_from_nothing(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: desk.board.orders[-1:] == [("drive", {"speed": 300, "turn": 0})])
        desk.board.is_plugged_in, desk.board.unplugged = False, True
        status = app.query_one("#status", Static)
        await until(pilot, lambda: "lost" in str(status.render()))
        desk.board.is_plugged_in = True
        await until(pilot, lambda: "connected" in str(status.render()))
        await pilot.press("up")
        await until(pilot, lambda: len(desk.board.orders) > 1)
        assert desk.board.orders[-1] == ("drive", {"speed": 100, "turn": 0})

    piloted(desk, steps)


def test_after_a_fault_the_next_drive_begins_from_nothing(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: desk.board.orders[-1:] == [("drive", {"speed": 300, "turn": 0})])
        status = app.query_one("#status", Static)
        desk.board.row = {"faults": 1}
        await until(pilot, lambda: "encoder_left" in str(status.render()))
        desk.board.row = {}
        await until(pilot, lambda: "encoder_left" not in str(status.render()))
        await pilot.press("up")
        await until(pilot, lambda: desk.board.orders[-1] == ("drive", {"speed": 100, "turn": 0}))

    piloted(desk, steps)


def test_h_is_the_emergency_stop_and_the_screen_says_so(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press("h")
        await until(pilot, lambda: "EMERGENCY STOP" in str(app.query_one("#status", Static).render()))
        assert desk.board.halts

    piloted(desk, steps)


def test_a_mark_is_in_the_log(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await pilot.press("m")
        log = app.query_one("#log", RichLog)
        await until(pilot, lambda: any("mark" in strip.text for strip in log.lines))

    piloted(desk, steps)


def test_a_lost_car_is_told_at_the_top(desk: Desk, car: MonitoredCar) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        desk.board.is_plugged_in, desk.board.unplugged = False, True
        status = app.query_one("#status", Static)
        await until(pilot, lambda: "lost" in str(status.render()) and "plug" in str(status.render()))

    piloted(desk, steps)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12)])
def test_it_fits_terminals_of_all_sizes(desk: Desk, car: MonitoredCar, size: tuple[int, int]) -> None:
    async def steps(app: MonitorApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "speed_set" in str(app.query_one("#values", Static).render()))
        assert app.has_class("wide") == (size[0] >= 110)

    piloted(desk, steps, size)


def test_a_screen_is_saved_as_a_picture(desk: Desk, car: MonitoredCar, tmp_path: Path) -> None:
    picture = tmp_path / "monitor.svg"
    app = MonitorApp(car, desk.board.contract.schema, picture=picture, picture_after_s=0.5)
    app.run(headless=True, size=(120, 38))
    assert "speed_set" in picture.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [picture]
