"""A brain in a world, step by step, and what is said of the way it drove."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tests.firmware_mpy.control_brains import Answer, Brain, answered
from tests.firmware_mpy.control_world import PERIOD_US, Point, World, distance_to_path

MANUAL, LINE, PATROL, HOME, IDLE = range(5)
CLEAR, WAIT, ASIDE, ALONG, BACK = range(5)
FAULTS = (
    "ENCODER_LEFT", "ENCODER_RIGHT", "MOTOR_LEFT", "MOTOR_RIGHT", "RANGER",
    "BATTERY", "IMU", "LINE_LOST", "BLOCKED", "LOOP",
)  # fmt: skip
_SETTLE_STEPS = 100


def is_idle(answer: Answer) -> bool:
    return answer.mode == IDLE


class Drive:
    """A car that stood for two seconds, so that it knows its gyro's bias."""

    def __init__(self, brain: Brain, world: World) -> None:
        self.brain = brain
        self.world = world
        self.answers: list[Answer] = []
        self.track: list[Point] = []
        brain.ask("restart")
        self.run(_SETTLE_STEPS)
        self.track.clear()

    def run(
        self, steps: int, until: Callable[[Answer], object] = lambda _: False, dt_us: int = PERIOD_US
    ) -> Answer:
        """So many periods, or fewer if something happens before; the last answer. None takes heap."""
        for _ in range(steps):
            self.world.advance(dt_us / 1e6)
            answer = answered(self.brain.ask("step", dt_us, *self.world.sense()))
            self.world.duties = [answer.left, answer.right]
            assert answer.heap <= 0, answer  # less when the collector ran
            self.answers.append(answer)
            self.track.append((self.world.x, self.world.y))
            if until(answer):
                break
        return self.answers[-1]

    def order(self, name: str, *arguments: Any) -> Any:
        return self.brain.ask("order", name, *arguments)

    def manual(self, speed: int, turn: int) -> None:
        self.order("set_mode", MANUAL)
        self.order("manual", speed, turn)

    def patrol(self, points: Sequence[Sequence[int]], laps: int = 1, returns_home: bool = True) -> None:
        self.brain.ask("route", points, laps, returns_home, [0, 0, 0])
        assert self.order("set_mode", PATROL)

    def cross_track_rms(self, path: Sequence[Point]) -> float:
        return math.sqrt(sum(distance_to_path(each, path) ** 2 for each in self.track) / len(self.track))

    def until_fault(self, steps: int = 100) -> tuple[set[str], float]:
        """The faults and the ms of virtual time until they were found; the motors are off then."""
        start = self.world.time
        answer = self.run(steps, lambda answer: answer.faults)
        found = {name for at, name in enumerate(FAULTS) if answer.faults >> at & 1}
        assert not found or (answer.left, answer.right, answer.mode) == (0, 0, IDLE)
        return found, 1000 * (self.world.time - start)
