"""The firmware on both platforms: every test that asks for `served` runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from protocol.contract import Contract
from protocol.limits import MAX_CHANNELS
from protocol.schema import FORMATS, Channel, Schema
from tests.firmware_mpy.served import ServedFirmware, on_board, on_unix

PLATFORMS = [
    pytest.param(on_unix, id="unix"),
    pytest.param(on_board, id="board", marks=pytest.mark.emulator),
]


@pytest.fixture(scope="session")
def wide_contract(contract: Contract) -> Contract:
    """As many channels as there may be, in every format."""
    formats = list(FORMATS)
    channels = tuple(Channel(f"c{at}", format=formats[at % len(formats)]) for at in range(MAX_CHANNELS))
    streams = MAX_CHANNELS + 1
    return replace(
        contract,
        schema=Schema("wide", channels),
        bases=tuple((-1) ** at * at * 33_000_000 for at in range(streams)),
        telemetry_lengths=(contract.telemetry_lengths * streams)[:streams],
    )


@pytest.fixture(scope="session", params=PLATFORMS)
def firmware(
    request: pytest.FixtureRequest, contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedFirmware]:
    with request.param(contract, tmp_path_factory.mktemp("firmware")) as served:
        yield served


@pytest.fixture(scope="session", params=PLATFORMS)
def wide_firmware(
    request: pytest.FixtureRequest, wide_contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedFirmware]:
    """The firmware under a contract that has every format, and a row that nearly fills a frame."""
    with request.param(wide_contract, tmp_path_factory.mktemp("wide")) as served:
        yield served


@pytest.fixture
def car(firmware: ServedFirmware) -> ServedFirmware:
    """A car that nobody has talked to yet."""
    firmware.ask("restart")
    return firmware
