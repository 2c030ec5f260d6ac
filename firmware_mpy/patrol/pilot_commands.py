"""Commands of a car that drives by its senses. protocol/pilot_commands.py has their layouts."""

from patrol import wire
from patrol.buffers import int16, put16, uint16
from patrol.control.modes import IDLE

_RESULT = 2
_DEGREES = 360
_TURN = 65536


class PilotCommands:
    """Executes them on one pilot, beside `drive`."""

    def __init__(self, car):
        self._car = car
        self._handlers = {
            wire.COMMAND_MODE: self._mode,
            wire.COMMAND_ROUTE: self._route,
            wire.COMMAND_WAYPOINT: self._waypoint,
            wire.COMMAND_PLACE: self._place,
            wire.COMMAND_CLEAR: self._clear,
            wire.COMMAND_STATUS: self._status,
        }

    def execute(self, message, reply):
        """As Commands.execute, for a message of the right size, on a car that has a pilot."""
        return self._handlers[message[0]](self._car.drive.pilot, message, reply)

    def _refused(self, reply, status):
        reply[1] = status
        return _RESULT

    def _mode(self, pilot, message, reply):
        mode = message[1]
        if mode > wire.MODE_MODE_HIGH:
            return self._refused(reply, wire.STATUS_OUT_OF_RANGE)
        if self._car.is_halted and mode != IDLE:
            return self._refused(reply, wire.STATUS_HALTED)
        drive = self._car.drive
        drive.speed = drive.turn = 0
        drive.is_cut = False
        if not pilot.control.set_mode(mode):
            return self._refused(reply, wire.STATUS_FAULTY)
        reply[_RESULT] = mode
        return _RESULT + 1

    def _route(self, pilot, message, reply):
        if not message[1] or message[2] > 1:
            return self._refused(reply, wire.STATUS_OUT_OF_RANGE)
        route = pilot.control.route
        route.clear()
        route.laps = message[1]
        route.returns_home = message[2] == 1
        return _RESULT

    def _waypoint(self, pilot, message, reply):
        route = pilot.control.route
        if not route.add(int16(message, 1), int16(message, 3), uint16(message, 5)):
            return self._refused(reply, wire.STATUS_OUT_OF_RANGE)
        reply[_RESULT] = route.count
        return _RESULT + 1

    def _place(self, pilot, message, reply):
        x, y, degrees = int16(message, 1), int16(message, 3), int16(message, 5)
        if max(abs(x), abs(y)) > wire.PLACE_X_HIGH or abs(degrees) > wire.PLACE_HEADING_HIGH:
            return self._refused(reply, wire.STATUS_OUT_OF_RANGE)
        heading = degrees * _TURN // _DEGREES
        control = pilot.control
        control.stop()
        control.odometry.set_pose(x, y, heading)
        control.route.set_home(x, y, heading)
        return _RESULT

    def _clear(self, pilot, message, reply):
        pilot.control.clear()
        return _RESULT

    def _status(self, pilot, message, reply):
        control = pilot.control
        odometry, ranges = control.odometry, pilot.senses.ranges
        reply[_RESULT] = control.mode  # one by one: a tuple of them would be on the heap
        put16(reply, _RESULT + 1, control.faults.bits)
        put16(reply, _RESULT + 3, control.faults.first)
        put16(reply, _RESULT + 5, odometry.x)
        put16(reply, _RESULT + 7, odometry.y)
        put16(reply, _RESULT + 9, odometry.heading & 0xFFFF)
        put16(reply, _RESULT + 11, odometry.speed_left)
        put16(reply, _RESULT + 13, odometry.speed_right)
        put16(reply, _RESULT + 15, ranges[0])
        put16(reply, _RESULT + 17, ranges[1])
        put16(reply, _RESULT + 19, ranges[2])
        reply[_RESULT + 21] = control.route.at
        reply[_RESULT + 22] = control.route.lap
        put16(reply, _RESULT + 23, min(pilot.jitter_us, 0xFFFF))
        return _RESULT + 25
