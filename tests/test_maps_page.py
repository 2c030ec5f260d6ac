"""docs/maps.md: its examples are a map and a route, and its keys are those that are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host.world import load_map, load_route
from host.world.faults import KINDS
from host.world.route_file import require_room

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "maps.md").read_text(encoding="utf-8")
READ = {
    key
    for name in ("map_file.py", "route_file.py")
    for key in re.findall(
        r'\.(?:number|integer|text|flag|point|points|table|tables)\("(\w+)"',
        (ROOT / "host" / "world" / name).read_text(encoding="utf-8"),
    )
} | {"x_mm", "y_mm"}


@pytest.fixture
def examples(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "map.toml", tmp_path / "route.toml"
    for path, text in zip(paths, re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL), strict=True):
        path.write_text(text)
    return paths


def test_the_examples_can_be_driven(examples: tuple[Path, Path]) -> None:
    require_room(load_route(examples[1]), load_map(examples[0]))


def test_every_key_that_is_read_is_told_and_no_other() -> None:
    prose = re.sub(r"```toml\n.*?```", "", PAGE, flags=re.DOTALL)
    names = {name for part in re.findall(r"`([^`]+)`", prose) for name in re.findall(r"^\[*(\w+)\]*$", part)}
    assert names >= READ
    told_as_keys = {name for name in names if name.endswith(("_mm", "_deg", "_s", "_ms", "_ma", "_mm_s"))}
    assert told_as_keys <= READ


def test_every_fault_that_can_be_injected_is_told() -> None:
    table = PAGE.split("## Faults to inject")[1]
    assert set(KINDS) <= set(re.findall(r"`(\w+)`", table))
