"""Waypoints one after the other: along the straight lines between them, then home."""

from array import array

from micropython import const

from patrol.control import geometry
from patrol.control import parameters as names
from patrol.control.steering import across_for, braking, near, slowed
from patrol.control.trigonometry import cosine, direction, hypotenuse, sine, wrapped

MAX_WAYPOINTS = const(32)
HOME = const(0)
"""The place of home among the points; waypoints follow from 1."""

_STRIDE = const(3)
_SLOWEST = const(80)
_STRAIGHT = const(10 * 182)
_ALIGNED = const(3 * 182)
_NEAR_MM = const(120)
_ASIDE_MM = const(30)


class Route:
    """`step` sets `speed` and `across`. `course` is the present leg's heading, `to_go` its rest in mm."""

    def __init__(self, odometry, parameters):
        self._odometry = odometry
        self._parameters = parameters
        self._points = array("i", bytes(4 * _STRIDE * (MAX_WAYPOINTS + 1)))
        self.count = self.at = self.lap = 0
        self.laps = 1
        self.returns_home = True
        self.home_heading = 0
        self.is_done = True
        self.speed = self.across = self.course = self.to_go = self.cross = 0
        self._from_x = self._from_y = self._length = self._sine = self._cosine = 0
        self._end_speed = self._dwell_us = 0
        self._forward = 1
        self._is_homing = self._is_aligning = False

    def clear(self):
        self.count = 0
        self.is_done = True

    def add(self, x, y, dwell_ms=0):
        """One waypoint more; False if it cannot be taken."""
        if self.count == MAX_WAYPOINTS or max(abs(x), abs(y)) > geometry.ARENA_MM:
            return False
        self.count += 1
        self._put(self.count, x, y, dwell_ms)
        return True

    def set_home(self, x, y, heading):
        self._put(HOME, x, y, 0)
        self.home_heading = heading & 0xFFFF

    def _put(self, at, x, y, dwell_ms):
        at *= _STRIDE
        self._points[at], self._points[at + 1] = x, y
        self._points[at + 2] = min(dwell_ms, 60_000)

    def start(self):
        """From where the car is to the first waypoint."""
        self.lap = 0
        self._begin(1 if self.count else HOME, 1, not self.count)

    def go_home(self):
        """Along the route, whichever way is shorter, since its legs are known to be free."""
        if self.is_done or not self.count:
            self._begin(HOME, 1, True)
        elif self.at != HOME:
            ahead = self._way_home(self.at, 1)
            behind = self._way_home(self.at - 1, -1)
            if ahead <= behind:
                self._begin(self.at, 1, True)
            else:
                self._begin(self.at - 1, -1, True)

    def _begin(self, at, forward, is_homing):
        self._forward, self._is_homing = forward, is_homing
        self.is_done = self._is_aligning = False
        self._dwell_us = 0
        self._set_leg(self._odometry.x, self._odometry.y, at)

    def _way_home(self, at, forward):
        """mm from here over the points from `at` on to home."""
        x, y, way = self._odometry.x, self._odometry.y, 0
        while True:
            next_x, next_y = self._points[_STRIDE * at], self._points[_STRIDE * at + 1]
            way += hypotenuse(near(next_x - x), near(next_y - y))
            if at == HOME:
                return way
            x, y = next_x, next_y
            at = self._after(at, forward)

    def _after(self, at, forward):
        at += forward
        return at if HOME <= at <= self.count else HOME

    def _set_leg(self, x, y, at):
        """The line from x, y to a point."""
        self.at = at
        self._from_x, self._from_y = x, y
        along_x = near(self._points[_STRIDE * at] - x)
        along_y = near(self._points[_STRIDE * at + 1] - y)
        self._length = hypotenuse(along_x, along_y)
        self.course = direction(along_x, along_y)
        self._sine, self._cosine = sine(self.course), cosine(self.course)
        self._end_speed = self._corner_speed(at)

    def _corner_speed(self, at):
        """Slow for a corner, to dwell and at the end; as fast as ever where the route goes straight on."""
        after = self._following(at)
        if after < 0 or self._points[_STRIDE * at + 2]:
            return _SLOWEST
        along_x = near(self._points[_STRIDE * after] - self._points[_STRIDE * at])
        along_y = near(self._points[_STRIDE * after + 1] - self._points[_STRIDE * at + 1])
        if abs(wrapped(direction(along_x, along_y) - self.course)) > _STRAIGHT:
            return _SLOWEST
        return self._parameters[names.CRUISE]

    def _following(self, at):
        """The point after this one, or -1."""
        if at == HOME:
            return -1
        if self._is_homing:
            return self._after(at, self._forward)
        if at < self.count:
            return at + 1
        if self.lap + 1 < self.laps:
            return 1
        return HOME if self.returns_home else -1

    def step(self, dt_us):
        self.speed = self.across = 0
        if self.is_done:
            return
        if self._dwell_us > 0:
            self._dwell_us -= dt_us
        elif self._is_aligning:
            self._align()
        else:
            self._pursue()

    def _align(self):
        """Turn on the spot to home's heading."""
        error = wrapped(self.home_heading - self._odometry.heading)
        if abs(error) < _ALIGNED:
            self.is_done = True
        else:
            self.across = across_for(error, self._parameters)

    def _pursue(self):
        """Toward the point of the leg that is the look-ahead further on than the car."""
        parameters, odometry = self._parameters, self._odometry
        way_x, way_y = near(odometry.x - self._from_x), near(odometry.y - self._from_y)
        along = way_x * self._cosine + way_y * self._sine >> 14
        self.cross = (way_y * self._cosine >> 14) - (way_x * self._sine >> 14)
        rest_x = near(self._points[_STRIDE * self.at] - odometry.x)
        rest_y = near(self._points[_STRIDE * self.at + 1] - odometry.y)
        self.to_go = hypotenuse(rest_x, rest_y)
        if self.to_go <= parameters[names.ARRIVAL]:
            self._arrive()
            return
        is_aside = self.to_go < _NEAR_MM and abs(self.cross) > _ASIDE_MM
        if is_aside or along > self._length:
            heading = direction(rest_x, rest_y)
        else:
            heading = self.course - direction(parameters[names.LOOKAHEAD], self.cross)
        error = wrapped(heading - odometry.heading)
        fastest = min(parameters[names.CRUISE], braking(self.to_go, self._end_speed, parameters))
        self.speed = slowed(fastest, error)
        self.across = across_for(error, parameters)

    def _arrive(self):
        at, after = self.at, self._following(self.at)
        self._dwell_us = 0 if self._is_homing else 1000 * self._points[_STRIDE * at + 2]
        if not self._is_homing and at == self.count:
            self.lap += 1
        if after >= 0:
            self._set_leg(self._points[_STRIDE * at], self._points[_STRIDE * at + 1], after)
        elif at == HOME:
            self._is_aligning = True
        else:
            self.is_done = True
