"""The emulator's process: gone when we are, ended politely and then by force."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress


def dying_with_parent() -> list[str]:
    """What to put before a command so that the kernel ends it when we are gone without a word.

    A program rather than a hook between fork and exec, which may hang a process that has threads.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def end(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """End a process that leads a session, and what it has started, and wait until it has."""
    _signal(process, signal.SIGTERM)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        process.wait()


def has_ended(process: subprocess.Popen[bytes] | None, timeout_s: float | None) -> bool:
    """Whether it ended, or was never started, within the time; None waits for ever."""
    if process is None:
        return True
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
