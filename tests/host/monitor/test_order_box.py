"""Orders wait in their order, except those that should not."""

from host.monitor import orders
from host.monitor.order_box import ATTENTION_S, FRESH_S, OrderBox
from host.world import Route
from host.world.route_file import Waypoint


def taken(box):
    found = []
    while (order := box.take()) is not None:
        found.append(order.text)
    return found


def test_of_several_drive_orders_only_the_latest_is_done():
    box = OrderBox()
    for speed in (100, 200, 300):
        box.put(orders.drive(speed, 0))
    assert taken(box) == ["drive 300 mm/s, 0 deg/s"]


def test_a_stop_forgets_what_waits_before_it():
    box = OrderBox()
    box.put(orders.patrol())
    box.put(orders.drive(100, 0))
    box.put(orders.stop())
    assert taken(box) == ["stop"]


def test_an_emergency_stop_forgets_everything_and_is_told_once():
    box = OrderBox()
    box.put(orders.drive(100, 0))
    box.put_halt()
    assert (box.take_halt(), box.take_halt()) == (True, False)
    assert taken(box) == []


def test_an_order_that_waited_too_long_is_told_and_not_done_but_a_stop_is():
    now = [0.0]
    box = OrderBox(lambda: now[0])
    box.put(orders.stop())
    box.put(orders.resume())
    now[0] = FRESH_S
    assert box.take_old() == []
    now[0] += 0.1
    box.put(orders.clear_faults())
    assert [order.text for order in box.take_old()] == ["resume"]
    assert taken(box) == ["stop", "clear faults"]


def test_who_drives_has_to_look_and_who_has_stopped_has_not():
    now = [0.0]
    box = OrderBox(lambda: now[0])
    box.put(orders.drive(100, 0))
    box.take()
    now[0] = ATTENTION_S - 0.1
    assert not box.is_unattended
    box.attend()
    now[0] += ATTENTION_S + 0.1
    assert box.is_unattended
    box.put(orders.stop())
    box.take()
    assert not box.is_unattended


def test_a_patrol_sends_the_route_before_the_mode():
    route = Route("loop", (Waypoint(100.4, 200, 0), Waypoint(300, 50, 900)), 2, True)
    assert orders.patrol(route).commands == (
        ("route", {"laps": 2, "home": 1}),
        ("waypoint", {"x": 100, "y": 200, "dwell": 0}),
        ("waypoint", {"x": 300, "y": 50, "dwell": 900}),
        ("mode", {"mode": 2}),
    )
