"""The checksums that `host bench board` measures, over the host's contents, held against binascii's."""

from array import array
from binascii import crc32

from patrol import blocks, checksum, cobs, deframe, variants, wire
from patrol.encode import FrameWriter

from bench.measure import case_of, measured

try:  # written by the host, from patrol/checksum.py and patrol/blocks.py
    from bench import native_blocks, native_checksum
except ImportError:
    native_blocks = native_checksum = None

_CONTENT = "/rom/bench/{}.raw"
CONTENTS = ("commands", "text", "telemetry")
_SIZE = 1024
_FRAME_BODIES = (7, wire.MAX_FRAME - wire.HEADER_BYTES - wire.CHECKSUM_BYTES)
"""A drive command's with its head, and the largest."""


def _with_native(several, native):
    """(variant, function) of a list as patrol's modules have it, and of the native one."""
    found = dict(zip(variants.NAMES, several))
    if native:
        found["native"] = native
    return found


def _appended(function):
    """patrol/checksum.py's: the checksum is written behind the data."""

    def work(data, size):
        function(data, size, checksum.TABLE, checksum.NO_SEED)

    return work, lambda data, answer: int.from_bytes(data[_SIZE:], "little")


def _of_span(function):
    """patrol/blocks.py's: goes on with a number."""
    span = array("i", (0, 0, 0))

    def work(data, size):
        span[1] = size
        span[2] = 0
        function(data, span, checksum.TABLE)

    return work, lambda data, answer: span[2] & 0xFFFFFFFF


def _of_all(function):
    """binascii's."""
    return lambda data, size: function(data), lambda data, answer: answer


_APPENDED = _with_native(checksum.VARIANTS, native_checksum and native_checksum.append_plain)
_SPANS = _with_native(blocks.CHECKSUM_VARIANTS, native_blocks and native_blocks.checksum_plain)
# name; bytes behind the data; what makes (work(data, size), read(data, answer)) of a function; functions
METHODS = (
    ("CRC-32, binascii.crc32", 0, _of_all, {"built-in": crc32}),
    ("CRC-32 of a frame", wire.CHECKSUM_BYTES, _appended, _APPENDED),
    ("CRC-32 of a block", 0, _of_span, _SPANS),
)
_FRAME = "a frame found and checked"


def names():
    """[name, variant] of all that can be run."""
    sums = [[name, variant] for name, _, _, functions in METHODS for variant in functions]
    return sums + [[_FRAME, name] for name, _ in zip(variants.NAMES, checksum.VARIANTS)]


def run(name, variant, tell):
    """Measure one of `names`, and tell of each content."""
    for method, behind, make, functions in METHODS:
        if method == name:
            for content in CONTENTS:
                tell(_summed(make(functions[variant]), content, behind))
    if name == _FRAME:
        for body in _FRAME_BODIES:
            tell(_found(variants.NAMES.index(variant), body))


def _summed(made, content, behind):
    work, read = made
    with open(_CONTENT.format(content), "rb") as file:
        raw = file.read(_SIZE)
    data = bytearray(raw + bytes(behind))
    case = case_of(content, _SIZE)
    measured(case_of(content, 0), work, data, _SIZE)  # so that MicroPython's look-up cache knows the names
    found = read(data, measured(case, work, data, _SIZE))
    if found != crc32(raw):
        case["wrong"] = "{:#x} is not the checksum".format(found)
    return case


def _found(which, body):
    """From the wire's bytes to a frame whose checksum holds: COBS undone, sizes and CRC-32 looked at."""
    writer = FrameWriter(body, cobs_encode=cobs.VARIANTS[-1])
    writer.put_stored(wire.KIND_COMMAND, 1, bytes([at * 7 & 255 for at in range(body)]), body)
    found = deframe.Deframer(-1 if which == 2 else which, checksum.VARIANTS[which])

    def work(data, size):
        return found.feed(found.state, data, 0, size)

    case = case_of("body of {} bytes".format(body), writer.size)
    work(writer.wire, writer.size)
    measured(case, work, writer.wire, writer.size)
    if found.status != deframe.GOOD or found.body_size() != body:
        case["wrong"] = "status {}".format(deframe.STATUSES[found.status])
    return case
