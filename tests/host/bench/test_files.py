"""The file bench measures what it says, on real files, and its means are means."""

import json
import math

import pytest

pytest.importorskip("isal")
pytest.importorskip("numba")
pytest.importorskip("zlib_ng")
pytest.importorskip("zstandard")

from host.bench import files_report
from host.bench.file_coders import HUFFMAN_ONLY, OURS, all_coders
from host.bench.files import entropy_bits, means, measure
from host.cli.main import run
from tests.host.files.made import TEXT

KEYS = {
    "path", "bytes", "entropy_bits_per_byte", "compressed_bytes", "compress_mb_s", "decompress_mb_s",
    "compress_ratio_to_zlib_huffman_only", "decompress_ratio_to_zlib_huffman_only", "two_threads",
    "size_to_entropy_of_blocks", "size_to_entropy_of_blocks_and_headers",
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "text").write_bytes(TEXT * 45)
    (folder / "few").write_bytes(b"ab" * 3000 + b"c")
    return [folder / "text", folder / "few"]


@pytest.mark.parametrize("content", [TEXT * 50, b"z" * 700_000, bytes(range(256)) * 300, b"x"])
def test_every_coder_gives_back_what_it_was_given(content):
    for coder in all_coders():
        assert bytes(coder.decompress(coder.compress(content))) == content


def test_a_changed_byte_is_seen_by_the_coder_of_one_thread():
    ours = next(coder for coder in all_coders() if coder.name == OURS)
    packed = bytearray(ours.compress(TEXT))
    packed[300] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        ours.decompress(bytes(packed))


def test_entropy_is_shannons():
    assert entropy_bits(b"aabb") == pytest.approx(4)
    assert entropy_bits(b"aaaa") == 0
    assert entropy_bits(bytes(range(256))) == pytest.approx(8 * 256)


def test_the_report_has_every_figure_and_is_written(paths, tmp_path, capsys, monkeypatch):
    small = {"bytes": 1, "seconds": {"ours": 0.2}, "large_bytes": 1 << 20, "peak_bytes": 1 << 20}
    monkeypatch.setattr(files_report, "latencies", lambda: small)
    assert run(["bench", "files", *map(str, paths), "--out", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((tmp_path / "files.json").read_text())
    assert (tmp_path / "files.png").read_bytes().startswith(b"\x89PNG")
    text, few = report["files"]
    assert set(text) >= KEYS
    assert text["bytes"] == len(TEXT) * 45 > 1_000_000
    assert 1 <= text["size_to_entropy_of_blocks_and_headers"] < text["size_to_entropy_of_blocks"] < 1.02
    assert few["compressed_bytes"] < 1300
    assert all(one["peers"][HUFFMAN_ONLY]["compress_ratio_to_zlib_huffman_only"] == 1 for one in (text, few))


def test_means_are_geometric(paths):
    results = measure(paths)
    ratios = [result.ratio(OURS, "compress_mb_s") for result in results]
    assert means(results)[OURS]["compress"] == pytest.approx(math.sqrt(math.prod(ratios)), abs=0.001)
    assert means(results)[HUFFMAN_ONLY] == {"compress": 1, "decompress": 1, "size": 1}


@pytest.mark.parametrize(("name", "message"), [("gone", "cannot be read"), ("empty", "empty; name a file")])
def test_a_file_that_cannot_be_measured_is_named(name, message, tmp_path, capsys):
    (tmp_path / "empty").write_bytes(b"")
    assert run(["bench", "files", str(tmp_path / name)]) == 2
    assert message in capsys.readouterr().err
