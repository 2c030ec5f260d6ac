"""The measurements: each method in a boot of its own, so that none finds what another left behind."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from host.bench.board.program import build_program
from host.emulate import BootError, Emulator, EmulatorError

Told = Callable[[str, int, int], None]

SECTIONS = ("sorting", "decoders", "checksums")
ANSWER_S = 120.0
"""A method that says nothing for so long is broken: the slowest case takes a second."""
_READY = b"serving\r\n"
_NO_FILES: Mapping[str, Path] = {}


@dataclass(frozen=True)
class Cost:
    """What one method costs on one kind of input: instructions for each input, and the most heap of any."""

    section: str
    method: str
    variant: str
    case: str
    """Order of the numbers, or name of the content."""
    size: int
    """Numbers, or bytes of what is decoded or summed."""
    instructions: tuple[int, ...]
    heap_bytes: int | None
    """None: more than was free, so that instructions have the collector's in them."""

    @property
    def mean(self) -> float:
        """Instructions an input."""
        return sum(self.instructions) / len(self.instructions)

    @property
    def name(self) -> str:
        """Method and variant."""
        return self.method if self.variant == "built-in" else f"{self.method}, {self.variant}"


@dataclass(frozen=True)
class Broken:
    """A method that gave a wrong result, or none: it is reported and not timed."""

    section: str
    method: str
    variant: str
    why: str


@dataclass(frozen=True)
class Findings:
    """All that a run found."""

    costs: tuple[Cost, ...]
    broken: tuple[Broken, ...]


def measure(
    sections: Sequence[str], told: Told, *, extra_files: Mapping[str, Path] = _NO_FILES,
    only: Callable[[str, str], bool] = lambda method, variant: True, answer_s: float = ANSWER_S,
) -> Findings:
    """Measure every method of these sections that `only` (method, variant) lets through.

    `extra_files` replace modules of the program. Raises EmulatorError where nothing can be measured at all.
    """
    costs: list[Cost] = []
    broken: list[Broken] = []
    with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
        program = build_program(Path(scratch), extra_files)
        jobs = [job for section in sections for job in _jobs(program, section, answer_s) if only(*job[1:])]
        for done, (section, method, variant) in enumerate(jobs):
            told(f"{method}, {variant}", done, len(jobs))
            result = _measured(program, section, method, variant, answer_s)
            if isinstance(result, Broken):
                broken.append(result)
            else:
                costs += result
        told("done", len(jobs), len(jobs))
    return Findings(tuple(costs), tuple(broken))


def _jobs(program: Path, section: str, answer_s: float) -> list[tuple[str, str, str]]:
    with _board(program, answer_s) as (ask, _):
        (end,) = ask({"section": section})
    if "names" not in end:
        raise EmulatorError(f"the board cannot load bench/{section}.py: {end['wrong']}")
    return [(section, method, variant) for method, variant in end["names"]]


def _measured(
    program: Path, section: str, method: str, variant: str, answer_s: float
) -> list[Cost] | Broken:
    """A method's costs in all cases; the first one that goes wrong makes it broken."""
    request = {"section": section, "name": method, "variant": variant}
    found: dict[tuple[str, int], Cost] = {}
    for more in ({}, {"collect": "yes"}):
        try:
            with _board(program, answer_s) as (ask, board):
                for case in ask(request | more):
                    if case.get("memory") and not more:
                        break  # once more, with the collector on
                    if case.get("wrong"):
                        where = f"{case['case']}, size {case['size']}: " if "case" in case else ""
                        return Broken(section, method, variant, where + case["wrong"])
                    if "end" in case:
                        return list(found.values())
                    ticks = tuple(board.instructions(each) for each in case["ticks"])
                    cost = Cost(section, method, variant, case["case"], case["size"], ticks, case["heap"])
                    found.setdefault((cost.case, cost.size), cost)
        except TimeoutError:
            return Broken(section, method, variant, f"no answer within {answer_s:g} s")
        except (BootError, ConnectionError, ValueError) as error:
            return Broken(section, method, variant, str(error))
    return Broken(section, method, variant, "out of memory")


Ask = Callable[[dict[str, str]], Iterator[dict[str, Any]]]


@contextmanager
def _board(program: Path, answer_s: float) -> Iterator[tuple[Ask, Emulator]]:
    """A board that was just switched on, and a function that gives what it answers to a request."""
    with Emulator(program, ready_when=_READY) as board:
        address = urlsplit(board.repl_url)
        with (
            socket.create_connection((address.hostname, address.port), answer_s) as console,
            console.makefile("rwb") as stream,
        ):

            def ask(request: dict[str, str]) -> Iterator[dict[str, Any]]:
                stream.write(json.dumps(request).encode() + b"\n")
                stream.flush()
                while True:
                    line = stream.readline()
                    if not line.startswith(b"{"):
                        raise ConnectionError(f"its program ended: {line.decode('utf-8', 'replace').strip()}")
                    case: dict[str, Any] = json.loads(line)
                    yield case
                    if "end" in case:
                        return

            yield ask, board
