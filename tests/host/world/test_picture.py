"""A drive as a picture: whole or not at all, and the same for the same drive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest
from matplotlib.figure import Figure

from host.world.picture import save_picture
from tests.host.world.worlds import drive, named


def test_a_png_is_written_and_nothing_beside_it(tmp_path: Path) -> None:
    through = named("yard")
    drive(through, 600, 300, 3)
    save_picture(through, tmp_path / "yard.png", "A drive")
    assert (tmp_path / "yard.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert [path.name for path in tmp_path.iterdir()] == ["yard.png"]


def test_the_picture_shows_where_the_car_was(tmp_path: Path) -> None:
    through = named("closed_door")
    pictures = []
    for seconds in (0, 2, 2, 6):
        drive(through, 300, 300, seconds)
        save_picture(through, tmp_path / "drive.png", "A drive")
        pictures.append((tmp_path / "drive.png").read_bytes())
    assert len(dict.fromkeys(pictures)) == 4
    save_picture(through, tmp_path / "again.png", "A drive")
    assert (tmp_path / "again.png").read_bytes() == pictures[-1]


def test_a_picture_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "track.png"
    path.write_bytes(b"old")

    def half(self: Figure, to: BinaryIO, **how: object) -> None:
        to.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(OSError, match="disk full"):
        save_picture(named("track"), path, "A drive")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["track.png"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="no file"):
        save_picture(named("track"), tmp_path / "pipe.png", "A drive")
    assert (tmp_path / "pipe.png").is_fifo()
