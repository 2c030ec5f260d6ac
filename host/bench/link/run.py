"""Every scheme on every line, in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from host.bench.link.ours import run_ours
from host.bench.link.peers import FrameWire, JsonWire, run_stop_and_wait
from host.bench.link.task import BAUD, BIT_ERROR_RATES, COMMANDS, Outcome, Run, Task, judge
from host.faults import Faults
from protocol.contract import Contract

SCHEMES: dict[str, Callable[[Task, Contract, Callable[[int], None]], Outcome]] = {
    "ours": run_ours,
    "stop_and_wait": lambda task, contract, told: run_stop_and_wait(
        task, lambda: FrameWire(contract), told
    ),
    "json_lines_retry": lambda task, contract, told: run_stop_and_wait(
        task, lambda: JsonWire(checksum=False), told
    ),
    "json_lines_crc_retry": lambda task, contract, told: run_stop_and_wait(
        task, lambda: JsonWire(checksum=True), told
    ),
}
"""By name in the report."""


def run_all(
    contract: Contract,
    told: Callable[[str, int, int], None],
    *,
    baud: int = BAUD,
    rates: Sequence[float] = BIT_ERROR_RATES,
    commands: int = COMMANDS,
    seed: int = 1,
) -> list[Run]:
    """Bring so many commands over a line of each bit error rate by each scheme. Raises EmulatorError."""
    runs: list[Run] = []
    total = len(SCHEMES) * len(rates) * commands
    for rate in rates:
        task = Task(Faults(bit_errors=rate, baud=baud, seed=seed), commands)
        for name, run in SCHEMES.items():
            before = len(runs) * commands
            outcome = run(task, contract, _counted(told, f"{name} at {rate:g}", before, total))
            runs.append(judge(name, task, outcome))
    told("done", total, total)
    return runs


def _counted(
    told: Callable[[str, int, int], None], what: str, before: int, total: int
) -> Callable[[int], None]:
    return lambda done: told(what, before + done, total)
