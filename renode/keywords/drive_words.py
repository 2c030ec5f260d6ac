"""Words for driving, and for what stops the car."""

from __future__ import annotations

from car_words import Words
from robot.api.deco import keyword

from protocol.messages import Status
from protocol.parameters import BY_NAME


class DriveWords(Words):
    """Commands of a driver."""

    @keyword("Drive At ${speed:-?\\d+} mm/s Turning ${turn:-?\\d+} deg/s")
    def drive_at(self, speed: int, turn: int) -> None:
        """Sends a drive command; the car must acknowledge it."""
        self.link.send("drive", {"speed": speed, "turn": turn})

    @keyword("Stop The Car")
    def stop_the_car(self) -> None:
        """Sends stop; the car must acknowledge it."""
        self.link.send("stop")

    @keyword("Set ${name} To ${value:-?\\d+}")
    def set_parameter(self, name: str, value: int) -> None:
        """Sets a parameter by its name."""
        self.link.send("set", {"parameter": BY_NAME[name], "value": value})

    @keyword("${name} Reads ${value:-?\\d+}")
    def parameter_reads(self, name: str, value: int) -> None:
        """Asks the car for a parameter."""
        found = self.link.send("get", {"parameter": BY_NAME[name]}).values["value"]
        assert found == value, f"{name} is {found}"

    @keyword("Setting ${name} To ${value:-?\\d+} Is Refused")
    def setting_is_refused(self, name: str, value: int) -> None:
        """The car must say no, and keep the value it had."""
        parameter = {"parameter": BY_NAME[name]}
        before = self.link.send("get", parameter).values
        status = self.refusal("set", {**parameter, "value": value})
        assert status is Status.OUT_OF_RANGE, f"refused with {status.name}"
        after = self.link.send("get", parameter).values
        assert after == before, f"refused, and yet it went from {before} to {after}"

    @keyword("The Emergency Stop Is Pressed")
    def the_emergency_stop_is_pressed(self) -> None:
        """Repeated until the car says that it stands."""
        self.link.halt()

    @keyword("The Emergency Stop Is Pressed By A Host That Never Greeted")
    def the_emergency_stop_is_pressed_by_a_stranger(self) -> None:
        """The first thing that a new host sends."""
        self.open_link().halt(timeout_s=10)

    @keyword("The Car Refuses To Drive")
    def the_car_refuses_to_drive(self) -> None:
        """It must say that an emergency stop holds."""
        status = self.refusal("drive", {"speed": 100, "turn": 0})
        assert status is Status.HALTED, f"refused with {status.name}"

    @keyword("The Emergency Stop Is Released")
    def the_emergency_stop_is_released(self) -> None:
        """Nothing moves by this alone."""
        self.link.send("resume")

    @keyword("The Host Says Nothing For ${ms:\\d+} Ms")
    def the_host_says_nothing(self, ms: int) -> None:
        """No heartbeat, no command; the port stays open."""
        self.board.sleep(ms / 1000)

    @keyword("The Host Only Sends Heartbeats For ${ms:\\d+} Ms")
    def the_host_only_sends_heartbeats(self, ms: int) -> None:
        """A link that is read sends them by itself."""
        clock = self.board.clock
        deadline = clock.monotonic() + ms / 1000
        while clock.monotonic() < deadline:
            self.link.next_rows(0.05)
