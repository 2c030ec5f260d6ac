"""Rows in are rows out, and after a loss nothing wrong is ever shown."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.train.fit import fit_contract
from protocol.contract import load_contract
from protocol.frame import Frame
from protocol.limits import MAX_BODY, MAX_CHANNELS
from protocol.rows import worst_row_bytes
from protocol.schema import Channel, Row, Schema
from protocol.telemetry import KEY_ROWS, RowStatus, TelemetryDecoder, TelemetryEncoder

CAR = load_contract()
CHANNELS = len(CAR.schema.channels)
int32 = st.integers(-(1 << 31), (1 << 31) - 1)
rows_of_car = st.lists(
    st.builds(
        Row,
        st.one_of(st.integers(0, 300_000), st.integers(0, (1 << 32) - 1)),
        st.tuples(*[st.one_of(st.integers(-3, 3), int32) for _ in CAR.schema.channels]),
    ),
    min_size=1,
    max_size=30,
)


def encoded(contract, rows, rows_per_frame=4, key_interval_ms=400):
    encoder = TelemetryEncoder(contract, rows_per_frame, key_interval_ms)
    return [frame for row in rows for frame in encoder.append(row)] + list(encoder.flush())


def decoded(contract, frames):
    decoder = TelemetryDecoder(contract)
    return [decoder.decode(frame) for frame in frames]


def rows_in(results):
    return [row for result in results for row in result.rows]


@given(rows_of_car, st.integers(1, 8), st.sampled_from([1, 50, 60_000]))
def test_any_rows_come_back_exactly(rows, rows_per_frame, key_interval_ms):
    frames = encoded(CAR, rows, rows_per_frame, key_interval_ms)
    assert rows_in(decoded(CAR, frames)) == rows
    assert all(len(frame.body) <= MAX_BODY for frame in frames)


@given(rows_of_car)
def test_a_frame_never_grows_beyond_its_stored_rows_where_they_fit(rows):
    schema = CAR.schema
    for frame in encoded(CAR, [row for row in rows if schema.fits(row)]):
        assert len(frame.body) <= schema.row_struct.size * frame.rows


@given(rows_of_car, st.data())
def test_after_any_loss_every_row_shown_is_right(rows, data):
    frames = encoded(CAR, rows, rows_per_frame=2, key_interval_ms=120)
    kept = data.draw(st.lists(st.booleans(), min_size=len(frames), max_size=len(frames)))
    heard = [frame for frame, keep in zip(frames, kept, strict=True) if keep]
    starts = [sum(f.rows for f in frames[:at]) for at in range(len(frames))]
    truth = {frame.sequence: rows[at : at + frame.rows] for frame, at in zip(frames, starts, strict=True)}
    for frame, result in zip(heard, decoded(CAR, heard), strict=True):
        if result.status == RowStatus.GOOD:
            assert list(result.rows) == truth[frame.sequence]
        if frame.key:
            assert result.status == RowStatus.GOOD


def test_lost_frames_are_counted_and_the_next_key_recovers():
    rows = [Row(20_000 * at, (at,) * CHANNELS) for at in range(12)]
    rows = [replace(row, values=(at % 3,) * CHANNELS) for at, row in enumerate(rows)]
    frames = encoded(CAR, rows, rows_per_frame=1, key_interval_ms=120)
    del frames[2:4]
    results = decoded(CAR, frames)
    assert [result.lost_frames for result in results] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    assert [result.status for result in results[2:5]] == [RowStatus.NO_KEY, RowStatus.NO_KEY, RowStatus.GOOD]


def test_a_key_frame_comes_after_so_much_of_the_rows_own_time_whatever_their_rate():
    def key_times(step_us):
        times = range(0xFFFF_0000, 0xFFFF_0000 + 600_000, step_us)
        rows = [Row(time_us & 0xFFFF_FFFF, (0,) * CHANNELS) for time_us in times]
        pairs = zip(rows, encoded(CAR, rows, rows_per_frame=1, key_interval_ms=200), strict=True)
        return [(row.time_us - rows[0].time_us) & 0xFFFF_FFFF for row, frame in pairs if frame.key]

    assert key_times(1000) == key_times(20_000) == [0, 200_000, 400_000]
    assert key_times(150_000) == [0, 300_000]


def test_a_clock_that_stands_still_does_not_keep_key_frames_away():
    frames = encoded(CAR, [Row(7, (0,) * CHANNELS)] * (KEY_ROWS + 2), rows_per_frame=1)
    assert [number for number, frame in enumerate(frames) if frame.key] == [0, KEY_ROWS]


def test_a_requested_key_begins_with_the_next_frame_not_in_the_midst_of_one():
    encoder = TelemetryEncoder(CAR, rows_per_frame=2, key_interval_ms=2000)
    frames = []
    for at in range(8):
        if at == 3:
            encoder.request_key()
        frames += encoder.append(Row(20_000 * at, (0,) * CHANNELS))
    assert [frame.key for frame in frames] == [True, False, True, False]
    assert len(rows_in(decoded(CAR, frames))) == 8


@given(st.binary(max_size=60), st.booleans(), st.booleans(), st.integers(1, 8))
def test_any_body_at_all_is_rows_or_a_bad_body(body, stored, key, rows):
    frame = replace(encoded(CAR, [Row(0, (0,) * CHANNELS)])[0], body=body, stored=stored, key=key, rows=rows)
    decoder = TelemetryDecoder(CAR)
    result = decoder.decode(frame)
    assert len(result.rows) == (rows if result.status == RowStatus.GOOD else 0)


def test_a_bad_body_leaves_nothing_to_predict_from():
    first, second, third = encoded(CAR, [Row(at, (5,) * CHANNELS) for at in range(3)], 1, 50)
    decoder = TelemetryDecoder(CAR)
    decoder.decode(first)
    assert decoder.decode(replace(second, body=second.body + b"\x00")).status == RowStatus.BAD_BODY
    assert decoder.decode(third).status == RowStatus.NO_KEY


@settings(deadline=None)
@given(st.sampled_from([1, 2, MAX_CHANNELS]), st.data())
def test_schemas_of_1_to_64_channels_work_over_the_whole_32_bit_range(channels, data):
    schema = Schema("wide", tuple(Channel(f"c{at}") for at in range(channels)))
    contract = fit_contract(schema, [Row(at, (0,) * channels) for at in range(3)])
    values = st.lists(int32, min_size=channels, max_size=channels).map(tuple)
    rows = [Row(at * 1000, values_) for at, values_ in enumerate(data.draw(st.lists(values, max_size=4)))]
    assert rows_in(decoded(contract, encoded(contract, rows))) == rows
    assert worst_row_bytes(contract) <= MAX_BODY


def test_unsigned_channels_keep_their_sign_off():
    schema = Schema("odometer", (Channel("ticks", format="u32"),))
    contract = fit_contract(schema, [Row(0, (0,)), Row(1, (1,))])
    rows = [Row(0, (0xFFFF_FFFF,)), Row(1, (3,)), Row(2, (0x8000_0000,))]
    assert rows_in(decoded(contract, encoded(contract, rows))) == rows


@pytest.mark.parametrize("rows_per_frame", [0, 9])
def test_more_rows_than_a_header_can_count_are_refused(rows_per_frame):
    with pytest.raises(ValueError, match="1 to 8 are allowed"):
        TelemetryEncoder(CAR, rows_per_frame)


def test_frames_are_numbered_and_the_number_wraps():
    encoder = TelemetryEncoder(CAR, rows_per_frame=1)
    encoder.sequence = 0xFFFF
    frames = [frame for at in range(2) for frame in encoder.append(Row(at, (0,) * CHANNELS))]
    assert [frame.sequence for frame in frames] == [0xFFFF, 0]
    assert isinstance(frames[0], Frame)
    assert [result.lost_frames for result in decoded(CAR, frames)] == [0, 0]
