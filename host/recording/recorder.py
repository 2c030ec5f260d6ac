"""The recorder: watches a link and writes all of it to a file that can be read at any moment.

Whoever moves the link's bytes only puts what passes into a queue. A thread takes it from there to the
operating system, within FLUSH_S, however little it is and whatever the program does meanwhile; another one
waits for the disk. So neither a slow disk nor Ctrl-C in the wrong place harms link or file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Self

from host.link import LinkError, Observer, Pending
from host.link.hello import CarOffer
from host.recording import layout
from host.recording.errors import RecordingError
from host.recording.growing_file import GrowingFile
from host.recording.writer import RecordingWriter
from protocol.contract import Contract
from protocol.messages import Reply
from protocol.telemetry import Decoded

FLUSH_S = 0.5
"""What a killed recorder loses at most, with the time that writing takes."""
ENDED, INTERRUPTED = "recording_ended", "recording_interrupted"
"""The last event. After ENDED, all that was received is recorded as decoded, too."""


def wall_epoch_ns() -> int:
    """Nanoseconds since 1970 at which time.monotonic() was 0."""
    return time.time_ns() - time.monotonic_ns()


class Recorder(Observer):
    """Writes a recording of one link, or of several, one after the other, under the same contract.

    A disk that fails ends the recording, not the link: `error` is set then, and `close` raises it.
    """

    def __init__(
        self,
        path: Path,
        contract: Contract,
        *,
        epoch_ns: int | None = None,
        force: bool = False,
        flush_s: float = FLUSH_S,
    ) -> None:
        """`epoch_ns` is when the link's clock was 0: by the wall's clock, unless another one is given.

        Raises RecordingError where the file is there already, unless told to write over it.
        """
        self.path = path
        self.rows = 0
        """Telemetry rows so far."""
        self.in_session = False
        """Whether the link has a session."""
        self.error: RecordingError | None = None
        self._epoch_ns = wall_epoch_ns() if epoch_ns is None else epoch_ns
        self._flush_s = flush_s
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._ends = Event()
        try:
            self._file = GrowingFile(path, force=force)
            self._writer = self._begun(contract, time.time_ns() if epoch_ns is None else epoch_ns)
        except FileExistsError:
            raise RecordingError(f"{path}: is there already; name another file") from None
        except OSError as error:
            reason = f"cannot be written to ({error.strerror}); name another file"
            raise RecordingError(f"{path}: {reason}") from None
        self._threads = [Thread(target=each, daemon=True) for each in (self._write, self._sync)]
        for thread in self._threads:
            thread.start()

    def _begun(self, contract: Contract, now_ns: int) -> RecordingWriter:
        try:
            return RecordingWriter(self._file, contract, now_ns)
        except OSError:
            self._file.abandon()
            raise

    def link_opened(self, port: str, now_s: float) -> None:
        """See Observer."""
        self.in_session = False
        self._do(lambda: self._writer.link(self._ns(now_s), layout.LINK_OPENED, port))

    def link_joined(self, port: str, now_s: float) -> None:
        """See Observer."""
        self._do(lambda: self._writer.link(self._ns(now_s), layout.LINK_JOINED, port))

    def received(self, data: bytes, now_s: float) -> None:
        """See Observer."""
        self._do(lambda: self._writer.received(self._ns(now_s), data))

    def decoded(self, telemetry: Decoded, now_s: float) -> None:
        """See Observer."""
        self.rows += len(telemetry.rows)
        self._do(lambda: self._writer.decoded(self._ns(now_s), telemetry))

    def session_opened(self, offer: CarOffer, now_s: float) -> None:
        """See Observer."""
        self.in_session = True
        self.event("session_opened", f"board {offer.board.hex()}, up for {offer.uptime_ms / 1000:g} s", now_s)

    def session_lost(self, error: LinkError, under_way: Sequence[Pending], now_s: float) -> None:
        """See Observer."""
        self.in_session = False
        self.event("session_lost", str(error), now_s, len(under_way))

    def submitted(self, pending: Pending, now_s: float) -> None:
        """See Observer."""
        number, name, message = pending.number, pending.name, pending.message
        self._do(lambda: self._writer.command(self._ns(now_s), number, name, message))

    def replied(self, number: int, reply: Reply, now_s: float) -> None:
        """See Observer."""
        self._do(lambda: self._writer.reply(self._ns(now_s), number, reply))

    def halted(self, now_s: float) -> None:
        """See Observer."""
        self.event("halt", "an emergency stop was ordered", now_s)

    def logged(self, line: str, now_s: float) -> None:
        """See Observer."""
        self._do(lambda: self._writer.log(self._ns(now_s), line))

    def noted(self, text: str, now_s: float) -> None:
        """See Observer."""
        self.note(text, now_s)

    def mark(self, text: str = "", now_s: float | None = None) -> None:
        """Mark a moment: the latest that was told of, or, by the link's clock, that one."""
        self.event("mark", text, now_s)

    def note(self, text: str, now_s: float | None = None) -> None:
        """Write something down."""
        self.event("note", text, now_s)

    def event(self, event: str, text: str, now_s: float | None = None, count: int = 0) -> None:
        """Something happened; `event` is its name for programs."""
        at_ns = None if now_s is None else self._ns(now_s)
        self._do(lambda: self._writer.event(at_ns, event, text, count))

    def flush(self) -> None:
        """Wait until all there is is with the operating system: from then on it is in the file."""
        done = Event()

        def flushed() -> None:
            self._writer.flush()
            done.set()

        self._do(flushed)
        while not done.wait(0.05) and self._threads[0].is_alive():
            pass

    def close(self, *, interrupted: bool = False) -> None:
        """Finish the file, with its index. Raises RecordingError when not all could be written."""
        if not self._ends.is_set():
            last = INTERRUPTED if interrupted else ENDED
            self._do(lambda: self._writer.finish(last, self.rows))
            self._ends.set()
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if self.error is not None:
            raise self.error

    def discard(self) -> None:
        """End it and take the file away."""
        with suppress(RecordingError):
            self.close(interrupted=True)
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            with suppress(RecordingError):  # what ended it says more
                self.close(interrupted=True)

    def _do(self, what: Callable[[], None]) -> None:
        if not self._ends.is_set() and self.error is None:
            self._queue.put(what)

    def _ns(self, now_s: float) -> int:
        return self._epoch_ns + round(1e9 * now_s)

    def _write(self) -> None:
        """The thread that writes. It ends when told, or when the disk fails."""
        due_s = time.monotonic() + self._flush_s
        try:
            while self.error is None:
                try:
                    what = self._queue.get(timeout=max(0.0, due_s - time.monotonic()))
                    if what is None:
                        return
                    what()
                except Empty:
                    pass
                if time.monotonic() >= due_s:
                    self._writer.flush()
                    due_s = time.monotonic() + self._flush_s
        except OSError as error:
            self._fail(error)
        except Exception as error:
            self._fail(error)
            raise
        self._file.abandon()

    def _sync(self) -> None:
        """The thread that waits for the disk."""
        with suppress(ValueError):  # the other thread has closed the file
            try:
                while not self._ends.wait(self._flush_s):
                    self._file.sync()
            except OSError as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or error
        self.error = self.error or RecordingError(
            f"{self.path}: cannot be written to ({reason}); what came before is in it"
        )
