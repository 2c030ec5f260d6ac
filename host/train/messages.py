"""Which bytes messages are made of: the statistics behind the message codebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol.messages import COMMAND_BY_NAME, Status, build_command, build_reply
from protocol.parameters import PARAMETERS

_TEXTS = {
    "machine": "Emulated patrol-car board with STM32F405",
    "micropython": "1.25.0",
    "application": "patrol",
}


def message_byte_counts() -> list[int]:
    """How often each byte value occurs in a session's messages, both ways."""
    counts = [0] * 256
    for message in typical_messages():
        for byte in message:
            counts[byte] += 1
    return counts


def typical_messages() -> Iterator[bytes]:
    """A long manual drive with the questions that a monitor asks in between.

    Made here rather than recorded, so that the codebook comes out the same everywhere.
    """
    for turn in range(-180, 181, 5):
        for speed in range(-300, 1001, 100):
            values = {"speed": speed, "turn": turn}
            yield build_command("drive", values)
            yield _ok("drive", values)
    for token in range(400):
        yield build_command("ping", {"token": token})
        yield _ok("ping", {"token": token, "uptime_ms": 137 * token})
        yield build_command("stop", {})
        yield _ok("stop", {})
    for index, parameter in enumerate(PARAMETERS * 10):
        number = index % len(PARAMETERS)
        yield build_command("set", {"parameter": number, "value": parameter.default})
        yield _ok("set", {"value": parameter.default})
        yield build_command("rate", {"hz": 10 * number})
        yield _ok("rate", {"hz": 10 * number})
        yield build_command("counters", {})
        yield _ok("counters", {
            name.name: 40 * index for name in COMMAND_BY_NAME["counters"].result.subcons
        })
    for _ in range(10):
        yield build_command("info", {})
        yield _ok("info", dict(_TEXTS))


def _ok(name: str, values: Mapping[str, object]) -> bytes:
    return build_reply(COMMAND_BY_NAME[name], Status.OK, dict(values))
