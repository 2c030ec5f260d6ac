"""An obstacle ahead: slow down, stop, wait for it to go, drive around it on the freer side."""

from micropython import const

from patrol.control import geometry
from patrol.control import parameters as names
from patrol.control.steering import across_for, braking, slowed
from patrol.control.trigonometry import wrapped

CLEAR = const(0)
WAIT = const(1)
ASIDE = const(2)
ALONG = const(3)
BACK = const(4)

_CLOSEST = const(130)
_BEYOND = const(100)
_GONE_MM = const(80)
_GONE_US = const(200_000)
_ROOM = const(330)
_EDGE = const(200)
_SIDEWAYS_LIMIT = const(1300)
_UNSEEN_LIMIT = const(450)
_STRAIGHT = const(8 * 182)
_ALONG_LIMIT = const(2500)
_BACK_LIMIT = const(900)
_BACK_ANGLE = const(50 * 182)
_FACING = const(12 * 182)
_SPEED = const(200)
_FORGIVEN = const(600)
_RETURN = const(350)
_WAY_MASK = const(0xFFFFFF)


class Avoider:
    """`guard` sets `speed` and `across` from those wanted. `phase` is CLEAR while it only slows down."""

    def __init__(self, odometry, rangers, line, parameters):
        self._odometry = odometry
        self._rangers = rangers
        self._line = line
        self._parameters = parameters
        self.start(False)

    def start(self, on_line):
        """Begin anew. `on_line`: what the car comes back to is the line."""
        self._on_line = on_line
        self.phase = CLEAR
        self.speed = self.across = 0
        self.side = 1  # around it to the left; -1 to the right
        self.tries = 0
        self.is_blocked = False
        self._waited_us = self._gone_us = self._mark = self._edge = 0
        self._course = 0
        self._stop_at = self._parameters[names.STOP_DISTANCE]
        self._seen = self._returns = False

    def guard(self, speed, across, course, to_go, dt_us):
        """One period. What is further away than `to_go`, where the car wants to stop, is not in its way."""
        self.speed, self.across = speed, across
        if self.phase == CLEAR:
            self._slow_down(course, to_go)
        elif self.phase == WAIT:
            self._wait(dt_us)
        elif self.phase == ASIDE:
            self._go_aside()
        elif self.phase == ALONG:
            self._go_along()
        else:
            self._go_back()

    def _slow_down(self, course, to_go):
        if self.speed <= 0:
            return
        parameters = self._parameters
        self._stop_at = stop_at = self._stop_distance(course)
        if self._returns:  # aslant onto the line: what is behind it is not in the way
            self._returns = self._way() < _RETURN
            self._stop_at = stop_at = _CLOSEST
        free = self._rangers.ahead - min(stop_at, max(_CLOSEST, to_go + _BEYOND))
        if self.tries and self._way() > _FORGIVEN:
            self.tries = 0
        if free <= 0:
            self._course = course
            self._start_waiting()
        else:
            self.speed = min(self.speed, braking(free, 0, parameters) + 20)

    def _stop_distance(self, course):
        """Nearer than where the beam is as wide as the car, it misses what a corner of the car would hit.

        So a car that goes straight on stops there. On a line, and while it turns to its course, it need not
        get to what is ahead, and stops late.
        """
        is_straight = abs(wrapped(course - self._odometry.heading)) < _STRAIGHT
        is_wide = is_straight and not self._on_line
        return self._parameters[names.BEAM_DISTANCE if is_wide else names.STOP_DISTANCE]

    def _way(self):
        """mm since the phase began."""
        return (self._odometry.way - self._mark) & _WAY_MASK

    def _enter(self, phase):
        self.phase = phase
        self._mark = self._edge = self._odometry.way
        self._seen = False

    def _start_waiting(self):
        self._enter(WAIT)
        self.speed = self.across = 0
        self._waited_us = self._gone_us = 0

    def _wait(self, dt_us):
        self.speed = self.across = 0
        parameters = self._parameters
        is_gone = self._rangers.ahead > self._stop_at + _GONE_MM
        self._gone_us = self._gone_us + dt_us if is_gone else 0
        self._waited_us += dt_us
        if self._gone_us > _GONE_US:
            self._enter(CLEAR)
        elif self._waited_us > 1000 * parameters[names.WAIT_MS]:
            self._try()

    def _try(self):
        """Around it on the freer side, if there is any room at all."""
        left, right = self._rangers.left, self._rangers.right
        if not self._counts():
            return
        if max(left, right) < _ROOM:
            self._start_waiting()
            return
        self.side = 1 if left >= right else -1
        self._enter(ASIDE)

    def _counts(self):
        """Whether there is another try."""
        self.tries += 1
        self.is_blocked = self.tries > self._parameters[names.TRIES]
        if self.is_blocked:
            self.speed = self.across = 0
        return not self.is_blocked

    def _fail(self):
        """No way on this side: the other one."""
        self.speed = self.across = 0
        if self._counts():
            self.side = -self.side
            self._enter(ASIDE)

    def _drive(self, heading):
        """True once the car faces that way."""
        error = wrapped(heading - self._odometry.heading)
        self.across = across_for(error, self._parameters)
        self.speed = slowed(_SPEED, error)
        return abs(error) < _FACING

    def _past_edge(self, within):
        """mm driven since the ranger on the obstacle's side last saw something so near."""
        beside = self._rangers.right if self.side > 0 else self._rangers.left
        if beside <= within + _EDGE:
            self._edge = self._odometry.way
            self._seen = True
        return (self._odometry.way - self._edge) & _WAY_MASK

    def _go_aside(self):
        if not self._drive(self._course + self.side * geometry.RIGHT_ANGLE):
            self._mark = self._edge = self._odometry.way
            return
        if self._past_edge(self._stop_at) > self._parameters[names.CLEARANCE]:
            self._enter(ALONG)
        elif self._rangers.ahead < self._parameters[names.STOP_DISTANCE] or self._way() > _SIDEWAYS_LIMIT:
            self._fail()

    def _go_along(self):
        if not self._drive(self._course):
            self._mark = self._edge = self._odometry.way
            return
        parameters = self._parameters
        past = self._past_edge(parameters[names.STOP_DISTANCE])
        if self._rangers.ahead < parameters[names.STOP_DISTANCE]:
            if self._counts():
                self._enter(ASIDE)
        elif past > (parameters[names.CLEARANCE] if self._seen else self._stop_at + _UNSEEN_LIMIT):
            self._enter(BACK if self._on_line else CLEAR)
        elif self._way() > _ALONG_LIMIT:
            self._fail()

    def _go_back(self):
        """Aslant toward the line; out of sight after that, the follower looks for it."""
        if not self._drive(self._course - self.side * _BACK_ANGLE):
            self._mark = self._odometry.way
        self._line.look()
        if self._line.is_seen or self._way() > _BACK_LIMIT:
            self._line.start(-self.side)
            self._enter(CLEAR)
            self._returns = True
        elif self._rangers.ahead < self._parameters[names.STOP_DISTANCE] and self._counts():
            self._enter(ALONG)  # something else is there: further on
