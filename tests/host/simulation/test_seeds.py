"""One route under many seeds: each as it would be alone, whatever runs beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.cli.main import run
from host.simulation.patrol import Patrol
from host.world import load_map, load_route

pytestmark = pytest.mark.emulator

MAP = """
size_mm = [3000, 2000]
[start]
x_mm = 500
y_mm = 500
[[walls]]
points_mm = [[20, 20], [2980, 20], [2980, 1980], [20, 1980]]
closed = true
"""
ROUTE = """
[[waypoints]]
x_mm = 800
y_mm = 500
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "yard.toml").write_text(MAP)
    (tmp_path / "route.toml").write_text(ROUTE)
    return tmp_path / "yard.toml", tmp_path / "route.toml"


def test_each_seed_is_told_of_and_is_what_it_would_be_alone(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = ["--seed", "5", "--seeds", "2", "--json"]
    assert run(["patrol", *map(str, files), *seeds, "--out", str(tmp_path / "pictures")]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["seed"] for each in told] == [5, 6]
    assert all(each["completed"] and each["contacts"] == [] for each in told)
    assert all(Path(each["picture"]).read_bytes().startswith(b"\x89PNG") for each in told)
    assert told[0]["telemetry_sha256"] != told[1]["telemetry_sha256"]
    alone = Patrol(load_map(files[0]), load_route(files[1]), 6).run(30)
    assert alone.telemetry_sha256 == told[1]["telemetry_sha256"]


def test_the_table_says_how_many_came_through(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["patrol", *map(str, files), "--seeds", "2", "--out", str(tmp_path), "--limit", "1"]
    assert run(arguments) == 1
    said = capsys.readouterr().out
    assert "0 of 2 completed, 0 collisions" in said
    assert "not completed" in said


def test_jobs_without_seeds_are_refused(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["patrol", *map(str, files), "--jobs", "2"]) == 2
    assert "give --seeds 20" in capsys.readouterr().err
