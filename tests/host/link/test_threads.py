from __future__ import annotations

from threading import Event, Thread

from host.link import Link, LinkError
from host.link.turn import Turn


def test_whoever_waits_comes_before_the_holder_asks_again() -> None:
    turn, order, holding = Turn(), list[str](), Event()

    def wait_for_a_turn() -> None:
        holding.wait()
        with turn():
            order.append("other")

    other = Thread(target=wait_for_a_turn)
    other.start()
    with turn():
        holding.set()
        while not turn._queue.locked():
            pass  # until the other thread stands in the queue
    with turn():
        order.append("first again")
    other.join()
    assert order == ["other", "first again"]


def test_an_error_inside_gives_the_turn_back() -> None:
    turn = Turn()
    try:
        with turn():
            raise ValueError
    except ValueError:
        pass
    with turn():
        assert turn._held.locked()


def test_a_link_that_is_closed_ends_the_wait_of_another_thread(link: Link) -> None:
    errors: list[LinkError] = []
    waiting = Event()

    def wait_for_rows() -> None:
        waiting.set()
        try:
            link.next_rows(timeout_s=float("inf"))
        except LinkError as error:
            errors.append(error)

    other = Thread(target=wait_for_rows)
    other.start()
    waiting.wait()
    link.close()
    other.join()
    assert "is closed" in str(errors[0])
