"""Either end begins anew in mid window: nothing twice, nothing stale, and whoever waits is told."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from host.link import ContractMismatchError, Link, LinkError, Pending, SessionLostError
from tests.firmware_mpy.served import ServedFirmware
from tests.firmware_mpy.wired import WiredPort, link_over, tokens_executed
from tests.fuzz import chosen, record

INSTANTS = 50
QUICK = 6
"""On the emulated board, whose console takes most of the time; `make fuzz` does all 50 there, too."""


@pytest.fixture
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.id)


@pytest.fixture
def instants(platform: str) -> int:
    return INSTANTS if platform == "unix" else chosen(INSTANTS, QUICK)


@pytest.fixture
def wired(car: ServedFirmware) -> WiredPort:
    car.ask("log_commands")
    car.ask("executed")
    return WiredPort(car, Random(1))


def submitted(link: Link, tokens: range) -> dict[int, Pending]:
    """As many of the commands as are taken; a session that is lost takes no more."""
    pending = {}
    for token in tokens:
        try:
            pending[token] = link.submit("ping", {"token": token})
        except LinkError:
            break
    return pending


def outcomes(link: Link, pending: dict[int, Pending]) -> tuple[list[int], list[str]]:
    """(tokens that were confirmed, what was said of the others)."""
    confirmed, errors = [], []
    for token, each in pending.items():
        try:
            assert link.wait(each).values["token"] == token
            confirmed.append(token)
        except LinkError as error:
            errors.append(str(error))
    return confirmed, errors


def check(executed: list[int], confirmed: list[int], submitted: dict[int, Pending]) -> None:
    assert executed == sorted(set(executed)), "once each, and in order"
    assert set(confirmed) <= set(executed) <= set(submitted)


def test_a_board_reset_at_50_instants_executes_nothing_twice_and_work_goes_on(
    wired: WiredPort, instants: int, platform: str
) -> None:
    random = Random(50)
    told = 0
    for instant in range(instants):
        link = link_over(wired, random)
        assert link.send("ping", {"token": 0}).values["token"] == 0
        tokens_executed(wired.car)
        wired.reset_after(random.randint(1, 250))
        pending = submitted(link, range(1, 15))
        confirmed, errors = outcomes(link, pending)
        check(tokens_executed(wired.car), confirmed, pending)
        for error in errors:
            assert error.startswith("the board restarted; "), error
            assert "may or may not have been executed: ping" in error
        told += bool(errors)
        wired._reset_at = None
        try:
            again = link.send("ping", {"token": 999})
        except SessionLostError:  # it was reset between two commands, and says so once
            again = link.send("ping", {"token": 999})
        assert again.values["token"] == 999
        assert tokens_executed(wired.car) == [999], f"instant {instant}"
    assert told > instants // 3
    record(f"board reset, {platform}", {"instants": instants, "told": told, "executed_twice": 0})


def test_a_host_killed_at_50_instants_leaves_nothing_that_is_executed_later(
    wired: WiredPort, instants: int, platform: str
) -> None:
    random = Random(51)
    for instant in range(instants):
        first = link_over(wired, random)
        first.send("ping", {"token": 0})
        tokens_executed(wired.car)
        pending = submitted(first, range(1, 8))
        confirmed = []
        for _ in range(random.randint(0, 25)):  # then it is killed
            with first._turn():
                first._pump()
        confirmed = [token for token, each in pending.items() if each.reply is not None]
        wired.unplug()
        second = link_over(wired, random)
        assert second.send("ping", {"token": 500}).values["token"] == 500
        for token in range(501, 506):
            second.send("ping", {"token": token})
        executed = tokens_executed(wired.car)
        assert executed == sorted(set(executed)), f"instant {instant}"
        assert set(confirmed) <= set(executed)
        assert executed[-6:] == list(range(500, 506))
        assert all(token < 8 for token in executed[:-6])
    record(f"host killed, {platform}", {"instants": instants, "executed_late": 0})


def test_another_contract_executes_nothing_and_stops_with_a_clear_line(wired: WiredPort) -> None:
    contract = wired.car.contract
    other = replace(contract, schema=replace(contract.schema, name="truck"))
    link = Link(wired, other, clock=wired)
    with pytest.raises(ContractMismatchError, match="the board speaks contract base"):
        link.send("ping")
    assert tokens_executed(wired.car) == []


def test_a_session_begun_under_another_contract_executes_nothing(wired: WiredPort) -> None:
    link = link_over(wired, Random(3))
    link.send("ping", {"token": 1})
    tokens_executed(wired.car)
    link._talk.contract = replace(
        wired.car.contract, schema=replace(wired.car.contract.schema, name="truck")
    )
    link.patience_s = 0.5
    with pytest.raises(LinkError, match="no reply to ping"):
        link.send("ping", {"token": 2})
    assert tokens_executed(wired.car) == []
