"""Tables and pictures of a recording."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from host.cli.main import run
from host.logs import load_log, schema_text
from host.recording import Recorder
from host.recording.picture import _drives, _RowClock
from host.train.car import plausible_log
from host.train.run import Settings, fit, join
from protocol.contract import Contract
from protocol.schema import Channel, Row, load_schema
from protocol.telemetry import Decoded, RowStatus
from tests.host.recording.conftest import made_rows

MAP = str(Path(__file__).parents[3] / "maps" / "track.toml")


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Path:
    """A recording of 50 rows and a mark."""
    path = tmp_path_factory.mktemp("drive") / "drive.mcap"
    write(path, contract, made_rows(contract, 50))
    return path


def plausible_rows(contract: Contract, count: int) -> list[Row]:
    """A drive, its columns given to the contract's channels in turn."""
    width = len(contract.schema.channels)
    return [
        Row(row.time_us, tuple((row.values * width)[:width])) for row in plausible_log(count, seed=3).rows
    ]


def write(path: Path, contract: Contract, rows: list[Row]) -> None:
    with Recorder(path, contract, epoch_ns=0, flush_s=1000, force=True) as recorder:
        recorder.link_opened("here", 0.0)
        for row in rows:
            recorder.decoded(Decoded(RowStatus.GOOD, (row,), 0), row.time_us / 1e6)
        recorder.mark("here", now_s=0.5)


def test_a_csv_has_every_row_in_physical_units(
    drive: Path, tmp_path: Path, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drive.csv"
    assert run(["export", str(drive), str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out), "rows": 50}
    with out.open(newline="") as file:
        lines = list(csv.DictReader(file))
    for line, row in zip(lines, made_rows(contract, 50), strict=True):
        assert int(line["time_us"]) == row.time_us
        for channel, value in zip(contract.schema.channels, row.values, strict=True):
            assert Decimal(line[channel.name]) == value * Decimal(repr(channel.scale))


def test_a_parquet_file_has_types_and_units(drive: Path, tmp_path: Path, contract: Contract) -> None:
    out = tmp_path / "drive.parquet"
    assert run(["export", str(drive), str(out)]) == 0
    table = parquet.read_table(out)
    assert table.column_names == ["log_time_ns", "time_us", *(each.name for each in contract.schema.channels)]
    for place, channel in enumerate(contract.schema.channels):
        field = table.schema.field(channel.name)
        assert field.metadata[b"unit"].decode() == channel.unit
        assert str(field.type) == ("int64" if channel.scale % 1 == 0 else "double")
        wanted = [float(row.values[place] * Decimal(repr(channel.scale))) for row in made_rows(contract, 50)]
        assert table.column(channel.name).to_pylist() == wanted


def test_chosen_channels_come_in_the_order_that_was_asked_for(
    drive: Path, tmp_path: Path, contract: Contract
) -> None:
    first, second = contract.schema.channels[1].name, contract.schema.channels[0].name
    out = tmp_path / "two.csv"
    assert run(["export", str(drive), str(out), "--channels", f"{first},{second}"]) == 0
    assert out.read_text().splitlines()[0] == f"log_time_ns,time_us,{first},{second}"


def test_integers_are_a_log_that_a_contract_can_be_trained_on(tmp_path: Path, contract: Contract) -> None:
    rows = plausible_rows(contract, 2000)
    write(tmp_path / "long.mcap", contract, rows)
    out = tmp_path / "long.csv"
    assert run(["export", str(tmp_path / "long.mcap"), str(out), "--raw"]) == 0
    log = load_log(out)
    assert [row.values for row in log.rows] == [row.values for row in rows]
    assert [(c.name, c.unit, c.scale) for c in log.schema.channels] == [
        (c.name, c.unit, c.scale) for c in contract.schema.channels
    ]
    assert fit(join([log]), Settings("best", 2, None, 1, 0)).contract.schema.channels == log.schema.channels


_text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
_channel = st.tuples(_text, _text, st.floats(1e-9, 1e9))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(channels=st.lists(_channel, min_size=1, max_size=4, unique_by=lambda channel: channel[0]))
def test_a_schema_is_the_same_after_its_text(channels: list[tuple[str, str, float]], tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    made = tuple(Channel(*channel) for channel in channels)
    path.write_text(schema_text(made), encoding="utf-8")
    assert load_schema(path).channels == made


def test_a_file_that_exists_is_replaced_only_when_told(
    drive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drive.csv"
    out.write_text("dear diary")
    assert run(["export", str(drive), str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "dear diary"
    assert run(["export", str(drive), str(out), "--force"]) == 0
    assert out.read_text().startswith("log_time_ns,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "DRIVE", "out.txt"], "must end in .csv, .parquet, .mcap"),
        (["export", "DRIVE", "out.csv", "--channels", "wings"], "no channel 'wings'"),
        (["export", "nothing.mcap", "out.csv"], "cannot be read"),
        (["export", "DRIVE", "out.mcap", "--raw"], "leave out --channels and --raw"),
        (["export", "DRIVE", "no/such/out.csv"], "cannot be written"),
        (["plot", "DRIVE", "--channel", "wings"], "no channel 'wings'"),
        (["plot", "DRIVE", "--out", "out.bmp"], "must end in .png or .svg"),
        (["replay", "nothing.mcap"], "cannot be read"),
        (["record", "out.txt", "--port", "socket://127.0.0.1:1"], "must end in .mcap"),
        (["web", "--record", "out.txt", "--port", "socket://127.0.0.1:1"], "must end in .mcap"),
        (["patrol", MAP, "--record", "out.txt", "--out", "out.png"], "must end in .mcap"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line_and_leaves_nothing(
    arguments: list[str], said: str, drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([str(drive) if each == "DRIVE" else each for each in arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_picture_shows_the_channels_that_were_asked_for(
    drive: Path, tmp_path: Path, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    name = contract.schema.channels[2].name
    out = tmp_path / "drive.png"
    assert run(["plot", str(drive), "--channel", name, "--no-track", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["drawn"] == [name]
    assert out.read_bytes().startswith(b"\x89PNG")


def with_names(contract: Contract, names: list[str]) -> Contract:
    channels = tuple(
        replace(channel, name=name) for channel, name in zip(contract.schema.channels, names, strict=True)
    )
    return replace(contract, schema=replace(contract.schema, channels=channels))


def test_a_contract_with_a_pose_has_a_track(tmp_path: Path, contract: Contract) -> None:
    names = ["x", "y", *(f"c{place}" for place in range(len(contract.schema.channels) - 2))]
    posed = with_names(contract, names)
    path, out = tmp_path / "posed.mcap", tmp_path / "posed.svg"
    write(path, posed, made_rows(posed, 30))
    assert run(["plot", str(path), "--out", str(out)]) == 0
    drawn = out.read_text()
    assert "<svg" in drawn
    assert run(["plot", str(path), "--track", "--channel", "c1", "--out", str(out)]) == 0


def test_a_track_that_nobody_recorded_is_told(
    tmp_path: Path, contract: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    unposed = with_names(contract, [f"c{place}" for place in range(len(contract.schema.channels))])
    path = tmp_path / "unposed.mcap"
    write(path, unposed, made_rows(unposed, 3))
    assert run(["plot", str(path), "--track"]) == 2
    assert "no track" in capsys.readouterr().err


def test_rows_are_drawn_when_they_were_sampled_and_not_when_they_came() -> None:
    clock = _RowClock()
    before_the_turn = (1 << 32) - 40_000
    came = [(0.30, 0), (0.31, 20_000), (0.35, 40_000), (0.352, 60_000)]
    times = [clock.seconds(at, (before_the_turn + us) % (1 << 32)) for at, us in came]
    assert times == pytest.approx([0.30, 0.32, 0.34, 0.36])


def test_a_board_that_began_anew_is_drawn_from_where_it_came_back() -> None:
    clock = _RowClock()
    assert clock.seconds(5.0, 9_000_000) == 5.0
    assert clock.seconds(8.0, 100_000) == 8.0
    assert clock.seconds(8.03, 120_000) == pytest.approx(8.02)


def test_no_line_is_drawn_to_where_the_car_was_only_told_to_be() -> None:
    told = [(0.0, 0.0), (0.0, 0.0), (900.0, 900.0), (950.0, 900.0), (1000.0, 900.0)]
    assert _drives(told, 500.0) == [told[2:]]
    assert _drives(told, math.inf) == [told]
    twice = [(0.0, 0.0), (50.0, 0.0), (900.0, 900.0)]
    assert _drives(twice, 500.0) == [twice[:2], twice[2:]]


def test_a_channel_of_states_has_their_names_beside_its_plot(tmp_path: Path, contract: Contract) -> None:
    path, out = tmp_path / "modes.mcap", tmp_path / "modes.svg"
    place = [channel.name for channel in contract.schema.channels].index("mode")
    idle = Row(0, (0,) * len(contract.schema.channels))
    line = Row(20_000, (*idle.values[:place], 1, *idle.values[place + 1 :]))
    write(path, contract, [idle, line])
    assert run(["plot", str(path), "--channel", "mode", "--no-track", "--out", str(out)]) == 0
    # Text is drawn as outlines, each told of in a comment.
    assert {"<!-- manual -->", "<!-- line -->"} <= {each.strip() for each in out.read_text().splitlines()}
