"""The full-screen monitor."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Footer, RichLog, Static

from host.monitor import orders
from host.monitor.floor import FloorPlan
from host.monitor.key_driver import KeyDriver
from host.monitor.monitored_car import MonitoredCar
from host.monitor.snapshot import Connection, Snapshot
from host.monitor.tui import panels
from host.output import write_whole
from host.world import Route
from protocol.schema import Schema

REFRESH_S = 0.1

_CSS = """
Screen { layout: vertical; }
#status { height: 1; background: $panel; }
#left { width: 45; }
.wide #left { width: 2fr; }
#right { width: 1fr; }
.wide #right { width: 3fr; }
.panel { border: round $primary-darken-2; border-title-color: $text; padding: 0; }
#values { height: 1fr; }
#board { height: auto; }
#map { height: 1fr; min-height: 8; }
#link { height: auto; }
#log { height: 6; scrollbar-size-vertical: 0; background: $background; }
.wide #log { height: 12; }
"""
_WIDE_COLUMNS = 110


class _Log(RichLog, can_focus=False):
    """Takes no keys: arrows drive."""


class MonitorApp(App[None]):
    """Shows one car, and drives it."""

    CSS = _CSS
    TITLE = "host monitor"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,w", "faster(1)", "Drive", key_display="↑↓←→"),
        Binding("down,s", "faster(-1)", show=False),
        Binding("left,a", "turn(1)", show=False),
        Binding("right,d", "turn(-1)", show=False),
        Binding("space", "stop", "Stop", key_display="␣"),
        Binding("h", "halt", "Halt"),
        Binding("r", "resume", "Resume"),
        Binding("p", "patrol", "Patrol"),
        Binding("l", "line", "Line"),
        Binding("c", "clear", "Clear"),
        Binding("m", "mark", "Mark"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(
        self,
        car: MonitoredCar,
        schema: Schema,
        plan: FloorPlan | None = None,
        route: Route | None = None,
        *,
        picture: Path | None = None,
        picture_after_s: float = 0.0,
    ) -> None:
        """`picture` is an SVG of the screen, made after some seconds, which ends the program."""
        super().__init__()
        self._car = car
        self._schema = schema
        self._plan = plan
        self._route = route
        self._picture = (picture, picture_after_s)
        self._by_keys = KeyDriver()
        self._note = 0
        self._status, self._values, self._board = Static(id="status"), Static(id="values"), Static(id="board")
        self._map, self._link = Static(id="map"), Static(id="link")
        self._log_lines = _Log(id="log", wrap=True, min_width=20, max_lines=500)

    def compose(self) -> ComposeResult:
        """Widgets."""
        yield self._status
        with Horizontal():
            with Vertical(id="left"):
                yield _panel(self._values, "values")
                yield _panel(self._board, "board")
            with Vertical(id="right"):
                yield _panel(self._map, "map")
                yield _panel(self._link, "link")
                yield _panel(self._log_lines, "log")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to look. A signal to end leaves the terminal as it was."""
        with suppress(NotImplementedError, ValueError):  # not on this system, or not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self.set_interval(REFRESH_S, self.look)
        picture, after_s = self._picture
        if picture is not None:
            self.set_timer(after_s, self._save_and_quit)

    def on_resize(self, event: events.Resize) -> None:
        """More columns, more room for the map and the log."""
        self.set_class(event.size.width >= _WIDE_COLUMNS, "wide")  # self.size is still the one before

    def look(self) -> None:
        """Show the car as it is now. Only a program that shows something attends to the car."""
        self._car.attend()
        shown = self._car.snapshot(since_note=self._note)
        self._show(shown)
        if shown.connection is not Connection.CONNECTED or shown.is_halted or shown.faults:
            self._by_keys.reset()  # the car stands: the next press must not go on from its old speed
        for note in shown.notes:
            self._log_lines.write(panels.note_text(note))
            self._note = note.number

    def _show(self, shown: Snapshot) -> None:
        schema, values, board, floor = self._schema, self._values, self._board, self._map
        self._status.update(panels.status_text(shown, schema.name), layout=False)
        values.update(panels.values_text(shown, schema, *values.content_size), layout=False)
        board.update(panels.board_text(shown, schema, board.content_size.width))
        self._link.update(panels.link_text(shown, schema))
        width, height = floor.content_size
        if width and height:
            floor.update(panels.map_text(shown, self._plan, width, height), layout=False)
        floor.border_title = panels.pose_title(shown, self._plan)

    def action_faster(self, steps: int) -> None:
        """Drive faster, or slower."""
        self._car.order(self._by_keys.faster(steps))

    def action_turn(self, steps: int) -> None:
        """Turn more to a side."""
        self._car.order(self._by_keys.turn(steps))

    def action_stop(self) -> None:
        """Stand."""
        self._give(orders.stop())

    def action_halt(self) -> None:
        """Emergency stop."""
        self._by_keys.reset()
        self._car.halt()

    def action_resume(self) -> None:
        """End the emergency stop."""
        self._give(orders.resume())

    def action_patrol(self) -> None:
        """Send the route, if there is one, and patrol."""
        self._give(orders.patrol(self._route))

    def action_line(self) -> None:
        """Follow the tape."""
        self._give(orders.follow_line())

    def action_clear(self) -> None:
        """Forget faults."""
        self._give(orders.clear_faults())

    def action_mark(self) -> None:
        """Mark this moment."""
        self._car.mark()

    def _give(self, order: orders.Order) -> None:
        self._by_keys.reset()
        self._car.order(order)

    def _save_and_quit(self) -> None:
        picture, _ = self._picture
        assert picture is not None
        # Without fonts from the network: a picture fetches nothing.
        svg = re.sub(r"@font-face \{.*?\}\s*", "", self.export_screenshot(), flags=re.DOTALL)
        write_whole(picture, svg)
        self.exit()


def _panel(widget: Widget, title: str) -> Widget:
    widget.add_class("panel")
    widget.border_title = title
    return widget
