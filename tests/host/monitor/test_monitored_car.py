"""The live model keeps a car in sight through whatever happens to it, and nobody waits for it."""

from __future__ import annotations

import time

import pytest

from host.monitor import orders
from host.monitor.monitored_car import MonitoredCar
from host.monitor.order_box import ATTENTION_S, FRESH_S
from protocol.messages import Status
from tests.host.monitor.watched import Desk, until


def test_values_come_in_their_units(desk: Desk, car: MonitoredCar) -> None:
    desk.board.row = {"speed_set": 250, "duty_left": 301}
    until(lambda: (row := car.snapshot().row) is not None and row.values["speed_set"] == 250)
    assert str(car.snapshot().row.values["duty_left"]) == "30.1"  # type: ignore[union-attr]
    assert car.snapshot().history["speed_set"][-1] == 250


def test_mode_faults_and_place_come_from_telemetry(desk: Desk, car: MonitoredCar) -> None:
    desk.board.row = {"mode": 2, "faults": 0b10001, "x": 1200, "y": -40, "heading": -1024}
    until(lambda: car.snapshot().mode == "patrol")
    shown = car.snapshot()
    assert shown.faults == ("encoder_left", "ranger")
    assert shown.pose is not None
    assert (shown.pose.x_mm, shown.pose.y_mm, round(shown.pose.heading_deg)) == (1200, -40, -90)
    assert "status" not in [name for name, _ in desk.board.executed]


def test_an_order_is_done_and_written_down(desk: Desk, car: MonitoredCar) -> None:
    car.order(orders.drive(300, -20))
    until(lambda: ("drive", {"speed": 300, "turn": -20}) in desk.board.executed)
    assert desk.notes("order") == ["drive 300 mm/s, -20 deg/s"]


def test_an_order_that_the_car_refuses_is_told_with_the_next_step(desk: Desk, car: MonitoredCar) -> None:
    desk.board.status = Status.FAULTY
    car.order(orders.patrol())
    until(lambda: desk.notes("problem"))
    assert "patrol: the board refused mode: a fault holds it" in desk.notes("problem")[0]


def test_a_pulled_cable_is_told_once_and_plugged_in_again_the_car_is_back(
    desk: Desk, car: MonitoredCar
) -> None:
    rows = car.snapshot().link.rows
    desk.board.is_plugged_in, desk.board.unplugged = False, True
    until(lambda: car.snapshot().connection == "lost")
    until(lambda: "no such device" in car.snapshot().reason)
    time.sleep(0.6)  # over several tries
    assert len(desk.notes("problem")) == 2
    desk.board.is_plugged_in = True
    until(lambda: car.snapshot().connection == "connected")
    assert desk.opened == 2
    assert any("the car is back" in note for note in desk.notes("event"))
    until(lambda: car.snapshot().link.rows > rows, "totals go on over links")


def test_a_car_that_comes_later_is_waited_for(desk: Desk) -> None:
    desk.board.is_plugged_in = False
    desk.car.start()
    until(lambda: desk.car.snapshot().connection == "lost")
    assert "plug the board in" in desk.car.snapshot().reason
    desk.board.is_plugged_in = True
    until(lambda: desk.car.snapshot().connection == "connected")


def test_a_restarted_car_is_told_and_watched_on(desk: Desk, car: MonitoredCar) -> None:
    until(lambda: car.snapshot().row)
    desk.board.restart()
    until(lambda: any("the car has restarted" in note for note in desk.notes("event")))
    car.order(orders.stop())
    until(lambda: "stop" in desk.board.commands)
    assert desk.opened == 1


def test_an_order_given_while_the_car_is_away_is_done_when_it_is_back(desk: Desk, car: MonitoredCar) -> None:
    desk.board.is_plugged_in, desk.board.unplugged = False, True
    until(lambda: car.snapshot().connection == "lost")
    car.order(orders.stop())
    desk.board.is_plugged_in = True
    until(lambda: "stop" in desk.board.commands)


@pytest.mark.parametrize("moves", [orders.drive(300, 0), orders.patrol(), orders.follow_line()])
def test_a_car_that_is_back_does_not_drive_off_by_an_old_order(
    desk: Desk, car: MonitoredCar, moves: orders.Order
) -> None:
    desk.board.is_plugged_in, desk.board.unplugged = False, True
    until(lambda: car.snapshot().connection == "lost")
    car.order(moves)
    desk.now += FRESH_S + 0.1
    desk.board.is_plugged_in = True
    until(lambda: car.snapshot().connection == "connected")
    car.order(orders.clear_faults())
    until(lambda: "clear" in desk.board.commands)
    assert desk.board.commands == ["clear"]
    assert any(f"{moves.text}: not done" in note for note in desk.notes("problem"))


def test_driven_by_hand_and_unattended_the_car_is_stopped(desk: Desk, car: MonitoredCar) -> None:
    car.order(orders.drive(300, 0))
    until(lambda: desk.board.commands == ["drive"])
    desk.now += ATTENTION_S + 0.1
    until(lambda: desk.board.commands == ["drive", "stop"])
    assert any("nobody looks" in note for note in desk.notes("problem"))


def test_a_patrol_needs_nobody_to_look(desk: Desk, car: MonitoredCar) -> None:
    car.order(orders.drive(300, 0))
    car.order(orders.patrol())
    until(lambda: desk.board.commands == ["drive", "mode"])
    desk.now += 10 * ATTENTION_S
    car.order(orders.clear_faults())
    until(lambda: desk.board.commands == ["drive", "mode", "clear"])


def test_an_emergency_stop_is_confirmed_and_shown(desk: Desk, car: MonitoredCar) -> None:
    car.halt()
    until(lambda: car.snapshot().is_halted)
    assert desk.board.halts >= 1
    assert "emergency stop" in desk.notes("order")


def test_a_car_driven_by_hand_is_stopped_when_the_monitor_ends(desk: Desk, car: MonitoredCar) -> None:
    car.order(orders.drive(300, 0))
    until(lambda: desk.board.commands == ["drive"])
    car.close()
    assert desk.board.commands == ["drive", "stop"]
    assert desk.board.closed


def test_a_moment_is_marked_by_the_cars_clock(desk: Desk, car: MonitoredCar) -> None:
    until(lambda: car.snapshot().row)
    car.mark("bump")
    assert desk.notes("mark")[0].startswith("mark bump at ")
    assert desk.marks == desk.notes("mark")  # for a recording
