"""The firmware's link and car in step with somebody else's clock: a JSON object a line in, one a line out.

{"step_us": time that passes, "data": hex of what the UART then receives} is answered by
{"sent": hex of what the car sends, "executed": hex of each command's message, in order}.
Runs on MicroPython's unix port. It sends no telemetry: nothing samples.
"""

import json
import sys
from binascii import hexlify, unhexlify

from patrol import profile
from patrol.car import Car
from patrol.clock import Clock
from patrol.link import Link
from stand_ins import StandInMotor, StandInTicks, StandInUart


class LockStep:
    """One car without its hardware."""

    def __init__(self):
        self._uart, self._ticks, self._executed = StandInUart(), StandInTicks(), []
        self._car = Car(StandInMotor(), StandInMotor(), Clock(self._ticks))
        self._link = Link(self._uart, self._car, profile.measure)
        self._execute = self._link.commands.execute
        self._link.commands.execute = self._execute_logged

    def _execute_logged(self, message, size):
        self._executed.append(hexlify(message[: max(size, 0)]).decode())
        return self._execute(message, size)

    def step(self, step_us, data):
        """One turn of the board's loop."""
        self._ticks.advance(step_us)
        self._car.supervisor.poll()
        self._car.update_clock()
        data = unhexlify(data)
        self._link.receive(data, len(data))
        executed, self._executed = self._executed, []
        return {"sent": self._uart.take(), "executed": executed}


def serve():
    firmware = LockStep()
    print("serving")
    while line := sys.stdin.readline():
        print(json.dumps(firmware.step(**json.loads(line))))


serve()
