"""Words for the pins, which only Renode has."""

from __future__ import annotations

import time

from car_words import Words
from robot.api.deco import keyword

_MEASURED_S = 1.0
_DIRECTIONS = {"left": ("B0", "B1"), "right": ("B12", "B13")}
"""The motor driver's inputs for forward and backward, as in firmware_mpy/patrol/boards/f405.py."""


class PinWords(Words):
    """What is measured at the pins, and what is put on them."""

    @keyword("The ${motor:left|right} Motor Is Given ${percent:\\d+} % ${direction:forward|backward}")
    def the_motor_is_given(self, motor: str, percent: int, direction: str) -> None:
        """PWM within one percent, and one direction input high."""
        self._measure(motor, percent)
        levels = [self.board.pin(name) for name in _DIRECTIONS[motor]]
        expected = [direction == "forward", direction == "backward"]
        assert levels == expected, f"the direction inputs are {levels}"

    @keyword("The ${motor:left|right} Motor Coasts")
    def the_motor_coasts(self, motor: str) -> None:
        """Both direction inputs are low."""
        levels = [self.board.pin(name) for name in _DIRECTIONS[motor]]
        assert levels == [False, False], f"the direction inputs are {levels}"

    @keyword("The Button Is ${what:pressed|released}")
    def the_button_is(self, what: str) -> None:
        """The user's button on C13."""
        self.board.press_button(what == "pressed")

    @keyword("Pin ${name:[A-I]\\d+} Is ${level:high|low}")
    def pin_is(self, name: str, level: str) -> None:
        """As the chip's input register has it."""
        assert self.board.pin(name) == (level == "high"), f"{name} is not {level}"

    @keyword("The Battery's Pin Has Sample ${sample:\\d+}")
    def the_batterys_pin_has(self, sample: int) -> None:
        """A4 is channel 4 of the ADC."""
        self.board.feed_adc(4, sample)

    def _measure(self, motor: str, percent: int) -> None:
        self.board.pwm_percent(motor)
        # The link is read meanwhile: without heartbeats the car would stop.
        deadline = time.monotonic() + _MEASURED_S
        while time.monotonic() < deadline:
            self.link.next_rows(0.05)
        found = self.board.pwm_percent(motor)
        assert abs(found - percent) <= 1, f"the pin carries {found:.2f} %"
