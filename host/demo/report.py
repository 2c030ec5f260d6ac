"""What a demo found, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class BoardReport:
    """What ran, as the board itself says. `contract` is the hash that both ends compared."""

    machine: str
    micropython: str
    application: str
    emulator: str
    contract: str


@dataclass(frozen=True)
class TelemetryReport:
    """Rows up. `bytes_on_wire` is everything: delimiters, headers, checksums."""

    source: str
    frames_sent: int
    frames_received: int
    frames_lost: int
    frames_bad: int
    rows: int
    rows_per_frame: int
    rows_trained_on: int
    channels: int
    values_checked: int
    mismatched: int
    bytes_raw: int
    bytes_on_wire: int
    bytes_expected: int
    """What the host's reference encoder makes of the same rows."""


@dataclass(frozen=True)
class CommandReport:
    """Commands down, and what the board's own counter says of them."""

    sent: int
    acknowledged: int
    executed: int
    repeated: int


@dataclass(frozen=True)
class CoderReport:
    """What the board's decoder and encoder cost, in instructions that repeat exactly."""

    variant: str
    instructions_per_byte: float
    block_bytes: int
    instructions_per_wire_byte: float
    """A short command frame as a whole: found, unstuffed, checked, decompressed."""
    heap_bytes_per_frame: float
    encoder_instructions_per_row: float
    """From a row's values to its frame handed on, Python's calls included; frames of four rows."""
    encoder_instructions_per_channel: float
    encoder_heap_bytes_per_row: float


@dataclass(frozen=True)
class DemoReport:
    """Everything a demo found."""

    board: BoardReport
    telemetry: TelemetryReport
    commands: CommandReport
    decoder: CoderReport
    wall_seconds: float

    def problems(self) -> list[str]:
        """What is not as it must be; empty after a good run."""
        telemetry, commands = self.telemetry, self.commands
        checks = {
            f"{telemetry.mismatched} values differ from the log": telemetry.mismatched == 0,
            "not every frame sent was received": telemetry.frames_sent == telemetry.frames_received,
            "no value was checked": telemetry.values_checked > 0,
            "not every row came back": telemetry.values_checked
            == telemetry.rows * (telemetry.channels + 1),
            "the board's bytes are not the reference encoder's": telemetry.bytes_on_wire
            == telemetry.bytes_expected,
            "not every command sent was executed": commands.sent == commands.executed,
            "receiving a frame takes heap": self.decoder.heap_bytes_per_frame == 0,
            "encoding a row takes heap": self.decoder.encoder_heap_bytes_per_row == 0,
        }
        return [problem for problem, good in checks.items() if not good]

    def to_json(self) -> dict[str, Any]:
        """Nested dictionaries, with `ok` on top."""
        return {"ok": not self.problems(), "problems": self.problems(), **asdict(self)}


def show(report: DemoReport, console: Console) -> None:
    """The report as a newcomer reads it; its last line says how it went."""
    board, telemetry, decoder = report.board, report.telemetry, report.decoder
    share = telemetry.bytes_on_wire / telemetry.bytes_raw
    rows = {
        "board": f"{board.machine}, in {board.emulator}",
        "runs": f"MicroPython {board.micropython}, {board.application}; contract {board.contract}",
        "telemetry from": f"{telemetry.source}: {telemetry.channels} channels and the clock",
        "frames": f"{telemetry.frames_received:,} of {telemetry.frames_sent:,} received, "
        f"{telemetry.rows / telemetry.frames_received:.3g} rows each",
        "values checked": f"{telemetry.values_checked:,} against the log, {telemetry.mismatched} wrong",
        "bytes raw": f"{telemetry.bytes_raw:,} as packed structs, "
        f"{telemetry.bytes_raw / telemetry.rows:.1f} a row",
        "bytes on the wire": f"{telemetry.bytes_on_wire:,} with all framing, "
        f"{telemetry.bytes_on_wire / telemetry.rows:.1f} a row: {share:.2f} of the raw bytes",
        "commands": f"{report.commands.sent} sent, {report.commands.acknowledged} acknowledged, "
        f"{report.commands.executed} executed",
        "decoder": f"{decoder.variant}: {decoder.instructions_per_byte:.1f} instructions a byte, "
        f"{decoder.heap_bytes_per_frame:g} bytes of heap a frame",
        "encoder": f"{decoder.encoder_instructions_per_row:,.0f} instructions a row, "
        f"{decoder.encoder_instructions_per_channel:.0f} a channel, "
        f"{decoder.encoder_heap_bytes_per_row:g} bytes of heap",
    }
    table = Table.grid(padding=(0, 2))
    for name, text in rows.items():
        table.add_row(Text(name, style="bold"), text)
    console.print(Text("Patrol car: what just happened", style="bold underline"))
    console.print(table)
    problems = report.problems()
    verdict = f"FAILED: {'; '.join(problems)}" if problems else "All values right, all commands executed"
    style = "bold red" if problems else "bold green"
    console.print(f"{verdict}, in {report.wall_seconds:.1f} s.", style=style)
