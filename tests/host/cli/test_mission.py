from __future__ import annotations

from pathlib import Path

import pytest

from host.cli.errors import UserError
from host.cli.mission import Wait, read_mission
from host.cli.orders import Order


def _mission(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "square.mission"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mission_has_orders_waits_comments_and_blank_lines(tmp_path: Path) -> None:
    steps = read_mission(_mission(tmp_path, "# a start\n\ndrive 300 # off we go\nwait 1.5\n  stop\n"))
    assert [step.line for step in steps] == [3, 4, 5]
    drive, wait, stop = (step.action for step in steps)
    assert isinstance(drive, Order)
    assert drive.values == {"speed": 300, "turn": 0}
    assert wait == Wait(1.5)
    assert isinstance(stop, Order)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("fly", "no command 'fly'"),
        ("drive 9999", "speed is 9999"),
        ("wait", "wait needs a number of seconds"),
        ("wait long", "wait needs a number of seconds"),
        ("wait -1", "0 to 86400 s is allowed"),
        ("wait nan", "0 to 86400 s is allowed"),
        ("wait 1 2", "wait needs a number of seconds"),
        ('drive "300', "No closing quotation"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(UserError) as caught:
        read_mission(_mission(tmp_path, f"stop\n\n{line}\n"))
    assert "square.mission, line 3: " in str(caught.value)
    assert complaint in str(caught.value)


def test_an_empty_mission_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no command in it"):
        read_mission(_mission(tmp_path, "# nothing yet\n"))


def test_a_mission_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_mission(tmp_path / "none")
    with pytest.raises(UserError, match="cannot be read"):
        read_mission(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(UserError, match="not a text file"):
        read_mission(tmp_path / "binary")
