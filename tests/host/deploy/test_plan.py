"""What a deploy decides to do, on a board that is a dictionary."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.deploy import DeployError
from host.deploy.architecture import architecture_of, check_format
from host.deploy.plan import MANIFEST, STARTER, OnBoard, manifest_of, names_in, plan_of, room_needed
from host.deploy.sets import SETS
from host.emulate.application import build_files
from protocol.contract import load_contract

NAMES = st.sampled_from(
    ["main.py", "patrol/app.mpy", "patrol/link.mpy", "update/start.mpy", "notes.py", "x.mpy"]
)
FILES = st.dictionaries(NAMES, st.binary(max_size=20))
MPY = 0x1F06
"""sys.implementation._mpy of a Cortex-M4 with single precision, version 6.3."""


def there(board: dict[str, bytes]) -> dict[str, OnBoard]:
    return {name: OnBoard(len(each), sha256(each).hexdigest()) for name, each in board.items()}


def done(board: dict[str, bytes], files: dict[str, bytes]) -> dict[str, bytes]:
    """The board after a deploy of these files."""
    plan = plan_of(files, there(board), board.get(MANIFEST, b""))
    kept = {name: content for name, content in board.items() if name not in plan.remove}
    return {**kept, **{name: files[name] for name in plan.copy}, MANIFEST: plan.manifest}


@given(board=FILES, first=FILES, second=FILES)
def test_after_two_deploys_the_board_has_the_second_and_what_was_never_ours(
    board: dict[str, bytes], first: dict[str, bytes], second: dict[str, bytes]
) -> None:
    after = done(done(board, first), second)
    others = {name: content for name, content in board.items() if name not in first}
    assert after == {**others, **second, MANIFEST: manifest_of(second)}
    assert plan_of(second, there(after), after[MANIFEST]).is_empty


@given(board=FILES, files=FILES)
def test_what_the_board_runs_comes_last_whenever_anything_comes(
    board: dict[str, bytes], files: dict[str, bytes]
) -> None:
    plan = plan_of(files, there(board), b"")
    if plan.copy and STARTER in files:
        assert plan.copy[-1] == STARTER
    assert sorted(plan.copy + plan.unchanged) == sorted(files)


def test_a_hash_is_believed_and_a_manifest_is_not() -> None:
    files = {"patrol/app.mpy": b"new", "main.py": b"run"}
    board = {"patrol/app.mpy": b"old", "main.py": b"run"}
    assert plan_of(files, there(board), manifest_of(files)).copy == ("patrol/app.mpy", "main.py")


@pytest.mark.parametrize("name", ["../boot.py", "/boot.py", "patrol.key", "patrol/", "", "a//b.py", "./a.py"])
def test_no_manifest_makes_a_deploy_remove_what_it_could_not_have_written(name: str) -> None:
    assert names_in(f"{name}\npatrol/app.mpy\n".encode()) == ["patrol/app.mpy"]


@given(st.binary(max_size=200))
def test_a_damaged_manifest_is_no_failure(manifest: bytes) -> None:
    names_in(manifest)


def test_room_is_counted_in_blocks_with_the_largest_file_twice() -> None:
    files = {"a.mpy": bytes(600), "b.mpy": bytes(10)}
    plan = plan_of(files, there({"a.mpy": bytes(1), "old.mpy": bytes(513)}), b"old.mpy\n")
    assert room_needed(plan, files, there({"a.mpy": bytes(1), "old.mpy": bytes(513)}), 512) == (
        1024 + 512 - 512 - 1024 + 1024
    )


def test_the_board_names_its_architecture() -> None:
    assert architecture_of(MPY) == "armv7emsp"
    for other in (0x0306, 2 << 10 | 0x306, 15 << 10 | 0x306, 0):
        with pytest.raises(DeployError, match="ARMv7-M"):
            architecture_of(other)


def test_a_board_that_would_refuse_the_files_is_told_before_any_is_copied() -> None:
    files = {"patrol/app.mpy": b"M\x06\x1f", "main.py": b"import patrol"}
    check_format(MPY, files)
    with pytest.raises(DeployError, match=r"files of version 5\.3, and mpy-cross here makes 6\.3"):
        check_format(MPY - 1, files)
    with pytest.raises(DeployError, match=r"version 6\.2"):
        check_format(MPY - 0x100, files)
    check_format(MPY - 0x100, {"patrol/app.mpy": b"M\x06\x03"})  # no native code in it


def test_a_set_leaves_out_what_it_says_and_what_mpy_cross_makes_is_what_the_board_takes() -> None:
    files = build_files()
    check_format(MPY, files)
    assert SETS["patrol"].of(files) == files
    small = SETS["drive"].of(build_files(load_contract(SETS["drive"].contract_file)))
    assert {"main.py", "patrol/app.mpy", "update/start.mpy"} <= set(small)
    assert not [name for name in small if "control" in name or "pilot.mpy" in name]
    assert sum(map(len, small.values())) < 0.8 * sum(map(len, files.values()))
