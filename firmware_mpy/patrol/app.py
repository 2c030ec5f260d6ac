"""The patrol car's loop: link, sensors, own samples, and sleep until there is more to do."""

import gc
import select
import sys
import time

import machine
from micropython import const

from patrol import frames, pins  # frames first, for its place in the heap
from patrol.car import Car
from patrol.link import Link
from patrol.motors import Battery, Motor, chip_pin
from patrol.sampling import Sampler

_COLLECT_US = const(1_000_000)
_COLLECTING_US = const(9_000)
"""What collecting takes at most: 6.4 ms of 110 KB on the emulated board."""


def _uart(number, baud):
    return machine.UART(number, baud, rxbuf=pins.RX_BUFFER_BYTES)


def _pairing():
    """The key of this car; None where the application for a small board leaves pairing out."""
    try:
        from patrol.pairing import Pairing

        return Pairing()
    except ImportError:
        return None


def _load_profile():
    from patrol import profile  # only who asks for it pays for it

    return profile


def _measure(reply, at):
    return frames.load(_load_profile).measure(reply, at)


def _forget(package, name):
    """Give back the memory of a module that is of no use here."""
    folder = "patrol." + package
    delattr(sys.modules[folder], name)
    del sys.modules[folder + "." + name]


def _pilot(car, battery):
    """What drives by senses; None on a board without encoders, or without the memory for it."""
    gc.collect()
    try:
        from patrol.drivers.encoders import Encoder
    except ImportError:  # left out of a small board's application
        return None
    try:
        encoders = Encoder(pins.LEFT_ENCODER), Encoder(pins.RIGHT_ENCODER)
        from patrol.pilot import Pilot  # it takes memory that a car without encoders keeps

        return Pilot(car.drive, battery, encoders, car.log)
    except OSError:
        _forget("drivers", "encoders")
        return None
    except MemoryError:
        car.log.note(b"no memory for the control")
        print("patrol: no memory for the control; duties follow commands")
        return None


def _signals():
    """LED and buzzer; None in an application for a small board."""
    try:
        from patrol.drivers.signals import Signals
    except ImportError:
        return None
    led, buzzer = (machine.Pin(chip_pin(pin), machine.Pin.OUT, value=0) for pin in (pins.LED, pins.BUZZER))
    return Signals(led, buzzer)


class App:
    """Everything on the board, put together."""

    def __init__(self):
        link_uart = _uart(pins.LINK_UART, pins.LINK_BAUD)
        self.car = Car(Motor(*pins.LEFT_MOTOR), Motor(*pins.RIGHT_MOTOR), pairing=_pairing())
        self._link = Link(link_uart, self.car, _measure, machine.unique_id())
        battery = Battery()
        self._sampler = Sampler(self.car, self._link.telemetry, battery)
        self.pilot = _pilot(self.car, battery)
        self.car.drive.pilot = self.pilot
        if self.pilot is not None:
            from patrol.pilot_commands import PilotCommands  # now: it would hold up the control later

            self._link.commands.pilot = PilotCommands(self.car)
            self.pilot.adopt(self.car.parameters)
            self._link.meanwhile = self.pilot.poll
        self._signals = _signals()
        self._poll = select.poll()
        self._poll.register(link_uart, select.POLLIN)
        self._sensors = self._sensors_port()
        self._turn_us = 0
        self._collected_us = time.ticks_us()
        self.car.log.note(b"started")

    def _sensors_port(self):
        """None on a board without a UART to spare, and in an application that leaves it out."""
        if pins.SENSORS_UART is None:
            return None
        try:
            from patrol.sensors import Sensors
        except ImportError:
            return None
        uart = _uart(pins.SENSORS_UART, pins.SENSORS_BAUD)
        self._poll.register(uart, select.POLLIN)
        return Sensors(uart, self.car, self._link.telemetry)

    def turn(self):
        """One turn of the loop; allocates nothing."""
        start = time.ticks_us()
        self.car.supervisor.poll()
        self.car.update_clock()
        self._link.poll()
        if self.car.reboot_wanted:
            self._link.drain()
            machine.reset()
        if self._sensors is not None:
            self._sensors.poll()
        if self.pilot is not None:
            self.pilot.poll()
        if self._signals is not None:
            fault = self.pilot.control.faults.first if self.pilot is not None else 0
            self._signals.poll(self.car.is_halted, fault, time.ticks_ms())
        self._sampler.poll(self._turn_us)
        self._collect(start)
        self._turn_us = time.ticks_diff(time.ticks_us(), start)
        wait_ms = self.car.supervisor.wait_ms(self._sampler.wait_ms())
        if self.pilot is not None:
            wait_ms = self.pilot.wait_ms(wait_ms)
        for _ in self._poll.ipoll(wait_ms):
            pass

    def _collect(self, now):
        """Collect garbage once a second, when it holds up no step of the control: it takes milliseconds."""
        if time.ticks_diff(now, self._collected_us) >= _COLLECT_US and (
            self.pilot is None or self.pilot.left_us() > _COLLECTING_US
        ):
            self._collected_us = now
            gc.collect()


def run():
    """Run until interrupted; the motors stop whatever ends it, and the REPL says what it was."""
    app = App()
    if app.pilot is not None:
        frames.renew()
    else:
        frames.release()
    gc.collect()  # of what start-up left
    gc.threshold(-1)  # the loop says when from now on; frames would count as if they were garbage
    timer = machine.Timer(-1)
    app.car.supervisor.watch_loop(timer)
    rangers = machine.Timer(-1)
    if app.pilot is not None:
        app.pilot.start(rangers)
    try:
        while True:
            app.turn()
    finally:
        app.car.drive.stop()
        timer.deinit()
        rangers.deinit()
