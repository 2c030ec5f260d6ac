"""The decoders that `host bench board` measures: messages, blocks of files, and MicroPython's own deflate.

Every one gives back the host's content, and is held against it.
"""

import io

import deflate
from patrol import blocks, decode, variants

from bench.checksums import CONTENTS
from bench.measure import case_of, measured

try:  # written by the host, from patrol/decode.py and patrol/blocks.py
    from bench import native_blocks, native_decode
except ImportError:
    native_blocks = native_decode = None

_FILE = "/rom/bench/{}.{}"
_WINDOW_BITS = 10
"""Of the host's deflate streams: a window of 1 KiB."""


def _file(content, kind):
    with open(_FILE.format(content, kind), "rb") as file:
        return file.read()


def _message(variant):
    """patrol/decode.py: the message codebook, which is fixed; a table of 8 KiB is there already."""
    functions = dict(zip(variants.NAMES, decode.VARIANTS))
    functions["native"] = native_decode and native_decode.decode_plain
    function = functions[variant]

    def prepare(coded, size):
        decoder = decode.Decoder(size, function)
        body = bytearray(coded + bytes(decode.SLACK))

        def work(body, coded_size):
            return decoder.expand(body, coded_size, False) == size

        return work, body, len(coded), decoder.message

    return prepare


def _block(variant):
    """patrol/blocks.py: header, checksum, code lengths, table and codes of a block of its own code."""
    native = variant == "native"
    which = -1 if native else variants.NAMES.index(variant)

    def prepare(coded, size):
        reader = blocks.BlockReader(size, which)
        if native:
            reader._checksum = native_blocks.checksum_plain
            reader._fill = native_blocks.fill_table_plain
            reader._decode = native_blocks.decode_plain
        return reader.read, bytearray(coded + bytes(blocks.SLACK)), len(coded), reader.content

    return prepare


def _deflated(variant):
    """MicroPython's DeflateIO over a raw stream; its window is made for every one."""

    def prepare(coded, size):
        target = bytearray(size)

        def work(coded, coded_size):
            stream = deflate.DeflateIO(io.BytesIO(coded), deflate.RAW, _WINDOW_BITS)
            return stream.readinto(target) == size

        return work, coded, len(coded), target

    return prepare


_BY_NAME = [name for name, _ in zip(variants.NAMES, decode.VARIANTS)]
_ALL = _BY_NAME[:1] + (["native"] if native_decode and native_blocks else []) + _BY_NAME[1:]
# name; end of the file's name; contents; what a variant gives; variants
METHODS = (
    ("messages, fixed code", "message", CONTENTS[:1], _message, _ALL),
    ("block with its own code", "block", CONTENTS, _block, _ALL),
    ("deflate", "deflate", CONTENTS, _deflated, ["built-in"]),
    ("deflate, Huffman codes only", "huffman", CONTENTS, _deflated, ["built-in"]),
)


def names():
    """[name, variant] of all that can be run."""
    return [[name, variant] for name, _, _, _, several in METHODS for variant in several]


def run(name, variant, tell):
    """Measure one of `names`, and tell of each content."""
    for method, kind, contents, variant_of, _ in METHODS:
        if method == name:
            for content in contents:
                tell(_decoded(variant_of(variant), content, kind))


def _decoded(prepare, content, kind):
    raw = _file(content, "raw")
    work, data, size, target = prepare(_file(content, kind), len(raw))
    case = case_of(content, len(raw))
    case["coded"] = size
    measured(case_of(content, 0), work, data, size)  # so that MicroPython's look-up cache knows the names
    if not measured(case, work, data, size) or memoryview(target)[: len(raw)] != raw:
        case["wrong"] = "another content came out"
    return case
