"""`host bench board`: counts that repeat, broken methods that are named, tables made from the results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.bench.board import page
from host.bench.board.inputs import INPUTS_BY_SIZE, ORDERS, coded, contents, sorting_inputs
from host.bench.board.program import native_source
from host.bench.board.report import from_json, to_json, write
from host.bench.board.run import Cost, Findings, measure
from host.bench.board.tables import tables, winner
from host.cli.main import run
from protocol.blocks import decode_block
from tests.firmware_mpy.served import FIRMWARE

SORTS = FIRMWARE / "bench" / "plain_sorts.py"
RESULTS = from_json(json.loads(page.RESULTS.read_text(encoding="utf-8")))


def silent(what: str, done: int, of: int) -> None:
    pass


def plain_insertion(method: str, variant: str) -> bool:
    return (method, variant) == ("insertion", "plain")


def with_insertion(body: str, folder: Path) -> dict[str, Path]:
    """The plain sorts, with another insertion sort among them."""
    changed = folder / "plain_sorts.py"
    changed.write_text(f"{SORTS.read_text()}\n\ndef insertion(values, size):\n    {body}\n")
    return {"bench/plain_sorts.py": changed}


@pytest.mark.emulator
def test_counts_repeat_exactly_from_one_boot_to_the_next() -> None:
    sections = ["sorting", "decoders", "checksums"]

    def few(method: str, variant: str) -> bool:
        return variant in ("viper", "built-in") and method in (
            "network of 5", "quick", "sorted", "merge", "median of 5: network of 7", "messages, fixed code",
            "deflate", "CRC-32 of a block", "a frame found and checked",
        )

    once = measure(sections, silent, only=few)
    assert once == measure(sections, silent, only=few)
    assert once.broken == ()
    assert len(once.costs) == 5 + 3 * 35 + 1 + 1 + 3 + 3 + 2


@pytest.mark.emulator
def test_the_control_step_is_measured_in_every_mode_and_leaves_the_heap_alone() -> None:
    found = measure(["control"], silent)
    assert found.broken == ()
    assert {cost.case for cost in found.costs} == {"idle", "manual", "line", "patrol"}
    assert {cost.heap_bytes for cost in found.costs} == {0}
    recorded = {(cost.method, cost.case): cost.mean for cost in RESULTS.costs if cost.section == "control"}
    for cost in found.costs:
        assert cost.mean == pytest.approx(recorded[cost.method, cost.case], rel=0.1)


@pytest.mark.emulator
def test_the_recorded_figures_are_still_right() -> None:
    """Roughly: a call from Python finds its names in MicroPython's look-up cache or does not. That
    depends on where things are in the image, and is up to a quarter of what a short sort costs."""

    def quickest(method: str, variant: str) -> bool:
        return variant == "viper" and method in ("insertion", "quick", "network of 5", "median: network of 7")

    recorded = {(cost.name, cost.case, cost.size): cost.mean for cost in RESULTS.costs}
    for cost in measure(["sorting"], silent, only=quickest).costs:
        assert cost.mean == pytest.approx(recorded[cost.name, cost.case, cost.size], rel=0.3)


@pytest.mark.emulator
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("values[0] = 1", "not sorted"),
        ("raise ValueError('no')", "ValueError: no"),
        ("values[:] = array('H', 60_000 * [1])", "out of memory"),
        ("while True: pass", "no answer within 3 s"),
    ],
)
def test_a_broken_method_is_named_and_has_no_count(body: str, why: str, tmp_path: Path) -> None:
    files = with_insertion(body, tmp_path)
    found = measure(["sorting"], silent, extra_files=files, only=plain_insertion, answer_s=3)
    assert found.costs == ()
    (broken,) = found.broken
    assert (broken.method, broken.variant) == ("insertion", "plain")
    assert why in broken.why


@pytest.mark.emulator
def test_the_verb_prints_json_and_writes_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "board", "--only", "checksums", "--json", "--out", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((tmp_path / "board.json").read_text())
    costs = {(each["method"], each["variant"], each["case"]): each["mean"] for each in document["costs"]}
    block = "CRC-32 of a block"
    assert costs[block, "thumb", "text"] < costs[block, "viper", "text"] < costs[block, "native", "text"]


def test_a_section_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "board", "--only", "sorting,knitting"]) == 2
    assert "sorting, decoders, checksums" in capsys.readouterr().err


def test_a_broken_method_makes_the_verb_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    from host.bench.board import run as module

    broken = Findings((), (module.Broken("sorting", "bogo", "plain", "not sorted"),))
    monkeypatch.setattr(module, "measure", lambda *_: broken)
    assert run(["bench", "board"]) == 1


def test_results_come_back_from_their_json(tmp_path: Path) -> None:
    assert from_json(to_json(RESULTS)) == RESULTS
    write(RESULTS, tmp_path)
    assert (tmp_path / "board.json").read_text() == page.RESULTS.read_text()
    assert (tmp_path / "board.png").stat().st_size > 10_000


def test_the_page_has_the_tables_of_the_results() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.filled(text, page.RESULTS.read_text(encoding="utf-8")) == text
    assert all(table.markdown() in text for table in tables(RESULTS).values())


def test_what_the_page_recommends_has_won() -> None:
    by_size = {size: winner(RESULTS.costs, size, ORDERS) for size in INPUTS_BY_SIZE}
    names = {size: cost.name for size, cost in by_size.items() if cost is not None}
    assert names[3] == names[9] == "insertion, viper"
    assert names[5] == "network of 5, viper"
    assert {names[32], names[64], names[256]} == {"quick, viper"}
    medians = {"median of 3": "comparisons, viper", "median of 5": "network of 7, viper"}
    for median, way in medians.items():
        costs = [cost for cost in RESULTS.costs if cost.method.startswith(median)]
        assert min(costs, key=lambda cost: max(cost.instructions)).name == f"{median}: {way}"
    assert RESULTS.broken == ()


def test_the_winner_is_the_one_whose_worst_order_costs_least() -> None:
    def cost(method: str, case: str, instructions: int) -> Cost:
        return Cost("sorting", method, "viper", case, 9, (instructions,), 0)

    costs = [cost("a", "random", 10), cost("a", "sorted", 99)]
    costs += [cost("b", "random", 50), cost("b", "sorted", 60)]
    best = winner(costs, 9, ["random", "sorted"])
    assert best is not None
    assert best.method == "b"
    assert winner(costs, 10, ["random"]) is None


def test_inputs_are_the_same_each_time_and_have_every_size_and_order() -> None:
    stored = sorting_inputs()
    assert stored == sorting_inputs()
    numbers = sum(size * count for size, count in INPUTS_BY_SIZE.items())
    assert len(stored) == len(ORDERS) * (4 * len(INPUTS_BY_SIZE) + 2 * numbers)


def test_contents_decode_to_themselves() -> None:
    for name, content in contents().items():
        assert len(content) == 4096
        assert decode_block(coded(name, content)["block"], limit=4096)[0] == content


def test_native_code_is_the_plain_source_with_a_decorator() -> None:
    source = "from micropython import const\n_A = const(3)\n_B = const(4)\n"
    source += "\ndef f_plain(x):\n    return x + _A\n"
    native = native_source(source + "\n@other\ndef g(x):\n    return x\n", lambda name: name != "h")
    assert "@micropython.native\ndef f_plain(x):" in native
    assert "_A = const(3)" in native
    assert "_B" not in native
    assert "def g" not in native


def test_the_bench_is_no_part_of_the_cars_application(application: Path) -> None:
    from intelhex import IntelHex

    assert b"viper_sorts" not in IntelHex(str(application)).tobinstr()
