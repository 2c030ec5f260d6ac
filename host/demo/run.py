"""Runs a demo: starts the board, feeds it, commands it, checks what comes back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from host.demo.feed import Feeder
from host.demo.plan import Plan
from host.demo.report import BoardReport, CoderReport, CommandReport, DemoReport, TelemetryReport
from host.emulate import Emulator, build_application
from host.link import Link, LinkError, connect, open_port
from protocol.messages import DECODERS, PROFILE_FRAMES, Reply
from protocol.parameters import BY_NAME
from protocol.schema import Row
from protocol.telemetry import KEY_INTERVAL_MS

Report = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and of how much."""

_SILENCE_S = 10.0
"""Without a row for so long, the board is taken to have stopped."""
_ROWS_PER_COMMAND = 200


@dataclass
class Checker:
    """Compares rows with those that were fed, value by value."""

    expected: tuple[Row, ...]
    rows: int = 0
    values: int = 0
    mismatched: int = 0

    def check(self, row: Row) -> None:
        """Take the next row that came. One that nobody fed is wrong in every value."""
        told = (row.time_us, *row.values)
        if self.rows < len(self.expected):
            fed = self.expected[self.rows]
            self.mismatched += sum(
                a != b for a, b in zip(told, (fed.time_us, *fed.values), strict=True)
            )
        else:
            self.mismatched += len(told)
        self.rows += 1
        self.values += len(told)


@dataclass
class Commander:
    """Sends commands and counts them."""

    link: Link
    sent: int = 0
    acknowledged: int = 0
    _turn: int = field(default=-60)

    def send(self, name: str, **values: int) -> Reply:
        """One command; the reply is its acknowledgement."""
        self.sent += 1
        reply = self.link.send(name, values)
        self.acknowledged += 1
        return reply

    def drive_on(self) -> None:
        """Another drive command, never the same twice in a row; the reply must repeat it."""
        self._turn = (self._turn + 7) % 120 - 60
        asked = {"speed": 200 + 5 * (self._turn % 40), "turn": self._turn}
        reply = self.send("drive", **asked)
        if reply.values != asked:
            raise LinkError(f"the car was told to drive {asked} and took it as {reply.values}")


def run_demo(plan: Plan, progress: Report = lambda *_: None) -> DemoReport:
    """Run a plan on the emulated board. Raises EmulatorError or LinkError."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="patrol-demo-") as folder:
        progress("building the application", 0, 1)
        application = build_application(Path(folder) / "application.hex", plan.contract)
        progress("starting the board", 0, 1)
        with Emulator(application) as board, connect(board.link_url, plan.contract) as link:
            return _converse(plan, board, link, progress, started)


def _converse(plan: Plan, board: Emulator, link: Link, progress: Report, started: float) -> DemoReport:
    commander, checker = Commander(link), Checker(plan.rows[: plan.framed_rows])
    info = commander.send("info").values
    commander.send("rate", hz=0)
    for name, value in (("rows_per_frame", plan.rows_per_frame), ("key_interval", KEY_INTERVAL_MS)):
        commander.send("set", parameter=BY_NAME[name], value=value)
    _drive_and_check(plan, board.sensors_url, commander, checker, progress)
    commander.send("stop")
    progress("measuring the decoder", 0, 1)
    profile = commander.send("profile").values
    # Not the commander's: a command is counted once it is done, so this one is not in its own answer.
    counters = link.send("counters").values
    heard = link.counters
    telemetry = TelemetryReport(
        source=plan.source,
        frames_sent=counters["telemetry_frames"],
        frames_received=heard.telemetry_frames,
        frames_lost=heard.lost_frames,
        frames_bad=heard.frames_bad,
        rows=plan.framed_rows,
        rows_per_frame=plan.rows_per_frame,
        rows_trained_on=plan.trained_rows,
        channels=len(plan.contract.schema.channels),
        values_checked=checker.values,
        mismatched=checker.mismatched,
        bytes_raw=plan.bytes_raw,
        bytes_on_wire=heard.telemetry_bytes,
        bytes_expected=plan.wire_bytes,
    )
    return DemoReport(
        board=BoardReport(**info, emulator="QEMU", contract=f"{plan.contract.hash:08x}"),
        telemetry=telemetry,
        commands=CommandReport(
            commander.sent,
            commander.acknowledged,
            counters["commands_executed"],
            counters["commands_repeated"],
        ),
        decoder=_coder_report(profile, board, len(plan.contract.schema.channels)),
        wall_seconds=round(time.monotonic() - started, 1),
    )


def _drive_and_check(
    plan: Plan, sensors_url: str, commander: Commander, checker: Checker, progress: Report
) -> None:
    """Feed all rows, sending commands all the while, until every row that a frame holds is back."""
    sensors = open_port(sensors_url)
    feeder = Feeder(sensors, plan.contract, plan.rows)
    feeder.start()
    next_command = 0
    try:
        while checker.rows < plan.framed_rows:
            rows = commander.link.next_rows(_SILENCE_S)
            if not rows:
                raise feeder.error or LinkError(
                    f"the board sent {checker.rows} of {plan.framed_rows} rows, then nothing for "
                    f"{_SILENCE_S:g} s; run `host demo` again, and report it if it stops there again"
                )
            for row in rows:
                checker.check(row)
            if checker.rows >= next_command:
                commander.drive_on()
                next_command = checker.rows + _ROWS_PER_COMMAND
            progress("rows checked", checker.rows, plan.framed_rows)
    finally:
        sensors.close()
        feeder.join()


def _coder_report(profile: dict[str, int], board: Emulator, channels: int) -> CoderReport:
    def per(ticks: str, units: str) -> float:
        return round(board.instructions(profile[ticks]) / profile[units], 2)

    return CoderReport(
        variant=DECODERS[profile["decoder"]],
        instructions_per_byte=per("block_ticks", "block_bytes"),
        block_bytes=profile["block_bytes"],
        instructions_per_wire_byte=per("frame_ticks", "frame_bytes"),
        heap_bytes_per_frame=profile["receive_heap_bytes"] / PROFILE_FRAMES,
        encoder_instructions_per_row=per("encode_ticks", "encode_rows"),
        encoder_instructions_per_channel=round(per("encode_ticks", "encode_rows") / channels, 1),
        encoder_heap_bytes_per_row=profile["encode_heap_bytes"] / profile["encode_rows"],
    )
