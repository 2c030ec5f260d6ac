"""A run measures every scheme on rows that it has not learned from, and says so in its report."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from host.bench import telemetry
from host.bench.peers.plain import Raw
from host.bench.report import LABELS, markdown, mean_ratios, show, to_json, write_report
from host.bench.telemetry import SCHEMES, Result, run_task, split_task, trained_task
from host.logs import Log, LogError
from host.train.car import plausible_log
from protocol.frame import encode_frame
from protocol.schema import Channel, Row, Schema
from protocol.telemetry import TelemetryEncoder
from tests.host.bench.logs import log_of

KEYS = [
    "test", "train", "rows", "raw", "zlib_stream", "delta_varint", "delta_varint_deflate",
    "delta_varint_deflate_dict", "zstd_dict", "heatshrink", "betaflight_like", "ours_1", "ours_4",
    "ours_on_wire", "limit", "decoded_ok", "ratios_to_limit",
]


def untold(what, done, total):
    """Nobody looks at the progress."""


@pytest.fixture(scope="module")
def drive():
    return plausible_log(1200, seed=7)


@pytest.fixture(scope="module")
def result(drive):
    return run_task(split_task(drive, 0.7), untold)


def test_the_report_has_a_figure_for_every_scheme_in_order(result):
    report = result.to_json()
    assert list(report) == KEYS
    assert list(report["ratios_to_limit"]) == list(SCHEMES)
    assert (report["test"], report["train"], report["rows"]) == ("car", "car, first 840 rows", 360)
    assert report["decoded_ok"] is True
    assert report["ratios_to_limit"]["ours_4"] == pytest.approx(report["ours_4"] / report["limit"], rel=1e-3)


def test_raw_is_the_size_of_the_narrowest_struct(drive, result):
    narrow = drive.schema.narrowed(row.values for row in drive.rows)
    assert result.bytes_per_row["raw"] == narrow.row_struct.size


def test_ours_are_the_bodies_of_real_frames_and_all_of_them_on_the_wire(drive, result):
    task = split_task(drive, 0.7)
    encoder = TelemetryEncoder(task.contract, 4)
    frames = [frame for row in task.test_rows for frame in encoder.append(row)] + list(encoder.flush())
    bodies = sum(len(frame.body) for frame in frames)
    wire = sum(len(encode_frame(frame, task.contract.hash)) for frame in frames)
    assert result.bytes_per_row["ours_4"] == pytest.approx(bodies / 360)
    assert result.bytes_per_row["ours_on_wire"] == pytest.approx(wire / 360)


def test_a_drive_costs_less_with_what_was_learned_and_no_less_than_a_tenth_under_the_limit(result):
    sizes = result.bytes_per_row
    assert sizes["delta_varint_deflate_dict"] < sizes["delta_varint_deflate"]
    assert sizes["ours_4"] < sizes["ours_1"] < sizes["betaflight_like"] < sizes["raw"]
    assert sizes["ours_4"] > 0.9 * result.limit


def test_one_scheme_that_decodes_wrongly_spoils_the_run(drive, monkeypatch):
    class Liar(Raw):
        def decode_row(self, packet):
            return replace(super().decode_row(packet), time_us=1)

    schemes = {"liar": lambda task: lambda: Liar(task.schema), "raw": SCHEMES["raw"]}
    monkeypatch.setattr(telemetry, "SCHEMES", schemes)
    assert not run_task(split_task(drive, 0.7), untold).decoded_ok


def test_progress_names_the_log_and_reaches_its_end(drive, monkeypatch):
    monkeypatch.setattr(telemetry, "SCHEMES", {"raw": SCHEMES["raw"]})
    told = []
    run_task(split_task(drive, 0.7), lambda *step: told.append(step))
    assert told == [("car: raw", 0, 1), ("car", 1, 1)]


def test_with_training_logs_all_of_the_test_log_is_sent(drive):
    other = plausible_log(300, seed=8)
    task = trained_task([other, other], drive)
    assert len(task.test_rows) == 1200
    assert task.train_rows == other.rows * 2
    assert task.train == "car, car"


def test_formats_hold_the_training_rows_too():
    task = trained_task([log_of([40_000] * 20)], log_of([1] * 20))
    assert task.schema.channels[0].format == "u16"


def test_a_clock_past_32_bits_is_sent_modulo_two_to_the_32():
    late = log_of([1] * 40)
    late = Log(late.schema, tuple(replace(row, time_us=row.time_us + 2**32) for row in late.rows))
    assert split_task(late, 0.5).test_rows[0].time_us == 20_000
    assert split_task(late, 0.5).train_rows[0].time_us == 0


@pytest.mark.parametrize(
    "channel", [Channel("other"), Channel("c0", unit="V"), Channel("c0", scale=2.0)]
)
def test_logs_of_different_channels_are_not_mixed(channel):
    other = Log(Schema("other", (channel,)), tuple(Row(n, (n,)) for n in range(20)))
    with pytest.raises(LogError, match="other and made have different channels"):
        trained_task([other], log_of(range(20)))


@pytest.mark.parametrize(("split", "purpose"), [(0.0, "train on"), (1.0, "test on"), (0.9, "test on")])
def test_too_few_rows_are_told_with_what_they_were_for(split, purpose):
    with pytest.raises(LogError, match=f"made: .* rows to {purpose}; 16 or more are needed"):
        split_task(log_of(range(100)), split)


def test_a_log_that_never_changes_has_no_limit_and_no_ratios(tmp_path):
    still = run_task(split_task(log_of([3] * 60, [4] * 60), 0.5), untold)
    report = still.to_json()
    assert (report["limit"], set(report["ratios_to_limit"].values())) == (0, {None})
    write_report([still], tmp_path)
    assert (tmp_path / "telemetry.png").stat().st_size > 0
    assert "| packed struct | 6.00 | - |" in (tmp_path / "telemetry.md").read_text(encoding="utf-8")


def made_result(test, size, ok=True):
    return Result(test, "another", 10, dict.fromkeys(SCHEMES, size), 2.0, ok)


def test_means_over_logs_are_geometric():
    means = mean_ratios([made_result("a", 4.0), made_result("b", 16.0)])
    assert means["raw"] == pytest.approx(4)
    assert list(means) == list(SCHEMES) == list(LABELS)


def test_tables_have_every_scheme_the_limit_and_the_means(capsys):
    results = [made_result("a", 4.0), made_result("b", 16.0, ok=False)]
    show(results, Console())
    shown, lines = capsys.readouterr().out, markdown(results).splitlines()
    for label in LABELS.values():
        assert label in shown
        assert f"| {label} | 4.00 | 16.00 | 4.00 |" in lines
    assert "ROWS WERE DECODED WRONGLY" in shown
    assert "| *limit* | 2.00 | 2.00 | 1.00 |" in lines
    assert "- b: 10 rows, trained on another; **rows were decoded wrongly**" in lines


def test_the_report_is_written_as_json_table_and_picture(result, tmp_path):
    write_report([result, made_result("b", 1.0)], tmp_path)
    document = json.loads((tmp_path / "telemetry.json").read_text(encoding="utf-8"))
    assert document["logs"][0] == result.to_json()
    assert set(document["geometric_mean_ratios_to_limit"]) == set(SCHEMES)
    assert (tmp_path / "telemetry.md").read_text(encoding="utf-8").startswith("| scheme, bytes a row | car |")
    assert (tmp_path / "telemetry.png").read_bytes().startswith(b"\x89PNG")


def test_json_of_the_same_results_is_the_same(result):
    assert to_json([result]) == to_json([result])
