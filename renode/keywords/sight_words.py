"""Words for what a car in a simulated world really does.

What a word waits for, it waits for in the world's time, and what it looks at is the world itself; only mode
and faults are asked of the car.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from robot.api.deco import keyword
from world_words import NOSE_MM, OBSTACLE, WorldWords

from host.simulation.lap import Lap
from protocol.pilot_commands import FAULTS, MODES

_STILL_MM = 1.0
"""In a tenth of a second: a car that moves less stands."""
_LOOK_S = 0.1


class SightWords(WorldWords):
    """What is expected."""

    @keyword("The Car Comes ${mm:\\d+} mm Ahead Within ${seconds:\\d+} Seconds")
    def the_car_comes_ahead(self, mm: int, seconds: int) -> None:
        """Of where it is now, on a straight line."""
        start = self.world.pose
        turn = math.radians(start.heading_deg)

        def gone() -> float:
            x, y = self.world.pose.x_mm - start.x_mm, self.world.pose.y_mm - start.y_mm
            return x * math.cos(turn) + y * math.sin(turn)

        self._until(lambda: gone() >= mm, seconds, lambda: f"it came {gone():.0f} mm ahead")

    @keyword("The Car Has Turned ${degrees:-?\\d+} Degrees Within ${seconds:\\d+} Seconds")
    def the_car_has_turned(self, degrees: int, seconds: int) -> None:
        """From where it faces now, to the left if positive, within five."""
        goal = self.world.pose.heading_deg + degrees

        def off() -> float:
            return math.remainder(self.world.pose.heading_deg - goal, 360)

        self._until(lambda: abs(off()) < 5, seconds, lambda: f"it is {off():.0f} degrees off")

    @keyword("The Car Is At ${x:\\d+}, ${y:\\d+} Within ${mm:\\d+} mm")
    def the_car_is_at(self, x: int, y: int, mm: int) -> None:
        """On the map."""
        pose = self.world.pose
        assert math.hypot(pose.x_mm - x, pose.y_mm - y) <= mm, f"it is at {pose.x_mm}, {pose.y_mm}"

    @keyword("The Car Stands Within ${ms:\\d+} Ms")
    def the_car_stands_within(self, ms: int) -> None:
        """It no longer moves, while its host goes on."""
        self._stands(ms, self._go_on)

    @keyword("With A Silent Host The Car Stands Within ${ms:\\d+} Ms")
    def the_car_stands_though_silent(self, ms: int) -> None:
        """The host neither reads nor writes meanwhile."""
        self._stands(ms, self.in_world.pass_period)

    @keyword("The Motors Are Off Within ${ms:\\d+} Ms")
    def the_motors_are_off(self, ms: int) -> None:
        """Both duties are 0; the car may still roll."""
        car = self.in_world.car
        began = car.monotonic()

        def is_off() -> bool:
            return car.actuators.duty_left == 0 == car.actuators.duty_right

        # A fault strikes between two steps; the one that follows still has the duties of before.
        while car.monotonic() < began + ms / 1000 and not is_off():
            self._go_on()
        assert is_off(), f"after {ms} ms the duties are {car.actuators}"

    @keyword("The Car Names The Fault ${fault}")
    def the_car_names_the_fault(self, fault: str) -> None:
        """As the first of all."""
        first = self._status()["first_fault"]
        named = FAULTS[first.bit_length() - 1] if first else "none"
        assert named == fault, f"it names {named}"

    @keyword("The Car Names The Fault ${fault} Within ${seconds:\\d+} Seconds")
    def the_car_names_the_fault_within(self, fault: str, seconds: int) -> None:
        """As the first of all; until then it may do what it likes."""
        self._look_until(lambda status: bool(status["first_fault"]), seconds)
        self.the_car_names_the_fault(fault)

    @keyword("The Car Is In Mode ${mode}")
    def the_car_is_in_mode(self, mode: str) -> None:
        """Now."""
        found = MODES[self._status()["mode"]]
        assert found == mode, f"it is in mode {found}"

    @keyword("The Car Is In Mode ${mode} Within ${seconds:\\d+} Seconds")
    def the_car_is_in_mode_within(self, mode: str, seconds: int) -> None:
        """It is asked ten times a second."""
        self._look_until(lambda status: MODES[status["mode"]] == mode, seconds)

    @keyword("The Car Stands ${low:\\d+} To ${high:\\d+} mm Before The Obstacle")
    def the_car_stands_before_the_obstacle(self, low: int, high: int) -> None:
        """From its nose to the surface."""
        self._stands(10_000, self._go_on)
        nose = self.place_ahead(NOSE_MM, 0)
        distance = self.world.room.solids[OBSTACLE].distance_mm(*nose)
        assert low <= distance <= high, f"it stands {distance:.0f} mm before it"

    @keyword("The Car Has Followed The Line For One Lap Within ${seconds:\\d+} Seconds")
    def the_car_follows_the_line(self, seconds: int) -> None:
        """Never further from it than the bar of its sensors is wide."""
        lap = Lap(self.world)
        far = 0.0

        def is_done() -> bool:
            nonlocal far
            far = max(far, self.world.tape_distance_mm())
            return lap.is_done()

        self._until(is_done, seconds, lambda: f"it is at {self.world.pose}")
        assert far < 60, f"it was {far:.0f} mm beside the line"

    @keyword("The Car Is At Home")
    def the_car_is_at_home(self) -> None:
        """Where it started, at the charger."""
        assert self.world.at_charger, f"it is at {self.world.pose}"

    @keyword("The Car Has Touched Nothing")
    def the_car_has_touched_nothing(self) -> None:
        """In this world, so far."""
        touched = [f"{each.thing} after {each.time_us / 1e6:.1f} s" for each in self.world.contacts]
        assert not touched, f"it ran into {', '.join(touched)}"

    def _status(self) -> dict[str, int]:
        return dict(self.link.send("status").values)

    def _go_on(self) -> None:
        """A period in which the host listens, and keeps its link alive."""
        for row in self.link.next_rows(0):
            self.see(row)

    def _until(self, is_so: Callable[[], bool], seconds: float, found: Callable[[], str]) -> None:
        clock = self.in_world.car
        end = clock.monotonic() + seconds
        while not is_so():
            assert clock.monotonic() < end, f"after {seconds:g} s {found()}"
            self._go_on()

    def _look_until(self, is_so: Callable[[dict[str, int]], bool], seconds: float) -> None:
        clock = self.in_world.car
        end = clock.monotonic() + seconds
        while not is_so(status := self._status()):
            assert clock.monotonic() < end, f"after {seconds:g} s its status is {_said(status)}"
            wait = clock.monotonic() + _LOOK_S
            while clock.monotonic() < wait:
                self._go_on()

    def _stands(self, ms: int, pass_time: Callable[[], None]) -> None:
        clock = self.in_world.car
        end = clock.monotonic() + ms / 1000
        since, place = clock.monotonic(), self.world.pose
        while clock.monotonic() < since + 0.1:
            pass_time()
            pose = self.world.pose
            if math.hypot(pose.x_mm - place.x_mm, pose.y_mm - place.y_mm) > _STILL_MM:
                since, place = clock.monotonic(), pose
                assert clock.monotonic() < end, f"after {ms} ms it still moves"


def _said(status: dict[str, int]) -> str:
    mode, faults = MODES[status["mode"]], status["faults"]
    names = [name for at, name in enumerate(FAULTS) if faults >> at & 1]
    return f"mode {mode}, faults {', '.join(names) or 'none'}, at {status['x']}, {status['y']}"
