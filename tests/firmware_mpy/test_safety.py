"""What stops the motors without anybody's command."""

from __future__ import annotations

import pytest

from protocol.frame import Kind
from protocol.parameters import BY_NAME
from tests.firmware_mpy.served import ServedFirmware


def test_silence_stops_the_motors_within_the_limit_and_keeps_what_was_commanded(car: ServedFirmware) -> None:
    car.command("rate", hz=0)
    car.command("drive", speed=300, turn=-20)
    car.ask("pass_time", step_us=10_000, turns=47)
    assert car.state["duties"] != [0, 0]
    car.ask("pass_time", step_us=10_000, turns=3)
    state = car.state
    assert state["duties"] == [0, 0]
    assert (state["speed"], state["turn"], state["is_cut"]) == (300, -20, True)
    assert car.counter("link_silences") == 1
    car.ask("pass_time", step_us=10_000, turns=200)
    assert car.counter("link_silences") == 1


def test_heartbeats_keep_the_car_driving_and_do_not_start_it_again(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    for beat in range(1, 20):
        car.ask("pass_time", step_us=100_000, turns=4)
        car.feed(car.session_frame(Kind.ALIVE, beat))
        assert car.state["duties"] == [300, 300]
    car.ask("pass_time", step_us=100_000, turns=6)
    car.feed(car.session_frame(Kind.ALIVE, 20))
    car.command("set", parameter=BY_NAME["speed_limit"], value=900)
    assert car.state["duties"] == [0, 0]
    car.command("drive", speed=200)
    assert car.state["duties"] == [200, 200]


@pytest.mark.parametrize("what", ["noise", "repeated command", "repeated heartbeat", "hello", "other kinds"])
def test_nothing_but_a_new_frame_of_the_session_counts_as_a_host(car: ServedFirmware, what: str) -> None:
    beat, command = car.session_frame(Kind.ALIVE, 1), car.wire("drive", speed=300)
    car.feed(beat + command)
    again = {
        "noise": b"\x01\x02\x03\x00",
        "repeated command": command,
        "repeated heartbeat": beat,
        "hello": car.hello(nonce=4),
        "other kinds": car.session_frame(Kind.TELEMETRY, 7),
    }[what]
    for _ in range(6):
        car.ask("pass_time", step_us=100_000)
        car.feed(again)
    assert car.state["duties"] == [0, 0]


def test_the_limit_is_a_parameter(car: ServedFirmware) -> None:
    car.command("set", parameter=BY_NAME["link_timeout"], value=2000)
    car.command("drive", speed=300)
    car.ask("pass_time", step_us=100_000, turns=19)
    assert car.state["duties"] == [300, 300]
    car.ask("pass_time", step_us=100_000)
    assert car.state["duties"] == [0, 0]


def test_the_loop_rests_no_longer_than_to_the_limit_while_driving(car: ServedFirmware) -> None:
    car.command("rate", hz=0)
    assert car.ask("pass_time", step_us=0)["wait_ms"] == 1000
    car.command("drive", speed=300)
    assert car.ask("pass_time", step_us=0)["wait_ms"] == 50
    assert car.ask("pass_time", step_us=467_000)["wait_ms"] == 13


def test_a_stalled_loop_stops_the_motors_when_the_timer_looks(car: ServedFirmware) -> None:
    car.command("rate", hz=0)
    car.command("drive", speed=300)
    car.ask("pass_time", step_us=1000)
    assert car.ask("stall", us=250_000)["duties"] == [300, 300]
    assert car.ask("stall", us=51_000)["duties"] == [0, 0]
    assert car.counter("loop_stalls") == 1


@pytest.mark.parametrize("days", [12.4, 24.8, 49.7])
def test_a_drive_across_a_wrap_of_the_ticks_goes_on_and_still_ends_by_silence(
    car: ServedFirmware, days: float
) -> None:
    """Microseconds turn over every 18 minutes, milliseconds after 12 days, 32 bits of them after 49."""
    car.command("rate", hz=0)
    car.ask("skip_time", ms=int(days * 86_400_000) - 300)
    car.command("drive", speed=300)
    for beat in range(1, 10):
        car.ask("pass_time", step_us=100_000)
        car.feed(car.session_frame(Kind.ALIVE, beat))
    assert car.state["duties"] == [300, 300]
    assert car.counter("link_silences") == 0
    car.ask("pass_time", step_us=100_000, turns=5)
    assert car.state["duties"] == [0, 0]
    assert car.command("ping").values["uptime_ms"] == (int(days * 86_400_000) - 300 + 900 + 500) % 2**32
