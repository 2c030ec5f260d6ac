"""What a demo sends: which rows, in how many frames, under which contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from host.logs import Log, LogError, load_log
from host.train.car import plausible_log
from host.train.fit import fit_contract
from protocol.contract import Contract
from protocol.frame import encode_frame
from protocol.schema import Row, short_name
from protocol.telemetry import KEY_INTERVAL_MS, TelemetryEncoder

_ROWS_PER_FRAME = 4
_MADE_UP_TRAINING_ROWS = 1000
_TRAINING_SHARE = 10
"""At least one row in so many is kept to fit the contract to."""


@dataclass(frozen=True)
class Plan:
    """Everything that is known before the board starts.

    `rows` are fed to the board, times modulo 2**32; its telemetry must be the first of them, as many as
    `frames` hold, in `wire_bytes` bytes. `trained_rows` of the log fitted the contract and are not sent.
    """

    source: str
    contract: Contract
    rows: tuple[Row, ...]
    frames: int
    framed_rows: int
    rows_per_frame: int
    wire_bytes: int
    trained_rows: int

    @property
    def bytes_raw(self) -> int:
        """The same rows as packed structs, without any framing."""
        return self.framed_rows * self.contract.schema.row_struct.size


def plan_demo(log_file: Path | None, frames: int, rows_per_frame: int | None, seed: int = 1) -> Plan:
    """A plan for `frames` telemetry frames from a log, or from a made-up drive without one.

    The contract is fitted to the rows before those that are sent. Raises LogError when the log is too
    short.
    """
    if log_file is None:
        per_frame = rows_per_frame or _ROWS_PER_FRAME
        rows = 2 * frames * per_frame + _MADE_UP_TRAINING_ROWS
        source, log = "a made-up drive of the car", plausible_log(rows, seed)
    else:
        source, log = log_file.name, load_log(log_file)
        per_frame = rows_per_frame or max(1, min(_ROWS_PER_FRAME, _spare_rows(log) // frames))
    if _spare_rows(log) < per_frame:
        raise LogError(
            f"{source}: {len(log.rows)} rows are too few for a frame and some to train on; record more"
        )
    if frames * per_frame > _spare_rows(log):
        raise LogError(
            f"{source}: {len(log.rows)} rows are too few for {frames} frames of {per_frame} and some to "
            f"train on; ask for --frames {_spare_rows(log) // per_frame} or fewer"
        )
    trained = len(log.rows) - frames * per_frame
    # A name of its own: the board samples itself only under the car's contract.
    schema = replace(log.schema, name=short_name(f"demo {log.schema.name}"))
    contract = fit_contract(schema, log.rows[:trained])
    return _plan(source, contract, log.rows[trained:], frames, per_frame, trained)


def _spare_rows(log: Log) -> int:
    """How many rows need not be kept to train on."""
    return len(log.rows) - max(2, len(log.rows) // _TRAINING_SHARE)


def _plan(
    source: str, contract: Contract, rows: Sequence[Row], wanted: int, per_frame: int, trained: int
) -> Plan:
    """Runs the reference encoder over the rows: what the board must send, to the byte."""
    wrapped = tuple(replace(row, time_us=row.time_us & 0xFFFF_FFFF) for row in rows)
    encoder = TelemetryEncoder(contract, per_frame, KEY_INTERVAL_MS)
    frames = [frame for row in wrapped for frame in encoder.append(row)][:wanted]
    wire_bytes = sum(len(encode_frame(frame, contract.hash)) for frame in frames)
    framed_rows = sum(frame.rows for frame in frames)
    # One row more, where there is one: a frame that was closed early needs the next row to end it.
    fed = wrapped[: framed_rows + 1]
    return Plan(source, contract, fed, len(frames), framed_rows, per_frame, wire_bytes, trained)
