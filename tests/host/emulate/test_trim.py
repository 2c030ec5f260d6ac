"""What a small board's application leaves out, and that the rest is as it was written."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from host.emulate.application import build_files
from host.emulate.official import blocks_of, official_files
from host.emulate.sets import OFFICIAL_BOARDS
from host.emulate.trim import trimmed

_files = cache(official_files)


def test_what_nobody_reads_goes_and_what_reads_it_in_turn() -> None:
    source = "def used():\n    pass\n\n\ndef first():\n    second()\n\n\ndef second():\n    pass\n"
    main = "from patrol import a\n\na.used()\n"
    kept = trimmed({"patrol/a.py": source, "main.py": main})
    assert kept["patrol/a.py"].strip() == "def used():\n    pass"
    assert kept["main.py"] == main


def test_of_several_implementations_the_last_stays() -> None:
    source = (
        "from patrol import variants\n"
        "from patrol.variants import thumb\n\n\n"
        "def add_plain():\n    pass\n\n\n@viper\ndef add_viper():\n    pass\n\n\n"
        "VARIANTS = (add_plain, add_viper) + ((thumb.add,) if thumb else ())\n"
        "add = VARIANTS[-1]\nvariants.keep_last(globals())\nadd()\n"
    )
    (kept,) = trimmed({"a.py": source}).values()
    assert "def " not in kept
    assert "VARIANTS = (thumb.add,)\n" in kept
    assert "keep_last" not in kept
    assert "import variants" not in kept


def test_where_there_is_assembler_nothing_else_is_kept() -> None:
    source = (
        "from patrol.variants import thumb\n\n\nclass Coder:\n"
        "    def __init__(self, variant=-1):\n"
        "        self._slow = slowly\n"
        "        if thumb and variant == -1:\n            self.code = thumb.code\n"
        "        else:\n            self.code = self._code\n\n"
        "    def _code(self):\n        self._slow()\n\n\n"
        "def slowly():\n    pass\n\n\nCoder().code()\n"
    )
    (kept,) = trimmed({"a.py": source}).values()
    assert "_code" not in kept
    assert "slowly" not in kept
    assert "if True:\n            self.code = thumb.code\n" in kept


def test_what_stays_is_as_it_was_written() -> None:
    source = "def swap(a, b):\n    a, b = b, a  # no tuple\n    return a * b\n\n\nprint(swap(1, 2))\n"
    assert trimmed({"a.py": source}) == {"a.py": source}


def test_a_class_left_with_nothing_can_still_be_compiled() -> None:
    (kept,) = trimmed({"a.py": "class A:\n    def unused(self):\n        pass\n\n\nA()\n"}).values()
    ast.parse(kept)


def test_what_is_typed_at_the_console_stays() -> None:
    assert "unpair" in trimmed({"a.py": "def unpair():\n    pass\n"})["a.py"]


@pytest.mark.parametrize("name", OFFICIAL_BOARDS)
def test_a_boards_files_are_those_of_its_set_and_its_own_pins(name: str) -> None:
    files = _files(name)
    assert not [each for each in files if each.startswith(OFFICIAL_BOARDS[name].files.leaves_out)]
    assert {"main.py", "patrol/pins.mpy", "patrol/app.mpy"} <= files.keys()
    assert not [each for each in files if each.startswith("patrol/boards/")]


@pytest.mark.parametrize("name", OFFICIAL_BOARDS)
def test_a_board_has_room_for_its_files_and_a_boot_py(name: str) -> None:
    used = 512 * blocks_of(_files(name))
    print(f"{name}: {used} of {OFFICIAL_BOARDS[name].file_bytes} bytes")
    assert used + 1024 <= OFFICIAL_BOARDS[name].file_bytes


def test_a_small_board_takes_less_than_half_of_what_there_is() -> None:
    sizes = [sum(map(len, files.values())) for files in (_files("NUCLEO_F411RE"), build_files())]
    assert sizes[0] < 36 * 1024
    assert 2 * sizes[0] < sizes[1]
