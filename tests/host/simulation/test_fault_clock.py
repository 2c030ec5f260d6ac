"""What counts after a fault is for how long the motors had current."""

from __future__ import annotations

from host.simulation.fault_clock import FaultClock
from host.world import Fault

PERIOD_US = 5000


def run(clock: FaultClock, driven: str) -> list[str]:
    """A letter a period: `d` for driven. Answers which faults struck in which."""
    struck = []
    for number, letter in enumerate(driven, 1):
        faults = clock.step(number * PERIOD_US, PERIOD_US, is_driven=letter == "d")
        struck += [f"{fault.kind} in {number}" for fault in faults]
    return struck


def test_without_a_fault_there_is_nothing_to_tell() -> None:
    clock = FaultClock([])
    assert run(clock, "ddd") == []
    assert clock.driven_ms is None


def test_driving_counts_from_the_first_fault_on() -> None:
    clock = FaultClock([Fault("imu", 0.02), Fault("ranger_left", 0.01)])
    assert run(clock, "ddddddss") == ["ranger_left in 2", "imu in 4"]
    assert clock.driven_ms == 20


def test_standing_does_not_count() -> None:
    clock = FaultClock([Fault("encoder_left", 0.005)])
    run(clock, "ssssdds")
    assert clock.driven_ms == 10
