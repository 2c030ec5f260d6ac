"""The suites without a board: what Robot Framework makes of them, and what they must keep to for Renode."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.renode.repl import ROOT

SUITES = sorted((ROOT / "renode").glob("*.robot"))


def _dry_run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    no_files = [word for kind in ("output", "report", "log") for word in (f"--{kind}", "NONE")]
    command = [sys.executable, "-m", "robot", "--dryrun", *no_files, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_every_keyword_of_the_suites_is_defined() -> None:
    done = _dry_run("renode")
    assert done.returncode == 0, done.stdout
    assert "passed, 0 failed" in done.stdout


def test_a_keyword_that_is_not_defined_would_be_found(tmp_path: Path) -> None:
    library = ROOT / "renode" / "keywords" / "patrol_car.py"
    (tmp_path / "flying.robot").write_text(
        f"*** Settings ***\nLibrary    {library}\n*** Test Cases ***\nThe Car Flies\n    Fly At 300 mm/s\n"
    )
    done = _dry_run("flying.robot", cwd=tmp_path)
    assert done.returncode == 1
    assert "No keyword with name 'Fly At 300 mm/s' found" in done.stdout


def _is_in_world(suite: Path) -> bool:
    return "\nTest Tags         world\n" in suite.read_text(encoding="utf-8")


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_a_suite_switches_the_car_on_and_off_and_keeps_what_a_failure_leaves(suite: Path) -> None:
    """With no setups of its own, renode-test would put in those that reset the board between two cases."""
    text = suite.read_text(encoding="utf-8")
    settings = ["Suite Teardown +The Car Is Switched Off", "Test Teardown +What A Failed Case Leaves Is Kept"]
    if _is_in_world(suite):  # a car and a world for each case, and none of it on Renode
        settings += [r"Test Setup +The Car Is Switched On In \w+\.toml With Seed \d+"]
    else:
        settings += ["Suite Setup +The Car Is Switched On", "Test Setup +.+"]
    for setting in settings:
        assert re.search(rf"^{setting}$", text, re.MULTILINE), setting


def test_what_needs_a_world_is_not_run_on_renode() -> None:
    assert sum(map(_is_in_world, SUITES)) == 2
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"renode-test .*--exclude world", makefile)


def test_there_are_cases_enough_and_no_two_have_one_name() -> None:
    names = []
    for suite in SUITES:
        body = suite.read_text(encoding="utf-8").partition("*** Test Cases ***")[2]
        names += re.findall(r"^\w.*$", body.partition("*** Keywords ***")[0], re.MULTILINE)
    assert len(names) >= 30
    assert len(set(names)) == len(names)


def _run_with_stand_ins(suite: str, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.renode.run_with_stand_ins", suite, str(out)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.emulator
@pytest.mark.parametrize("suite", ["boot.robot", "files.robot"])
def test_the_back_end_for_renode_carries_a_suite_with_a_stand_in_for_renode(
    suite: str, tmp_path: Path
) -> None:
    done = _run_with_stand_ins(suite, tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.emulator
def test_the_words_for_pins_say_what_the_monitor_understands_and_fail_on_made_up_levels(
    tmp_path: Path,
) -> None:
    done = _run_with_stand_ins("pins.robot", tmp_path)
    assert "not a command" not in done.stdout
    for failure in ("the pin carries 0.00 %", "inputs are [False, True]", "C13 is not low", "battery was "):
        assert failure in done.stdout, done.stdout
    kept = sorted(path.suffixes[-2:] for path in tmp_path.glob("pins_*"))
    assert kept.count([".console", ".txt"]) == kept.count([".telemetry", ".csv"]) == done.returncode
