"""Messages: what HELLO, COMMAND and REPLY frames carry.

Every message is defined once, here, with construct. A command message is a code and its arguments; the
reply repeats the code, adds a status, and has results only when the status is OK. Multi-byte numbers are
little endian.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from construct import (
    Byte,
    Bytes,
    Const,
    ConstructError,
    Container,
    GreedyBytes,
    GreedyRange,
    Int8ul,
    Int16sl,
    Int16ul,
    Int32sl,
    Int32ul,
    ListContainer,
    PascalString,
    Prefixed,
    Struct,
    Terminated,
)

from protocol.command import Argument, Command
from protocol.file_commands import FILE_COMMANDS
from protocol.huffman import ByteCodebook
from protocol.limits import KEY_BYTES, MAX_MESSAGE, PROTOCOL_VERSION
from protocol.parameters import BY_NAME, PARAMETERS
from protocol.pilot_commands import PILOT_COMMANDS

Text = PascalString(Byte, "utf8")

Hello = Struct(
    "magic" / Const(b"PATROL"),
    "protocol_version" / Byte,
    "contract_hash" / Int32ul,
    "name" / Text,
    "rest" / GreedyBytes,
)
"""Both ways, always stored: who speaks, in which version, under which contract. In this version the rest is
the nonce and, from the car, its offer; another version's rest is its own."""

Nonce = Struct("nonce" / Int32ul, Terminated)
"""The rest of the host's HELLO."""

Offer = Struct(
    "nonce" / Int32ul,
    "boot" / Int32ul,
    "opening" / Int32ul,
    "uptime_ms" / Int32ul,
    "window" / Byte,
    "ring_bytes" / Int16ul,
    "flags" / Byte,
    "board" / Prefixed(Byte, GreedyBytes),
    Terminated,
)
"""The rest of the car's HELLO. `nonce` repeats the host's; `board` names this very board."""


def build_hello(contract_hash: int, name: str, nonce: int = 0) -> bytes:
    """The body of the host's HELLO."""
    return _hello(contract_hash, name, Nonce.build({"nonce": nonce}))


def build_offer(contract_hash: int, name: str, **offer: Any) -> bytes:
    """The body of the car's HELLO; `offer` has the fields of Offer."""
    return _hello(contract_hash, name, Offer.build(offer))


def _hello(contract_hash: int, name: str, rest: bytes) -> bytes:
    built: bytes = Hello.build({
        "protocol_version": PROTOCOL_VERSION, "contract_hash": contract_hash, "name": name, "rest": rest,
    })
    return built


class Status(enum.IntEnum):
    """First byte after the code in a reply."""

    OK = 0
    UNKNOWN_COMMAND = 1
    BAD_ARGUMENTS = 2
    OUT_OF_RANGE = 3
    BAD_BODY = 4
    HALTED = 5
    PAIRED = 6
    NO_FILE = 7
    FORBIDDEN = 8
    STORAGE = 9
    BAD_CONTENT = 10
    OUT_OF_STEP = 11
    NO_PILOT = 12
    FAULTY = 13


class MessageError(ValueError):
    """A message that cannot be built or read; the text is for the person who asked for it."""


_PARAMETER = Argument(
    "parameter", 0, len(PARAMETERS) - 1, "", "which parameter", choices=tuple(BY_NAME)
)
_SMALL = (1 << 30) - 1
"""MicroPython's small integers have 31 bits; a parameter stays within them."""

Counters = Struct(
    "uptime_ms" / Int32ul,
    "frames_received" / Int32ul,
    "frames_bad" / Int32ul,
    "commands_executed" / Int32ul,
    "commands_repeated" / Int32ul,
    "telemetry_frames" / Int32ul,
    "telemetry_rows" / Int32ul,
    "sensor_rows" / Int32ul,
    "bytes_dropped" / Int32ul,
    "heap_free" / Int32ul,
    "commands_early" / Int32ul,
    "refused_session" / Int32ul,
    "refused_replayed" / Int32ul,
    "refused_unsigned" / Int32ul,
    "refused_forged" / Int32ul,
    "refused_paired" / Int32ul,
    "link_silences" / Int32ul,
    "loop_stalls" / Int32ul,
    "halts" / Int32ul,
)

Profile = Struct(
    "decoder" / Byte,
    "block_bytes" / Int32ul,
    "block_ticks" / Int32ul,
    "frame_ticks" / Int32ul,
    "frame_bytes" / Int32ul,
    "receive_heap_bytes" / Int32ul,
    "encode_ticks" / Int32ul,
    "encode_rows" / Int32ul,
    "encode_heap_bytes" / Int32ul,
)

Log = Struct(
    "line" / Int16ul,
    "lines" / GreedyRange(Struct("uptime_ms" / Int32ul, "text" / Text)),
)
"""`line` is the number of the first of the lines, which are as many as fit; none is left when there are none.
The car keeps its newest ones only: older ones that were wanted are skipped."""

PROFILE_FRAMES = 100
"""Frames over which `Profile.receive_heap_bytes` is taken."""

DECODERS = ("plain", "viper", "thumb")
"""Which decoder the board runs; `Profile.decoder` is a place in this list."""

COMMANDS = (
    Command(
        1, "ping", "ask whether the car is there",
        (Argument("token", 0, 0xFFFF, "", "a number that the reply repeats", default=0),),
        Struct("token" / Int16ul),
        Struct("token" / Int16ul, "uptime_ms" / Int32ul),
    ),
    Command(
        2, "info", "say what the board is and what runs on it",
        (),
        Struct(),
        Struct("machine" / Text, "micropython" / Text, "application" / Text),
    ),
    Command(
        3, "drive", "drive at a speed, turning",
        (
            Argument("speed", -3000, 3000, "mm/s", "forward speed", default=0),
            Argument("turn", -720, 720, "deg/s", "turn rate, positive to the left", default=0),
        ),
        Struct("speed" / Int16sl, "turn" / Int16sl),
        Struct("speed" / Int16sl, "turn" / Int16sl),
    ),
    Command(4, "stop", "stop the motors now", (), Struct(), Struct()),
    Command(
        5, "get", "read a parameter",
        (_PARAMETER,),
        Struct("parameter" / Int8ul),
        Struct("value" / Int32sl),
    ),
    Command(
        6, "set", "set a parameter",
        (_PARAMETER, Argument("value", -_SMALL, _SMALL, "", "its new value")),
        Struct("parameter" / Int8ul, "value" / Int32sl),
        Struct("value" / Int32sl),
    ),
    Command(
        7, "rate", "set how many telemetry rows the car samples a second; 0 is none",
        (Argument("hz", 0, 1000, "Hz", "rows a second"),),
        Struct("hz" / Int16ul),
        Struct("hz" / Int16ul),
    ),
    Command(8, "reboot", "restart the board", (), Struct(), Struct()),
    Command(9, "counters", "read the link's and the car's counters", (), Struct(), Counters),
    Command(
        10, "profile", "measure what decoding and encoding cost on the board",
        (),
        Struct(),
        Profile,
    ),
    Command(
        11, "key", "begin the next telemetry frame anew, so that a listener can join",
        (), Struct(), Struct(),
    ),
    Command(12, "resume", "allow driving again after an emergency stop", (), Struct(), Struct()),
    Command(
        13, "pair", "set the key that commands must be signed with; refused once one is set",
        (), Struct("key" / Bytes(KEY_BYTES)), Struct(), typed=False,
    ),
    Command(
        20, "log", "read the car's log, from a line on",
        (Argument("line", 0, 0xFFFF, "", "number of the first line wanted", default=0),),
        Struct("line" / Int16ul),
        Log,
    ),
    *PILOT_COMMANDS,
    *FILE_COMMANDS,
)

COMMAND_BY_NAME = {command.name: command for command in COMMANDS}
COMMAND_BY_CODE = {command.code: command for command in COMMANDS}

ReplyHead = Struct("code" / Byte, "status" / Byte, "rest" / GreedyBytes)
CommandHead = Struct("code" / Byte, "rest" / GreedyBytes)


def build_command(name: str, values: dict[str, Any]) -> bytes:
    """A command message. Raises MessageError for an unknown name, or a value out of its range."""
    command = COMMAND_BY_NAME.get(name)
    if command is None:
        raise MessageError(f"no command {name!r}; the car knows {', '.join(COMMAND_BY_NAME)}")
    for argument in command.arguments:
        value = values.get(argument.name, argument.default)
        if value is None:
            raise MessageError(f"{name} needs {argument.name} ({argument.help})")
        if not argument.low <= value <= argument.high:
            allowed = f"{argument.low} to {argument.high} {argument.unit}".rstrip()
            raise MessageError(f"{name}: {argument.name} is {value}; {allowed} is allowed")
    defaults = {argument.name: argument.default for argument in command.arguments}
    packed: bytes = command.layout.build({**defaults, **values})
    return bytes([command.code]) + packed


def parse_command(message: bytes) -> tuple[Command, dict[str, Any]]:
    """The command in a message, and its arguments. Raises MessageError when it is none."""
    try:
        head = CommandHead.parse(message)
        command = COMMAND_BY_CODE[head.code]
        return command, _values(command.layout, head.rest)
    except (KeyError, ConstructError):
        raise MessageError(f"no command: {message.hex()}") from None


@dataclass(frozen=True)
class Reply:
    """What the car said to a command; `values` is empty unless the status is OK."""

    command: str
    status: Status
    values: dict[str, Any]


def build_reply(command: Command, status: Status, values: dict[str, Any]) -> bytes:
    """A reply message; `values` count only when the status is OK."""
    built: bytes = ReplyHead.build({
        "code": command.code,
        "status": status,
        "rest": command.result.build(values) if status == Status.OK else b"",
    })
    return built


def parse_reply(message: bytes) -> Reply:
    """The reply in a message. Raises MessageError when it is none."""
    try:
        head = ReplyHead.parse(message)
        command = COMMAND_BY_CODE[head.code]
        status = Status(head.status)
        values = _values(command.result, head.rest) if status == Status.OK else {}
    except (KeyError, ValueError, ConstructError):
        raise MessageError(f"no reply: {message.hex()}") from None
    return Reply(command.name, status, values)


def _values(layout: Struct, packed: bytes) -> dict[str, Any]:
    parsed = Struct("fields" / layout, Terminated).parse(packed).fields
    found: dict[str, Any] = _plain(parsed)
    return found


def _plain(value: Any) -> Any:
    """What construct parsed, as dictionaries and lists without its own entries."""
    if isinstance(value, Container):
        return {key: _plain(each) for key, each in value.items() if not key.startswith("_")}
    return [_plain(each) for each in value] if isinstance(value, ListContainer) else value


def compress(message: bytes, book: ByteCodebook) -> tuple[bytes, bool]:
    """(body, stored): the message in the book's code, or as it is where that is no longer."""
    coded = book.encode(message)
    return (message, True) if len(coded) >= len(message) else (coded, False)


def expand(body: bytes, stored: bool, book: ByteCodebook) -> bytes | None:
    """The message in a frame's body; None when it is too long or not in the book's code."""
    if stored:
        return body if len(body) <= MAX_MESSAGE else None
    return book.decode(body, MAX_MESSAGE)
