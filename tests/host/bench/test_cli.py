"""`host bench telemetry` as a person types it."""

import json
import sys

import pytest

from host.bench import telemetry
from host.bench.peers.plain import Raw
from host.cli.bench import repeat_options
from host.cli.main import run
from host.logs import save_log
from host.train.car import plausible_log


@pytest.fixture
def drives(tmp_path):
    """Two short made-up drives on disk."""
    paths = [tmp_path / "monday.csv", tmp_path / "tuesday.csv"]
    for seed, path in enumerate(paths):
        save_log(path, plausible_log(150, seed))
    return [str(path) for path in paths]


def test_a_test_log_gives_one_json_object(drives, capsys):
    assert run(["bench", "telemetry", "--test", drives[0], "--split", "0.6", "--json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert (report["test"], report["rows"], report["decoded_ok"]) == ("monday", 60, True)
    assert printed.err == ""


def test_several_logs_give_an_object_a_line_and_files(drives, capsys, tmp_path):
    out = tmp_path / "new" / "results"
    assert run(["bench", "telemetry", "--test", *drives, "--json", "--out", str(out)]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["test"] for report in reports] == ["monday", "tuesday"]
    assert sorted(path.name for path in out.iterdir()) == [
        "telemetry.json", "telemetry.md", "telemetry.png"
    ]


def test_training_logs_are_learned_from_and_a_table_is_for_people(drives, capsys):
    assert run(["bench", "telemetry", "--train", drives[0], "--test", drives[1]]) == 0
    shown = capsys.readouterr().out
    assert "tuesday: 150 rows; trained on monday" in shown
    assert "every row decoded exactly" in shown


def test_a_log_option_takes_files_until_the_next_option():
    typed = "--train a b c --json --test d --split 0.5 --test e f"
    read = "--train a --train b --train c --json --test d --split 0.5 --test e --test f"
    assert repeat_options(typed.split()) == read.split()


def test_a_scheme_that_decodes_wrongly_ends_the_run_with_1(drives, capsys, monkeypatch):
    class Forgetful(Raw):
        def decode(self, packet):
            return ()

    monkeypatch.setitem(telemetry.SCHEMES, "raw", lambda task: lambda: Forgetful(task.schema))
    assert run(["bench", "telemetry", "--test", drives[0], "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["decoded_ok"] is False


@pytest.mark.parametrize("module", ["heatshrink2", "matplotlib", "zstandard"])
def test_without_the_extra_a_line_says_what_to_install(drives, capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert run(["bench", "telemetry", "--test", drives[0]]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"host: bench telemetry needs {module}; run: pip install 'patrol-car[bench]'\n"


def test_bad_input_is_one_line_and_2(drives, capsys, tmp_path):
    (tmp_path / "odd.csv").write_text("time_us,a\n0,1\n", encoding="utf-8")
    (tmp_path / "odd.toml").write_text('[[channel]]\nname = "a"\n', encoding="utf-8")
    (tmp_path / "file").touch()
    odd = str(tmp_path / "odd.csv")
    for words, message in (
        (["--test", str(tmp_path / "none.csv")], "no such log"),
        (["--test", odd], "rows to train on; 16 or more are needed"),
        (["--test", drives[0], "--train", odd], "different channels"),
        (["--test", drives[0], "--out", str(tmp_path / "file")], "cannot be made"),
    ):
        assert run(["bench", "telemetry", *words]) == 2
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1)
        assert message in told.err


def test_a_log_that_may_not_be_read_is_named(drives, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("host.cli.bench.load_log", refuse)
    assert run(["bench", "telemetry", "--test", drives[0]]) == 2
    assert capsys.readouterr().err == f"host: {drives[0]}: cannot be read (Permission denied)\n"
