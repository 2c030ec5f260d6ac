"""The tape on the floor: where it is under the five sensors, and what to do to keep it in the middle."""

from micropython import const

from patrol.control import parameters as names

_SENSORS = const(5)
_FLOOR = const(200)
_LEAST = const(250)
_WIDTH = const(1000)
_SLOWEST = const(80)
_GAP_US = const(200_000)
_MIDDLE = const(700)
_SEARCH_ACROSS = const(90)


class LineFollower:
    """`step` sets `speed`, `across` and, in 1/1000 of a sensor's width to the left, `position`."""

    def __init__(self, senses, parameters):
        self._senses = senses
        self._parameters = parameters
        self.speed = self.across = self.position = 0
        self._lost_us = 0
        self.is_seen = self.is_lost = False
        """Lost is what was searched for in vain."""

    def start(self, position=0):
        """Begin anew; a line out of sight is looked for on the side of `position`."""
        self.position = position
        self._lost_us = 0
        self.is_lost = False

    def look(self):
        """Weigh the sensors' darkness by where they are; out of sight, the last position stays."""
        total = moment = 0
        for sensor in range(_SENSORS):
            darkness = (self._senses.line[sensor] >> 6) - _FLOOR
            if darkness > 0:
                total += darkness
                moment += darkness * (2 - sensor)
        self.is_seen = total > _LEAST
        if self.is_seen:
            self.position = moment * _WIDTH // total

    def step(self, dt_us):
        before = self.position
        self.look()
        if self.is_seen:
            self._lost_us = 0
            self._follow(self.position - before)
        else:
            self._search(dt_us)

    def _follow(self, change):
        parameters = self._parameters
        off = self.position
        self.across = (off * parameters[names.LINE_P] + change * parameters[names.LINE_D]) // _WIDTH
        slower = abs(off) * parameters[names.LINE_SLOW] // _WIDTH
        self.speed = max(_SLOWEST, parameters[names.LINE_SPEED] - slower)

    def _search(self, dt_us):
        """Over a gap straight on, for a moment; then turn to where the line went, for a limited time."""
        self._lost_us += dt_us
        self.speed = self.across = 0
        if self._lost_us > 1000 * self._parameters[names.LINE_SEARCH_MS]:
            self.is_lost = True
        elif self._lost_us < _GAP_US and abs(self.position) < _MIDDLE:
            self.speed = _SLOWEST
        else:
            self.across = _SEARCH_ACROSS if self.position >= 0 else -_SEARCH_ACROSS
