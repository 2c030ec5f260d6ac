"""The board's log: what it was, and when, for who asks later."""

from __future__ import annotations

from protocol.frame import Kind
from tests.firmware_mpy.served import ServedFirmware


def lines(car: ServedFirmware, line: int = 0) -> tuple[int, list[tuple[int, str]]]:
    values = car.command("log", line=line).values
    return values["line"], [(each["uptime_ms"], each["text"]) for each in values["lines"]]


def emergency(car: ServedFirmware, count: int = 1, first: int = 1) -> None:
    """Two lines each."""
    for beat in range(first, first + count):
        car.feed(car.session_frame(Kind.HALT, beat))
        car.command("resume")


def test_what_stops_the_car_is_in_its_log_with_the_time(car: ServedFirmware) -> None:
    assert lines(car) == (0, [])
    car.command("rate", hz=0)
    car.command("drive", speed=300)
    car.ask("pass_time", step_us=10_000, turns=60)
    emergency(car)
    first, found = lines(car)
    assert (first, [text for _, text in found]) == (
        0, ["link silent: motors stopped", "halt: no driving until resume", "resumed"]
    )
    assert [uptime_ms for uptime_ms, _ in found] == [470, 600, 600]  # the clock is told after the motors


def test_a_reader_goes_on_where_it_was(car: ServedFirmware) -> None:
    emergency(car)
    assert lines(car, 1) == (1, [(0, "resumed")])
    assert lines(car, 2) == (2, [])
    emergency(car, first=2)
    assert [text for _, text in lines(car, 3)[1]] == ["resumed"]


def test_the_newest_eight_lines_are_kept(car: ServedFirmware) -> None:
    emergency(car, 6)
    first, found = lines(car)
    assert (first, len(found)) == (4, 8)
    assert lines(car, 60_000) == (first, found)
    assert lines(car, 11)[0] == 11


def test_writing_a_line_takes_no_memory_of_the_heap(car: ServedFirmware) -> None:
    car.command("drive", speed=300)
    car.ask("pass_time", step_us=100_000, turns=8, locked=True)
    assert [text for _, text in lines(car)[1]] == ["link silent: motors stopped"]
