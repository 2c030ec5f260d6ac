"""`host decompress` and `host verify`: compressed files back, or only looked through."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

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
    opened_to_read,
    shown,
    threads_of,
    without_suffix,
)
from host.cli.options import JsonOption
from host.files.codec import decoder_for
from host.files.decompress import Restored, decompress_stream

KeepGoingOption = Annotated[
    bool, typer.Option("--keep-going", help="Save all that is whole; zeros stand for what is not.")
]
DAMAGED = 1
"""Exit code of a file that was saved in part."""


def decompress(
    files: FilesArgument,
    out: OutOption = None,
    stdout: StdoutOption = False,
    threads: ThreadsOption = 0,
    keep_going: KeepGoingOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Decompress files; NAME.huf becomes NAME, and NAME.huf stays."""
    damaged = False
    for job in jobs_for(files, out, stdout, without_suffix):
        bar = byte_progress(shown(job.source), job.bytes)
        with opened(job, force=force) as (source, target), bar as told:
            result = decompress_stream(
                source, target, decoder_for(job.bytes), threads=threads_of(threads), keep_going=keep_going,
                told=told,
            )
        damaged |= _tell(job, result, as_json and job.target is not None)
    if damaged:
        raise typer.Exit(DAMAGED)


def verify(
    files: FilesArgument,
    threads: ThreadsOption = 0,
    keep_going: KeepGoingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Decompress files to nowhere, and compare every checksum."""
    damaged = False
    for file in files:
        job = Job(file, None)
        with opened_to_read(job) as source, byte_progress(shown(file), job.bytes) as told:
            result = decompress_stream(
                source, None, decoder_for(job.bytes), threads=threads_of(threads), keep_going=keep_going,
                told=told,
            )
        if not _tell(job, result, as_json) and not as_json:
            print(f"{shown(file)}: whole, {result.content_bytes:,} bytes in {result.blocks:,} blocks")
        damaged |= bool(result.gaps or result.notes)
    if damaged:
        raise typer.Exit(DAMAGED)


def _tell(job: Job, result: Restored, as_json: bool) -> bool:
    """Say what is missing; whether anything is."""
    if as_json:
        print(json.dumps({
            "path": job.source,
            "result": None if job.target is None else str(job.target),
            "bytes": result.content_bytes,
            "blocks": result.blocks,
            "crc32": f"{result.checksum:08x}",
            "whole": not (result.gaps or result.notes),
            "missing": [[gap.start, gap.stop] for gap in result.gaps],
            "problems": result.notes,
        }))
    else:
        for line in [*result.notes, *(f"{gap} are missing" for gap in result.gaps)]:
            print(f"host: {shown(job.source)}: {line}", file=sys.stderr)
    return bool(result.gaps or result.notes)
