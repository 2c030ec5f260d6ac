"""Robot Framework keywords for the patrol car: an emulated board, and the host's link to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from robot.api.deco import keyword, library

from host.emulate import Emulator, build_application
from host.link import CommandRefusedError, Link, LinkError, connect
from host.monitor.physical import PhysicalRow, PhysicalRows
from protocol.contract import load_contract
from protocol.messages import MessageError
from protocol.parameters import BY_NAME

_ROWS_TO_SETTLE = 40
"""Telemetry rows within which a command must show; some were sampled before it."""


@library(scope="SUITE", auto_keywords=False)
class patrol_car:  # noqa: N801  Robot Framework finds a library class by its file's name
    """One emulated car for a suite."""

    def __init__(self) -> None:
        self._contract = load_contract()
        self._scratch = tempfile.TemporaryDirectory(prefix="patrol-robot-")
        self._car: Emulator | None = None
        self._link: Link | None = None

    @keyword
    def the_car_is_switched_on(self) -> None:
        """Builds the application, starts the board with it, and connects."""
        application = build_application(Path(self._scratch.name) / "application.hex")
        self._car = Emulator(application)
        self._car.start()
        self.the_host_connects()

    @keyword
    def the_car_is_switched_off(self) -> None:
        """Ends link and board; may be called at any time."""
        self.the_host_disconnects()
        if self._car is not None:
            self._car.stop()
            self._car = None
        self._scratch.cleanup()

    @keyword
    def the_host_connects(self) -> None:
        """Greets the board: both must have the same contract."""
        if self._car is None:
            raise AssertionError("the car is not switched on")
        self._link = connect(self._car.link_url, self._contract)

    @keyword
    def the_host_disconnects(self) -> None:
        """Leaves the link, as a host that is closed does."""
        if self._link is not None:
            self._link.close()
            self._link = None

    @keyword("The Car Answers A Ping With ${token:\\d+}")
    def the_car_answers_a_ping_with(self, token: int) -> None:
        """The reply must carry the same number."""
        answer = self._connected.send("ping", {"token": token}).values["token"]
        assert answer == token, f"the car answered {answer}"

    @keyword("Drive At ${speed:-?\\d+} mm/s Turning ${turn:-?\\d+} deg/s")
    def drive_at(self, speed: int, turn: int) -> None:
        """Sends a drive command; the car must acknowledge it."""
        self._connected.send("drive", {"speed": speed, "turn": turn})

    @keyword("Stop The Car")
    def stop_the_car(self) -> None:
        """Sends stop; the car must acknowledge it."""
        self._connected.send("stop")

    @keyword("Set ${name} To ${value:-?\\d+}")
    def set_parameter(self, name: str, value: int) -> None:
        """Sets a parameter by its name."""
        self._connected.send("set", {"parameter": BY_NAME[name], "value": value})

    @keyword("Telemetry Comes ${hz:\\d+} Times A Second")
    def telemetry_rate(self, hz: int) -> None:
        """Sets the rate at which the car samples itself."""
        self._connected.send("rate", {"hz": hz})

    @keyword("Setting ${name} To ${value:-?\\d+} Is Refused")
    def setting_is_refused(self, name: str, value: int) -> None:
        """The car must say no, and keep the value it had."""
        parameter = {"parameter": BY_NAME[name]}
        before = self._connected.send("get", parameter).values
        try:
            self._connected.send("set", {**parameter, "value": value})
        except CommandRefusedError:
            after = self._connected.send("get", parameter).values
            assert after == before, f"refused, and yet it went from {before} to {after}"
        else:
            raise AssertionError(f"the car took {value} for {name}")

    @keyword("The Host Refuses To Send ${name}")
    def the_host_refuses_to_send(self, name: str) -> None:
        """A command that does not exist is caught before it reaches the wire."""
        sent = self._connected.counters.bytes_sent
        try:
            self._connected.send(name)
        except MessageError:
            assert self._connected.counters.bytes_sent == sent, "bytes went out all the same"
        else:
            raise AssertionError(f"{name} was sent")

    @keyword("Telemetry Shows ${channel} ${relation:at|above|below} ${value:-?\\d+}")
    def telemetry_shows(self, channel: str, relation: str, value: int) -> None:
        """Waits, a bounded number of rows, for a row in which it is so."""
        last = None
        for row in self._rows(_ROWS_TO_SETTLE):
            last = row.values[channel]
            if {"at": last == value, "above": last > value, "below": last < value}[relation]:
                return
        raise AssertionError(f"{channel} was {last} in the last of {_ROWS_TO_SETTLE} rows")

    @keyword("The Board Restarts")
    def the_board_restarts(self) -> None:
        """Reboots over the link; afterwards the car answers, and its counters have begun anew."""
        self._connected.send("reboot")
        self._connected.hello(timeout_s=20)
        executed = self._connected.send("counters").values["commands_executed"]
        assert executed == 0, f"it did not restart: it remembers {executed} commands"

    @keyword("Every Frame Was Good")
    def every_frame_was_good(self) -> None:
        """Both ends: no frame was broken, lost, or sent twice so far."""
        heard = self._connected.counters
        told = self._connected.send("counters").values
        found = (heard.frames_bad, heard.lost_frames, told["frames_bad"], told["commands_repeated"])
        assert found == (0, 0, 0, 0), f"bad, lost, bad at the car, repeated: {found}"

    @property
    def _connected(self) -> Link:
        if self._link is None:
            raise LinkError("the host is not connected")
        return self._link

    def _rows(self, count: int) -> Iterator[PhysicalRow]:
        self._connected.request_key()
        rows = PhysicalRows(self._contract.schema)
        return map(rows.convert, islice(self._connected.telemetry(timeout_s=10), count))
