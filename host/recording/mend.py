"""A recording copied into a finished one: with an index, whatever became of its recorder."""

from __future__ import annotations

from typing import IO, Any, BinaryIO, cast

from mcap.records import Attachment, Channel, McapRecord, Message, Metadata, Schema
from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer

from host.recording import layout
from host.recording.reader import Recording
from host.recording.recorder import FLUSH_S

_CHUNK_NS = round(1e9 * FLUSH_S)
"""From a chunk's first message to the next chunk's: as a recorder has it, so that damage costs no more."""


def write_mended(file: BinaryIO, recording: Recording) -> int:
    """Write all that can be read of a recording, in chunks as a recorder's; answers how many telemetry rows
    it has. Raises RecordingError."""
    mending = _Mending(file, recording)
    for record in recording.records():
        mending.take(record)
    return mending.finish()


class _Mending:
    """The copy, as far as it is written."""

    def __init__(self, file: BinaryIO, recording: Recording) -> None:
        self._recording = recording
        self._writer: Any = Writer(cast(IO[bytes], file), compression=CompressionType.ZSTD)
        self._writer.start(library="patrol-car")
        self._schemas: dict[int, int] = {}
        self._channels: dict[int, tuple[int, str]] = {}
        """Number in the copy, and topic, by the number in the recording."""
        self._chunk_begins_ns: int | None = None
        self._rows = 0

    def take(self, record: McapRecord) -> None:
        writer = self._writer
        if isinstance(record, Attachment):
            writer.add_attachment(
                record.create_time, record.log_time, record.name, record.media_type, record.data
            )
        elif isinstance(record, Metadata):
            writer.add_metadata(record.name, record.metadata)
        elif isinstance(record, Schema) and record.id not in self._schemas:
            self._schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
        elif isinstance(record, Channel) and record.id not in self._channels:
            number = writer.register_channel(
                record.topic, record.message_encoding, self._schemas.get(record.schema_id, 0), record.metadata
            )
            self._channels[record.id] = number, record.topic
        elif isinstance(record, Message):
            self._take_message(record)

    def _take_message(self, message: Message) -> None:
        if not self._channels:
            self._register_all()
        if message.channel_id not in self._channels:
            return
        number, topic = self._channels[message.channel_id]
        if self._chunk_begins_ns is None:
            self._chunk_begins_ns = message.log_time
        elif message.log_time - self._chunk_begins_ns >= _CHUNK_NS:
            self._writer.flush()
            self._chunk_begins_ns = message.log_time
        self._writer.add_message(
            number, message.log_time, message.data, message.publish_time, message.sequence
        )
        self._rows += topic == layout.TELEMETRY

    def _register_all(self) -> None:
        """The chunk with the topics is damaged: they are what they are in every recording."""
        schemas = layout.schemas_of(self._recording.contract.schema)
        for old, (topic, (name, document)) in enumerate(schemas.items(), 1):
            schema = self._writer.register_schema(name, SchemaEncoding.JSONSchema, layout.packed(document))
            self._schemas[old] = schema
            self._channels[old] = (
                self._writer.register_channel(topic, MessageEncoding.JSON, schema), topic
            )

    def finish(self) -> int:
        self._writer.finish()
        return self._rows
