"""A recording copied into a finished one: with an index, whatever became of its recorder."""

from __future__ import annotations

from typing import IO, Any, BinaryIO, cast

from mcap.records import Attachment, Channel, Message, Metadata, Schema
from mcap.writer import CompressionType, Writer

from host.recording import layout
from host.recording.reader import Recording


def write_mended(file: BinaryIO, recording: Recording) -> int:
    """Write all that can be read of a recording, in larger chunks; answers how many telemetry rows it has."""
    writer: Any = Writer(cast(IO[bytes], file), compression=CompressionType.ZSTD)
    writer.start(library="patrol-car")
    schemas: dict[int, int] = {}
    channels: dict[int, tuple[int, str]] = {}
    rows = 0
    for record in recording.records():
        if isinstance(record, Attachment):
            writer.add_attachment(
                record.create_time, record.log_time, record.name, record.media_type, record.data
            )
        elif isinstance(record, Metadata):
            writer.add_metadata(record.name, record.metadata)
        elif isinstance(record, Schema) and record.id not in schemas:
            schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
        elif isinstance(record, Channel) and record.id not in channels:
            number = writer.register_channel(
                record.topic, record.message_encoding, schemas.get(record.schema_id, 0), record.metadata
            )
            channels[record.id] = number, record.topic
        elif isinstance(record, Message) and record.channel_id in channels:
            number, topic = channels[record.channel_id]
            writer.add_message(number, record.log_time, record.data, record.publish_time, record.sequence)
            rows += topic == layout.TELEMETRY
    writer.finish()
    return rows
