"""docs/hardware.md and its picture say what the boards' modules of pins say."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]


def test_the_table_and_the_picture_are_those_of_the_pins():
    done = subprocess.run(
        [sys.executable, "docs/wiring.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr


def test_the_picture_names_every_pin_of_the_table():
    words = " ".join(ElementTree.parse(ROOT / "docs" / "wiring.svg").getroot().itertext())
    for pin in ("A6", "B13", "C10", "A2 (C6)", "B10 (none)"):
        assert pin in words
