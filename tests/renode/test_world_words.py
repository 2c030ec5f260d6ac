"""The words for the world are red when the world is not so, and leave what tells why."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.renode.repl import ROOT

pytestmark = pytest.mark.emulator

_SUITE = f"""
*** Settings ***
Library           {ROOT}/renode/keywords/patrol_car.py
Suite Teardown    The Car Is Switched Off
Test Setup        The Car Is Switched On In hall.toml With Seed 1
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
It Runs Into Something
    Drive At 300 mm/s Turning 0 deg/s
    An Obstacle Appears At 150 mm
    The Car Comes 100 mm Ahead Within 3 Seconds
    The Emergency Stop Is Pressed
    An Obstacle Appears At 0 mm And 40 mm To The Left
    The Host Says Nothing For 200 Ms
    The Car Has Touched Nothing

It Does Not Move
    The Car Comes 100 mm Ahead Within 1 Seconds

It Does Not Stand
    Drive At 300 mm/s Turning 0 deg/s
    The Car Comes 100 mm Ahead Within 3 Seconds
    The Car Stands Within 500 Ms

Its Motors Are Not Off
    Drive At 300 mm/s Turning 0 deg/s
    The Car Comes 100 mm Ahead Within 3 Seconds
    The Motors Are Off Within 200 Ms

It Does Not Turn
    The Car Has Turned 90 Degrees Within 1 Seconds

It Has No Fault
    The Car Names The Fault imu

It Does Nothing By Itself
    The Car Is In Mode patrol Within 1 Seconds

It Is Elsewhere
    The Car Is At 1000, 1500 Within 50 mm
"""
_MESSAGES = {
    "It Runs Into Something": "it ran into obstacle after",
    "It Does Not Move": "after 1 s it came 0 mm ahead",
    "It Does Not Stand": "after 500 ms it still moves",
    "Its Motors Are Not Off": "after 200 ms the duties are",
    "It Does Not Turn": "it is -90 degrees off",
    "It Has No Fault": "it names none",
    "It Does Nothing By Itself": "its status is mode idle, faults none, at 800, 1500",
    "It Is Elsewhere": "it is at 800",
}


@dataclass
class FailedRun:
    """All cases have failed."""

    folder: Path
    results: ElementTree.Element

    def status_of(self, case: str) -> ElementTree.Element:
        status = self.results.find(f".//test[@name='{case}']/status")
        assert status is not None
        return status


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> FailedRun:
    folder = tmp_path_factory.mktemp("failing")
    (folder / "failing.robot").write_text(_SUITE)
    command = [sys.executable, "-m", "robot", "--outputdir", str(folder / "results"), "failing.robot"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == len(_MESSAGES), done.stdout
    return FailedRun(folder / "results", ElementTree.parse(folder / "results" / "output.xml").getroot())


@pytest.mark.parametrize(("case", "message"), _MESSAGES.items(), ids=list(_MESSAGES))
def test_a_word_is_red_and_says_what_it_found(failed: FailedRun, case: str, message: str) -> None:
    status = failed.status_of(case)
    assert status.get("status") == "FAIL"
    assert message in (status.text or "")


@pytest.mark.parametrize("case", _MESSAGES)
def test_a_failed_case_leaves_log_telemetry_and_picture_and_names_them_in_its_message(
    failed: FailedRun, case: str
) -> None:
    text = failed.status_of(case).text or ""
    kept = [failed.folder / name for name in text.splitlines()[-1].removeprefix("Kept: ").split(", ")]
    assert [path.name.split(".", 1)[1] for path in kept] == [
        "console.txt", "log.txt", "telemetry.csv", "track.png",
    ]
    console, log, telemetry, picture = kept
    assert console.read_text(encoding="utf-8") == "(the console said nothing)\n"
    assert " s  started\n" in log.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")
    with telemetry.open(encoding="utf-8") as file:
        assert next(csv.reader(file))[0] == "time_us"


def test_the_log_links_what_is_kept(failed: FailedRun) -> None:
    linked = [
        failed.folder / unquote(address)
        for message in failed.results.iterfind(".//msg[@html='true']")
        for address in re.findall(r'href="([^"]+)"', message.text or "")
    ]
    assert len(linked) == 4 * len(_MESSAGES)
    assert all(path.is_file() for path in linked)


def test_the_log_shows_the_picture_and_telemetry_has_the_drive(failed: FailedRun) -> None:
    shown = [
        message.text or ""
        for message in failed.results.iterfind(".//msg[@html='true']")
        if "<img" in (message.text or "")
    ]
    assert len(shown) == len(_MESSAGES)
    for text in shown:
        found = re.search(r'src="([^"]+)"', text)
        assert found is not None
        assert (failed.folder / unquote(found[1])).is_file()
    with (failed.folder / "failing_it_does_not_stand.telemetry.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert max(int(row["speed_set"]) for row in rows) == 300
    times = [int(row["time_us"]) for row in rows]
    assert times == sorted(times)
    assert 15_000 < times[-1] - times[-2] < 25_000
