"""The measurements: each method in a boot of its own, so that none finds what another left behind."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.bench.board.program import build_program, with_request
from host.emulate import BootError, Emulator, EmulatorError

Told = Callable[[str, int, int], None]

SECTIONS = ("sorting", "decoders", "checksums", "control")
ANSWER_S = 120.0
"""A method that says nothing for so long is broken: the slowest case takes a second."""
_READY = b"measured\r\n"
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
    *_, end = _answers(program, {"section": section}, answer_s)[0]
    if "names" not in end:
        raise EmulatorError(f"the board cannot load bench/{section}.py: {end['wrong']}")
    return [(section, method, variant) for method, variant in end["names"]]


def _measured(
    program: Path, section: str, method: str, variant: str, answer_s: float
) -> list[Cost] | Broken:
    """A method's costs in all cases; the first one that goes wrong makes it broken."""
    request = {"section": section, "name": method, "variant": variant}
    found: dict[tuple[str, int], Cost] = {}
    for collecting in (False, True):
        try:
            cases, board = _answers(program, request | ({"collect": "yes"} if collecting else {}), answer_s)
        except BootError as error:
            why = f"no answer within {answer_s:g} s" if "not up within" in str(error) else str(error)
            return Broken(section, method, variant, why)
        wrong = next((case for case in cases if case.get("wrong")), {})
        if wrong and not wrong.get("memory"):
            where = f"{wrong['case']}, size {wrong['size']}: " if "case" in wrong else ""
            return Broken(section, method, variant, where + wrong["wrong"])
        for case in cases[:-1]:
            ticks = tuple(board.instructions(each) for each in case["ticks"])
            cost = Cost(section, method, variant, case["case"], case["size"], ticks, case["heap"])
            found.setdefault((cost.case, cost.size), cost)
        if not wrong:
            return list(found.values())
    return Broken(section, method, variant, "out of memory")


def _answers(
    program: Path, request: dict[str, str], answer_s: float
) -> tuple[list[dict[str, Any]], Emulator]:
    """What a board that was just switched on says to a request, the end last. Raises EmulatorError."""
    asking = with_request(program, request, program.with_name("asking.hex"))
    with Emulator(asking, ready_when=_READY, boot_timeout_s=answer_s) as board:
        lines = board.boot_output.splitlines()
    cases = [json.loads(line) for line in lines if line.startswith("{")]
    if not cases or "end" not in cases[-1]:
        raise EmulatorError(f"the board did not answer {request}; mend firmware_mpy/bench/serve.py")
    return cases, board
