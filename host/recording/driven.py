"""A route that the car drives while it is recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from host.link import Link
from protocol.pilot_commands import FAULTS, MODES

LOOK_S = 0.5
_IDLE = MODES.index("idle")
"""What a pilot does when its route is done."""


class DrivenRoute:
    """Has the car begin, once, and tells when it is done. A car that comes back stands, and stays so."""

    def __init__(self, commands: Sequence[tuple[str, Mapping[str, int]]]) -> None:
        """`commands` have it drive."""
        self.outcome = ""
        """`completed`, the fault that stopped it, or `lost` after a restart; empty while it drives."""
        self._commands = commands
        self._has_begun = False
        self._look_s = 0.0

    def begin(self, link: Link) -> None:
        """In every session; what a session before had begun is not begun again. Raises LinkError."""
        if self._has_begun:
            self.outcome = self.outcome or "lost"
            return
        self._has_begun = True
        for command in self._commands:
            link.send(*command)

    def look(self, link: Link) -> None:
        """Now and then: is it still driving? Raises LinkError."""
        if self.outcome or time.monotonic() - self._look_s < LOOK_S:
            return
        self._look_s = time.monotonic()
        status = link.send("status").values
        if status["first_fault"]:
            self.outcome = FAULTS[status["first_fault"].bit_length() - 1]
        elif status["mode"] == _IDLE:
            self.outcome = "completed"

    def end(self, link: Link) -> None:
        """The recording ends: a car that still drives is stopped. Raises LinkError."""
        if self._has_begun and not self.outcome and link.has_session:
            link.send("stop")
