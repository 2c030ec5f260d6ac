"""Command messages to reply messages: code, argument length, range, then what was asked for."""

import gc
import sys

from patrol import frames, wire
from patrol.buffers import copy, int16, put16, put32, uint16

APPLICATION = "patrol"

_RESULT = 2
"""Where a reply's results begin: behind code and status."""

_OFTEN_BYTES = 2048
"""Between two collections, as while the application starts (main.py)."""

_LONG = 0x4000
"""A 32-bit value whose upper half is within this is a small integer on the board."""


def _load_files():
    from patrol.files import Files  # only who moves files pays for it

    return Files()


def _text(*words):
    """Texts as the reply to `info` has them, each behind its length; cut so that they fit a message."""
    room = (wire.MAX_MESSAGE - _RESULT) // len(words) - 1
    pieces = [word.encode()[:room] for word in words]
    return b"".join([bytes([len(piece)]) + piece for piece in pieces])


class Commands:
    """Executes commands on one car. `reply` holds the last reply."""

    def __init__(self, car, telemetry, measure):
        self.reply = bytearray(wire.MAX_MESSAGE)
        self._car = car
        self._telemetry = telemetry
        self._measure = measure
        version = ".".join([str(part) for part in sys.implementation.version[:3]])
        self._info_text = _text(sys.implementation._machine, version, APPLICATION)
        self._handlers = {
            wire.COMMAND_PING: self._ping,
            wire.COMMAND_INFO: self._info,
            wire.COMMAND_DRIVE: self._drive,
            wire.COMMAND_STOP: self._stop,
            wire.COMMAND_GET: self._get,
            wire.COMMAND_SET: self._set,
            wire.COMMAND_RATE: self._rate,
            wire.COMMAND_REBOOT: self._reboot,
            wire.COMMAND_COUNTERS: self._counters,
            wire.COMMAND_PROFILE: self._profile,
            wire.COMMAND_KEY: self._key,
            wire.COMMAND_RESUME: self._resume,
            wire.COMMAND_PAIR: self._pair,
            wire.COMMAND_LOG: self._log,
        }
        self.pilot = None
        """What executes the commands of a car that drives by its senses."""
        self._files = None
        # Made once: a method taken from its object is an object on the heap.
        self._file_handler, self._pilot_handler = self._move_files, self._drive_by_senses
        self._size = 0

    def execute(self, message, size):
        """Do what message[:size] says; answers the size of the reply. A size below 1 is no message."""
        reply = self.reply
        self._size = size
        reply[0] = message[0] if size > 0 else 0
        reply[1] = self._refusal(reply[0], size)
        if reply[1] != wire.STATUS_OK:
            return _RESULT
        try:
            end = self._handler(reply[0])(message, reply)
        except ImportError:  # its module is left out of a small board's application
            end = self._refused(reply, wire.STATUS_UNKNOWN_COMMAND)
        if reply[1] == wire.STATUS_OK:
            self._car.count(wire.COUNTER_COMMANDS_EXECUTED)
        return end

    def _handler(self, code):
        if code in self._handlers:
            return self._handlers[code]
        return self._file_handler if code >= wire.COMMAND_PUT else self._pilot_handler

    def _refusal(self, code, size):
        """Why a command cannot even be looked at; STATUS_OK otherwise."""
        if size <= 0:
            return wire.STATUS_BAD_BODY
        if code >= len(wire.ARGUMENT_BYTES) or wire.ARGUMENT_BYTES[code] == -1:
            return wire.STATUS_UNKNOWN_COMMAND
        told = wire.ARGUMENT_BYTES[code]
        if told != size - 1 and (told >= 0 or size - 1 < -2 - told):
            return wire.STATUS_BAD_ARGUMENTS
        return wire.STATUS_OK

    def _out_of_range(self, reply):
        return self._refused(reply, wire.STATUS_OUT_OF_RANGE)

    def _refused(self, reply, status):
        reply[1] = status
        return _RESULT

    def _ping(self, message, reply):
        self._car.update_clock()
        put16(reply, _RESULT, uint16(message, 1))
        copy(reply, _RESULT + 2, self._car.counters, 4)  # the uptime is the first of them
        return _RESULT + 6

    def _info(self, message, reply):
        copy(reply, _RESULT, self._info_text, len(self._info_text))
        return _RESULT + len(self._info_text)

    def _drive(self, message, reply):
        speed = int16(message, 1)
        turn = int16(message, 3)
        if not wire.DRIVE_SPEED_LOW <= speed <= wire.DRIVE_SPEED_HIGH:
            return self._out_of_range(reply)
        if not wire.DRIVE_TURN_LOW <= turn <= wire.DRIVE_TURN_HIGH:
            return self._out_of_range(reply)
        if self._car.is_halted:
            return self._refused(reply, wire.STATUS_HALTED)
        drive = self._car.drive
        if (speed or turn) and drive.pilot is not None and drive.pilot.is_faulty:
            return self._refused(reply, wire.STATUS_FAULTY)
        drive.set(speed, turn)
        put16(reply, _RESULT, drive.speed)
        put16(reply, _RESULT + 2, drive.turn)
        return _RESULT + 4

    def _stop(self, message, reply):
        self._car.drive.stop()
        return _RESULT

    def _resume(self, message, reply):
        if self._car.is_halted:
            self._car.is_halted = False
            self._car.log.note(b"resumed")
        return _RESULT

    def _pair(self, message, reply):
        pairing = self._car.pairing
        if pairing is None:
            return self._refused(reply, wire.STATUS_UNKNOWN_COMMAND)
        if pairing.signer is not None:
            self._car.count(wire.COUNTER_REFUSED_PAIRED)
            return self._refused(reply, wire.STATUS_PAIRED)
        pairing.pair(bytes(message[1 : 1 + wire.KEY_BYTES]))
        return _RESULT

    def _get(self, message, reply):
        if message[1] > wire.GET_PARAMETER_HIGH:
            return self._out_of_range(reply)
        put32(reply, _RESULT, self._car.parameters[message[1]])
        return _RESULT + 4

    def _set(self, message, reply):
        number = message[1]
        upper = int16(message, 4)
        if number > wire.SET_PARAMETER_HIGH or not -_LONG <= upper < _LONG:
            return self._out_of_range(reply)
        value = upper << 16 | uint16(message, 2)
        if not wire.PARAMETER_LOW[number] <= value <= wire.PARAMETER_HIGH[number]:
            return self._out_of_range(reply)
        self._car.parameters[number] = value
        self._car.drive.refresh()
        self._telemetry.refresh()
        put32(reply, _RESULT, value)
        return _RESULT + 4

    def _rate(self, message, reply):
        rate_hz = uint16(message, 1)
        if rate_hz > wire.RATE_HZ_HIGH:
            return self._out_of_range(reply)
        self._car.rate_hz = rate_hz
        self._car.samples_itself = True
        if rate_hz == 0:
            self._telemetry.flush()  # no row comes that the waiting ones could wait for
        put16(reply, _RESULT, rate_hz)
        return _RESULT + 2

    def _reboot(self, message, reply):
        self._car.drive.stop()
        self._car.reboot_wanted = True
        return _RESULT

    def _counters(self, message, reply):
        car = self._car
        car.update_clock()
        car.counters[wire.COUNTER_HEAP_FREE] = gc.mem_free()
        size = 4 * len(car.counters)
        copy(reply, _RESULT, car.counters, size)
        return _RESULT + size

    def _profile(self, message, reply):
        return self._measure(reply, _RESULT)

    def _key(self, message, reply):
        self._telemetry.request_key()
        return _RESULT

    def _log(self, message, reply):
        return self._car.log.read(uint16(message, 1), reply, _RESULT)

    def _drive_by_senses(self, message, reply):
        if self.pilot is None:
            return self._refused(reply, wire.STATUS_NO_PILOT)
        return self.pilot.execute(message, reply)

    def _move_files(self, message, reply):
        rarely = gc.threshold()
        gc.threshold(_OFTEN_BYTES)  # modules load and blocks come and go: large pieces are to stay free
        try:
            if self._files is None:
                self._files = frames.load(_load_files)
            return self._files.execute(message, self._size, reply)
        finally:
            gc.threshold(rarely)
