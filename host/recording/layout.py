"""What a recording holds: topics, the JSON Schema of each, and the contract it was made under.

Messages are JSON, as every reader of MCAP can show it: https://mcap.dev/spec/registry. Schemas have
`"type": "object"` and mark binary data with `contentEncoding`, which Foxglove asks for.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from protocol.schema import Channel
from protocol.schema import Schema as TelemetrySchema

TELEMETRY = "/telemetry"
FRAMES = "/frames"
COMMANDS = "/commands"
REPLIES = "/replies"
EVENTS = "/events"
LOG = "/log"

CONTRACT_FILE = "contract.json"
"""The attachment with the contract, as `host --contract` reads it."""
METADATA = "patrol"
"""The metadata record that says what made the recording."""

LINK_OPENED, LINK_JOINED = "link_opened", "link_joined"
"""Events from which on a decoder begins anew. One that joins can decode only from the next key frame on."""

_INTEGER, _TEXT = {"type": "integer"}, {"type": "string"}


def telemetry_schema(schema: TelemetrySchema) -> dict[str, Any]:
    """Of a telemetry message: the board's time, values in their units, and the integers behind them."""
    values = {channel.name: _value_schema(channel) for channel in schema.channels}
    return _object({
        "time_us": _INTEGER | {"description": "By the board's clock, which does not wrap here."},
        "values": _object(values) | {"description": "In physical units."},
        "raw": {
            "type": "array", "items": _INTEGER,
            "description": "The integers on the wire, in the order of values.",
        },
    }) | {"title": schema.name}


def _value_schema(channel: Channel) -> dict[str, Any]:
    is_whole = Decimal(repr(channel.scale)) % 1 == 0
    about = {key: value for key, value in channel.record().items() if key not in ("name", "format")}
    return {"type": "integer" if is_whole else "number", "description": channel.unit} | about


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_FRAME = _object({
    "bytes": _INTEGER,
    "data": _TEXT | {
        "contentEncoding": "base64",
        "description": "As received, up to and with the delimiter; damaged ones, too.",
    },
})
_COMMAND = _object({"number": _INTEGER, "command": _TEXT, "arguments": {"type": "object"}})
_REPLY = _object({"number": _INTEGER, "command": _TEXT, "status": _TEXT, "values": {"type": "object"}})
_EVENT = _object({"event": _TEXT, "text": _TEXT, "count": _INTEGER})
_LOG = _object({
    "timestamp": _object({"sec": _INTEGER, "nsec": _INTEGER}), "level": _INTEGER, "message": _TEXT,
    "name": _TEXT, "file": _TEXT, "line": _INTEGER,
})

SCHEMAS: dict[str, tuple[str, dict[str, Any]]] = {
    FRAMES: ("patrol.Frame", _FRAME),
    COMMANDS: ("patrol.Command", _COMMAND),
    REPLIES: ("patrol.Reply", _REPLY),
    EVENTS: ("patrol.Event", _EVENT),
    # Foxglove's own: its log panel shows it. https://docs.foxglove.dev/docs/sdk/schemas/log
    LOG: ("foxglove.Log", _LOG),
}
"""Of every topic but telemetry's: its name and schema."""

CHANNELS = dict(enumerate((TELEMETRY, *SCHEMAS), 1))
"""The number that each topic has in every recording, and so has its schema."""


def schemas_of(telemetry: TelemetrySchema) -> dict[str, tuple[str, dict[str, Any]]]:
    """Of every topic, in the order of their numbers: its name and schema."""
    return {TELEMETRY: (f"patrol.{telemetry.name}", telemetry_schema(telemetry)), **SCHEMAS}


def packed(document: dict[str, Any]) -> bytes:
    """A message or schema as it is stored."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def jsonable(value: Any) -> Any:
    """What construct has parsed, as JSON has it; bytes in hexadecimal."""
    if isinstance(value, dict):
        return {key: jsonable(each) for key, each in value.items() if not str(key).startswith("_")}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return value
