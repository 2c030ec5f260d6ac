"""Telemetry logs on disk: a CSV of integers and, beside it, the TOML schema that says what they are."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from protocol.schema import Channel, Row, Schema, SchemaError, load_schema


class LogError(ValueError):
    """A log that cannot be read; the message names file, line and what to mend."""


@dataclass(frozen=True)
class Log:
    """A schema and its rows, times as the log has them (not yet modulo 2**32)."""

    schema: Schema
    rows: tuple[Row, ...]


def load_log(path: Path) -> Log:
    """The log in `path` (CSV: time_us, then a column a channel) with the schema in the .toml beside it.

    The schema's formats are narrowed to what the columns need. Raises LogError.
    """
    if not path.is_file():
        raise LogError(f"{path}: no such log")
    try:
        schema = load_schema(path.with_suffix(".toml"))
    except FileNotFoundError:
        raise LogError(f"{path.with_suffix('.toml')}: no schema beside the log; write one") from None
    except SchemaError as error:
        raise LogError(str(error)) from None
    rows = tuple(_read_rows(path, schema))
    if not rows:
        raise LogError(f"{path}: no rows under the header; record something first")
    try:
        return Log(schema.narrowed(row.values for row in rows), rows)
    except SchemaError as error:
        raise LogError(f"{path}: {error}") from None


def _read_rows(path: Path, schema: Schema) -> Iterator[Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            columns = _columns(path, next(lines, []), schema)
            for fields in lines:
                if fields:
                    yield _row(path, lines.line_num, fields, columns)
    except (UnicodeDecodeError, csv.Error) as error:
        raise LogError(f"{path}: not a CSV text file ({error})") from None


def _columns(path: Path, header: list[str], schema: Schema) -> list[int]:
    """Where the time and each channel stand in a line."""
    try:
        return [header.index(name) for name in ["time_us", *(c.name for c in schema.channels)]]
    except ValueError as error:
        missing = str(error).split(" is not")[0]
        raise LogError(f"{path}: column {missing} is missing from the header") from None


def _row(path: Path, line: int, fields: list[str], columns: list[int]) -> Row:
    numbers = []
    for column in columns:
        text = fields[column] if column < len(fields) else ""
        try:
            numbers.append(int(text))
        except ValueError:
            raise LogError(f"{path}, line {line}, column {column + 1}: {text!r} is no whole number") from None
    return Row(numbers[0], tuple(numbers[1:]))


def save_log(path: Path, log: Log) -> None:
    """Write a log and its schema, in the form that `load_log` reads."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time_us", *(channel.name for channel in log.schema.channels)])
        writer.writerows([row.time_us, *row.values] for row in log.rows)
    path.with_suffix(".toml").write_text(schema_text(log.schema.channels), encoding="utf-8")


def schema_text(channels: Iterable[Channel]) -> str:
    """The TOML of a log's schema."""
    return "\n".join(map(_channel_text, channels))


def _channel_text(channel: Channel) -> str:
    lines = [
        "[[channel]]", f"name = {_quoted(channel.name)}", f"unit = {_quoted(channel.unit)}",
        f"scale = {channel.scale!r}",
    ]
    for key, names in (("states", channel.states), ("flags", channel.flags)):
        if names:
            lines.append(f"{key} = [{', '.join(map(_quoted, names))}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As a basic string of TOML: JSON's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
