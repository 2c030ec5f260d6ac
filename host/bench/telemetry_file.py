"""A log as the bytes that its packed rows are: a kind of file that people record."""

from __future__ import annotations

from pathlib import Path

from host.logs import load_log


def save_telemetry(log: Path, target: Path) -> None:
    """Write every row of a log as a packed struct. Raises LogError or OSError."""
    read = load_log(log)
    schema = read.schema.narrowed(row.values for row in read.rows)
    target.write_bytes(b"".join(map(schema.pack, read.rows)))
