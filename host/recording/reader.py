"""Reading recordings: finished ones, ones whose recorder was killed, and ones that are still being written.

They are read from front to end (records.py). A file that stops within a record is read up to there, and a
damaged chunk costs itself alone; both are told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from mcap.exceptions import InvalidMagic
from mcap.records import Attachment, Channel, Chunk, Footer, McapRecord, Message, Schema, Statistics
from mcap.stream_reader import breakup_chunk

from host.recording import layout
from host.recording.errors import RecordingError
from host.recording.records import DAMAGED, RecordReader
from protocol.coding import ContractError
from protocol.contract import Contract

Told = Callable[[int, int], None]
"""Told how many bytes of how many were read."""


@dataclass(frozen=True)
class Entry:
    """A message: its topic, its time in nanoseconds (since 1970, or of a simulation), and what it says."""

    topic: str
    time_ns: int
    data: dict[str, Any]
    sequence: int
    """Its number among those of its topic, from 0: where one is left out, messages are missing."""


@dataclass(frozen=True)
class Column:
    """A telemetry channel as the recording's own schema has it."""

    name: str
    unit: str
    scale: float
    is_whole: bool
    """Whether its values are whole numbers."""
    states: tuple[str, ...] = ()
    """As a schema's channel has them, and so has `flags`."""
    flags: tuple[str, ...] = ()


class Recording:
    """A recording in a file. Each pass over it begins anew; only what stands in front is kept."""

    def __init__(self, path: Path, told: Told = lambda done, total: None) -> None:
        """Raises RecordingError where there is no such file, or it is no recording of this program's."""
        self.path = path
        self.is_finished = False
        """Whether the recorder has ended in order; known after a whole pass."""
        self.is_cut = False
        """Whether the file has no whole end: it stops within a record, or that is damaged. Known after a
        whole pass."""
        self.damaged_chunks = 0
        """So far in this pass; a damaged record of another kind counts as one."""
        self.counted: dict[str, int] = {}
        """Messages of each topic as the index has them; known after a whole pass of a file with one."""
        self._told = told
        self._front()

    @cached_property
    def contract(self) -> Contract:
        """The contract that the link spoke. Raises RecordingError when this program cannot read it."""
        try:
            return Contract.from_json(self._contract_text)
        except ContractError as error:
            raise RecordingError(
                f"{self.path}: its contract cannot be used here ({error}); `host export` and `host plot` "
                "need none"
            ) from None

    def entries(self, topics: Iterable[str] | None = None) -> Iterator[Entry]:
        """All messages, or those of some topics, in the order in which they were written."""
        wanted = None if topics is None else set(topics)
        self.counted = {}
        # The chunk that says which number a topic has may be a damaged one.
        channels = dict(layout.CHANNELS)
        for record in self.records():
            if isinstance(record, Channel):
                channels[record.id] = record.topic
            elif isinstance(record, Message) and record.channel_id in channels:
                topic = channels[record.channel_id]
                if wanted is None or topic in wanted:
                    yield Entry(topic, record.log_time, self._parsed(record.data), record.sequence)
            elif isinstance(record, Statistics):
                counts = record.channel_message_counts.items()
                self.counted = {channels[each]: count for each, count in counts if each in channels}

    def _parsed(self, data: bytes) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(data, parse_float=Decimal)
        except ValueError:
            raise RecordingError(f"{self.path}: not made by `host record`: a message is not JSON") from None
        return document

    def _front(self) -> None:
        """What stands in front: the contract and the telemetry's schema."""
        self._contract_text = ""
        columns: list[Column] | None = None
        schemas: dict[int, Schema] = {}
        for record in self.records():
            if isinstance(record, Attachment) and record.name == layout.CONTRACT_FILE:
                self._contract_text = record.data.decode(errors="replace")
            elif isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel) and record.topic == layout.TELEMETRY:
                columns = _columns(schemas.get(record.schema_id))
                break
        if not self._contract_text:
            raise RecordingError(f"{self.path}: no recording of this program's: it has no contract")
        self.columns = columns if columns is not None else _columns_of_contract(self._contract_text)

    def records(self) -> Iterator[McapRecord]:
        """All of MCAP's records in the file, those within chunks, too, as far as it can be read."""
        self.is_finished = self.is_cut = False
        self.damaged_chunks = 0
        try:
            file = self.path.open("rb")
        except OSError as error:
            reason = f"cannot be read ({error.strerror}); name a recording"
            raise RecordingError(f"{self.path}: {reason}") from None
        with file:
            reader = RecordReader(file)
            try:
                for record in reader.records():
                    try:
                        opened = self._opened(record)
                    except DAMAGED:
                        reader.damaged += 1
                        opened = []
                    self.damaged_chunks = reader.damaged
                    yield from opened
                    self._told(file.tell(), os.fstat(file.fileno()).st_size)
            except InvalidMagic:
                reason = "not an MCAP file; name one that `host record` made"
                raise RecordingError(f"{self.path}: {reason}") from None
            self.damaged_chunks = reader.damaged
            self.is_cut = reader.is_cut

    def _opened(self, record: McapRecord) -> Sequence[McapRecord]:
        """A record, or those in it if it is a chunk. Raises one of DAMAGED."""
        if isinstance(record, Footer):
            self.is_finished = record.summary_start > 0
        return breakup_chunk(record, validate_crc=True) if isinstance(record, Chunk) else [record]


def _columns(schema: Schema | None) -> list[Column] | None:
    try:
        values = json.loads(schema.data if schema else b"")["properties"]["values"]["properties"]
        return [
            Column(name, about["unit"], about["scale"], about["type"] == "integer", *_names(about))
            for name, about in values.items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _columns_of_contract(text: str) -> list[Column]:
    """Before the first message of a recording its schema is not in the file yet; its contract is."""
    try:
        channels = json.loads(text)["channels"]
        return [
            Column(
                each["name"], each["unit"], each["scale"], Decimal(repr(each["scale"])) % 1 == 0,
                *_names(each),
            )
            for each in channels
        ]
    except (ValueError, KeyError, TypeError):
        return []


def _names(about: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of states and flags. Recordings of before there were any have none."""
    return tuple(about.get("states", ())), tuple(about.get("flags", ()))
