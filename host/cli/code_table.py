"""`host compress --table`: the code that a file would get, shown."""

from __future__ import annotations

import json
from pathlib import Path

from host.cli.errors import UserError
from host.cli.file_verbs import STANDARD, Job, opened, shown
from host.files.code_table import CodeTable, code_table, tree_svg
from host.files.code_table import shown as shown_byte

_CHUNK = 1 << 20
PICTURE = ".tree.svg"


def show_table(files: list[str], out: str | None, *, force: bool, as_json: bool) -> None:
    """Print the table of one file and save its tree: as `out`, or beside the file."""
    if len(files) != 1:
        raise UserError("--table shows one file at a time; name one")
    (file,) = files
    picture = Path(out) if out else Path("stdin" if file == STANDARD else file)
    if not out:
        picture = picture.with_name(picture.name + PICTURE)
    with opened(Job(file, picture), force=force) as (source, target):
        try:
            table = code_table(iter(lambda: source.read(_CHUNK), b""))
        except ValueError as error:
            raise UserError(f"{shown(file)}: {error}; name a file that is not empty") from None
        target.write(tree_svg(table).encode())
    if as_json:
        print(json.dumps(_document(table, picture)))
    else:
        _print(table, picture)


def _document(table: CodeTable, picture: Path) -> dict[str, object]:
    return {
        "bytes": table.total,
        "entropy_bits_per_byte": round(table.entropy, 6),
        "code_bits_per_byte": round(table.mean_length, 6),
        "efficiency": round(table.efficiency, 6),
        "picture": str(picture),
        "codes": {f"{entry.byte:02x}": entry.code for entry in table.entries},
    }


def _print(table: CodeTable, picture: Path) -> None:
    print(f"{'byte':>8} {'count':>12} {'share':>7} {'bits':>4}  code")
    for entry in table.entries:
        share = f"{entry.count / table.total:.2%}"
        print(
            f"{shown_byte(entry.byte):>8} {entry.count:>12,} {share:>7} {len(entry.code):>4}  {entry.code}"
        )
    print(
        f"{table.total:,} bytes, {len(table.entries)} different; entropy {table.entropy:.4f} bits a byte, "
        f"code {table.mean_length:.4f}: efficiency {table.efficiency:.2%}"
    )
    print(f"the tree is in {picture}")
