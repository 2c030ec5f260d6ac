"""An MPU-6050 in the middle of the car: accelerations and turn rates with bias and noise, as raw counts."""

from __future__ import annotations

import math

from host.world.car import Car
from host.world.noise import Noise

COUNTS_PER_G = 16_384
COUNTS_PER_DEG_S = 131
_G_MM_S2 = 9_806.65
_ACCELERATION_BIAS_G, _ACCELERATION_NOISE_G = 0.02, 0.004
_GYRO_BIAS_DEG_S, _GYRO_NOISE_DEG_S = 1.0, 0.05

Axes = tuple[int, int, int]


class Imu:
    """Biases are drawn once. Acceleration is the mean since the last measurement."""

    def __init__(self, seed: int) -> None:
        self._noise = Noise(seed, "imu")
        self._acceleration_bias = [self._noise.bell(_ACCELERATION_BIAS_G) for _ in range(3)]
        self._gyro_bias = [self._noise.bell(_GYRO_BIAS_DEG_S) for _ in range(3)]
        self._velocity = (0.0, 0.0)

    def measure(self, car: Car, since_s: float) -> tuple[Axes, Axes]:
        """Accelerations and turn rates."""
        x = (car.velocity[0] - self._velocity[0]) / since_s / _G_MM_S2
        y = (car.velocity[1] - self._velocity[1]) / since_s / _G_MM_S2
        self._velocity = car.velocity
        ahead, aside = x * car.cos + y * car.sin, y * car.cos - x * car.sin
        turn_rates = (0.0, 0.0, math.degrees(car.turn_rate))
        return (
            self._raw((ahead, aside, 1.0), self._acceleration_bias, _ACCELERATION_NOISE_G, COUNTS_PER_G),
            self._raw(turn_rates, self._gyro_bias, _GYRO_NOISE_DEG_S, COUNTS_PER_DEG_S),
        )

    def _raw(self, true: tuple[float, float, float], bias: list[float], noise: float, scale: int) -> Axes:
        bell = self._noise.bell
        return (
            _clipped((true[0] + bias[0] + bell(noise)) * scale),
            _clipped((true[1] + bias[1] + bell(noise)) * scale),
            _clipped((true[2] + bias[2] + bell(noise)) * scale),
        )


def _clipped(value: float) -> int:
    return max(-32_768, min(round(value), 32_767))
