"""A gear motor with its wheel, tyre and encoder. Speeds are of the rim, in mm/s; forces in kg mm/s2."""

from __future__ import annotations

import math

from host.world.noise import Noise

FULL_SPEED_MM_S = 1000.0
"""At a duty of 1000, FULL_VOLTAGE_MV and no load."""
FULL_VOLTAGE_MV = 8000.0
COUNTS_PER_MM = 1440 / (math.pi * 65.0)
"""Quadrature counts a wheel turn, and the wheel's diameter of 65 mm."""
WHEEL_BASE_MM = 150.0
"""From wheel to wheel."""
CAR_MASS_KG = 1.0
CAR_INERTIA = CAR_MASS_KG * (200.0**2 + 150.0**2) / 12
"""kg mm2, of a plate of the car's size."""
SLIP_PERIOD_S = 0.005

_CAR_AT_WHEEL_KG = 1 / (1 / CAR_MASS_KG + (WHEEL_BASE_MM / 2) ** 2 / CAR_INERTIA)
"""The mass one wheel has to push. Wheels push each other too, but that is 4 % and left out here."""
_ROTOR_KG = 0.1
"""The motor's and the wheel's own inertia, as a mass at the rim."""
_MOVED_KG = _CAR_AT_WHEEL_KG + _ROTOR_KG
_TIME_CONSTANT_S = 0.08
_GRIP = 4000.0
"""The most a tyre can push: friction of 0.9 under 0.45 kg."""
_STATIC_DUTY = 0.06
"""A standing wheel does not start below this."""
_KINETIC_DUTY = 0.03
"""What friction takes of the duty of a turning wheel."""
_STANDS_MM_S = 1.0
_COAST_TIME_S = 0.06
_COAST_MM_S2 = 1500.0
"""Unpowered, the gear brakes: from full speed to a stand in 150 ms."""
_GAIN_SPREAD = 0.03
_SLIP = 0.01
"""Standard deviation, and how long it stays as it is."""
_SLIP_TIME_S = 0.2
_SLIP_KEPT = 1 - SLIP_PERIOD_S / _SLIP_TIME_S
_SLIP_ADDED = _SLIP * math.sqrt(1 - _SLIP_KEPT**2)


class Wheel:
    """One side of the drive; its gain, and how it slips, come from its own random numbers."""

    def __init__(self, noise: Noise) -> None:
        self.speed_mm_s = 0.0
        self.load = 0.0
        """Its current, 1 being that of a stalled motor at full duty and FULL_VOLTAGE_MV."""
        self._full_speed = FULL_SPEED_MM_S * (1 + noise.spread(_GAIN_SPREAD))
        self._noise = noise
        self._travel_mm = 0.0
        self._rolls = 1.0
        self._grips = False

    @property
    def counts(self) -> int:
        """The encoder's, signed and of 32 bits."""
        return (math.floor(self._travel_mm * COUNTS_PER_MM) + 2**31) % 2**32 - 2**31

    def wander(self) -> None:
        """Let the floor under the tyre change a little; once every SLIP_PERIOD_S."""
        slip = _SLIP_KEPT * (1 - self._rolls) + self._noise.bell(_SLIP_ADDED)
        self._rolls = 1 - slip

    def push(self, duty: int, battery_mv: float, ground_mm_s: float, dt_s: float, stalled: bool) -> float:
        """The force on the car over a time, while the ground passes below at a speed."""
        drive = duty / 1000 * battery_mv / FULL_VOLTAGE_MV
        self.load = abs(drive - self.speed_mm_s / FULL_SPEED_MM_S) if duty else 0.0
        force = None if stalled else self._motor_force(drive, dt_s)
        if force is None:
            self.speed_mm_s, self._grips = 0.0, False
            return _within_grip(-ground_mm_s * _CAR_AT_WHEEL_KG / dt_s)
        # The push that leaves rim and ground at one speed, if the tyre can.
        free = self.speed_mm_s + force * dt_s / _ROTOR_KG
        wanted = (free * self._rolls - ground_mm_s) / (dt_s / _ROTOR_KG + dt_s / _CAR_AT_WHEEL_KG)
        pushed = _within_grip(wanted)
        self._grips = pushed == wanted
        self.speed_mm_s = free - pushed * dt_s / _ROTOR_KG
        return pushed

    def roll(self, ground_mm_s: float, dt_s: float) -> None:
        """Turn for a time, once it is known how fast the ground passed: a wall may have held the car."""
        if self._grips:
            self.speed_mm_s = ground_mm_s / self._rolls
        self._travel_mm += self.speed_mm_s * dt_s

    def _motor_force(self, drive: float, dt_s: float) -> float | None:
        """At the rim; None when friction holds the wheel."""
        speed = self.speed_mm_s
        if drive == 0:
            braking = abs(speed) / _COAST_TIME_S + _COAST_MM_S2
            return None if braking * dt_s >= abs(speed) else -math.copysign(_MOVED_KG * braking, speed)
        if abs(drive) < _STATIC_DUTY and abs(speed) < _STANDS_MM_S:
            return None
        driven = max(0.0, abs(drive) - _KINETIC_DUTY) / (1 - _KINETIC_DUTY)
        target = math.copysign(driven * self._full_speed, drive)
        return _MOVED_KG * (target - speed) / _TIME_CONSTANT_S


def _within_grip(force: float) -> float:
    # Not min and max: this is asked twice a step, and calls are what costs.
    return _GRIP if force > _GRIP else -_GRIP if force < -_GRIP else force
