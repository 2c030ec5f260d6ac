"""Telemetry schemas: which channels a row has.

The TOML form is one `[[channel]]` table a channel with `name`, `unit` and `scale` (physical value =
integer * scale), and optionally `format`, how a stored row holds it: i8, u8, i16, u16, i32 (the default)
or u32. A channel without a scale may name its values: `states` those from 0 on, or `flags` its bits from the
lowest on. Every row also has a time in microseconds, which is not listed.
"""

from __future__ import annotations

import struct
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from protocol.limits import MAX_CHANNELS

MAX_NAME_BYTES = 64
"""Of a schema's name, a channel's, and a unit: HELLO carries the first of them."""

FORMATS = {"i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I"}
_RANGES = {
    name: (-(1 << bits - 1), (1 << bits - 1) - 1) if name[0] == "i" else (0, (1 << bits) - 1)
    for name in FORMATS
    for bits in [int(name[1:])]
}


class SchemaError(ValueError):
    """A schema that cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Channel:
    """One quantity: its integer times `scale` is in `unit`."""

    name: str
    unit: str = ""
    scale: float = 1.0
    format: str = "i32"
    states: tuple[str, ...] = ()
    """What the values 0, 1, 2... are called. Names are for people: no end has to have the same ones."""
    flags: tuple[str, ...] = ()
    """What its bits are called, from the lowest on; several may be set."""

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest integer that the channel's format holds."""
        return _RANGES[self.format]

    def name_of(self, value: int) -> str:
        """A value by its names: a state's, those of the flags that are set, or else the number."""
        if self.states:
            return self.states[value] if 0 <= value < len(self.states) else str(value)
        if not self.flags or value < 0:
            return str(value)
        named = [name for place, name in enumerate(self.flags) if value >> place & 1]
        unnamed = value >> len(self.flags) << len(self.flags)
        return " ".join(named + [str(unnamed)] * (unnamed != 0)) or "none"

    def record(self) -> dict[str, Any]:
        """For JSON; what is not given is left out."""
        named = {"states": list(self.states), "flags": list(self.flags)}
        fields = {"name": self.name, "unit": self.unit, "scale": self.scale, "format": self.format}
        return fields | {key: names for key, names in named.items() if names}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Channel:
        """What `record` gives. Raises TypeError where it is something else."""
        named = {key: tuple(map(str, record[key])) for key in ("states", "flags") if key in record}
        return cls(**{**record, **named})


@dataclass(frozen=True)
class Row:
    """One telemetry sample. `time_us` is modulo 2**32; `values` are in channel order."""

    time_us: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class Schema:
    """The channels of a telemetry row, in order."""

    name: str
    channels: tuple[Channel, ...]

    def __post_init__(self) -> None:
        names = [channel.name for channel in self.channels]
        for text in (self.name, *names, *(channel.unit for channel in self.channels)):
            if len(text.encode()) > MAX_NAME_BYTES:
                raise SchemaError(f"{text[:40]!r}...: names and units have {MAX_NAME_BYTES} bytes at most")
        if not 1 <= len(names) <= MAX_CHANNELS:
            raise SchemaError(f"schema {self.name}: {len(names)} channels; 1 to {MAX_CHANNELS} are allowed")
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise SchemaError(f"schema {self.name}: channel {twice!r} is listed twice; rename one")

    @property
    def row_struct(self) -> struct.Struct:
        """A stored row: time as u32, then each channel in its format, little endian, unpadded."""
        return struct.Struct("<I" + "".join(FORMATS[channel.format] for channel in self.channels))

    def fits(self, row: Row) -> bool:
        """Whether a stored row can hold every value."""
        return all(
            channel.range[0] <= value <= channel.range[1]
            for channel, value in zip(self.channels, row.values, strict=True)
        )

    def pack(self, row: Row) -> bytes:
        """A stored row. Raises struct.error when a value does not fit (see `fits`)."""
        return self.row_struct.pack(row.time_us & 0xFFFF_FFFF, *row.values)

    def unpack(self, stored: bytes) -> Row:
        """The row in `row_struct.size` stored bytes."""
        time_us, *values = self.row_struct.unpack(stored)
        return Row(time_us, tuple(values))

    def narrowed(self, rows: Iterable[Sequence[int]]) -> Schema:
        """The same channels, each in the narrowest format that holds its column of `rows`."""
        columns = list(zip(*rows, strict=True))
        channels = tuple(
            replace(channel, format=_narrowest(min(column), max(column)))
            for channel, column in zip(self.channels, columns, strict=True)
        )
        return replace(self, channels=channels)


def _narrowest(low: int, high: int) -> str:
    for name in ("i8", "u8", "i16", "u16", "i32", "u32"):
        if _RANGES[name][0] <= low and high <= _RANGES[name][1]:
            return name
    raise SchemaError(f"values from {low} to {high} do not fit 32 bits; scale the channel down")


def short_name(name: str) -> str:
    """As much of a name as a schema may have."""
    return name.encode()[:MAX_NAME_BYTES].decode(errors="ignore")


def load_schema(path: Path) -> Schema:
    """A schema from its TOML file, named after it. Raises SchemaError, saying what is wrong and where."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(f"{path}: not TOML ({error})") from None
    except UnicodeDecodeError:
        raise SchemaError(f"{path}: not a text file; a schema is TOML in UTF-8") from None
    except (IsADirectoryError, PermissionError) as error:
        raise SchemaError(f"{path}: cannot be read ({error.strerror})") from None
    tables = document.get("channel")
    if not isinstance(tables, list) or not tables:
        raise SchemaError(f"{path}: no [[channel]] table; add one for each column of the log")
    return Schema(short_name(path.stem), tuple(_channel(path, table) for table in tables))


def _channel(path: Path, table: object) -> Channel:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise SchemaError(f"{path}: a [[channel]] has no name; add name = \"...\"")
    name = table["name"]
    scale = table.get("scale", 1)
    if isinstance(scale, bool) or not isinstance(scale, int | float):
        raise SchemaError(f"{path}: channel {name!r}: scale must be a number")
    format_ = table.get("format", "i32")
    if format_ not in FORMATS:
        raise SchemaError(f"{path}: channel {name!r}: format must be one of {', '.join(FORMATS)}")
    states, flags = (_names(path, table, key) for key in ("states", "flags"))
    if (states or flags) and (scale != 1 or (states and flags)):
        raise SchemaError(f"{path}: channel {name!r}: states or flags, one of them, are for a scale of 1")
    return Channel(name, str(table.get("unit", "")), float(scale), format_, states, flags)


def _names(path: Path, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = table.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SchemaError(f"{path}: channel {table['name']!r}: {key} must be a list of names")
    return tuple(names)
