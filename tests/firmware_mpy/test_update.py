"""Update slots and the boot decision, in MicroPython: what runs after whatever happened."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from host.emulate import build_image
from host.emulate.unix import micropython
from host.transfer.put import pieces
from protocol.blocks import encode_block
from protocol.file_commands import BLOCK_BYTES, Target
from protocol.messages import build_command
from tests.firmware_mpy.served import FIRMWARE, HERE

FACTORY = -1
EMPTY, WRITTEN, TRYING, CONFIRMED = range(4)


def run(program: str, *arguments: str | Path) -> list[Any]:
    """What a program for MicroPython says, line by line."""
    done = subprocess.run(
        [micropython(), "-X", "heapsize=8M", str(HERE / program), *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Board:
    """The slots of a board in a folder, and two applications to put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "slots"
        for name in ("one", "two"):
            (folder / name).write_bytes(name.encode() * 1000)
        self.one, self.two = (f"install={folder / name}" for name in ("one", "two"))

    def after(self, *steps: str) -> dict[str, Any]:
        """What is the case after these steps in the life of a new board."""
        told: dict[str, Any] = run("slots_told.py", self.folder, *steps)[-1]
        return told


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


@pytest.fixture(scope="session")
def applications(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The car's own application, and another one of nearly the same size."""
    folder = tmp_path_factory.mktemp("applications")
    old, new = folder / "old.json", folder / "new.json"
    content = build_image()
    old.write_text(json.dumps(as_sent(content)), encoding="utf-8")
    new.write_text(json.dumps(as_sent(content[:-600] + bytes(800))), encoding="utf-8")
    return old, new


def as_sent(content: bytes) -> dict[str, Any]:
    """An image, and the host's commands that make an update of it."""
    digest = sha256(content).digest()
    put = {"target": Target.APPLICATION, "size": len(content), "digest": digest, "name": ""}
    blocks = [
        piece
        for at in range(0, len(content), BLOCK_BYTES)
        for piece in pieces(at, encode_block(content[at : at + BLOCK_BYTES]))
    ]
    messages = [build_command("put", put), *blocks, build_command("keep", {})]
    return {"content": content.hex(), "messages": [message.hex() for message in messages]}


@pytest.mark.parametrize("torn", [False, True], ids=["lost", "torn"])
def test_after_a_power_cut_at_any_write_of_an_update_the_old_or_the_new_application_runs(
    torn: bool, applications: tuple[Path, Path], record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (told,) = run("power_cuts.py", FIRMWARE, *applications, str(int(torn)))
    with capsys.disabled():
        print(f"\nan update has {told['writes']} writes; power cut at each, {told['cuts']} cuts, ", end="")
        print(f"the write {'half done' if torn else 'not done'}: {told['old']} times the old ", end="")
        print(f"application ran, {told['new']} times the new one, {len(told['failed'])} times neither")
    assert told["failed"] == []
    assert told["resumed"] > told["cuts"] // 4
    assert told["cuts"] == told["writes"] > 200
    assert told["old"] + told["new"] == told["cuts"]
    assert told["new"] > 0


def test_a_new_board_runs_the_application_that_is_built_in(board: Board) -> None:
    told = board.after("boot")
    assert told == {"running": FACTORY, "states": [EMPTY, EMPTY], "fallen": FACTORY, "spare": 0}


def test_a_written_application_is_tried_at_the_next_boot_and_kept_once_confirmed(board: Board) -> None:
    assert board.after("boot", board.one)["states"] == [WRITTEN, EMPTY]
    assert board.after("boot")["running"] == 0
    told = board.after("confirm")  # another life, which was not booted: nothing to confirm
    assert told["states"][0] == TRYING


def test_a_try_that_is_confirmed_outlives_restarts(board: Board) -> None:
    told = board.after("boot", board.one, "boot", "confirm", "boot", "boot")
    assert told["running"] == 0
    assert told["states"] == [CONFIRMED, EMPTY]
    assert told["spare"] == 1


def test_a_try_that_is_not_confirmed_falls_back_to_what_is_built_in(board: Board) -> None:
    told = board.after("boot", board.one, "boot", "boot")
    assert told == {"running": FACTORY, "states": [EMPTY, EMPTY], "fallen": 0, "spare": 0}


def test_a_second_try_falls_back_to_the_application_before(board: Board) -> None:
    told = board.after("boot", board.one, "boot", "confirm", board.two, "boot")
    assert told["running"] == 1
    assert told["states"] == [CONFIRMED, TRYING]
    told = board.after("boot")
    assert told["running"] == 0
    assert told["states"] == [CONFIRMED, EMPTY]
    assert told["fallen"] == 1
    assert board.after("boot")["fallen"] == FACTORY


def test_the_slots_take_turns(board: Board) -> None:
    told = board.after("boot", board.one, "boot", "confirm", board.two, "boot", "confirm")
    assert told == {"running": 1, "states": [CONFIRMED, CONFIRMED], "fallen": FACTORY, "spare": 0}
    told = board.after("boot", board.one, "boot")
    assert told["running"] == 0
    assert told["states"] == [TRYING, CONFIRMED]


def test_an_application_that_was_damaged_is_not_run(board: Board) -> None:
    steps = ("boot", board.one, "boot", "confirm", board.two, "boot", "confirm")
    assert board.after(*steps, "break=1", "boot")["running"] == 0
    assert board.after("break=0", "boot")["running"] == FACTORY


def test_a_written_application_that_was_damaged_is_never_tried(board: Board) -> None:
    told = board.after("boot", board.one, "break=0", "boot")
    assert told["running"] == FACTORY
    assert told["states"] == [WRITTEN, EMPTY]
    assert told["spare"] == 0


def test_one_record_may_be_lost(board: Board) -> None:
    board.after("boot", board.one, "boot", "confirm")
    # The newest one: what it said is lost, and the one before it holds.
    told = board.after("lose=1", "boot")
    assert told["states"] == [EMPTY, EMPTY]
    assert told["fallen"] == 0
    assert told["running"] == FACTORY


def test_an_image_is_read_from_its_file_as_it_was_packed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def answer():\n    return 42\n")
    contents = {"a.txt": b"text", "empty": b"", "folder/long.bin": bytes(range(256)) * 30}
    extra = {"folder/module.py": module, "folder/__init__.py": tmp_path / "empty"}
    for name, content in contents.items():
        path = tmp_path / Path(name).name
        path.write_bytes(content)
        extra[name] = path
    image = tmp_path / "image.romfs"
    image.write_bytes(build_image(extra_files=extra))
    (told,) = run("image_told.py", image)
    for name, content in contents.items():
        assert told["files"][f"/slot/{name}"] == content.hex()
    assert "/slot/patrol/app.mpy" in told["files"]
    assert "/slot/update/slots.mpy" not in told["files"]
    assert told["imported"] == 42
    assert told["absent"] == told["through a file"] == errno.ENOENT
    assert told["folder opened"] == errno.EISDIR
    assert told["written"] == errno.EACCES


NO_IMAGES = [b"", b"\xd2\xcd\x31", b"\xd2\xcd\x31\x82\x00", b"PK\x03\x04" + bytes(100)]


@pytest.mark.parametrize("content", NO_IMAGES)
def test_a_file_that_is_no_image_is_refused(content: bytes, tmp_path: Path) -> None:
    image = tmp_path / "image.romfs"
    image.write_bytes(content)
    assert run("image_told.py", image) == ["no image"]
