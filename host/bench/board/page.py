"""The tables of docs/cost.md, from bench/results/board.json.

    python -m host.bench.board.page            write them
    python -m host.bench.board.page --check    exit 1 when they are stale
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from host.bench.board.report import from_json
from host.bench.board.tables import tables
from host.emulate.application import ROOT

PAGE = ROOT / "docs" / "cost.md"
RESULTS = ROOT / "bench" / "results" / "board.json"
_PART = re.compile(r"(<!-- board: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, results: str) -> str:
    """The page with every part between `<!-- board: TABLE -->` and `<!-- end -->` made anew."""
    found = tables(from_json(json.loads(results)))
    return _PART.sub(lambda part: f"{part[1]}{found[part[2]].markdown()}\n{part[3]}", page)


def main() -> int:
    """The command line of this module."""
    page = PAGE.read_text(encoding="utf-8")
    anew = filled(page, RESULTS.read_text(encoding="utf-8"))
    if "--check" in sys.argv[1:]:
        if page != anew:
            print("docs/cost.md is stale; run `make bench-board`", file=sys.stderr)
        return int(page != anew)
    Path(PAGE).write_text(anew, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
