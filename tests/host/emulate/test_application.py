from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from intelhex import IntelHex

from host.emulate import (
    ApplicationError,
    ImageMissingError,
    ToolMissingError,
    application,
    build_application,
    build_folder,
)
from host.emulate.application import ROM_ADDRESS, ROM_BYTES
from protocol.contract import Contract


def _rom(path: Path) -> bytes:
    image = IntelHex(str(path))
    assert image.minaddr() == ROM_ADDRESS
    data: bytes = image.tobinstr()
    return data


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "new" / "application.hex"


def test_the_application_is_a_rom_file_system_at_its_address(out: Path) -> None:
    assert build_application(out) == out
    rom = _rom(out)
    assert rom.startswith(b"\xd2\xcd\x31")
    assert b"contract.mpy" in rom
    assert len(rom) <= ROM_BYTES
    assert list(out.parent.iterdir()) == [out]


def test_the_same_sources_give_the_same_bytes(out: Path) -> None:
    assert build_application(out).read_bytes() == build_application(out.with_name("b.hex")).read_bytes()


def test_a_contract_takes_the_place_of_the_generated_one(out: Path, contract: Contract) -> None:
    other = replace(contract, schema=replace(contract.schema, name="a-truck"))
    assert b"a-truck" in _rom(build_application(out, other))
    assert b"a-truck" not in _rom(build_application(out))


def test_files_may_be_added_as_they_are(out: Path, tmp_path: Path) -> None:
    (tmp_path / "v").write_text('{"a case": 1}\n')
    rom = _rom(build_application(out, extra_files={"vectors.jsonl": tmp_path / "v"}))
    assert b'{"a case": 1}\n' in rom


def test_another_main_program_is_compiled(out: Path, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("print('not the patrol')\n")
    rom = _rom(build_application(out, extra_files={"main.py": tmp_path / "other.py"}))
    assert b"not the patrol" in rom
    assert b"print('not" not in rom


def test_a_mistake_in_a_file_is_named(out: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def broken(:\n")
    with pytest.raises(ApplicationError, match=r"main.py does not compile: SyntaxError"):
        build_application(out, extra_files={"main.py": tmp_path / "bad.py"})
    assert not out.exists()


def test_what_does_not_fit_the_board_is_refused(out: Path, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(ROM_BYTES))
    with pytest.raises(ApplicationError, match=f"the board {ROM_BYTES} for it; leave files out"):
        build_application(out, extra_files={"big": tmp_path / "big"})


def test_a_file_that_is_not_there_is_named(out: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageMissingError, match=r"none.txt: no such file, wanted on the board as a.txt"):
        build_application(out, extra_files={"a.txt": tmp_path / "none.txt"})


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/passwd", "a/../../b"])
def test_no_file_leaves_the_boards_file_system(out: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "v").write_text("")
    with pytest.raises(ApplicationError, match="give a relative name"):
        build_application(out, extra_files={name: tmp_path / "v"})


def test_what_cannot_be_written_leaves_nothing_behind(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_the_disk(image: IntelHex, path: str) -> None:
        Path(path).write_text(":0200")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(IntelHex, "write_hex_file", fill_the_disk)
    with pytest.raises(ApplicationError, match=r"cannot be written \(No space left on device\)"):
        build_application(out)
    assert list(out.parent.iterdir()) == []


def test_without_its_tools_it_says_what_to_run(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=r"mpremote is not installed; run `make setup`"):
        build_application(out)


def test_without_a_checkout_it_says_so(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "SOURCES", tmp_path)
    with pytest.raises(ImageMissingError, match="in a checkout of the repository"):
        build_application(out)


def test_a_folder_for_official_builds_has_all_modules_and_a_main_that_they_run(tmp_path: Path) -> None:
    folder = build_folder(tmp_path / "car")
    assert (folder / "main.py").read_text(encoding="utf-8") == (application.SOURCES / "main.py").read_text(
        encoding="utf-8"
    )
    modules = [path for path in folder.rglob("*") if path.is_file() and path.name != "main.py"]
    assert {"app.mpy", "nucleo_f411re.mpy", "encoders.mpy", "start.mpy"} <= {path.name for path in modules}
    assert {path.suffix for path in modules} == {".mpy"}
    with pytest.raises(ApplicationError, match="new folder"):
        build_folder(folder)
