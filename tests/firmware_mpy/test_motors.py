"""The motors' pins where machine.PWM is missing; where it is there, test_board.py has the real registers."""

from __future__ import annotations

import json
import os
import subprocess

from host.emulate.unix import micropython
from tests.firmware_mpy.served import FIRMWARE, HERE


def test_motors_run_through_pyb_timers_where_machine_has_no_pwm() -> None:
    done = subprocess.run(
        [micropython(), str(HERE / "motors_on_old_build.py")],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=True,
    )
    left, right = [3, 1, "cpu.A6"], [3, 2, "cpu.A7"]
    assert json.loads(done.stdout) == {
        "made": [[left, 0], [right, 0]],
        "forward": [["cpu.B0", 1], ["cpu.B1", 0], [left, 4200]],
        "backward": [["cpu.B12", 0], ["cpu.B13", 1], [right, 1049]],
        "stopped": [["cpu.B0", 0], ["cpu.B1", 0], [left, 0]],
        "battery_mv": 6600,
    }
