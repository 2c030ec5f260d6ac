"""Files through our compressor and its peers in one run, in turn: medians, and ratios to zlib's Huffman."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from host.bench.file_coders import HUFFMAN_ONLY, OURS, OURS_2, FileCoder, all_coders
from host.files.codec import DEFAULT_BLOCK, streams_for
from host.files.container import HEADER_BYTES, RECORD_BYTES, TAIL_BYTES, Index
from protocol.blocks import Kind, encode_block, read_header, unpack_lengths

Told = Callable[[str, int, int], None]

_ROUNDS = 5
_LEAST_S = 0.04
"""A measurement is repeated until it takes so long, so that the clock's grain and a pause weigh little."""


@dataclass(frozen=True)
class Speed:
    """What a coder makes of a file; MB are 10**6 bytes of content."""

    compressed_bytes: int
    compress_mb_s: float
    decompress_mb_s: float


@dataclass(frozen=True)
class FileResult:
    """A file's figures, in bytes: the entropy of its blocks, each for itself, and what is no content's code
    (headers, code lengths, index)."""

    path: str
    bytes: int
    entropy_bits_per_byte: float
    block_entropy_bytes: float
    header_bytes: int
    speeds: Mapping[str, Speed]

    def ratio(self, coder: str, what: str) -> float:
        """How many times zlib's Z_HUFFMAN_ONLY a coder is as fast."""
        own, reference = self.speeds[coder], self.speeds[HUFFMAN_ONLY]
        return float(getattr(own, what) / getattr(reference, what))

    def to_json(self) -> dict[str, Any]:
        """As `host bench files --json` has it."""
        ours = self.speeds[OURS]
        return {
            "path": self.path,
            "bytes": self.bytes,
            "entropy_bits_per_byte": round(self.entropy_bits_per_byte, 5),
            "compressed_bytes": ours.compressed_bytes,
            "header_bytes": self.header_bytes,
            "size_to_entropy_of_blocks": round(ours.compressed_bytes / max(1.0, self.block_entropy_bytes), 5),
            "size_to_entropy_of_blocks_and_headers": round(
                ours.compressed_bytes / (self.block_entropy_bytes + self.header_bytes), 5
            ),
            **self._speed(OURS),
            "two_threads": self._speed(OURS_2),
            "peers": {
                name: {"compressed_bytes": speed.compressed_bytes, **self._speed(name)}
                for name, speed in self.speeds.items()
                if name not in (OURS, OURS_2)
            },
        }

    def _speed(self, name: str) -> dict[str, float]:
        speed = self.speeds[name]
        return {
            "compress_mb_s": round(speed.compress_mb_s, 1),
            "decompress_mb_s": round(speed.decompress_mb_s, 1),
            "compress_ratio_to_zlib_huffman_only": round(self.ratio(name, "compress_mb_s"), 3),
            "decompress_ratio_to_zlib_huffman_only": round(self.ratio(name, "decompress_mb_s"), 3),
        }


def entropy_bits(data: bytes) -> float:
    """Order-0 entropy, in bits of the whole."""
    counts = np.bincount(np.frombuffer(data, np.uint8), minlength=256)
    live = counts[counts > 0]
    return float((live * np.log2(len(data) / live)).sum()) if len(data) else 0.0


def measure(paths: Sequence[Path], told: Told = lambda *_: None) -> list[FileResult]:
    """Every coder over every file. Raises OSError, ImportError, or ValueError where one decodes wrongly."""
    coders = all_coders()
    results = []
    for number, path in enumerate(paths):
        told(path.name, number, len(paths))
        data = path.read_bytes()
        if not data:
            raise ValueError(f"{path}: empty; name a file with something in it")
        blocks = [data[at : at + DEFAULT_BLOCK] for at in range(0, len(data), DEFAULT_BLOCK)]
        results.append(
            FileResult(
                str(path), len(data), entropy_bits(data) / len(data), sum(map(entropy_bits, blocks)) / 8,
                _header_bytes(blocks), _speeds(data, coders),
            )
        )
    told("done", len(paths), len(paths))
    return results


def _header_bytes(blocks: Sequence[bytes]) -> int:
    """Bytes of a compressed file beside its streams."""
    index = Index()
    total = HEADER_BYTES + TAIL_BYTES
    for content in blocks:
        block = encode_block(content, streams_for(len(content)))
        header = read_header(block, 0, limit=len(content))
        total += RECORD_BYTES + header.start
        if header.kind is Kind.CODED:
            total += unpack_lengths(block[header.start :])[1] + 4 * (header.streams - 1)
        index.add(len(block), len(content))
    return total + len(index.end_record(0))


def _speeds(data: bytes, coders: Sequence[FileCoder]) -> dict[str, Speed]:
    packed = {coder.name: coder.compress(data) for coder in coders}
    for coder in coders:
        if memoryview(coder.decompress(packed[coder.name])) != memoryview(data):
            raise ValueError(f"{coder.name} does not give back what it was given")
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(_ROUNDS):
        for coder in coders:  # in turn, so that a slow moment of the machine meets all of them
            times.setdefault((coder.name, "compress"), []).append(_seconds(coder.compress, data))
            times.setdefault((coder.name, "decompress"), []).append(
                _seconds(coder.decompress, packed[coder.name])
            )
    megabytes = len(data) / 1e6
    return {
        coder.name: Speed(
            len(packed[coder.name]),
            megabytes / statistics.median(times[coder.name, "compress"]),
            megabytes / statistics.median(times[coder.name, "decompress"]),
        )
        for coder in coders
    }


def _seconds(work: Callable[[Any], Any], data: Any) -> float:
    """Seconds that one call takes."""
    calls, started = 0, time.perf_counter()
    while True:
        work(data)
        calls += 1
        if (passed := time.perf_counter() - started) >= _LEAST_S:
            return passed / calls


def means(results: Sequence[FileResult]) -> dict[str, dict[str, float]]:
    """Geometric means over the files of each coder's ratios."""

    def mean(values: Iterator[float]) -> float:
        return math.exp(statistics.fmean(map(math.log, values)))

    return {
        name: {
            "compress": round(mean(result.ratio(name, "compress_mb_s") for result in results), 3),
            "decompress": round(mean(result.ratio(name, "decompress_mb_s") for result in results), 3),
            "size": round(
                mean(
                    result.speeds[name].compressed_bytes / result.speeds[HUFFMAN_ONLY].compressed_bytes
                    for result in results
                ),
                4,
            ),
        }
        for name in results[0].speeds
    }
