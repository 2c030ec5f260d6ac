"""Files to and from the firmware, by the host's own code, over a wire of so many bytes a millisecond."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.link import CommandRefusedError, Link
from host.transfer import TransferError, get_file, put_file
from host.transfer.get import list_folder, remove
from protocol.blocks import decode_block, encode_block
from protocol.file_commands import BLOCK_BYTES, CHUNK_BYTES, FILE_COMMANDS, Target, name_fault
from protocol.limits import MAX_MESSAGE
from protocol.messages import Status, build_command
from tests.firmware_mpy.served import ServedFirmware
from tests.firmware_mpy.test_parts import quick
from tests.firmware_mpy.wired import WiredPort, link_over

TEXT = b"".join(b"%d,%d,%d\n" % (n, n * n % 977, n % 7) for n in range(400))
CONTENTS = {
    "nothing": b"",
    "one byte": b"x",
    "the same byte": b"z" * 3000,
    "text": TEXT,
    "noise": Random(4).randbytes(BLOCK_BYTES + 1),
    "whole blocks": TEXT[: 2 * BLOCK_BYTES],
}


class Wired:
    """The host on one end of a wire, the firmware on the other."""

    def __init__(self, car: ServedFirmware) -> None:
        self.random = Random(7)
        self.port = WiredPort(car, self.random)
        self.link = link_over(self.port, self.random)
        self.car = car

    def clean(self, folder: str = "") -> None:
        for entry in list_folder(self.link, folder):
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_folder:
                self.clean(name)
            remove(self.link, name)

    def status(self, command: str, **values: Any) -> Status:
        try:
            self.link.send(command, values)
        except CommandRefusedError as refused:
            return refused.reply.status
        return Status.OK


@pytest.fixture
def wired(car: ServedFirmware) -> Wired:
    wired = Wired(car)
    wired.clean()
    return wired


@pytest.mark.parametrize("content", CONTENTS.values(), ids=list(CONTENTS))
def test_a_file_comes_back_as_it_was_sent(wired: Wired, content: bytes, tmp_path: Path) -> None:
    put_file(wired.link, content, "there.bin")
    assert [(each.name, each.size) for each in list_folder(wired.link)] == [("there.bin", len(content))]
    get_file(wired.link, "there.bin", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["back"]


def test_what_can_be_compressed_takes_less_of_the_wire_both_ways(wired: Wired, tmp_path: Path) -> None:
    sent = put_file(wired.link, TEXT, "log.csv")
    got = get_file(wired.link, "log.csv", tmp_path / "log.csv")
    assert sent.block_bytes < 0.6 * len(TEXT)
    assert got.block_bytes == sent.block_bytes


def test_a_file_replaces_one_of_its_name_and_folders_are_made(wired: Wired, tmp_path: Path) -> None:
    for content in (b"old", b"new and longer"):
        put_file(wired.link, content, "routes/yard.toml")
    get_file(wired.link, "routes/yard.toml", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"new and longer"
    assert [(each.name, each.is_folder) for each in list_folder(wired.link)] == [("routes", True)]
    assert wired.status("remove", name="routes") is Status.STORAGE
    remove(wired.link, "routes/yard.toml")
    remove(wired.link, "routes")
    assert list_folder(wired.link) == []


def test_more_files_than_fit_a_reply_are_all_listed(wired: Wired) -> None:
    names = [f"a{number:02}" + "n" * 40 for number in range(12)]
    for name in names:
        put_file(wired.link, b"", name)
    assert sorted(each.name for each in list_folder(wired.link)) == names
    wired.clean()


def test_a_transfer_goes_on_where_a_reset_of_the_car_broke_it_off(wired: Wired, tmp_path: Path) -> None:
    noise = Random(1).randbytes(3 * BLOCK_BYTES)
    wired.link.hello()
    wired.port.reset_after(2 * BLOCK_BYTES + 900)
    sent = put_file(wired.link, noise, "noise")
    assert sent.resumed_at in (BLOCK_BYTES, 2 * BLOCK_BYTES)
    wired.port.reset_after(2 * BLOCK_BYTES + 900)
    got = get_file(wired.link, "noise", tmp_path / "noise")
    assert got.resumed_at in (BLOCK_BYTES, 2 * BLOCK_BYTES)
    assert (tmp_path / "noise").read_bytes() == noise
    wired.clean()


def test_a_part_of_other_content_is_not_gone_on_with(wired: Wired) -> None:
    begin_to_put(wired.link, TEXT[:BLOCK_BYTES] + b"end", "log.csv", blocks=1)
    other = b"?" + TEXT[1:]
    assert put_file(wired.link, other, "log.csv").resumed_at == 0  # the board has compared its digest
    begin_to_put(wired.link, TEXT, "log.csv", blocks=1)
    assert put_file(wired.link, TEXT, "log.csv").resumed_at == BLOCK_BYTES


def begin_to_put(link: Link, content: bytes, name: str, blocks: int) -> None:
    digest = sha256(content).digest()
    link.send("put", {"target": Target.FILE, "size": len(content), "digest": digest, "name": name})
    link.send("from", {"offset": 0})
    for at in range(0, blocks * BLOCK_BYTES, BLOCK_BYTES):
        block = encode_block(content[at : at + BLOCK_BYTES])
        for start in range(0, len(block), CHUNK_BYTES):
            data = block[start : start + CHUNK_BYTES]
            last = start + CHUNK_BYTES >= len(block)
            link.send("block", {"offset": at, "at": start, "last": last, "data": data})


def test_a_copy_begun_by_another_run_of_the_program_is_gone_on_with(wired: Wired, tmp_path: Path) -> None:
    put_file(wired.link, TEXT, "log.csv")
    part = tmp_path / f"log.csv.{sha256(TEXT).hexdigest()[:8]}.part"
    part.write_bytes(TEXT[: BLOCK_BYTES + 5])
    assert get_file(wired.link, "log.csv", tmp_path / "log.csv").resumed_at == BLOCK_BYTES
    assert (tmp_path / "log.csv").read_bytes() == TEXT
    part.write_bytes(b"!" + TEXT[1:BLOCK_BYTES])
    with pytest.raises(TransferError, match="another digest"):
        get_file(wired.link, "log.csv", tmp_path / "log.csv")
    assert not part.exists()
    assert get_file(wired.link, "log.csv", tmp_path / "log.csv").resumed_at == 0


def test_a_damaged_block_is_refused_and_can_be_sent_again(wired: Wired) -> None:
    content = TEXT[:BLOCK_BYTES]
    begin_to_put(wired.link, content, "log.csv", blocks=0)
    block = encode_block(content)[:-1] + b"\x55"
    piece = {"offset": 0, "at": 0, "last": 1, "data": block[:CHUNK_BYTES]}
    assert wired.status("block", **piece) is Status.BAD_CONTENT
    assert put_file(wired.link, content, "log.csv").resumed_at == 0


def test_a_file_with_another_digest_than_announced_is_not_kept(wired: Wired) -> None:
    values = {"target": Target.FILE, "size": 3, "digest": bytes(32), "name": "log.csv"}
    wired.link.send("put", values)
    wired.link.send("from", {"offset": 0})
    wired.link.send("block", {"offset": 0, "at": 0, "last": 1, "data": encode_block(b"abc")})
    assert wired.status("keep") is Status.BAD_CONTENT
    assert list_folder(wired.link) == []


def test_more_than_was_announced_is_refused(wired: Wired) -> None:
    wired.link.send("put", {"target": Target.FILE, "size": 2, "digest": bytes(32), "name": "log.csv"})
    wired.link.send("from", {"offset": 0})
    piece = {"offset": 0, "at": 0, "last": 1, "data": encode_block(b"abc")}
    assert wired.status("block", **piece) is Status.BAD_CONTENT


FORBIDDEN = [
    *("", "/", "..", "../x", "a/../../x", "a//b", "/etc/passwd", "./x", "n" * 101, "a\0b"),
    *("patrol.key", "PATROL.KEY", "patrol.boot0", "slots/a.romfs", "Slots", "rom/main.mpy", "slot/x.mpy"),
]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_names_that_are_not_for_the_link_are_refused(wired: Wired, name: str) -> None:
    assert name_fault(name)
    put = {"target": Target.FILE, "size": 1, "digest": bytes(32), "name": name}
    assert wired.status("put", **put) is Status.FORBIDDEN
    assert wired.status("file", name=name) is Status.FORBIDDEN
    assert wired.status("remove", name=name) is Status.FORBIDDEN
    if name:
        assert wired.status("folder", skip=0, name=name) is Status.FORBIDDEN


def test_the_cars_own_files_are_not_listed(wired: Wired) -> None:
    wired.car.ask("torn_key")
    assert list_folder(wired.link) == []


def test_files_that_are_not_there_are_named_so(wired: Wired) -> None:
    for name in ("file", "remove"):
        assert wired.status(name, name="nowhere") is Status.NO_FILE
    assert wired.status("folder", skip=0, name="nowhere") is Status.NO_FILE


def test_pieces_without_a_transfer_are_out_of_step(wired: Wired) -> None:
    piece = {"offset": 0, "at": 0, "last": 1, "data": encode_block(b"abc")}
    assert wired.status("block", **piece) is Status.OUT_OF_STEP
    assert wired.status("from", offset=0) is Status.OUT_OF_STEP
    assert wired.status("keep") is Status.OUT_OF_STEP
    assert wired.status("read", offset=0, at=0) is Status.OUT_OF_STEP
    begin_to_put(wired.link, TEXT, "log.csv", blocks=1)
    assert wired.status("block", **piece) is Status.OUT_OF_STEP
    assert wired.status("from", offset=7) is Status.OUT_OF_STEP


def test_no_arguments_of_a_file_command_bring_the_car_down(wired: Wired, tmp_path: Path) -> None:
    """Fuzzed in place: whatever comes is answered, and what was there stays as it was."""
    random = Random(11)
    put_file(wired.link, TEXT[:700], "kept")
    for _ in range(100):
        command = random.choice(FILE_COMMANDS)
        size = command.argument_bytes + (random.randint(0, 60) if command.trailing else 0)
        arguments = (random.choice((0, 1, 255, 65, random.randrange(256))) for _ in range(size))
        message = bytes([command.code, *arguments])
        try:
            wired.link.wait(wired.link.submit_message(command.name, message))
        except CommandRefusedError:
            continue
    get_file(wired.link, "kept", tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == TEXT[:700]


def skewed(seed: int, skew: float, size: int) -> bytes:
    return bytes(Random(seed).choices(range(256), [skew**-n for n in range(256)], k=size))


contents = st.one_of(
    st.binary(min_size=1, max_size=700),
    st.text(min_size=1, max_size=300).map(str.encode),
    st.builds(skewed, st.integers(0, 999), st.floats(1.0, 1.9), st.integers(1, 700)),
)


@quick
@given(content=contents)
def test_a_block_that_the_car_makes_is_a_block_and_nearly_the_smallest(
    firmware: ServedFirmware, content: bytes
) -> None:
    block = bytes.fromhex(firmware.ask("block_of", content=content.hex())["block"])
    assert decode_block(block, limit=len(content)) == (content, len(block))
    assert len(block) <= 1.01 * len(encode_block(content)) + 2


def test_the_longest_messages_fit() -> None:
    put = {"target": Target.FILE, "size": 1, "digest": bytes(32), "name": "n" * 100}
    assert len(build_command("put", put)) <= MAX_MESSAGE
    piece = {"offset": 1, "at": 1, "last": 1, "data": bytes(CHUNK_BYTES)}
    assert len(build_command("block", piece)) <= MAX_MESSAGE
