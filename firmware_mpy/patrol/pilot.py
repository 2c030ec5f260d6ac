"""What drives the car by its senses: sensors to the control, the control's duties to the motors."""

import time

from machine import ADC, Pin
from micropython import const

from patrol import pilot_row, pins, wire
from patrol.control import faults
from patrol.control import parameters as names
from patrol.control.modes import MANUAL, PERIOD_US, Control
from patrol.control.senses import NOTHING_MM, Senses
from patrol.drivers.imu import Imu
from patrol.drivers.rangers import Rangers
from patrol.motors import chip_pin

_FIRE_MS = const(10)
_US_PER_100_MM = const(583)
_STUCK_ECHOES = const(5)
"""Echoes are compared in us, where noise seldom makes two alike."""
_SILENT_MS = const(120)
"""A ranger that hears nothing takes 38 ms to say so, and its turn comes every 30 ms."""
_LONG_AGO_MS = const(10_000)
_RANGERS = (b"front", b"left", b"right", b"")
_ADOPTED = (
    (names.TOP_SPEED, wire.PARAMETER_SPEED_LIMIT),
    (names.FULL_SPEED, wire.PARAMETER_FULL_SPEED),
    (names.CRUISE, wire.PARAMETER_CRUISE),
    (names.LINE_SPEED, wire.PARAMETER_LINE_SPEED),
    (names.WAIT_MS, wire.PARAMETER_OBSTACLE_WAIT),
    (names.LOW_MV, wire.PARAMETER_LOW_BATTERY),
    (names.FLAT_MV, wire.PARAMETER_FLAT_BATTERY),
)
"""The control's own, and the host's that they follow."""
_MODES = (b"manual", b"line", b"patrol", b"home", b"idle")


class Pilot:
    """Senses, control, and the period in which it is called."""

    def __init__(self, drive, battery, encoders, log):
        self._log = log
        self._battery = battery
        self._left, self._right = encoders
        self.rangers = Rangers(pins.RANGERS)
        self._line = [ADC(Pin(chip_pin(pin))) for pin in pins.LINE_ADCS]
        self.imu = Imu(pins.I2C)
        self._samples = [0] * len(pins.RANGERS)
        self.senses = Senses()
        self._parameters = parameters = names.defaults()
        parameters[names.STUCK_SAMPLES] = _STUCK_ECHOES
        parameters[names.SILENT_MS] = _SILENT_MS
        self.control = Control(drive, self.senses, parameters)
        self.late_us = self.jitter_us = 0
        """By how much the last period was longer or shorter than it should be, and the most of it so far."""
        self._mode, self._fault = self.control.mode, 0
        self._due_us = self._last_us = time.ticks_us()

    @property
    def is_faulty(self):
        """A fault is latched: no driving until it is cleared."""
        return self.control.faults.bits != 0

    def start(self, timer):
        """Begin: rangers fire by this timer, and periods are counted from now."""
        self._last_us = time.ticks_us()
        self._due_us = time.ticks_add(self._last_us, PERIOD_US)
        timer.init(period=_FIRE_MS, mode=timer.PERIODIC, callback=self.rangers.fire_next)

    def adopt(self, parameters):
        """Take over what a host may set."""
        for own, place in _ADOPTED:
            self._parameters[own] = parameters[place]

    def manual(self, speed, turn):
        """Drive as commanded, in mm/s and deg/s; at 0 and 0 the car stands."""
        control = self.control
        if control.mode != MANUAL and (speed or turn):
            control.set_mode(MANUAL)
        control.manual(speed, turn)
        if not speed and not turn:
            control.stop()

    def stop(self):
        self.control.stop()

    def poll(self):
        """Do a step of the control if it is time."""
        now = time.ticks_us()
        late_us = time.ticks_diff(now, self._due_us)
        if late_us < 0:
            return
        step_us = time.ticks_diff(now, self._last_us)
        self._last_us = now
        self._due_us = time.ticks_add(self._due_us if late_us < PERIOD_US else now, PERIOD_US)
        self.late_us = abs(step_us - PERIOD_US)
        self.jitter_us = max(self.jitter_us, self.late_us)
        self._sense()
        self.control.step(step_us)
        self._tell()

    def left_us(self):
        """Until the next step is due."""
        return time.ticks_diff(self._due_us, time.ticks_us())

    def fill(self, row, at):
        """What the pilot knows, for telemetry."""
        pilot_row.fill(row, at, self)

    def _tell(self):
        """Modes and faults to the log, as they change."""
        control = self.control
        if control.faults.first != self._fault:
            self._fault = control.faults.first
            if self._fault == faults.RANGER:
                self._log.note(b"fault: RANGER ", _RANGERS[control.rangers.faulty])
            elif self._fault:
                self._log.note(b"fault: ", faults.name_of(self._fault))
            else:
                self._log.note(b"faults cleared")
        if control.mode != self._mode:
            self._mode = control.mode
            self._log.note(b"mode: ", _MODES[self._mode])

    def wait_ms(self, wait_ms):
        """How long the loop may rest."""
        return max(0, min(wait_ms, self.left_us() // 1000))

    def _sense(self):
        senses = self.senses
        senses.encoder_left, senses.encoder_right = self._left.count(), self._right.count()
        now_ms = time.ticks_ms()
        for number in range(len(self._samples)):
            self._take_range(number, now_ms)
        for place in range(len(self._line)):
            senses.line[place] = self._line[place].read_u16()
        senses.imu_ok = self.imu.read()
        senses.gyro_z = self.imu.gyro_z
        senses.battery_mv = self._battery.millivolts()

    def _take_range(self, number, now_ms):
        senses, ranger = self.senses, self.rangers.all[number]
        if ranger.samples == self._samples[number]:
            age_ms = time.ticks_diff(now_ms, ranger.at_ms)
            senses.ranges_age_ms[number] = max(senses.ranges_age_ms[number] + 1, min(age_ms, _LONG_AGO_MS))
            return
        self._samples[number] = ranger.samples
        senses.ranges[number] = min(100 * ranger.echo_us // _US_PER_100_MM, NOTHING_MM)
        senses.echoes_us[number] = ranger.echo_us
        senses.ranges_age_ms[number] = 0
