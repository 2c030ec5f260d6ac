"""The car's state: what it was told and what it counted. Everything else is built around one of these."""

from array import array

from patrol import wire
from patrol.buffers import add_to_word
from patrol.clock import Clock
from patrol.drive import Drive
from patrol.log import Log
from patrol.safety import Supervisor

DEFAULT_RATE_HZ = 10
_COUNTERS = wire.COUNTER_HALTS + 1


class Car:
    """`counters` are laid out as the reply to the command `counters`, and count modulo 2**32.

    frames_received has the link's good frames; frames_bad and bytes_dropped have the bad ones of the
    sensors' port too. commands_executed has those answered with OK. Telemetry counts once it is sent.
    """

    def __init__(self, left_motor, right_motor, clock=None, pairing=None):
        self.parameters = array("i", wire.PARAMETER_DEFAULT)
        self.counters = array("I", bytes(4 * _COUNTERS))
        self.log = Log(self.counters)  # the first of them is the uptime
        self.drive = Drive(left_motor, right_motor, self.parameters)
        self.clock = clock or Clock()
        self.pairing = pairing
        """None on a car that cannot be paired."""
        self.rate_hz = DEFAULT_RATE_HZ
        self.samples_itself = True
        """False once rows came from the sensors' port, until `rate` is commanded."""
        self.reboot_wanted = False
        self.is_halted = False
        """An emergency stop holds: no drive command is taken until `resume`."""
        self.supervisor = Supervisor(self)

    def count(self, counter, amount=1):
        add_to_word(self.counters, counter, amount)

    def halt(self):
        """The emergency stop. The motors first."""
        self.drive.cut()
        if not self.is_halted:
            self.is_halted = True
            self.count(wire.COUNTER_HALTS)
            self.log.note(b"halt: no driving until resume")

    @property
    def signer(self):
        """What signs and checks frames; None while the car is not paired."""
        return self.pairing and self.pairing.signer

    def flags(self):
        """The car's state as HELLO and ALIVE have it."""
        return (
            (wire.FLAG_HALTED if self.is_halted else 0)
            | (wire.FLAG_CUT if self.drive.is_cut else 0)
            | (wire.FLAG_PAIRED if self.signer is not None else 0)
        )

    def update_clock(self):
        self.count(wire.COUNTER_UPTIME_MS, self.clock.update())
