"""What is remembered: the track, notes after a number, the link's figures over several links."""

import math

import pytest

from host.link import LinkCounters
from host.monitor.memory import Memory
from host.monitor.snapshot import NoteKind
from protocol.frame import FrameStatus
from protocol.schema import Channel, Row, Schema

POSED = Schema("posed", (Channel("x", "mm"), Channel("y", "mm"), Channel("heading", "deg")))
BARE = Schema("bare", (Channel("speed", "mm/s", format="i16"),))


def posed(*places):
    memory = Memory(POSED)
    memory.take_rows([Row(n, (x, y, 0)) for n, (x, y) in enumerate(places)])
    return memory.snapshot()


def test_the_track_has_the_places_that_are_apart():
    shown = posed((0, 0), (1, 0), (2, 1), (40, 0), (80, 0))
    assert shown.track == ((0, 0), (40, 0), (80, 0))
    assert shown.track_count == 3


def test_a_car_that_is_told_another_place_begins_another_track():
    before, after = posed((0, 0), (40, 0)), posed((0, 0), (40, 0), (5000, 0))
    assert after.track == ((5000, 0),)
    assert after.track_number == before.track_number + 1
    assert after.track_count == 1


def test_a_reply_to_status_tells_what_telemetry_does_not():
    memory = Memory(BARE)
    memory.take_status({"mode": 1, "faults": 1 << 7, "x": 10, "y": 20, "heading": 49152})
    shown = memory.snapshot()
    assert (shown.mode, shown.faults) == ("line", ("line_lost",))
    assert shown.pose is not None
    assert math.isclose(shown.pose.heading_deg, -90)


def test_only_new_notes_are_told():
    memory = Memory(BARE)
    memory.note(NoteKind.EVENT, "one")
    memory.note(NoteKind.MARK, "two")
    assert [note.text for note in memory.snapshot(since_note=1).notes] == ["two"]


def counted(rows, size, bad=0):
    counters = LinkCounters(rows=rows, telemetry_bytes=size, lost_frames=bad)
    counters.frames[FrameStatus.GOOD] = rows
    return counters


def test_saved_bytes_are_those_of_packed_structs_less_the_wire():
    memory = Memory(BARE)  # 4 bytes of time, 2 of speed
    memory.take_counters(counted(100, 250), 0.012, 1.0)
    link = memory.snapshot().link
    assert (link.raw_bytes, link.saved_bytes) == (600, 350)
    assert link.saved_share == pytest.approx(350 / 600)
    assert link.round_trip_ms == pytest.approx(12)


def test_totals_go_on_over_links_and_rates_are_of_the_last_seconds():
    memory = Memory(BARE)
    for second in range(11):
        memory.take_counters(counted(10 * second, 50 * second), None, second)
    assert memory.snapshot().link.rows_per_s == pytest.approx(10)
    assert memory.snapshot().link.goodput_bytes_per_s == pytest.approx(60)
    memory.end_link()
    memory.take_counters(counted(0, 0), None, 20.0)
    memory.take_counters(counted(5, 25, bad=2), None, 21.0)
    link = memory.snapshot().link
    assert (link.rows, link.telemetry_bytes, link.frames_lost) == (105, 525, 2)
    assert link.rows_per_s == pytest.approx(5)
