"""An MPU-6050 in the middle of the car: accelerations and turn rates with bias and noise, as raw counts."""

from __future__ import annotations

import math
from random import Random

from host.world.car import Car

COUNTS_PER_G = 16_384
COUNTS_PER_DEG_S = 131
_G_MM_S2 = 9_806.65
_ACCELERATION_BIAS_G, _ACCELERATION_NOISE_G = 0.02, 0.004
_GYRO_BIAS_DEG_S, _GYRO_NOISE_DEG_S = 1.0, 0.05

Axes = tuple[int, int, int]


class Imu:
    """Biases are drawn once. Acceleration is the mean since the last measurement."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"{seed} imu")
        self._acceleration_bias = [self._random.gauss(0.0, _ACCELERATION_BIAS_G) for _ in range(3)]
        self._gyro_bias = [self._random.gauss(0.0, _GYRO_BIAS_DEG_S) for _ in range(3)]
        self._velocity = (0.0, 0.0)

    def measure(self, car: Car, since_s: float) -> tuple[Axes, Axes]:
        """Accelerations and turn rates."""
        x = (car.velocity[0] - self._velocity[0]) / since_s / _G_MM_S2
        y = (car.velocity[1] - self._velocity[1]) / since_s / _G_MM_S2
        self._velocity = car.velocity
        ahead, aside = x * car.cos + y * car.sin, y * car.cos - x * car.sin
        return (
            self._raw((ahead, aside, 1.0), self._acceleration_bias, _ACCELERATION_NOISE_G, COUNTS_PER_G),
            self._raw(
                (0.0, 0.0, math.degrees(car.turn_rate)), self._gyro_bias, _GYRO_NOISE_DEG_S, COUNTS_PER_DEG_S
            ),
        )

    def _raw(self, true: tuple[float, float, float], bias: list[float], noise: float, scale: int) -> Axes:
        x, y, z = (
            _clipped((true[axis] + bias[axis] + self._random.gauss(0.0, noise)) * scale) for axis in range(3)
        )
        return (x, y, z)


def _clipped(value: float) -> int:
    return max(-32_768, min(round(value), 32_767))
