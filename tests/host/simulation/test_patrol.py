"""The emulated board drives in the world: real firmware, its pins in lockstep with the simulation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.cli.main import run
from host.link import NOBODY, Observer
from host.recording import Recorder, Recording
from host.recording.replay import prove
from host.simulation.patrol import Patrol, PatrolResult
from host.world import Actuators, Fault, load_map, load_route
from protocol.contract import Contract
from tests.host.emulated_world import HALL

pytestmark = pytest.mark.emulator

ROOT = Path(__file__).parents[3]
YARD = """
size_mm = [3000, 2000]
[start]
x_mm = 500
y_mm = 500
[[walls]]
points_mm = [[20, 20], [2980, 20], [2980, 1980], [20, 1980]]
closed = true
"""
ROUTE = """
return_home = true
[[waypoints]]
x_mm = 1500
y_mm = 500
dwell_ms = 300
[[waypoints]]
x_mm = 1500
y_mm = 1300
"""
POST = """
[[obstacles]]
name = "post"
shape = "round"
x_mm = 2000
y_mm = 300
radius_mm = 60
"""
FAULTS = {
    "encoder_left": "encoder_left",
    "encoder_right": "encoder_right",
    "motor_left": "motor_left",
    "motor_right": "motor_right",
    "ranger_front": "ranger",
    "ranger_left": "ranger",
    "ranger_silent": "ranger",
    "imu": "imu",
    "battery_flat": "battery",
}


def patrol(
    folder: Path, seed: int, fault: str = "", limit_s: float = 60.0, observer: Observer = NOBODY
) -> PatrolResult:
    """A short round in a small yard."""
    (folder / "yard.toml").write_text(YARD)
    (folder / "route.toml").write_text(ROUTE)
    faults = [Fault.parse(fault)] if fault else []
    map, route = load_map(folder / "yard.toml"), load_route(folder / "route.toml")
    return Patrol(map, route, seed, faults, observer=observer).run(limit_s)


def test_a_patrol_is_completed_and_is_the_same_to_the_byte_each_time(tmp_path: Path) -> None:
    first = patrol(tmp_path, seed=5)
    assert first.completed
    assert first.collisions == 0
    assert first.fault == ""
    assert first.stopped
    assert first.cross_track_rms_mm < 40
    assert first.odometry_error_mm < 60
    assert first.telemetry_rows > 500
    assert first.control_jitter_us < 3000  # of 20,000; a collection of garbage would take 6,000
    second = patrol(tmp_path, seed=5)
    assert second.telemetry_sha256 == first.telemetry_sha256
    assert second.virtual_seconds == first.virtual_seconds
    assert patrol(tmp_path, seed=6).telemetry_sha256 != first.telemetry_sha256


@pytest.mark.parametrize(("kind", "name"), FAULTS.items(), ids=list(FAULTS))
def test_a_fault_stops_the_car_within_200_ms_and_is_named(kind: str, name: str, tmp_path: Path) -> None:
    result = patrol(tmp_path, seed=4, fault=f"{kind}@3.0", limit_s=20)
    assert result.fault == name
    assert result.stopped
    assert not result.completed
    assert result.fault_after_ms is not None
    assert 0 < result.fault_after_ms <= 200
    assert result.collisions == 0


def test_a_fault_that_strikes_a_standing_car_counts_from_when_it_drives(tmp_path: Path) -> None:
    """It learns its gyro's bias for the first second, and its encoder is dead all the while."""
    result = patrol(tmp_path, seed=4, fault="encoder_left@0.0", limit_s=20)
    assert result.fault == "encoder_left"
    assert result.fault_after_ms is not None
    assert 50 < result.fault_after_ms <= 200


def test_a_recording_has_what_was_broken_and_what_the_car_said_of_it(
    tmp_path: Path, contract: Contract
) -> None:
    path = tmp_path / "broken.mcap"
    with Recorder(path, contract, epoch_ns=0) as recorder:
        patrol(tmp_path, seed=4, fault="ranger_left@3.0", limit_s=20, observer=recorder)
    recording = Recording(path)
    notes = [entry for entry in recording.entries(("/events",)) if entry.data["event"] == "note"]
    assert [note.data["text"] for note in notes] == ["fault injected: ranger_left"]
    assert notes[0].time_ns == 3_000_000_000
    said = [entry.data["message"].split(" s  ")[1] for entry in recording.entries(("/log",))]
    assert said == ["started", "mode: patrol", "fault: RANGER left", "mode: idle"]


def test_a_ranger_that_sticks_while_nothing_is_in_reach_stops_the_car(tmp_path: Path) -> None:
    """It repeats the last echo that it heard, or one from 3 m."""
    (tmp_path / "hall.toml").write_text(HALL.replace("6000", "9000").replace("5980", "8980"))
    (tmp_path / "route.toml").write_text("[[waypoints]]\nx_mm = 4000\ny_mm = 1000\n")
    hall, route = load_map(tmp_path / "hall.toml"), load_route(tmp_path / "route.toml")
    result = Patrol(hall, route, 3, [Fault.parse("ranger_front@4.0")]).run(20)
    assert result.fault == "ranger"
    assert result.fault_after_ms is not None
    assert 0 < result.fault_after_ms <= 200


class HeardPatrol(Patrol):
    """Counts how often the car's buzzer begins to sound."""

    beeps = 0
    _sounds = False

    def _stepped(self, actuators: Actuators) -> None:
        self.beeps += actuators.buzzer and not self._sounds
        self._sounds = actuators.buzzer
        super()._stepped(actuators)


def test_the_buzzer_says_the_number_of_the_fault(tmp_path: Path) -> None:
    (tmp_path / "yard.toml").write_text(YARD)
    (tmp_path / "route.toml").write_text(ROUTE)
    map, route = load_map(tmp_path / "yard.toml"), load_route(tmp_path / "route.toml")
    run = HeardPatrol(map, route, 4, [Fault.parse("encoder_right@2.0")])
    assert run.run(20).fault == "encoder_right"
    assert run.beeps == 2


def test_recordings_of_one_seed_are_the_same_and_equal_their_frames(
    tmp_path: Path, contract: Contract
) -> None:
    recordings = []
    for name in ("first", "second"):
        path = tmp_path / f"{name}.mcap"
        with Recorder(path, contract, epoch_ns=0) as recorder:
            result = patrol(tmp_path, seed=5, limit_s=4, observer=recorder)
        recordings.append(Recording(path))
    first, second = (list(recording.entries()) for recording in recordings)
    assert first == second
    proof = prove(recordings[0])
    assert proof.equal == result.telemetry_rows
    assert proof.differences == 0
    span_s = (first[-1].time_ns - first[0].time_ns) / 1e9
    assert span_s == pytest.approx(result.virtual_seconds, abs=0.5)


def test_a_closed_door_ends_in_a_fault_with_the_car_at_rest() -> None:
    maps, routes = ROOT / "maps", ROOT / "routes"
    door, through = load_map(maps / "closed_door.toml"), load_route(routes / "closed_door.toml")
    result = Patrol(door, through, 1).run(60)
    assert result.fault == "blocked"
    assert result.stopped
    assert result.collisions == 0


def test_one_lap_along_the_tape() -> None:
    result = Patrol(load_map(ROOT / "maps" / "track.toml"), None, 1).run(60)
    assert result.completed
    assert result.collisions == 0
    assert result.cross_track_rms_mm < 15


def test_a_post_on_the_tape_beside_a_wall_is_driven_around(tmp_path: Path) -> None:
    """On its way back the car faces the wall, which is not in its way."""
    track = (ROOT / "maps" / "track.toml").read_text()
    (tmp_path / "post.toml").write_text(f"{track}\n{POST}")
    result = Patrol(load_map(tmp_path / "post.toml"), None, 1).run(90)
    assert result.completed
    assert result.collisions == 0


def test_the_verb_tells_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "yard.toml").write_text(YARD)
    (tmp_path / "route.toml").write_text(ROUTE)
    picture = tmp_path / "track.png"
    arguments = [str(tmp_path / "yard.toml"), str(tmp_path / "route.toml"), "--seed", "5"]
    assert run(["patrol", *arguments, "--json", "--out", str(picture)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["completed"]
    assert told["seed"] == 5
    assert picture.read_bytes().startswith(b"\x89PNG")
    recording = tmp_path / "drive.mcap"
    arguments += ["--limit", "3", "--out", str(picture), "--record", str(recording)]
    assert run(["patrol", *arguments]) == 1
    assert "not completed" in capsys.readouterr().out
    assert run(["replay", str(recording)]) == 0
    assert " 0 differences" in capsys.readouterr().out


def test_what_cannot_be_read_is_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.toml").write_text("size_mm = 3\n")
    assert run(["patrol", str(tmp_path / "bad.toml")]) == 2
    assert "size_mm" in capsys.readouterr().err
    assert run(["patrol", str(tmp_path / "bad.toml"), "--fault", "rain@3"]) == 2


@pytest.mark.parametrize(("route", "said"), [
    ("[[waypoints]]\nx_mm = 2500\ny_mm = 2100\n", "waypoint 1 at 2500, 2100 is outside the map"),
    ("[[waypoints]]\nx_mm = 2930\ny_mm = 500\n", "waypoint 1 at 2930, 500 has no room for the car: wall"),
    ("[[waypoints]]\nx_mm = 26000\ny_mm = 500\n", "x_mm"),
    ("[[waypoints]]\nx_mm = 900\ny_mm = 500\n" * 33, "the car keeps 32, and these are 33"),
    ("loop = 300\n[[waypoints]]\nx_mm = 900\ny_mm = 500\n", "loop"),
    (None, "has no tape to follow; name a route"),
])
def test_what_cannot_be_driven_is_a_line(
    route: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "yard.toml").write_text(YARD)
    files = [str(tmp_path / "yard.toml")]
    if route is not None:
        (tmp_path / "route.toml").write_text(route)
        files.append(str(tmp_path / "route.toml"))
    assert run(["patrol", *files, "--json"]) == 2
    assert said in capsys.readouterr().err


def test_a_picture_that_cannot_be_is_a_line_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "yard.toml").write_text(YARD)
    (tmp_path / "route.toml").write_text(ROUTE)
    files = [str(tmp_path / "yard.toml"), str(tmp_path / "route.toml")]
    before = sorted(tmp_path.iterdir())
    assert run(["patrol", *files, "--out", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert run(["patrol", *files, "--out", str(tmp_path / "track.txt")]) == 2
    assert "let the name end in .png" in capsys.readouterr().err
    assert run(["patrol", *files, "--seed", "-1"]) == 2
    capsys.readouterr()
    assert run(["patrol", *files, "--seeds", "2", "--out", files[0]]) == 2
    assert "no folder for pictures" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
