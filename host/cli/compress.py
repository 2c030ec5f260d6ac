"""`host compress`: files into checked, Huffman-coded ones."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.file_verbs import (
    FilesArgument,
    ForceOption,
    Job,
    OutOption,
    StdoutOption,
    ThreadsOption,
    byte_progress,
    jobs_for,
    opened,
    shown,
    threads_of,
)
from host.cli.options import JsonOption
from host.files.codec import DEFAULT_BLOCK, LARGEST_BLOCK, SMALLEST_BLOCK, encoder_for
from host.files.compress import compress_stream
from host.files.container import SUFFIX

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


def compress(
    files: FilesArgument,
    out: OutOption = None,
    stdout: StdoutOption = False,
    block: Annotated[
        str, typer.Option(help="Bytes of content a block; 64K, 1M, ...", metavar="SIZE")
    ] = f"{DEFAULT_BLOCK >> 10}K",
    threads: ThreadsOption = 0,
    force: ForceOption = False,
    table: Annotated[
        bool, typer.Option("--table", help="Show each byte's code, entropy and efficiency; write nothing but "
                           "the tree's picture, with -o FILE.svg.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compress files; NAME becomes NAME.huf, and NAME stays."""
    size = _block_size(block)
    if table:
        # Here, for it draws.
        from host.cli.code_table import show_table

        show_table(files, out, force=force, as_json=as_json)
        return
    for job in jobs_for(files, out, stdout, lambda path: path.with_name(path.name + SUFFIX)):
        _compress(job, size, threads_of(threads), force, as_json)


def _compress(job: Job, block: int, threads: int, force: bool, as_json: bool) -> None:
    total = job.bytes
    with opened(job, force=force) as (source, target), byte_progress(shown(job.source), total) as told:
        result = compress_stream(source, target, encoder_for(total), block=block, threads=threads, told=told)
    if as_json and job.target is not None:
        print(json.dumps({
            "path": job.source, "result": str(job.target), "bytes": result.content_bytes,
            "compressed_bytes": result.file_bytes, "blocks": result.blocks, "crc32": f"{result.checksum:08x}",
        }))
    elif job.target is not None:
        share = f" ({result.file_bytes / result.content_bytes:.1%})" if result.content_bytes else ""
        sizes = f"{result.content_bytes:,} bytes to {result.file_bytes:,}{share}"
        print(f"{shown(job.source)}: {sizes} in {job.target}", file=sys.stderr)


def _block_size(text: str) -> int:
    digits = text.rstrip("kKmM")
    unit = text[len(digits) :].lower()
    if not digits.isdecimal() or unit not in _UNITS:
        raise UserError(f"--block {text}: not a size; give 64K, 1M or a number of bytes")
    size = int(digits) * _UNITS[unit]
    if not SMALLEST_BLOCK <= size <= LARGEST_BLOCK:
        raise UserError(f"--block {text}: {SMALLEST_BLOCK >> 10}K to {LARGEST_BLOCK >> 20}M are allowed")
    return size



