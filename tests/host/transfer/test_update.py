"""Updates of the emulated car over its link: a good one stays, a bad one goes by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from host.cli.main import run
from host.emulate import Emulator, build_application, build_image
from host.link import CommandRefusedError, Link, connect
from host.transfer import UpdateError, read_slots, update
from host.transfer.update import FACTORY, _at_last
from protocol.boot_record import SlotState
from protocol.contract import load_contract
from protocol.messages import Reply, Status
from protocol.schema import Row

pytestmark = pytest.mark.emulator
CAR = load_contract()

BAD = {
    "fails at its start": "raise ValueError('a bad day')\n",
    "ends": "def run():\n    pass\n",
    "never answers": "import time\ndef run():\n    while True:\n        time.sleep(1)\n",
    "does not even parse as an application": "walk = 1\n",
}


@pytest.fixture
def car(tmp_path: Path) -> Iterator[Emulator]:
    """A car with a store. An idle one skips ahead, so that a minute's trial takes no minute."""
    application = build_application(tmp_path / "application.hex")
    with Emulator(application, store=tmp_path / "store", sleep=False) as car:
        yield car


@pytest.fixture
def link(car: Emulator) -> Iterator[Link]:
    with connect(car.link_url, CAR) as link:
        yield link


def test_a_good_update_runs_is_kept_and_outlives_a_restart(link: Link) -> None:
    assert read_slots(link).running == FACTORY
    image = build_image()
    sent, slots = update(link, image)
    assert sent.block_bytes < 0.95 * len(image)
    assert slots.running == 0
    assert slots.slots[0].state is SlotState.CONFIRMED
    link.send("reboot")
    time_out = time.monotonic() + 20
    link.hello(20)
    while read_slots(link).running != 0:
        assert time.monotonic() < time_out
    assert link.send("drive", {"speed": 200}).values["speed"] == 200
    assert update(link, image)[1] == slots


@pytest.mark.parametrize("program", BAD.values(), ids=list(BAD))
def test_a_bad_update_is_given_up_and_the_car_runs_what_it_ran(
    program: str, link: Link, tmp_path: Path
) -> None:
    bad = tmp_path / "app.py"
    bad.write_text(program)
    with pytest.raises(UpdateError, match="did not start"):
        update(link, build_image(extra_files={"patrol/app.py": bad}))
    slots = read_slots(link)
    assert slots.running == FACTORY
    assert [slot.state for slot in slots.slots] == [SlotState.EMPTY] * 2
    assert link.send("ping", {"token": 5}).values["token"] == 5


def test_the_verbs_on_a_car(
    car: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATROL_PORT", car.link_url)
    log = tmp_path / "monday.csv"
    log.write_bytes(b"1,2,3\n" * 900)
    assert run(["put", str(log), "logs/monday.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["bytes"], told["resumed_at"]) == (5400, 0)
    assert told["block_bytes"] < 2700
    assert run(["files", "logs"]) == 0
    assert capsys.readouterr().out == "     5400  monday.csv\n"
    copy = tmp_path / "copy.csv"
    assert run(["get", "logs/monday.csv", "-o", str(copy)]) == 0
    assert copy.read_bytes() == log.read_bytes()
    assert run(["get", "logs/monday.csv", "-o", str(copy)]) == 2
    assert run(["remove", "logs/monday.csv"]) == 0
    assert run(["files", "logs"]) == 0
    assert "none here" in capsys.readouterr().out
    assert run(["get", "logs/monday.csv", "-o", str(tmp_path / "no")]) == 1
    assert "no such file" in capsys.readouterr().err
    assert run(["put", str(tmp_path / "nowhere")]) == 2
    for name in ("", "../x", "/x", "n" * 101, "patrol.key", "slots/a.romfs"):
        assert run(["put", str(log), name]) == 2
        assert run(["get", name]) == 2
        assert run(["remove", name]) == 2
    assert run(["get", "logs/monday.csv", "-o", str(tmp_path / "none" / "x")]) == 2
    assert run(["update", str(log)]) == 2
    assert "no ROM file system image" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_a_store_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "store"
    store.write_bytes(b"a letter to my aunt")
    assert run(["emulate", "--store", str(store)]) == 1
    assert "no store" in capsys.readouterr().err
    assert store.read_bytes() == b"a letter to my aunt"


class FullCar:
    """A link to a car that finds no memory for a command the first few times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def send(self, command: str) -> Reply:
        self.failures -= 1
        status = Status.OK if self.failures < 0 else Status.STORAGE
        if status is not Status.OK:
            raise CommandRefusedError(Reply(command, status, {}))
        return Reply(command, status, {})

    def next_rows(self, timeout_s: float) -> list[Row]:
        return []


def test_a_car_with_little_memory_is_asked_again_and_not_for_ever() -> None:
    assert _at_last(cast(Link, FullCar(3)), "confirm").status is Status.OK
    with pytest.raises(CommandRefusedError):
        _at_last(cast(Link, FullCar(100)), "confirm")
