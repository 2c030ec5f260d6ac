"""One route under many seeds, as many at a time as there are processors."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from host.emulate import build_application
from host.simulation.patrol import Patrol, PatrolResult
from host.world import Contact, Fault, Map, Route
from host.world.picture import save_picture


@dataclass(frozen=True)
class SeedRun:
    """What came of one seed, and the picture of it."""

    result: PatrolResult
    contacts: tuple[Contact, ...]
    picture: Path

    def record(self) -> dict[str, object]:
        """For JSON."""
        contacts = [contact._asdict() for contact in self.contacts]
        return {**self.result.record(), "contacts": contacts, "picture": str(self.picture)}


@dataclass(frozen=True)
class SeedRuns:
    """The same drive in worlds that differ by their seeds only."""

    map: Map
    route: Route | None
    faults: tuple[Fault, ...]
    limit_s: float
    pictures: Path
    """The folder that they go to."""

    def run(self, seeds: Sequence[int], jobs: int | None = None) -> Iterator[SeedRun]:
        """Each as it ends, all with one application. Whatever ends this ends those that still run.

        Raises EmulatorError, LinkError.
        """
        # Not forked: a progress bar has a thread.
        context = multiprocessing.get_context("spawn")
        workers = min(jobs or os.cpu_count() or 1, max(1, len(seeds)))
        with (
            tempfile.TemporaryDirectory(prefix="patrol-") as scratch,
            ProcessPoolExecutor(workers, mp_context=context) as pool,
        ):
            application = build_application(Path(scratch) / "application.hex")
            futures: list[Future[SeedRun]] = [pool.submit(self.one, seed, application) for seed in seeds]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for worker in multiprocessing.active_children():
                    worker.terminate()
                raise

    def one(self, seed: int, application: Path) -> SeedRun:
        """Run one of them here."""
        patrol = Patrol(self.map, self.route, seed, self.faults, application)
        result = patrol.run(self.limit_s)
        picture = self.pictures / f"patrol-{self.map.name.replace(' ', '_')}-{seed}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        save_picture(patrol.world, picture, f"{self.map.name}, seed {seed}: {result.outcome}", self.route)
        return SeedRun(result, tuple(patrol.world.contacts), picture)
