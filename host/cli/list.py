"""`host list`: what compressed files hold, by their indexes alone."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from host.cli.errors import UserError
from host.cli.file_verbs import STANDARD, Job, opened_to_read
from host.cli.options import JsonOption
from host.files.index import read_index


def list_files(
    files: Annotated[list[str], typer.Argument(help="Compressed files.", metavar="FILE...")],
    as_json: JsonOption = False,
) -> None:
    """Show sizes, blocks and checksums of compressed files, without decompressing them."""
    if not as_json:
        print(f"{'compressed':>14} {'content':>14} {'ratio':>7} {'blocks':>7} {'crc32':>8}  name")
    for file in files:
        if file == STANDARD:
            raise UserError("list reads an index at a file's end, which standard input has not; use verify")
        job = Job(file, None)
        with opened_to_read(job) as source:
            end = read_index(source)
            size = source.seek(0, 2)
        if as_json:
            print(json.dumps({
                "path": file, "compressed_bytes": size, "bytes": end.content_bytes, "blocks": len(end.sizes),
                "block_bytes": max(end.sizes, default=0), "crc32": f"{end.checksum:08x}",
            }))
        else:
            ratio = f"{size / end.content_bytes:.1%}" if end.content_bytes else "-"
            sizes = f"{size:>14,} {end.content_bytes:>14,} {ratio:>7} {len(end.sizes):>7,}"
            print(f"{sizes} {end.checksum:08x}  {file}")
