"""Debug probes as pyOCD finds them, and a session with one."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyocd.core.exceptions import Error as PyocdError
from pyocd.core.session import Session
from pyocd.probe.aggregator import DebugProbeAggregator

from host.flash.errors import NoBootloaderError

Probes = Callable[[], Sequence[Any]]
"""Finds the probes that are connected, as pyOCD's DebugProbe."""


def connected_probes() -> Sequence[Any]:
    """Those on USB."""
    found: Sequence[Any] = DebugProbeAggregator.get_all_connected_probes()
    return found


def open_session(serial: str | None, probes: Probes | None = None) -> Any:
    """A session with the probe of that number, or with the only one, and the chip behind it halted.

    Raises NoBootloaderError, saying what to do.
    """
    logging.getLogger("pyocd").setLevel(logging.CRITICAL)  # what it finds wrong is told here, once
    probe = _only_probe(serial, probes or connected_probes)
    with _own_folder() as folder:
        try:
            session = Session(probe, options={
                "target_override": "cortex_m", "no_config": True, "project_dir": folder,
                "connect_mode": "halt", "auto_unlock": False, "resume_on_disconnect": False,
            })  # fmt: skip
            session.open()
        except (PyocdError, OSError, ValueError) as error:
            raise NoBootloaderError(f"{probe.description} {_why_not(error)}") from None
    return session


def _only_probe(serial: str | None, probes: Probes) -> Any:
    try:
        found = list(probes())
    except (PyocdError, OSError) as error:
        raise NoBootloaderError(f"debug probes cannot be looked for ({error}); pull it, try again") from None
    if serial is not None:
        found = [probe for probe in found if probe.unique_id.lower() == serial.lower()]
    if not found:
        which = f" with serial number {serial}" if serial else ""
        raise NoBootloaderError(
            f"no debug probe{which} on USB; is it plugged in, and may you, or only root, use it? "
            "(pyOCD has udev rules for that)"
        )
    if len(found) > 1:
        numbers = ", ".join(probe.unique_id for probe in found)
        raise NoBootloaderError(f"more than one debug probe; give --port probe:SERIAL, one of {numbers}")
    return found[0]


def _why_not(error: BaseException) -> str:
    """Why a probe, or the chip behind it, could not be had, and what to do."""
    cause: BaseException | None = error
    while cause is not None:
        number = getattr(cause, "errno", None)
        if number == errno.EACCES:
            return "may be used by root only; give yourself the right to (pyOCD has udev rules for that)"
        if number == errno.EBUSY:
            return "is in use by another program; end it (a debugger, OpenOCD), and try again"
        cause = cause.__cause__ or cause.__context__
    return (
        f"is there, but no chip answers it ({error}); is the board powered, are SWDIO, SWCLK and GND "
        "connected? If its program switches SWD off, hold reset"
    )


@contextmanager
def _own_folder() -> Iterator[str]:
    """pyOCD goes to a folder of its project, and runs scripts that it finds there: an empty one, and back."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="patrol-probe-") as folder:
        try:
            yield folder
        finally:
            os.chdir(here)
