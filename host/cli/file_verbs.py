"""What `compress`, `decompress`, `verify` and `list` share: names, standard streams, progress, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from host.cli.errors import UserError
from host.files.container import SUFFIX
from host.files.errors import FilesError
from host.output import whole_file

STANDARD = "-"
_BAR_PAYS = 16 << 20
"""Bytes below which no bar is shown: done before it would be seen."""

FilesArgument = Annotated[list[str], typer.Argument(help="Files; - is standard input.", metavar="FILE...")]
OutOption = Annotated[str | None, typer.Option("-o", "--out", help="Name of the result.", metavar="FILE")]
StdoutOption = Annotated[bool, typer.Option("-c", "--stdout", help="Write to standard output.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a result that exists.")]
ThreadsOption = Annotated[int, typer.Option(min=0, max=256, help="Threads that code; 0: one a core.")]

Told = Callable[[int], None]


@dataclass(frozen=True)
class Job:
    """One file to read, and where its result goes: None is standard output."""

    source: str
    target: Path | None

    @property
    def bytes(self) -> int | None:
        """Bytes to read, where that is known."""
        if self.source == STANDARD:
            return None
        path = Path(self.source)
        return path.stat().st_size if path.is_file() else None


def jobs_for(files: list[str], out: str | None, stdout: bool, name: Callable[[Path], Path]) -> list[Job]:
    """What to do; `name` gives a result its name. Raises UserError before anything is read."""
    for file in files:
        if file != STANDARD and Path(file).is_dir():
            raise UserError(f"{file}: a folder; pack it with tar first")
    if out is not None and len(files) > 1:
        raise UserError("one -o for several files; leave it out, or name one file")
    if stdout or out == STANDARD:
        _refuse_terminal()
        return [Job(file, None) for file in files]
    jobs = []
    for file in files:
        if out is not None:
            jobs.append(Job(file, Path(out)))
        elif file == STANDARD:
            _refuse_terminal()
            jobs.append(Job(file, None))
        else:
            jobs.append(Job(file, name(Path(file))))
    return jobs


def _refuse_terminal() -> None:
    if sys.stdout.isatty():
        raise UserError("the result is no text for a terminal; give -o FILE, or redirect standard output")


def threads_of(wanted: int) -> int:
    """How many threads: as many as asked for, or one a core."""
    return wanted or len(os.sched_getaffinity(0))


@contextmanager
def opened(job: Job, *, force: bool) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Source and target of a job; the target appears under its name once it is whole. Raises UserError."""
    with opened_to_read(job) as source:
        if job.target is None:
            yield source, sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        like = None if job.source == STANDARD else Path(job.source)
        try:
            with whole_file(job.target, force=force, like=like) as target:
                yield source, target
        except FileExistsError:
            raise UserError(f"{job.target}: exists; give --force to replace it") from None


@contextmanager
def opened_to_read(job: Job) -> Iterator[BinaryIO]:
    """A job's source. What goes wrong within, with it or with a target, is a UserError."""
    try:
        with _source(job.source) as source:
            yield source
    except FilesError as error:
        raise UserError(f"{shown(job.source)}: {error}") from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"{error.filename or job.target or 'standard output'}: {error.strerror}") from None


def _source(name: str) -> nullcontext[BinaryIO] | BinaryIO:
    if name == STANDARD:
        return nullcontext(sys.stdin.buffer)
    return Path(name).open("rb", buffering=0)


def shown(name: str) -> str:
    """A file's name in messages."""
    return "standard input" if name == STANDARD else name


@contextmanager
def byte_progress(what: str, total: int | None) -> Iterator[Told]:
    """A bar with rate and time left on stderr; none without a terminal, or for little."""
    if not sys.stderr.isatty() or (total is not None and total < _BAR_PAYS):
        yield lambda done: None
        return
    # Here, for it takes longer to load than most files to compress.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def without_suffix(path: Path) -> Path:
    """The name of a file before it was compressed."""
    if path.suffix != SUFFIX or path.name == SUFFIX:
        raise UserError(f"{path}: its name does not end in {SUFFIX}; give the result's with -o FILE")
    return path.with_suffix("")
