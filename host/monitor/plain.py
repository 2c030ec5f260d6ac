"""The monitor as lines of text or JSON, one a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from host.link import Link, LinkError, NotPairedError
from host.monitor.physical import PhysicalRow, PhysicalRows, plain, worded
from protocol.schema import Schema

SILENCE_S = 5.0
"""Without a row for so long, the car is taken to send none."""


def physical_rows(link: Link, count: int | None = None) -> Iterator[PhysicalRow]:
    """Rows as they come, `count` of them or without end. Raises LinkError when they stop coming."""
    with suppress(NotPairedError):  # telemetry can be read without a key; it takes until the next key frame
        link.request_key()
    rows = PhysicalRows(link.contract.schema)
    shown = 0
    for row in islice(link.telemetry(SILENCE_S), count):
        yield rows.convert(row)
        shown += 1
    if count is None or shown < count:
        name = link.contract.schema.name
        advice = (
            "set a rate with `host send rate 10`"
            if name == "car"
            else f"under contract {name} a car sends what its sensors' port is fed, as `host demo` does"
        )
        raise LinkError(f"no telemetry for {SILENCE_S:g} s after {shown} rows; {advice}")


def text_line(row: PhysicalRow, schema: Schema) -> str:
    """A row for people: time in seconds, then name, value and unit of every channel."""
    fields = (
        f"{channel.name} {worded(row.values[channel.name], channel)} {channel.unit}".rstrip()
        for channel in schema.channels
    )
    return f"{row.time_us / 1e6:10.3f} s  " + "  ".join(fields)


def json_line(row: PhysicalRow) -> str:
    """A row for programs: one JSON object on one line."""
    values = {name: plain(value) for name, value in row.values.items()}
    return json.dumps({"time_us": row.time_us, "values": values})
