"""The board on QEMU in a simulated world, in lockstep: its time passes only while somebody reads its link."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NoReturn

from qemu_backend import no_pins

from host.emulate import Emulator
from host.link import Clock, Port
from host.link.conversation import RandomBytes
from host.simulation.car import SimulatedCar
from host.world.world import World


class WorldBackend:
    """See Backend. The same world and the same words give the same run, to the byte."""

    clock: Clock
    random: RandomBytes

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        # The link's own random numbers would be another run each time.
        self.random = Random(seed).randbytes
        self._car: SimulatedCar | None = None
        self._port: _Line | None = None

    @property
    def car(self) -> SimulatedCar:
        """Board and world together."""
        if self._car is None:
            raise AssertionError("the car is not switched on")
        return self._car

    def start(self, application: Path) -> None:
        """See Backend."""
        self._car = SimulatedCar(Emulator(application, sleep=False, in_world=True), self.world)
        self.clock = self._car
        self._car.__enter__()

    def stop(self) -> None:
        """See Backend."""
        if self._car is not None:
            self._car.close()

    def open_port(self) -> Port:
        """See Backend."""
        self._port = _Line(self.car)
        return self._port

    def sleep(self, seconds: float) -> None:
        """See Backend."""
        end = self.car.monotonic() + seconds
        while self.car.monotonic() < end:
            self.pass_period()

    def pass_period(self) -> None:
        """Let 5 ms pass in which the host does nothing."""
        came = self.car.read()
        if self._port is not None:
            self._port.came += came

    def console(self) -> str:
        """See Backend."""
        return self._car.console() if self._car is not None else ""

    def pwm_percent(self, motor: str) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def pin(self, name: str) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def press_button(self, pressed: bool) -> NoReturn:
        """See Backend."""
        raise no_pins()

    def feed_adc(self, channel: int, sample: int) -> NoReturn:
        """See Backend."""
        raise no_pins()


class _Line:
    """The car as a Port that a host can leave while the car drives on."""

    name = "simulated car"

    def __init__(self, car: SimulatedCar) -> None:
        self.came = bytearray()
        """What came while the host did nothing."""
        self._car = car

    def read(self) -> bytes:
        """See Port."""
        came, self.came = bytes(self.came), bytearray()
        return came or self._car.read()

    def write(self, data: bytes) -> None:
        """See Port."""
        self._car.write(data)

    def close(self) -> None:
        """See Port."""
