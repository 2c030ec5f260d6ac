"""Rows on their way to telemetry: the car's own, at its rate, and those that come from the sensors' port."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from host.train.car import plausible_log
from protocol.contract import BASE_FILE, load_contract
from protocol.frame import Kind
from protocol.parameters import BY_NAME
from protocol.schema import Row
from protocol.telemetry import RowStatus, TelemetryDecoder, TelemetryEncoder
from tests.firmware_mpy.served import ServedFirmware

REST = (0,) * (len(load_contract(BASE_FILE).schema.channels) - 8)


def some_rows(count: int, first: int = 0) -> list[Row]:
    numbers = range(first, first + count)
    return [Row(20_000 * at, (at, -at, 3 * at, 7, 7400, at & 63, 4000, 0, *REST)) for at in numbers]


def test_sending_telemetry_leaves_nothing_on_the_heap(car: ServedFirmware) -> None:
    car.ask("pass_time", step_us=0x3FFF_0000 // 4, turns=3)
    car.command("rate", hz=100)  # heeded at once, though the next row was due at the old rate
    sent = car.frames(car.ask("pass_time", step_us=10_000, turns=200, locked=True)["sent"])
    assert sum(frame.rows for frame in sent) == 200


def test_sensor_rows_leave_nothing_on_the_heap(car: ServedFirmware) -> None:
    wire = b"".join(car.sensor_wire(some_rows(4, first)) for first in range(0, 40, 4))
    assert len(car.feed_sensors(wire, locked=True)) == 10


def test_rows_that_are_stored_leave_nothing_on_the_heap(car: ServedFirmware) -> None:
    random = Random(1)
    rows = [Row(at * 9999 % 7777, tuple(random.randbytes(8 + len(REST)))) for at in range(24)]
    jumpy = [
        replace(row, values=(*(99 * value for value in row.values[:8]), *row.values[8:])) for row in rows
    ]
    sent = car.feed_sensors(car.sensor_wire(jumpy[:8]) + car.sensor_wire(jumpy[8:16]), locked=True)
    assert any(frame.stored for frame in sent)


def test_a_drive_becomes_the_hosts_frames(car: ServedFirmware) -> None:
    channels = len(car.contract.schema.channels)
    rows = [replace(row, values=row.values[:channels]) for row in plausible_log(600, seed=7).rows]
    wires = [car.sensor_wire(rows[at : at + 8]) for at in range(0, len(rows), 8)]
    encoder = TelemetryEncoder(car.contract)
    expected = [frame for row in rows for frame in encoder.append(row)]
    assert [frame for wire in wires for frame in car.feed_sensors(wire)] == expected
    assert [at for at, frame in enumerate(expected) if frame.key] == [0, 51, 102]


def test_sensor_rows_become_telemetry_at_once_and_in_order(car: ServedFirmware) -> None:
    rows = some_rows(21)
    decoder = TelemetryDecoder(car.contract)
    wires = [car.sensor_wire(rows[at : at + 3]) for at in range(0, 21, 3)]
    frames = [frame for wire in wires for frame in car.feed_sensors(wire)]
    decoded = [decoder.decode(frame) for frame in frames]
    assert all(result.status is RowStatus.GOOD for result in decoded)
    assert [row for result in decoded for row in result.rows] == rows[:20]
    assert [frame.sequence for frame in frames] == list(range(5))
    assert car.counter("sensor_rows") == 21
    assert car.counter("telemetry_rows") == 20


def test_a_sensor_frame_of_the_wrong_size_is_refused_whole(car: ServedFirmware) -> None:
    assert car.feed_sensors(car.sensor_wire(some_rows(3), rows_said=4) * 5) == []
    assert car.counter("sensor_rows") == 0
    assert car.counter("frames_bad") == 5
    assert car.state["samples_itself"]


def test_the_car_samples_itself_at_its_rate_until_sensor_rows_come(car: ServedFirmware) -> None:
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=1)
    car.command("rate", hz=50)
    assert len(car.frames(car.ask("pass_time", step_us=5_000, turns=200)["sent"])) in (50, 51)
    car.feed_sensors(car.sensor_wire(some_rows(1)))
    assert car.ask("pass_time", step_us=5_000, turns=200)["sent"] == ""
    car.command("rate", hz=10)
    assert len(car.frames(car.ask("pass_time", step_us=5_000, turns=200)["sent"])) in (10, 11)
    car.command("rate", hz=0)
    assert car.ask("pass_time", step_us=5_000, turns=200) == {"sent": "", "wait_ms": 1000}


def test_rows_that_wait_for_others_are_sent_when_no_others_come(car: ServedFirmware) -> None:
    assert car.ask("pass_time", step_us=100_000, turns=3)["sent"] == ""
    telemetry, reply = car.feed(car.wire("rate", hz=0))
    assert (telemetry.kind, telemetry.rows, reply.kind) == (Kind.TELEMETRY, 3, Kind.REPLY)


def test_a_logs_rows_share_no_frame_with_the_cars_own(car: ServedFirmware) -> None:
    car.ask("pass_time", step_us=100_000, turns=2)
    own, logged = car.feed_sensors(car.sensor_wire(some_rows(4)))
    assert (own.rows, logged.rows) == (2, 4)


def test_own_rows_have_the_time_and_what_the_car_does(car: ServedFirmware) -> None:
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=1)
    car.command("drive", speed=500, turn=0)
    car.feed(b"\x01\x02\x00")
    (frame,) = car.frames(car.ask("pass_time", step_us=100_000)["sent"])
    (row,) = TelemetryDecoder(car.contract).decode(frame).rows
    names = [channel.name for channel in car.contract.schema.channels]
    values = dict(zip(names, row.values, strict=True))
    assert row.time_us == 100_000
    heap_free = values.pop("heap_free")
    assert heap_free > 600
    assert {name: value for name, value in values.items() if value} == {
        "speed_set": 500,
        "duty_left": 500,
        "duty_right": 500,
        "battery": 7400,
        "loop_time": 321,
        "frames_bad": 1,
    }


def test_time_goes_on_when_the_ticks_turn_over(car: ServedFirmware) -> None:
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=1)
    car.command("rate", hz=1)
    frames = car.frames(car.ask("pass_time", step_us=400_000_000, turns=12)["sent"])
    decoder = TelemetryDecoder(car.contract)
    times = [row.time_us for frame in frames for row in decoder.decode(frame).rows]
    assert times == [400_000_000 * turn % (1 << 32) for turn in range(1, 13)]
    assert car.command("ping").values["uptime_ms"] == 4_800_000


def test_sampling_resumes_at_once_after_hours_of_silence(car: ServedFirmware) -> None:
    car.command("rate", hz=0)
    car.ask("pass_time", step_us=400_000_000, turns=2)
    car.command("rate", hz=100)
    assert len(car.frames(car.ask("pass_time", step_us=10_000, turns=8)["sent"])) == 2


def test_a_late_loop_does_not_catch_up_with_a_burst(car: ServedFirmware) -> None:
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=1)
    car.command("rate", hz=100)
    car.ask("pass_time", step_us=10_000, turns=3)
    car.ask("pass_time", step_us=1_000_000)
    assert len(car.frames(car.ask("pass_time", step_us=1_000, turns=20)["sent"])) == 2


def test_rows_per_frame_and_key_interval_can_be_changed_while_rows_flow(car: ServedFirmware) -> None:
    feed = car.feed_sensors
    assert [frame.rows for frame in feed(car.sensor_wire(some_rows(6)))] == [4]
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=2)
    assert [frame.rows for frame in feed(car.sensor_wire(some_rows(5, 6)))] == [3, 2, 2]
    car.command("set", parameter=BY_NAME["rows_per_frame"], value=1)
    car.command("set", parameter=BY_NAME["key_interval"], value=60)
    car.command("key")
    keys = [frame.key for frame in feed(car.sensor_wire(some_rows(7, 11)))]
    assert keys == [True, False, False, True, False, False, True]


def test_a_listener_can_join_at_the_frame_after_key(car: ServedFirmware) -> None:
    car.feed_sensors(car.sensor_wire(some_rows(8)))
    car.command("key")
    (frame,) = car.feed_sensors(car.sensor_wire(some_rows(4, 8)))
    assert TelemetryDecoder(car.contract).decode(frame).rows == tuple(some_rows(4, 8))
