"""The firmware on both platforms: every test that asks for `served` runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from protocol.coding import Contexts, Group, Stream
from protocol.context import CLASSES
from protocol.contract import BASE_FILE, Contract, load_contract
from protocol.huffman import limited_code_lengths
from protocol.limits import MAX_CHANNELS
from protocol.network import BIAS_LIMIT, MAX_INPUTS, MAX_UNITS, WEIGHT_LIMIT, Input, Network, Unit
from protocol.predict import Predictor, Tap
from protocol.schema import FORMATS, Channel, Schema
from tests.firmware_mpy.control_brains import Brain, PipedBrain, checked_brain, piped_brain
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
    codebooks: list[bytes] = []
    return replace(
        contract,
        schema=Schema("wide", channels),
        streams=tuple(wide_stream(number, codebooks) for number in range(MAX_CHANNELS + 1)),
        groups=tuple(
            Group(streams, wide_contexts(len(streams), 1 << len(streams), codebooks))
            for streams in (tuple(range(40, 48)), (0,), (9, 3, 64), tuple(range(20, 27)), (12, 11))
        ),
        codebooks=tuple(codebooks),
    )


def wide_stream(number: int, codebooks: list[bytes]) -> Stream:
    """Every kind of predictor, number of codebooks and size of one comes up."""
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
        Predictor(network=wide_network(number, sources)),
        Predictor(tuple(map(Tap, sources, weights)), network=wide_network(number, sources[::-1] * 3)),
    ]
    return Stream(
        base=(-1) ** number * number * 33_000_000,
        key_bits=number % 33,
        predictor=predictors[number % len(predictors)],
        contexts=wide_contexts(number, 2 + 17 * number % 128, codebooks),
    )


def wide_network(number: int, sources: list[int]) -> Network:
    """Any shift, up to as many inputs and units as there may be, and weights as large as they may be."""
    inputs = tuple(Input(source, (number + at) % 24) for at, source in enumerate(sources[:MAX_INPUTS]))
    units = tuple(
        Unit(
            tuple((at * 7919 + unit * 104_729 + number) % 65_535 - WEIGHT_LIMIT for at in range(len(inputs))),
            (-1) ** unit * BIAS_LIMIT // (1 + unit),
            (unit * 26_177 + number) % 65_535 - WEIGHT_LIMIT,
        )
        for unit in range(1 + number % MAX_UNITS)
    )
    return Network(inputs, units, hidden_shift=number % 20, output_shift=(number * 3) % 16)


def wide_contexts(number: int, symbols: int, codebooks: list[bytes]) -> Contexts:
    """Contexts of a few new codebooks, skewed each in another way, in turn from class to class."""
    first, count = len(codebooks), 1 + number % 4
    skews = [(book + 3) ** 3 for book in range(count)]
    codebooks += [
        limited_code_lengths([1 + (at + number) * skew % 97 for at in range(symbols)]) for skew in skews
    ]
    return Contexts(10 * number, tuple(first + each % count for each in range(CLASSES)))


@pytest.fixture(scope="session", params=PLATFORMS)
def firmware(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedFirmware]:
    """All implementations of everything leave the board's heap room for a small contract only."""
    with request.param(load_contract(BASE_FILE), tmp_path_factory.mktemp("firmware")) as served:
        yield served


@pytest.fixture(scope="session", params=PLATFORMS)
def wide_firmware(
    request: pytest.FixtureRequest, wide_contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedFirmware]:
    """The firmware under a contract that has every format, and a row that nearly fills a frame."""
    with request.param(wide_contract, tmp_path_factory.mktemp("wide")) as served:
        yield served


@pytest.fixture(scope="session")
def piped(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipedBrain]:
    """The car's control on MicroPython."""
    with piped_brain(contract, tmp_path_factory.mktemp("control")) as brain:
        yield brain


@pytest.fixture(scope="session")
def checked() -> Brain:
    """The car's control in this Python; it fails where a small integer of the board would overflow."""
    return checked_brain()


@pytest.fixture(params=["piped", "checked"])
def brain(request: pytest.FixtureRequest) -> Brain:
    """Both, one after the other."""
    found: Brain = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def car(firmware: ServedFirmware) -> Iterator[ServedFirmware]:
    """A car that nobody has talked to yet."""
    firmware.ask("restart")
    firmware.key = None
    firmware.greet()
    yield firmware
    firmware.ask("restart")  # what it has loaded for a command would leave too little for long requests
