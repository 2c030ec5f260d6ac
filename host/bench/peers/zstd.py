"""Zstandard with a trained dictionary, and without all that a frame header can leave out (RFC 8878)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import zstandard

from host.bench.peers.plain import DeltaVarint, Raw
from host.bench.peers.recoded import Recipe, best_recipe
from host.bench.scheme import SchemeFactory
from protocol.schema import Row, Schema

_LEVEL = 19
_MAX_PACKET = 1024
_SIZES = (1024, 8192, 65536)
_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS


class ZstdDictionary:
    """A frame a packet: no magic number, checksum, content size or dictionary number."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        parameters = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, format=_FORMAT, source_size=_MAX_PACKET, dict_size=len(dictionary),
            write_checksum=False, write_content_size=False, write_dict_id=False,
        )
        self._compressor = zstandard.ZstdCompressor(dict_data=dictionary, compression_params=parameters)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, format=_FORMAT)

    def compress(self, packet: bytes) -> bytes:
        """See Compressor."""
        return self._compressor.compress(packet)

    def decompress(self, compressed: bytes) -> bytes:
        """See Compressor."""
        return self._decompressor.decompress(compressed, max_output_size=_MAX_PACKET)


def train_zstd(size: int, packets: Sequence[bytes]) -> ZstdDictionary:
    """A compressor with a dictionary of up to `size` bytes, trained by the library on example packets."""
    try:
        dictionary = zstandard.train_dictionary(size, list(packets))
    except zstandard.ZstdError:
        # Too few examples, or too much alike, for the library's training: they are the dictionary.
        content = b"".join(packets)[-size:]
        dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return ZstdDictionary(dictionary)


def zstd_dict(schema: Schema, rows: Sequence[Row]) -> SchemeFactory:
    """Packed structs or delta varints, whichever do better with a dictionary trained on rows."""
    recipes = [Recipe(form, partial(train_zstd, size)) for form in (Raw, DeltaVarint) for size in _SIZES]
    return best_recipe(schema, rows, recipes)
