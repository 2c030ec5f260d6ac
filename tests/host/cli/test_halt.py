"""`host halt`, with the fake board at the other end of the port."""

from __future__ import annotations

import json

import pytest

from host.cli import halt as verb
from host.cli.main import run
from host.link import Link
from tests.host.fake_board import FakeBoard, FakeClock


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch, board: FakeBoard, clock: FakeClock) -> None:
    monkeypatch.setattr(verb, "open_port", lambda url, baud: board)
    monkeypatch.setattr(verb, "Link", lambda port, contract, key_of: Link(port, contract, clock=clock))
    monkeypatch.setenv("PATROL_PORT", "fake://board")


def test_halt_is_confirmed_by_the_car(capsys: pytest.CaptureFixture[str], board: FakeBoard) -> None:
    assert run(["halt"]) == 0
    assert "the car stands" in capsys.readouterr().out
    assert board.halts >= 1


def test_halt_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["halt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"halted": True}


def test_a_car_that_does_not_confirm_is_an_error_that_says_what_to_do(
    capsys: pytest.CaptureFixture[str], board: FakeBoard
) -> None:
    board.ignores_all = True
    board.ignores_hello = 10**9
    assert run(["halt"]) == 1
    assert "cut the motors' power" in capsys.readouterr().err
