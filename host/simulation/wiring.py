"""The world on the board's pins: duties out, sensors in, by the car's own table of pins."""

from __future__ import annotations

import runpy
import struct
from collections.abc import Mapping
from typing import Any

from host.emulate.application import SOURCES
from host.emulate.pins import CHANNELS, PORTS, Inputs, Outputs, Wiring
from host.world import Actuators, Sensors

_FULL_U16 = 65535
_TEMPERATURE = 0
_FIRST_CHANNEL = {"A": 0, "B": 8, "C": 10}
"""Of the ADC, by port: PA0 to 7 are channels 0 to 7, PB0 and 1 are 8 and 9, PC0 to 5 are 10 to 15."""


def _number(pin: str) -> int:
    return (ord(pin[0]) - ord("A")) * 16 + int(pin[1:])


def _channel(pin: str) -> int:
    return _FIRST_CHANNEL[pin[0]] + int(pin[1:])


class PinTable:
    """The pins of the emulated board, from firmware_mpy/patrol/boards/f405.py."""

    def __init__(self, pins: Mapping[str, Any] | None = None) -> None:
        self._pins = pins or runpy.run_path(str(SOURCES / "patrol" / "boards" / "f405.py"))
        pins = self._pins
        self._motors = (pins["LEFT_MOTOR"], pins["RIGHT_MOTOR"])
        self.wiring = Wiring(
            tuple(_number(trigger) for trigger, _ in pins["RANGERS"]),
            tuple(_number(echo) for _, echo in pins["RANGERS"]),
            (pins["LEFT_ENCODER"][0], pins["RIGHT_ENCODER"][0]),
            tuple(timer * 16 + channel for timer, channel in (
                pins["PWM_TIMERS"][pwm] for pwm, _, _ in self._motors
            )),
        )

    def actuators(self, outputs: Outputs) -> Actuators:
        """What the outputs do to the car: a TB6612's channel turns by PWM, in the direction of its inputs."""
        def level(pin: str) -> int:
            number = _number(pin)
            return outputs.levels[number >> 4] >> (number & 15) & 1

        left, right = (
            (level(forward) - level(backward)) * round(1000 * duty / _FULL_U16)
            for (_, forward, backward), duty in zip(self._motors, outputs.duties, strict=True)
        )
        return Actuators(left, right, bool(level(self._pins["BUZZER"])))

    def inputs(self, sensors: Sensors, echoes_us: list[int], link: bytes) -> Inputs:
        """What the chip reads. The button is not pressed: it is low when it is."""
        pins = self._pins
        adc = [0] * CHANNELS
        for pin, reading in zip(pins["LINE_ADCS"], sensors.line, strict=True):
            adc[_channel(pin)] = reading
        battery = sensors.battery_mv * _FULL_U16 // pins["BATTERY_FULL_SCALE_MV"]
        adc[_channel(pins["BATTERY_ADC"])] = min(battery, _FULL_U16)
        levels = [0] * PORTS
        button = _number(pins["BUTTON"])
        levels[button >> 4] |= 1 << (button & 15)
        imu = struct.pack(">7h", *sensors.acceleration, _TEMPERATURE, *sensors.gyro)
        encoders = (sensors.encoder_left, sensors.encoder_right)
        return Inputs(encoders, echoes_us, adc, levels, imu if sensors.imu_ok else None, link)
