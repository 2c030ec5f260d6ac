"""`host bench soak`: what a long patrol's telemetry says of the board."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from host.bench.soak import Spread
from host.cli.main import run
from tests.firmware_mpy.served import FIRMWARE

ROOT = FIRMWARE.parent


def test_a_spread_has_the_middle_the_worst_and_the_mean() -> None:
    spread = Spread.of(Counter({10: 97, 20: 2, 700: 1}))
    assert spread == Spread(p50=10, p99=20, most=700, mean=17.1)
    with pytest.raises(ValueError, match="no value"):
        Spread.of({})


@pytest.mark.emulator
def test_a_short_one_has_all_figures_and_an_untouched_heap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["bench", "soak", str(ROOT / "maps" / "yard.toml"), str(ROOT / "routes" / "loop.toml")]
    assert run([*arguments, "--minutes", "0.1", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "soak.json").read_text())
    assert told["rows"] == pytest.approx(300, abs=10)
    assert told["rows_lost"] == told["collisions"] == 0
    assert told["heap_free_first"] == told["heap_free_last"] == told["heap_free_least"] > 5_000
    assert 0 < told["cpu_load_percent"]["mean"] < 100
    assert 0 <= told["jitter_us"]["p50"] <= told["jitter_us"]["p99"] <= told["jitter_us"]["most"] < 10_000
    assert run([*arguments, "--minutes", "0"]) == 2


def test_the_recorded_hour_left_the_heap_as_it_was() -> None:
    told = json.loads((ROOT / "bench" / "results" / "soak.json").read_text())
    assert told["virtual_seconds"] >= 3600
    assert told["virtual_seconds"] > told["wall_seconds"]
    assert told["heap_free_first"] == told["heap_free_last"]
    assert told["fault"] == ""
