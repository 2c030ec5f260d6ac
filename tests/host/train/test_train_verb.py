"""`host train` and `host bench predictors` as a person types them."""

import json

import numpy as np
import pytest

from host.cli import extras
from host.cli.main import run
from host.train.car import plausible_log
from protocol.contract import load_contract
from protocol.device import contract_module
from protocol.telemetry import TelemetryDecoder, TelemetryEncoder
from tests.host.train.made_logs import bent_log, linear_log, log_of, saved

SCHEMA = '[[channel]]\nname = "a"\n[[channel]]\nname = "b"\n'
DESCENT = ["--taps", "2", "--epochs", "30"]


def decoded(contract, rows):
    """The rows after a telemetry encoder and decoder."""
    encoder, decoder = TelemetryEncoder(contract, 4, 50), TelemetryDecoder(contract)
    frames = [frame for row in rows for frame in encoder.append(row)] + list(encoder.flush())
    return [row for frame in frames for row in decoder.decode(frame).rows]


@pytest.fixture
def drive(tmp_path):
    return saved(plausible_log(400, seed=2), tmp_path / "drive.csv")


def test_training_leaves_a_contract_its_tables_and_a_report(drive, tmp_path, capsys):
    out = tmp_path / "made" / "contract"
    assert run(["train", drive, "--out", str(out), "--taps", "2"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["contract.json", "contract.py", "report.json"]
    contract = load_contract(out / "contract.json")
    assert (out / "contract.py").read_text() == contract_module(contract)
    report = json.loads((out / "report.json").read_text())
    assert report["hash"] == f"{contract.hash:08x}"
    told = capsys.readouterr()
    assert told.err == ""
    assert all(name in told.out for name in ("clock step", "battery", "times the limit", report["hash"]))


def test_json_is_the_report(drive, tmp_path, capsys):
    assert run(["train", drive, "--out", str(tmp_path / "o"), "--predictor", "classical", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "o" / "report.json").read_text())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such log"),
        ("time_us,a,b\n", "no rows under the header"),
        ("time_us,a,b\n0,1,2\n", "1 row is too little"),
        ("time_us,a\n0,1\n9,2\n", "column 'b' is missing"),
        ("time_us,a,b\n0,1,2\n9,x,2\n", "line 3, column 2"),
    ],
)
def test_a_bad_log_ends_with_2_and_one_line_and_writes_nothing(text, message, tmp_path, capsys):
    path, out = tmp_path / "trip.csv", tmp_path / "out"
    path.with_suffix(".toml").write_text(SCHEMA)
    if text is not None:
        path.write_text(text)
    for verb in (["train"], ["bench", "predictors"]):
        assert run([*verb, str(path), "--out", str(out)]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.count("\n") == 1
        assert told.err.startswith("host: ")
        assert message in told.err
        assert not out.exists()


def test_logs_of_two_schemas_end_with_2_and_one_line(drive, tmp_path, capsys):
    other = saved(linear_log(50), tmp_path / "other.csv")
    assert run(["train", drive, other, "--out", str(tmp_path / "out")]) == 2
    assert "other: its channels are not those of drive" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", [["--predictor", "magic"], ["--optimizer", "magic"]])
def test_a_wrong_name_ends_with_2_and_the_right_ones(option, drive, tmp_path, capsys):
    assert run(["train", drive, "--out", str(tmp_path / "out"), *option]) == 2
    assert "no " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_told_before_the_work(drive, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(["train", drive, "--out", str(tmp_path / "file" / "out")]) == 2
    assert "name another folder" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["train", "--optimizer", "adam"], ["bench", "predictors"]])
def test_a_missing_extra_ends_with_1_and_says_what_to_install(verb, drive, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert run([*verb, drive, "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "pip install 'patrol-car[train]'" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_without_descent_no_extra_is_needed(drive, tmp_path, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert run(["train", drive, "--out", str(tmp_path / "out"), "--predictor", "linear", "--taps", "1"]) == 0


@pytest.mark.parametrize(("predictor", "made"), [("gradient", linear_log()), ("network", bent_log())])
def test_gradient_descent_saves_its_loss_curve_beside_an_ordinary_contract(predictor, made, tmp_path):
    pytest.importorskip("optax")
    log, out = saved(made, tmp_path / "made.csv"), tmp_path / "out"
    line = ["train", log, "--out", str(out), "--predictor", predictor, "--optimizer", "nadam", *DESCENT]
    assert run(line) == 0
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((out / "report.json").read_text())
    contract = load_contract(out / "contract.json")
    if predictor == "gradient":
        assert {stream["predictor"] for stream in report["streams"]} == {"gradient (nadam)"}
        assert len(contract.streams[2].predictor.taps) == 2
    else:
        assert report["streams"][2]["predictor"] == "network (nadam)"
        assert contract.streams[2].predictor.network
    assert decoded(contract, made.rows) == list(made.rows)


def jumping():
    draw = np.random.default_rng(8)
    return log_of(still=[7] * 300, jumping=draw.integers(-(1 << 31), 1 << 31, 300))


def many():
    return log_of(**{f"c{n}": np.arange(60) * n % 97 for n in range(64)})


def single():
    return log_of(only=np.arange(90) % 7)


@pytest.mark.parametrize("made", [single, jumping, many])
def test_few_many_still_and_jumping_channels_can_be_trained_on(made, tmp_path):
    pytest.importorskip("optax")
    log, out = saved(made(), tmp_path / "made.csv"), tmp_path / "out"
    assert run(["train", log, "--out", str(out), "--optimizer", "adam", "--taps", "1", "--epochs", "2"]) == 0
    assert load_contract(out / "contract.json").streams


def test_the_bench_prints_and_draws_all_optimisers(tmp_path, capsys):
    pytest.importorskip("optax")
    log, out = saved(linear_log(), tmp_path / "made.csv"), tmp_path / "out"
    assert run(["bench", "predictors", log, "--out", str(out), "--json", *DESCENT]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((out / "predictors.json").read_text())
    assert len(document["entries"]) == 12
    assert (out / "predictors.png").read_bytes().startswith(b"\x89PNG")
    table = (out / "predictors.md").read_text()
    assert all(f"\n| {entry['name']} | {entry['bits']:.3f} |" in table for entry in document["entries"])
