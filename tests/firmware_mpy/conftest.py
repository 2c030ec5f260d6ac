"""The firmware on both platforms: every test that asks for `served` runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from protocol.coding import Contexts, Group, Stream
from protocol.context import MAX_CONTEXTS
from protocol.contract import Contract
from protocol.huffman import limited_code_lengths
from protocol.limits import MAX_CHANNELS
from protocol.predict import Predictor, Tap
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
    return replace(
        contract,
        schema=Schema("wide", channels),
        streams=tuple(map(wide_stream, range(MAX_CHANNELS + 1))),
        groups=tuple(
            Group(streams, wide_contexts(len(streams), 1 << len(streams), low=2))
            for streams in (tuple(range(40, 48)), (0,), (9, 3, 64), tuple(range(20, 27)), (12, 11))
        ),
    )


def wide_stream(number: int) -> Stream:
    """Every predictor, number of contexts and size of a codebook comes up."""
    streams = MAX_CHANNELS + 1
    before = [number - 1] if number else []
    around = [(number * 7) % streams, (number * 11 + 5) % streams, number]
    sources = [
        *before,
        *(streams + stream for stream in around),
        *(2 * streams + stream for stream in around),
    ]
    weights = [256, -128, 32_767, -32_768, 77, -1, 13]
    predictors = [
        Predictor(),
        Predictor(median=True),
        Predictor((Tap(streams + number, 256),)),
        Predictor((Tap(2 * streams + number, -256),)),
        Predictor(tuple(map(Tap, sources, weights))),
    ]
    return Stream(
        base=(-1) ** number * number * 33_000_000,
        key_bits=number % 33,
        predictor=predictors[number % len(predictors)],
        contexts=wide_contexts(number, 2 + 17 * number % 128, low=30),
    )


def wide_contexts(number: int, symbols: int, low: int) -> Contexts:
    """Contexts of skewed codebooks, each another one."""
    count = 1 + number % MAX_CONTEXTS
    skews = [(context + 3) ** 3 for context in range(count)]
    return Contexts(
        thresholds=tuple(low * 40**context for context in range(count - 1)),
        initial=10 * number,
        lengths=tuple(
            limited_code_lengths([1 + (at + number) * skew % 97 for at in range(symbols)]) for skew in skews
        ),
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
