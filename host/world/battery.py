"""Two lithium cells: a voltage that falls with the charge, and sags under load."""

from __future__ import annotations

from bisect import bisect_right

from host.world.noise import Noise

CAPACITY_MAH = 1000.0
STALL_MA = 1500.0
"""What a motor takes that is stalled at full duty."""
IDLE_MA = 120.0
RESISTANCE_OHM = 0.15
FLAT_MV = 6000.0
_CURVE = ((0.0, 6000.0), (0.05, 6800.0), (0.2, 7300.0), (0.5, 7600.0), (0.8, 8000.0), (1.0, 8400.0))
"""Charge, and the voltage at rest."""
_TAPER = 0.05
"""When so little is missing, cells begin to take less."""
_NOISE_MV = 4.0


class Battery:
    """Charge is 0 to 1; currents are in mA, into the car positive."""

    def __init__(self, charge: float, seed: int) -> None:
        self.charge = charge
        self._noise = Noise(seed, "battery")
        self.voltage_mv = _at_rest(charge)

    def draw(self, load: float, charging_ma: float, dt_s: float, is_flat: bool) -> None:
        """Drive with a load of so many stalled motors for a time."""
        taken_ma = charging_ma * min(1.0, (1 - self.charge) / _TAPER)
        current_ma = IDLE_MA + STALL_MA * load - taken_ma
        self.charge = max(0.0, min(self.charge - current_ma * dt_s / 3600 / CAPACITY_MAH, 1.0))
        self.voltage_mv = FLAT_MV if is_flat else _at_rest(self.charge) - current_ma * RESISTANCE_OHM

    def measure(self) -> int:
        """In mV."""
        return round(self.voltage_mv + self._noise.bell(_NOISE_MV))


def _at_rest(charge: float) -> float:
    after = min(bisect_right(_CURVE, (charge, 1e9)), len(_CURVE) - 1)
    (low, low_mv), (high, high_mv) = _CURVE[after - 1], _CURVE[after]
    return low_mv + (high_mv - low_mv) * (charge - low) / (high - low)
