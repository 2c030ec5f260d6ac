"""Telemetry of a recording as a table: CSV for everyone, Parquet for data frames. Or all of it, mended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from host.logs import schema_text
from host.output import whole_file
from host.recording import layout
from host.recording.errors import RecordingError
from host.recording.mend import write_mended
from host.recording.reader import Column, Recording
from protocol.schema import Channel

TIMES = ("log_time_ns", "time_us")
"""When the row came by the host's clock (nanoseconds since 1970), and its time by the board's."""
FORMATS = (".csv", ".parquet", ".mcap")
_BATCH = 10_000


def export(
    recording: Recording, path: Path, channels: Sequence[str] = (), *, raw: bool = False, force: bool = False
) -> int:
    """Write the telemetry, or some channels of it, in physical units or as the integers on the wire.

    The file is there whole or not at all. A CSV of integers has the schema beside it that makes it a log for
    `host train`; an .mcap is the whole recording once more, finished and with an index. Answers how many rows
    there are. Raises RecordingError, FileExistsError, OSError.
    """
    columns = chosen(recording, channels)
    if path.suffix not in FORMATS:
        raise RecordingError(f"{path}: the name must end in {', '.join(FORMATS)}")
    if path.suffix == ".mcap" and (channels or raw):
        raise RecordingError(f"{path}: an .mcap holds all there is; leave out --channels and --raw")
    with whole_file(path, force=force) as file:
        if path.suffix == ".mcap":
            return write_mended(file, recording)
        write = _write_csv if path.suffix == ".csv" else _write_parquet
        count = write(file, columns, _rows(recording, columns, raw), raw)
        if raw and path.suffix == ".csv":
            _write_schema(path.with_suffix(".toml"), columns, force)
    return count


def _write_schema(path: Path, columns: list[Column], force: bool) -> None:
    channels = [
        Channel(column.name, column.unit, column.scale, states=column.states, flags=column.flags)
        for column in columns
    ]
    with whole_file(path, force=force) as file:
        file.write(schema_text(channels).encode())


def chosen(recording: Recording, names: Sequence[str]) -> list[Column]:
    """The columns of those names, or all. Raises RecordingError."""
    by_name = {column.name: column for column in recording.columns}
    if missing := [name for name in names if name not in by_name]:
        raise RecordingError(f"no channel {missing[0]!r} in {recording.path}; it has {', '.join(by_name)}")
    return [by_name[name] for name in names] if names else recording.columns


def _rows(recording: Recording, columns: list[Column], raw: bool) -> Iterator[list[Any]]:
    places = {column.name: place for place, column in enumerate(recording.columns)}
    for entry in recording.entries((layout.TELEMETRY,)):
        data = entry.data
        values = (
            [data["raw"][places[column.name]] for column in columns] if raw
            else [data["values"][column.name] for column in columns]
        )
        yield [entry.time_ns, data["time_us"], *values]


def _write_csv(file: BinaryIO, columns: list[Column], rows: Iterable[list[Any]], _raw: bool) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*TIMES, *(column.name for column in columns)])
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    text.flush()
    text.detach()
    return count


def _write_parquet(file: BinaryIO, columns: list[Column], rows: Iterable[list[Any]], raw: bool) -> int:
    # Here, for it takes longer to load than most recordings to read.
    import pyarrow
    import pyarrow.parquet

    kinds = [
        pyarrow.field(
            column.name, pyarrow.int64() if raw or column.is_whole else pyarrow.float64(),
            metadata={"unit": "" if raw else column.unit},
        )
        for column in columns
    ]
    schema = pyarrow.schema([*(pyarrow.field(name, pyarrow.int64()) for name in TIMES), *kinds])
    count, source = 0, iter(rows)
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        while batch := list(islice(source, _BATCH)):
            count += len(batch)
            table = zip(*batch, strict=True)
            arrays = [
                pyarrow.array(map(int if kind.type == pyarrow.int64() else float, values), type=kind.type)
                for values, kind in zip(table, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
    return count
