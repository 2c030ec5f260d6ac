"""Reading, coding and writing at the same time: one thread reads ahead, others code, results in order.

Queues are bounded, so that memory is too, whatever the file's size.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Items read ahead, and items under way for each thread that codes."""


class _Done:
    """What ends a queue: nothing, or the reader's exception."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def read_ahead(items: Iterable[Item], ahead: int = _AHEAD) -> Iterator[Item]:
    """The items, drawn by a thread of its own; an exception there is raised here."""
    queue: Queue[Item | _Done] = Queue(ahead)
    stopped = threading.Event()

    def draw() -> None:
        end = _Done()
        try:
            for item in items:
                queue.put(item)
                if stopped.is_set():
                    return
        except BaseException as error:
            end = _Done(error)
        queue.put(end)

    thread = threading.Thread(target=draw, name="read ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := queue.get(), _Done):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        while not queue.empty():  # let a reader that waits for room see that it may go
            queue.get_nowait()


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """work(item) of each item, in their order, by so many threads; reading goes on meanwhile."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="code")
    under_way: deque[Future[Result]] = deque()
    try:
        for item in read_ahead(items):
            under_way.append(pool.submit(work, item))
            if len(under_way) > _AHEAD * threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
        pool.shutdown(wait=True)
