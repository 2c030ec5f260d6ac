"""The verbs on real files, pipes and processes: names, modes, errors, and what is left when killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host.cli.main import run
from tests.host.files.made import TEXT

HOST = [sys.executable, "-m", "host"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "drive.csv"
    path.write_bytes(TEXT)
    path.chmod(0o640)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    return path


def test_a_file_goes_there_and_back_with_its_mode_and_times(log: Path) -> None:
    assert run(["compress", str(log)]) == 0
    packed = log.with_name("drive.csv.huf")
    assert packed.stat().st_size < 0.7 * len(TEXT)
    assert log.read_bytes() == TEXT
    log.unlink()
    assert run(["decompress", str(packed)]) == 0
    assert log.read_bytes() == TEXT
    for path in (log, packed):
        assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) == (0o640, 1_600_000_000_000_000_000)


def test_several_files_are_each_compressed(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a", "b")]
    for name in names:
        Path(name).write_bytes(name.encode() * 100)
    assert run(["compress", *names]) == 0
    assert run(["verify", *(f"{name}.huf" for name in names)]) == 0


def test_standard_input_goes_to_standard_output() -> None:
    packed = subprocess.run([*HOST, "compress", "-"], input=TEXT, capture_output=True, check=True).stdout
    back = subprocess.run([*HOST, "decompress", "-"], input=packed, capture_output=True, check=True).stdout
    assert back == TEXT


def test_nothing_is_replaced_unless_told_to(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = log.with_name("drive.csv.huf")
    packed.write_bytes(b"mine")
    assert run(["compress", str(log)]) == 2
    assert capsys.readouterr().err == f"host: {packed}: exists; give --force to replace it\n"
    assert packed.read_bytes() == b"mine"
    assert run(["compress", str(log), "--force"]) == 0
    assert run(["verify", str(packed)]) == 0


def test_list_and_verify_tell_the_same_of_a_file(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = str(log) + ".huf"
    assert run(["compress", str(log), "--block", "4K", "--json"]) == 0
    assert run(["list", packed, "--json"]) == 0
    assert run(["verify", packed, "--json"]) == 0
    made, listed, verified = map(json.loads, capsys.readouterr().out.splitlines())
    assert made["bytes"] == listed["bytes"] == verified["bytes"] == len(TEXT)
    assert made["crc32"] == listed["crc32"] == verified["crc32"]
    assert made["blocks"] == listed["blocks"] == verified["blocks"] == -(-len(TEXT) // 4096)
    assert verified["whole"] is True


def test_what_is_whole_of_a_damaged_file_is_saved_and_the_rest_named(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = log.with_name("drive.csv.huf")
    assert run(["compress", str(log), "--block", "4K"]) == 0
    data = bytearray(packed.read_bytes())
    data[5000] ^= 1
    packed.write_bytes(data)
    saved = log.with_name("saved")
    capsys.readouterr()
    assert run(["decompress", str(packed), "-o", str(saved)]) == 2
    assert "get the file again, or save what is whole with --keep-going" in capsys.readouterr().err
    assert not saved.exists()
    assert run(["decompress", str(packed), "-o", str(saved), "--keep-going", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    ((start, stop),) = told["missing"]
    assert saved.read_bytes() == TEXT[:start] + bytes(stop - start) + TEXT[stop:]
    assert run(["verify", str(packed), "--keep-going"]) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["compress", "nothing-there"], "No such file"),
        (["compress", "."], "a folder; pack it with tar first"),
        (["compress", "x", "--block", "3"], "4K to 16M are allowed"),
        (["compress", "x", "--block", "much"], "not a size"),
        (["compress", "x", "y", "-o", "z"], "one -o for several files"),
        (["decompress", "README.md"], "does not end in .huf"),
        (["verify", "README.md"], "not a file that `host compress` wrote"),
        (["list", "-"], "use verify"),
        (["compress", "--table", "x", "y"], "one file at a time"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    line: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_table_shows_each_code_and_draws_the_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    word = tmp_path / "word"
    word.write_bytes(b"abracadabra")
    assert run(["compress", "--table", str(word), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    lengths = {bytes.fromhex(byte): len(code) for byte, code in table["codes"].items()}
    assert lengths[b"a"] == 1
    assert sum(2.0**-length for length in lengths.values()) == 1
    assert table["code_bits_per_byte"] == pytest.approx(23 / 11, abs=1e-6)
    assert table["efficiency"] == pytest.approx(2.040373 / (23 / 11), abs=1e-5)
    picture = (tmp_path / "word.tree.svg").read_text()
    assert picture.startswith("<svg")
    assert picture.count("<rect") == 1 + 5


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_killed_at_any_moment_the_source_is_whole_and_no_part_has_the_final_name(
    after: int, tmp_path: Path
) -> None:
    """The kernel stops it after so many writes to the result: a moment that needs no clock."""
    source = tmp_path / "big"
    source.write_bytes(TEXT * 60)
    program = (
        "import os, signal, sys\n"
        "from host.cli.main import run\n"
        "import host.files.compress as c\n"
        "left, header = [int(sys.argv[1])], c.record_header\n"
        "def counted(record):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return header(record)\n"
        "c.record_header = counted\n"
        "sys.exit(run(['compress', sys.argv[2], '--block', '64K']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(after), str(source)], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert source.read_bytes() == TEXT * 60
    assert not (tmp_path / "big.huf").exists()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from host.cli.main import run\n"
        "source, packed = sys.argv[1:]\n"
        "assert run(['compress', source, '-o', packed]) == 0\n"
        "assert run(['verify', packed]) == 0\n"
        # Not getrusage: what it tells begins with the peak of the process that this one was forked from.
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )

    def peak_kib(size: int) -> int:
        source = tmp_path / f"source{size}"
        with source.open("wb") as file:
            for _ in range(size >> 20):
                file.write((TEXT * 50)[: 1 << 20])
        line = [sys.executable, "-c", program, str(source), str(source) + ".huf"]
        done = subprocess.run(line, capture_output=True, check=True, text=True)
        return int(done.stdout.splitlines()[-1])

    pytest.importorskip("numba")
    small, large = peak_kib(24 << 20), peak_kib(192 << 20)
    assert large < 1.25 * small
    assert large < 400 << 10
