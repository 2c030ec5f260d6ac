"""What a person waits for: a small file from the shell, and the memory that a large one takes."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_SMALL = b"2026-01-01T00:00:00 left 300 mm/s right 310 mm/s battery 7400 mV\n" * 60
_LARGE_BYTES = 256 << 20
_ROUNDS = 5
_PEAK = (
    "import sys; from host.cli.main import run; code = run(sys.argv[1:]); "
    # Not getrusage: what it tells begins with the peak of the process that this one was forked from.
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    "sys.exit(code)"
)


def latencies() -> dict[str, Any]:
    """Median seconds of commands on a small file, and the peak memory of compressing a large one."""
    with tempfile.TemporaryDirectory(prefix="patrol-bench-") as name:
        folder = Path(name)
        small = folder / "small"
        small.write_bytes(_SMALL)
        commands = {
            "python_alone": [sys.executable, "-c", "pass"],
            "ours": [sys.executable, "-m", "host", "compress", str(small), "--force"],
        }
        if shutil.which("gzip"):
            commands["gzip"] = ["gzip", "--keep", "--force", str(small)]
        if shutil.which("zstd"):
            commands["zstd"] = ["zstd", "--force", "--quiet", str(small)]
        seconds = {name: _median_s(command) for name, command in commands.items()}
        return {
            "bytes": len(_SMALL),
            "seconds": {name: round(value, 4) for name, value in seconds.items()},
            "large_bytes": _LARGE_BYTES,
            "peak_bytes": _peak_bytes(folder),
        }


def _median_s(command: list[str]) -> float:
    def once() -> float:
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - started

    once()
    return statistics.median(once() for _ in range(_ROUNDS))


def _peak_bytes(folder: Path) -> int:
    large = folder / "large"
    with large.open("wb") as file:
        for _ in range(_LARGE_BYTES >> 20):
            file.write((_SMALL * (1 + (1 << 20) // len(_SMALL)))[: 1 << 20])
    command = [sys.executable, "-c", _PEAK, "compress", str(large)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return 1024 * int(done.stdout.splitlines()[-1])
