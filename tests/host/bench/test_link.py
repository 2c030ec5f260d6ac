"""The link benchmark: the real firmware in lock step, and a judge that tells wrong outcomes."""

from __future__ import annotations

import json

import pytest

from host.bench.link.ours import run_ours
from host.bench.link.peers import FrameWire, JsonWire, run_stop_and_wait
from host.bench.link.task import Outcome, Run, Task, judge
from host.cli.main import run
from host.emulate.lockstep import lock_step_car
from host.faults import Faults
from protocol.contract import Contract

NOISY = Faults(bit_errors=1e-3, drop=1e-3, insert=1e-3, duplicate=0.02, baud=57_600, seed=3)


def ours(faults: Faults, contract: Contract, commands: int = 60) -> Run:
    task = Task(faults, commands)
    return judge("ours", task, run_ours(task, contract, lambda done: None))


def test_every_command_is_executed_once_and_in_order_on_a_noisy_line(contract: Contract) -> None:
    result = ours(NOISY, contract)
    assert (result.delivered, result.duplicated, result.reordered) == (60, 0, 0)
    assert (result.failed, result.corrupted, result.unreported) == (0, 0, 0)


def test_a_line_that_breaks_for_good_is_told_of(contract: Contract) -> None:
    result = ours(Faults(bit_errors=0.0, baud=57_600, disconnect=0.02, seed=1), contract)
    assert result.failed > 0
    assert (result.duplicated, result.reordered, result.unreported) == (0, 0, 0)


def test_a_window_beats_stop_and_wait_on_the_same_frames(contract: Contract) -> None:
    task = Task(Faults(baud=57_600), 60)
    outcome = run_stop_and_wait(task, lambda: FrameWire(contract), lambda done: None)
    waiting = judge("stop_and_wait", task, outcome)
    assert waiting.delivered == 60
    assert ours(task.faults, contract).goodput > 1.4 * waiting.goodput


def test_the_same_seed_gives_the_same_run(contract: Contract) -> None:
    assert ours(NOISY, contract, 30) == ours(NOISY, contract, 30)


def test_stop_and_wait_takes_a_round_trip_of_line_time(contract: Contract) -> None:
    task = Task(Faults(baud=57_600), 5)
    outcome = run_stop_and_wait(task, lambda: FrameWire(contract), lambda done: None)
    line_s = (outcome.bytes_down + outcome.bytes_up) * 10 / 57_600
    assert outcome.elapsed_s == pytest.approx(line_s)


def test_stop_and_wait_executes_once_what_it_has_to_send_again(contract: Contract) -> None:
    task = Task(Faults(bit_errors=2e-3, baud=57_600, seed=2), 100)
    outcome = run_stop_and_wait(task, lambda: FrameWire(contract), lambda done: None)
    result = judge("stop_and_wait", task, outcome)
    assert outcome.bytes_down > 120 * 15
    assert (result.delivered, result.duplicated, result.reordered) == (100, 0, 0)


def test_json_lines_with_a_checksum_execute_nothing_that_was_not_given() -> None:
    task = Task(Faults(bit_errors=2e-3, baud=57_600, seed=2), 60)
    outcome = run_stop_and_wait(task, lambda: JsonWire(checksum=True), lambda done: None)
    assert judge("json", task, outcome).corrupted == 0


def test_the_judge_counts_what_went_wrong() -> None:
    task = Task(Faults(baud=57_600), 5)
    first, second, third, fourth, _ = task.messages()
    outcome = Outcome([first, third, second, third, b"strange", fourth], failed=1, elapsed_s=1.0)
    result = judge("any", task, outcome)
    assert (result.delivered, result.duplicated, result.reordered) == (4, 1, 1)
    assert (result.failed, result.corrupted, result.unreported) == (1, 1, 0)
    assert result.goodput == 4 * 5 * 10 / 57_600


def test_commands_offered_are_all_different() -> None:
    messages = Task(Faults(), 2000).messages()
    assert len(set(messages)) == 2000


def test_time_passes_for_the_car_in_steps_only(contract: Contract) -> None:
    with lock_step_car(contract) as car:
        assert car.step(1_000_000, b"") == b""
        assert car.executed == []


def test_the_verb_prints_every_scheme_at_every_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "link", "--commands", "10", "--bit-errors", "0", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["scheme"] for each in document["runs"]][:2] == ["ours", "stop_and_wait"]
    assert all(each["delivered"] == 10 for each in document["runs"])
