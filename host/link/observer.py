"""Whoever watches a link without taking part: a recorder, a display."""

from __future__ import annotations

from collections.abc import Sequence

from host.link.errors import LinkError
from host.link.hello import CarOffer
from host.link.window import Pending
from protocol.messages import Reply
from protocol.telemetry import Decoded


class Observer:
    """Told of all that passes over a link, as it passes; this one heeds nothing of it.

    Called by the thread that has the link's turn, so it must be quick, must not raise, and must not call the
    link. `now_s` is the time by the link's clock.
    """

    def link_opened(self, port: str, now_s: float) -> None:
        """A link begins, with a decoder that has seen nothing yet."""

    def link_joined(self, port: str, now_s: float) -> None:
        """Watching begins in the middle of a link, whose decoder has seen earlier frames."""

    def received(self, data: bytes, now_s: float) -> None:
        """Bytes came, however the port cut them up; what they decode to is told next."""

    def decoded(self, telemetry: Decoded, now_s: float) -> None:
        """A telemetry frame was decoded, or could not be."""

    def session_opened(self, offer: CarOffer, now_s: float) -> None:
        """The car has answered HELLO with this."""

    def session_lost(self, error: LinkError, under_way: Sequence[Pending], now_s: float) -> None:
        """The session ended by itself; commands under way may or may not have been executed."""

    def submitted(self, pending: Pending, now_s: float) -> None:
        """A command was put into the window."""

    def replied(self, number: int, reply: Reply, now_s: float) -> None:
        """The car has answered the command of this number."""

    def halted(self, now_s: float) -> None:
        """An emergency stop was ordered."""

    def logged(self, line: str, now_s: float) -> None:
        """The board has written a line into its log."""

    def noted(self, text: str, now_s: float) -> None:
        """Whoever has the link says what happens beside it."""


NOBODY = Observer()
