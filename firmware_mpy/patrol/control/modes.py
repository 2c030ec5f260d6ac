"""The car's control as a whole: `Control.step` once a period, whatever the mode."""

from micropython import const

from patrol.control import faults, geometry
from patrol.control import parameters as names
from patrol.control.avoid import CLEAR, Avoider
from patrol.control.faults import FaultSupervisor
from patrol.control.line import LineFollower
from patrol.control.odometry import Odometry
from patrol.control.rangers import Rangers
from patrol.control.route import Route
from patrol.control.steering import across_for
from patrol.control.trigonometry import wrapped
from patrol.control.wheels import Wheels

MANUAL = const(0)
LINE = const(1)
PATROL = const(2)
HOME = const(3)
IDLE = const(4)
NAMES = ("MANUAL", "LINE", "PATROL", "HOME", "IDLE")

PERIOD_US = const(20_000)
_LOST_HOLD = const(20 * 182)
_FAR_MM = const(4000)
_LONGEST_US = const(1_000_000)


class Control:
    """Senses in, duties out through `output.set_duties(left, right)`; nothing is allocated by a step.

    `mode`, `odometry`, `wheels`, `route`, `line`, `avoider`, `rangers` and `faults` are there to be read.
    """

    def __init__(self, output, senses, parameters=None):
        self._senses = senses
        self._parameters = parameters = parameters or names.defaults()
        self.odometry = Odometry(senses)
        self.wheels = Wheels(output, self.odometry, parameters)
        self.rangers = Rangers(senses, parameters)
        self.faults = FaultSupervisor(senses, self.odometry, self.rangers, self.wheels, parameters)
        self.line = LineFollower(senses, parameters)
        self.route = Route(self.odometry, parameters)
        self.avoider = Avoider(self.odometry, self.rangers, self.line, parameters)
        self.mode = IDLE
        self.speed = self.across = 0
        """Of the car, and what the right wheel is faster; in mm/s, before any ramp."""
        self._manual_speed = self._manual_turn = self._hold = self._rest_hold = self._low_us = 0
        self._is_patrol_known = False
        self._steps = (self._step_manual, self._step_line, self._step_route, self._step_route)

    def set_mode(self, mode):
        """False if a fault forbids it. The car goes on from where it is, without a stop if it can."""
        if mode == IDLE:
            self.stop()
            return True
        if self.faults.bits:
            return False
        self._manual_speed = self._manual_turn = 0
        self._hold = self.odometry.heading
        self.avoider.start(mode == LINE)
        if mode == LINE:
            self.line.start()
        elif mode == PATROL:
            self.route.start()
        elif mode == HOME:
            self.route.go_home()
        self.mode = mode
        return True

    def manual(self, speed, turn):
        """In mm/s and deg/s, left positive."""
        self._manual_speed, self._manual_turn = speed, turn

    def stop(self):
        """At once. The mode is IDLE then."""
        self.mode = IDLE
        self.speed = self.across = 0
        self.wheels.stop()

    def clear(self):
        """Forget the faults; a mode has to be set anew."""
        self.faults.clear()

    def step(self, dt_us):
        """Everything, once: called every PERIOD_US with the time that has really passed."""
        late_us = min(max(dt_us, 1), _LONGEST_US)
        dt_us = max(geometry.MIN_DT_US, min(dt_us, geometry.MAX_DT_US))
        battery_mv = self._senses.battery_mv
        self.odometry.step(dt_us, self.wheels.at_rest)
        self.wheels.follow(battery_mv, dt_us)
        self.rangers.step(dt_us, self.mode != IDLE and self.faults.is_moving)
        if self.mode == IDLE:
            self.wheels.stop()
            return
        self.faults.step(late_us)
        self._heed_battery(dt_us)
        mode = self.mode  # once: a cut may come at any moment, and leaves it idle
        if not self.faults.bits and mode != IDLE:
            self._steps[mode](dt_us)
        if self.faults.bits or self.mode == IDLE:
            self.stop()
        else:
            top = self._parameters[names.TOP_SPEED]
            self.wheels.step(max(-top, min(self.speed, top)), self.across, battery_mv, dt_us)

    def _heed_battery(self, dt_us):
        """Go home while there is still something left."""
        parameters = self._parameters
        is_low = self._senses.battery_mv < parameters[names.LOW_MV]
        self._low_us = min(self._low_us + dt_us, 2 * _LONGEST_US) if is_low else 0
        if self._low_us >= 1000 * parameters[names.LOW_MS] and (self.mode == LINE or self.mode == PATROL):
            self._turn_home()

    def _turn_home(self):
        if self.mode == LINE:
            self.route.is_done = True  # no leg of it is under the car
        self.route.go_home()
        self.avoider.start(False)
        self.mode = HOME

    def _step_manual(self, dt_us):
        """As commanded, and straight though the wheels differ: the heading that it adds up to is held."""
        self.speed = self._manual_speed
        self.across = self._manual_turn * geometry.ACROSS_NUMERATOR // geometry.ACROSS_DENOMINATOR
        turned = self._manual_turn * dt_us + self._rest_hold
        self._rest_hold = turned % geometry.TURN_US
        self._hold = wrapped(self._hold + turned // geometry.TURN_US)
        error = wrapped(self._hold - self.odometry.heading)
        if abs(error) > _LOST_HOLD or not (self.speed or self.across):
            self._hold = self.odometry.heading
        else:
            self.across += across_for(error, self._parameters)

    def _step_line(self, dt_us):
        if self.avoider.phase == CLEAR:
            self.line.step(dt_us)
        self._guard(self.line.speed, self.line.across, self.odometry.heading, _FAR_MM, dt_us)
        if self.line.is_lost:
            self.faults.report(faults.LINE_LOST)

    def _step_route(self, dt_us):
        """PATROL and HOME. The gyro's bias is learned before the car moves at all."""
        if not self.odometry.is_calibrated:
            self.speed = self.across = 0
            return
        route = self.route
        if self.avoider.phase == CLEAR:
            route.step(dt_us)
        self._guard(route.speed, route.across, route.course, route.to_go, dt_us)
        if route.is_done:
            self.mode = IDLE

    def _guard(self, speed, across, course, to_go, dt_us):
        avoider = self.avoider
        avoider.guard(speed, across, course, to_go, dt_us)
        self.speed, self.across = avoider.speed, avoider.across
        if avoider.is_blocked:
            self.faults.report(faults.BLOCKED)
