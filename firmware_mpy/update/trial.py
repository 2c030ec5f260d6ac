"""The time in which a new application has to be confirmed."""

import machine
from micropython import const

_CONFIRM_S = const(60)
_WATCHDOG_MS = const(8000)


class Trial:
    """Restarts the board unless it is ended in time. A watchdog, where there is one, sees to what no timer
    survives; it cannot be switched off, so the timer goes on feeding it."""

    def __init__(self):
        self._left = _CONFIRM_S
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS) if hasattr(machine, "WDT") else None
        self._timer = machine.Timer(-1)
        self._timer.init(period=1000, mode=machine.Timer.PERIODIC, callback=self._second)

    def end(self):
        self._left = 0
        if self._watchdog is None:
            self._timer.deinit()

    def _second(self, timer):
        if self._watchdog is not None:
            self._watchdog.feed()
        if self._left > 0:
            self._left -= 1
            if self._left == 0:
                print("update: not confirmed in time; going back")
                machine.reset()
