"""Every sorting method sorts, in every variant, on MicroPython's unix port and on the emulated board."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.bench.board.inputs import ORDERS, ordered
from host.bench.board.program import write_native
from host.bench.board.run import measure
from host.emulate.unix import micropython
from tests.firmware_mpy.served import FIRMWARE

PROGRAM = Path(__file__).with_name("sorts_told.py")
METHODS = {
    "insertion", "binary insertion", "Shell", "bubble", "selection", "heap", "merge", "quick", "sorted",
    "list.sort",
}
MEDIANS = {3: 4, 5: 8}
quick = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
values_16 = st.integers(0, 65_535)
Ask = Callable[[dict[str, list[int]]], list[tuple[str, str, Any]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """MicroPython with all sorting methods, native ones included."""
    folder = tmp_path_factory.mktemp("sorts")
    for package in ("patrol", "bench"):
        shutil.copytree(FIRMWARE / package, folder / package)
    write_native(folder / "bench")
    process = subprocess.Popen(
        [micropython(), str(PROGRAM)], env={**os.environ, "MICROPYPATH": str(folder)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    assert stdout.readline() == "serving\n", stdout.read()

    def asked(request: dict[str, list[int]]) -> list[tuple[str, str, Any]]:
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line.startswith("["), line + stdout.read()
        return [(name, variant, result) for name, variant, result in json.loads(line)]

    with process:
        yield asked
        process.kill()


def wrong(ask: Ask, values: list[int]) -> list[tuple[str, str, Any]]:
    return [told for told in ask({"values": values}) if told[2] != sorted(values)]


@quick
@given(values=st.one_of(st.lists(values_16, max_size=70), st.lists(st.integers(0, 3), max_size=70)))
def test_every_method_sorts_whatever_it_is_given(ask: Ask, values: list[int]) -> None:
    assert wrong(ask, values) == []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 12, 13, 255, 256, 600])
def test_every_method_sorts_every_order(ask: Ask, order: str, size: int) -> None:
    assert wrong(ask, ordered(order, size, Random(size))) == []


def test_what_needs_five_numbers_sorts_all_that_five_can_be(ask: Ask) -> None:
    """All orders; and all zeros and ones, by which a network is proved (Knuth, volume 3, 5.3.4)."""
    for values in [*permutations([0, 3, 500, 501, 65_535]), *product([0, 1], repeat=5)]:
        assert wrong(ask, list(values)) == []


@pytest.mark.parametrize("size", [3, 5])
def test_every_way_to_the_median_finds_it(ask: Ask, size: int) -> None:
    for values in [*permutations([0, 3, 500, 501, 65_535], size), *product([0, 1, 2], repeat=size)]:
        found = ask({"median": list(values)})
        assert len(found) == MEDIANS[size]
        assert [told for told in found if told[2] != sorted(values)[size // 2]] == []


def test_every_method_is_there_in_every_variant(ask: Ask) -> None:
    told = {(name, variant) for name, variant, _ in ask({"values": [2, 1, 3]})}
    assert {name for name, _ in told} == METHODS
    for name in METHODS - {"sorted", "list.sort"}:
        assert {variant for each, variant in told if each == name} == {"plain", "native", "viper"}


@pytest.mark.emulator
def test_every_viper_and_built_in_method_sorts_on_the_board() -> None:
    """The board holds each result against its own sort and tells of no cost otherwise."""
    found = measure(["sorting"], lambda *_: None, only=lambda _, variant: variant in ("viper", "built-in"))
    assert found.broken == ()
    assert {cost.method for cost in found.costs} >= METHODS
