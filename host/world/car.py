"""The car's body on the floor: two wheels that push, tyres that hold it from drifting aside."""

from __future__ import annotations

import math

import pymunk

from host.world.map import CAR_LENGTH_MM, CAR_WIDTH_MM, Start
from host.world.noise import Noise
from host.world.record import Actuators, Pose
from host.world.room import CAR_FILTER
from host.world.wheel import CAR_INERTIA, CAR_MASS_KG, WHEEL_BASE_MM, Wheel

_HALF_BASE = WHEEL_BASE_MM / 2
_SIDE_GRIP = 8800.0
"""The most both tyres can hold aside: friction of 0.9 under 1 kg, in kg mm/s2."""
_GRID = 65536.0


class Car:
    """The middle of the axle is the middle of the car. mm, s and radians; x forward and y left of it."""

    def __init__(self, space: pymunk.Space, start: Start, seed: int) -> None:
        self.left = Wheel(Noise(seed, "wheel left"))
        self.right = Wheel(Noise(seed, "wheel right"))
        self.body = pymunk.Body(CAR_MASS_KG, CAR_INERTIA)
        self.body.position = (start.x_mm, start.y_mm)
        self.body.angle = math.radians(start.heading_deg)
        shape = pymunk.Poly.create_box(self.body, (CAR_LENGTH_MM, CAR_WIDTH_MM))
        shape.filter, shape.friction, shape.elasticity = CAR_FILTER, 0.3, 0.0
        space.add(self.body, shape)
        self.velocity = (0.0, 0.0)
        self.turn_rate = 0.0
        self._see()
        self.snap()

    @property
    def pose(self) -> Pose:
        """In tenths of a mm and of a degree."""
        degrees = math.degrees(math.remainder(self.angle, math.tau))
        return Pose(round(self.x, 1), round(self.y, 1), round(degrees, 1))

    def place(self, ahead_mm: float, left_mm: float) -> tuple[float, float]:
        """Where something on the car is on the floor."""
        x = self.x + ahead_mm * self.cos - left_mm * self.sin
        return (x, self.y + ahead_mm * self.sin + left_mm * self.cos)

    def push(self, actuators: Actuators, battery_mv: float, dt_s: float, stalled: tuple[bool, bool]) -> None:
        """Let wheels and tyres change the body's speed, as they do in a time; the space moves it then."""
        ahead, aside = self._over_ground()
        turn = self.turn_rate * _HALF_BASE
        left = self.left.push(actuators.duty_left, battery_mv, ahead - turn, dt_s, stalled[0])
        right = self.right.push(actuators.duty_right, battery_mv, ahead + turn, dt_s, stalled[1])
        ahead += (left + right) * dt_s / CAR_MASS_KG
        most = _SIDE_GRIP * dt_s / CAR_MASS_KG
        aside -= max(-most, min(aside, most))
        body = self.body
        body.velocity = (ahead * self.cos - aside * self.sin, ahead * self.sin + aside * self.cos)
        body.angular_velocity = self.turn_rate + (right - left) * _HALF_BASE * dt_s / CAR_INERTIA

    def settle(self, dt_s: float) -> None:
        """Take over what the space made of it."""
        velocity = self.body.velocity
        self.velocity = (_on_grid(velocity.x), _on_grid(velocity.y))
        self.turn_rate = _on_grid(self.body.angular_velocity)
        ahead, _ = self._over_ground()
        turn = self.turn_rate * _HALF_BASE
        self.left.roll(ahead - turn, dt_s)
        self.right.roll(ahead + turn, dt_s)
        self._see()

    def snap(self) -> None:
        """Put the body on a grid of 1/65536 mm and radian; every few steps.

        Sine and cosine may differ in their last bit from one C library to the next. On a grid that is
        coarser by far, such differences are gone soon instead of growing.
        """
        body = self.body
        body.position, body.angle = (_on_grid(self.x), _on_grid(self.y)), _on_grid(self.angle)
        self._see()

    def _see(self) -> None:
        self.x, self.y = self.body.position
        self.angle = self.body.angle
        self.cos, self.sin = math.cos(self.angle), math.sin(self.angle)

    def _over_ground(self) -> tuple[float, float]:
        """Speed forward and to the left."""
        x, y = self.velocity
        return x * self.cos + y * self.sin, y * self.cos - x * self.sin


def _on_grid(value: float) -> float:
    return round(value * _GRID) / _GRID
