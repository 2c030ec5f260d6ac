"""The rangers' echoes: filtered by a median of three, and watched for one that is stuck or silent."""

from array import array

from micropython import const

from patrol.control import parameters as names
from patrol.control.median import median3
from patrol.control.senses import FRONT, LEFT, NOTHING_MM, RIGHT

_RANGERS = const(3)
_AGES = const(3)
_NEAREST_MM = const(25)
"""Nearer than this a ranger says the same whatever the distance is."""


class Rangers:
    """`ahead`, `left` and `right` in mm."""

    def __init__(self, senses, parameters):
        self._senses = senses
        self._parameters = parameters
        self._last = array("i", (NOTHING_MM,) * (_AGES * _RANGERS))
        self._age_ms = array("i", (0,) * _RANGERS)
        self._same = array("i", (0,) * _RANGERS)
        self._echo_us = array("i", (0,) * _RANGERS)
        self._silent_us = array("i", (0,) * _RANGERS)
        self.ahead = self.left = self.right = NOTHING_MM

    def forgive(self):
        """Watch as if nothing had been seen so far."""
        for ranger in range(_RANGERS):
            self._same[ranger] = self._silent_us[ranger] = 0

    def step(self, dt_us, is_moving):
        """Take in what is new. Equal echoes count while the car moves."""
        senses = self._senses
        for ranger in range(_RANGERS):
            age_ms = senses.ranges_age_ms[ranger]
            if not senses.ranges_ok & 1 << ranger:
                self._silent_us[ranger] = min(self._silent_us[ranger] + dt_us, 1_000_000)
            elif age_ms <= self._age_ms[ranger]:
                self._silent_us[ranger] = 1000 * min(age_ms, 1000)
                self._take(ranger, senses.ranges[ranger], is_moving)
            else:
                self._silent_us[ranger] = 1000 * min(age_ms, 1000)
            self._age_ms[ranger] = age_ms
        self.ahead = self._filtered(FRONT)
        self.left = self._filtered(LEFT)
        self.right = self._filtered(RIGHT)

    def _take(self, ranger, echo, is_moving):
        last, at = self._last, _AGES * ranger
        echo_us = self._senses.echoes_us[ranger]
        is_new = echo != last[at] or echo_us != self._echo_us[ranger]
        self._echo_us[ranger] = echo_us
        if is_new or not _NEAREST_MM < echo < NOTHING_MM:
            # After silence one counts twice: that is rare, so that chance seldom makes those after it alike.
            self._same[ranger] = 2 if last[at] >= NOTHING_MM > echo else 1
        elif is_moving:  # a car that stands has every reason to hear the same
            self._same[ranger] = min(self._same[ranger] + 1, 1000)
        last[at + 2] = last[at + 1]
        last[at + 1] = last[at]
        last[at] = echo

    def _filtered(self, ranger):
        return median3(self._last, _AGES * ranger)

    @property
    def faulty(self):
        """The first ranger that is stuck or silent, or -1."""
        stuck = self._parameters[names.STUCK_SAMPLES]
        silent_us = 1000 * self._parameters[names.SILENT_MS]
        for ranger in range(_RANGERS):
            if self._same[ranger] >= stuck or self._silent_us[ranger] >= silent_us:
                return ranger
        return -1
