"""A demo's report is true: what differs is counted, and nothing bad passes as good."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from host.demo.feed import sensor_frames
from host.demo.plan import plan_demo
from host.demo.report import DemoReport, show
from host.demo.run import Checker, run_demo
from host.train.car import plausible_log
from host.train.fit import fit_contract
from protocol.frame import Deframer, Kind
from protocol.schema import Row


def test_a_row_that_differs_is_counted_value_by_value():
    checker = Checker((Row(0, (1, 2)), Row(10, (3, 4))))
    checker.check(Row(0, (1, 2)))
    checker.check(Row(11, (3, 5)))
    assert (checker.rows, checker.values, checker.mismatched) == (2, 6, 2)


def test_a_row_that_nobody_fed_is_all_wrong():
    checker = Checker((Row(0, (1,)),))
    checker.check(Row(0, (1,)))
    checker.check(Row(0, (1,)))
    assert checker.mismatched == 2


def test_sensor_frames_hold_every_row_in_order():
    log = plausible_log(30, seed=1)
    contract = fit_contract(log.schema, log.rows)
    wire = b"".join(sensor_frames(contract, log.rows))
    frames = [item.frame for item in Deframer(contract.hash).feed(wire)]
    size = log.schema.row_struct.size
    rows = [
        log.schema.unpack(frame.body[at : at + size])
        for frame in frames
        for at in range(0, len(frame.body), size)
    ]
    assert tuple(rows) == log.rows
    assert {frame.kind for frame in frames} == {Kind.SENSORS}
    assert [frame.sequence for frame in frames] == [0, 1, 2, 3]


@pytest.fixture(scope="module")
def report() -> DemoReport:
    return run_demo(plan_demo(None, frames=60, rows_per_frame=4))


@pytest.mark.emulator
def test_on_the_emulated_board_every_value_comes_back(report):
    assert report.problems() == []
    assert "STM32F405" in report.board.machine
    assert report.telemetry.frames_sent == report.telemetry.frames_received == 60
    assert report.telemetry.values_checked == 60 * 4 * (1 + report.telemetry.channels)
    assert report.telemetry.bytes_on_wire == report.telemetry.bytes_expected
    assert report.commands.sent == report.commands.executed > 5


@pytest.mark.emulator
def test_the_assembler_decoder_takes_at_most_25_instructions_a_byte_and_no_heap(report):
    assert report.decoder.variant == "thumb"
    assert 0 < report.decoder.instructions_per_byte <= 25
    assert report.decoder.heap_bytes_per_frame == 0
    assert report.decoder.encoder_heap_bytes_per_row == 0


@pytest.mark.emulator
@pytest.mark.parametrize(
    ("part", "change", "problem"),
    [
        ("telemetry", {"mismatched": 1}, "1 values differ"),
        ("telemetry", {"frames_received": 59}, "not every frame"),
        ("telemetry", {"values_checked": 0}, "no value was checked"),
        ("telemetry", {"bytes_on_wire": 1}, "not the reference encoder's"),
        ("commands", {"executed": 0}, "not every command"),
        ("decoder", {"heap_bytes_per_frame": 16.0}, "takes heap"),
    ],
)
def test_what_went_wrong_is_said_last(report, part, change, problem):
    spoiled = replace(report, **{part: replace(getattr(report, part), **change)})
    console = Console(record=True, width=100, quiet=True)
    show(spoiled, console)
    assert problem in " ".join(spoiled.problems())
    assert spoiled.to_json()["ok"] is False


@pytest.mark.emulator
def test_the_report_is_json_with_the_board_in_it(report):
    document = json.loads(json.dumps(report.to_json()))
    assert document["ok"] is True
    assert document["board"]["micropython"].startswith("1.")
