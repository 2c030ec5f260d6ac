"""What happens in a world while it runs: things that come and go, doors, people, batteries, breakdowns."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.world import FaultError
from host.world.map import Door, Mover
from host.world.picture import save_picture
from host.world.record import RANGE_US_PER_MM, SILENT_US
from host.world.solids import Capsule, Solid
from tests.host.world.worlds import drive, floor, world

FRONT = 0


def barrel(x_mm: float, y_mm: float = 2000) -> Solid:
    return Solid("barrel", (Capsule((x_mm, y_mm), (x_mm, y_mm), 100),))


def test_a_thing_that_is_put_there_is_heard_and_touched_until_it_is_taken_away() -> None:
    through = world(floor(x_mm=2000))
    through.room.put(barrel(2600))
    assert through.fire(FRONT) == pytest.approx(400 * RANGE_US_PER_MM, abs=100)
    drive(through, 400, 400, 3)
    assert [contact.thing for contact in through.contacts] == ["barrel"]
    x_mm = through.pose.x_mm
    through.room.take_away("barrel")
    drive(through, 400, 400, 2)
    assert through.pose.x_mm > x_mm + 300
    assert through.fire(FRONT) > 4000


def test_a_thing_that_is_put_elsewhere_is_no_longer_where_it_was() -> None:
    through = world(floor(x_mm=2000))
    through.room.put(barrel(2600))
    through.room.put(barrel(2600, y_mm=3500))
    drive(through, 400, 400, 3)
    assert through.contacts == []
    through.room.take_away("a thing that never was")


def test_a_door_can_be_closed_and_opened(tmp_path: Path) -> None:
    door = Door("door", (3000, 1000), (3000, 3000), 40, open=True)
    through = world(floor(x_mm=2000, doors=(door,)))
    assert through.fire(FRONT) == SILENT_US
    save_picture(through, tmp_path / "open.png", "A door")
    through.room.put(door.solid())
    assert through.fire(FRONT) == pytest.approx(880 * RANGE_US_PER_MM, abs=100)
    save_picture(through, tmp_path / "closed.png", "A door")
    through.room.take_away(door.name)
    save_picture(through, tmp_path / "opened.png", "A door")
    pictures = [(tmp_path / f"{name}.png").read_bytes() for name in ("open", "closed", "opened")]
    assert pictures[0] == pictures[2] != pictures[1]


def test_somebody_can_begin_to_walk() -> None:
    through = world(floor(x_mm=2000))
    drive(through, 0, 0, 1)
    through.room.let_walk(Mover("somebody", 150, ((2500, 1000), (2500, 3000)), 500, 1.0, repeat=False))
    drive(through, 0, 0, 2)
    (walker,) = through.room.walkers
    assert walker.place == pytest.approx((2500, 2000), abs=5)
    assert through.fire(FRONT) == pytest.approx(250 * RANGE_US_PER_MM, abs=100)


def test_a_battery_can_be_changed() -> None:
    through = world()
    full = drive(through, 0, 0, 0.1)[-1].battery_mv
    through.recharge(0.03)
    assert drive(through, 0, 0, 0.1)[-1].battery_mv < full - 1000
    through.recharge(7)
    assert through.charge == 1


def test_something_breaks_when_it_is_told_to() -> None:
    through = world()
    drive(through, 400, 400, 1)
    through.break_down("encoder_left")
    counts = [seen.encoder_left for seen in drive(through, 400, 400, 1)]
    assert len(set(counts)) == 1
    with pytest.raises(FaultError, match="give one of"):
        through.break_down("rain")
