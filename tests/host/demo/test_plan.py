"""What a demo will send is known before the board starts."""

from dataclasses import replace
from random import Random

import pytest

from host.demo.plan import plan_demo
from host.logs import Log, LogError, save_log
from host.train.car import plausible_log
from protocol.schema import Row
from protocol.telemetry import TelemetryDecoder, TelemetryEncoder


@pytest.fixture
def log_file(tmp_path):
    path = tmp_path / "car.csv"
    save_log(path, plausible_log(400, seed=2))
    return path


def test_the_rows_sent_are_not_those_the_contract_was_fitted_to(log_file):
    plan = plan_demo(log_file, frames=50, rows_per_frame=None)
    log = plausible_log(400, seed=2)
    assert (plan.frames, plan.rows_per_frame, plan.trained_rows) == (50, 4, 200)
    assert plan.rows == log.rows[200:]


def test_a_short_log_gets_fewer_rows_a_frame(log_file):
    assert plan_demo(log_file, frames=180, rows_per_frame=None).rows_per_frame == 2


def test_a_log_that_is_too_short_says_how_many_frames_it_has(log_file):
    with pytest.raises(LogError, match=r"400 rows are too few .* ask for --frames 90 or fewer"):
        plan_demo(log_file, frames=91, rows_per_frame=4)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_log_of_a_few_rows_is_told_to_grow(tmp_path, rows):
    save_log(tmp_path / "short.csv", plausible_log(rows, seed=2))
    with pytest.raises(LogError, match=rf"{rows} rows are too few for a frame .* record more"):
        plan_demo(tmp_path / "short.csv", frames=1, rows_per_frame=4)


def test_a_long_name_of_a_log_is_cut_to_what_a_contract_holds(tmp_path):
    path = tmp_path / ("é" * 60 + ".csv")
    save_log(path, plausible_log(400, seed=2))
    name = plan_demo(path, frames=10, rows_per_frame=None).contract.schema.name
    assert name.startswith("demo éé")
    assert len(name.encode()) <= 64


def test_the_board_never_takes_a_demo_for_its_own_contract(log_file):
    assert plan_demo(log_file, 10, None).contract.schema.name != "car"
    assert plan_demo(None, 10, None).contract.schema.name != "car"


def test_the_clock_of_a_long_log_wraps_as_on_the_wire(tmp_path):
    log = plausible_log(40, seed=2)
    late = Log(log.schema, tuple(replace(r, time_us=r.time_us + (1 << 32) - 500_000) for r in log.rows))
    save_log(tmp_path / "late.csv", late)
    plan = plan_demo(tmp_path / "late.csv", frames=5, rows_per_frame=4)
    assert {row.time_us < 1 << 32 for row in plan.rows} == {True}
    assert any(a.time_us > b.time_us for a, b in zip(plan.rows, plan.rows[1:], strict=False))


def test_the_bytes_foreseen_are_those_of_the_reference_encoder(log_file):
    plan = plan_demo(log_file, frames=50, rows_per_frame=4)
    assert plan.framed_rows == 200
    assert plan.bytes_raw == 200 * plan.contract.schema.row_struct.size
    assert 0 < plan.wire_bytes < plan.bytes_raw


def test_frames_closed_early_still_add_up(tmp_path):
    """Rows that jump over 32 bits fill a frame before it has its number of rows."""
    log = plausible_log(60, seed=2)
    channels = tuple(replace(c, format="i32") for c in log.schema.channels[:8] * 6)
    schema = replace(log.schema, channels=tuple(replace(c, name=f"c{i}") for i, c in enumerate(channels)))
    random = Random(1)
    jumps = [tuple(random.randint(-(2**31), 2**31 - 1) for _ in channels) for _ in log.rows]
    wild = [Row(row.time_us, jump) for row, jump in zip(log.rows, jumps, strict=True)]
    save_log(tmp_path / "wild.csv", Log(schema, tuple(wild)))
    plan = plan_demo(tmp_path / "wild.csv", frames=10, rows_per_frame=4)
    assert plan.frames == 10
    assert plan.framed_rows < 40
    encoder, decoder = TelemetryEncoder(plan.contract, 4), TelemetryDecoder(plan.contract)
    frames = [frame for row in plan.rows for frame in encoder.append(row)]
    rows = [row for frame in frames for row in decoder.decode(frame).rows]
    assert (len(frames), tuple(rows)) == (10, plan.rows[: plan.framed_rows])
