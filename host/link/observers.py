"""Several observers of one link."""

from __future__ import annotations

from collections.abc import Sequence

from host.link.errors import LinkError
from host.link.hello import CarOffer
from host.link.observer import Observer
from host.link.window import Pending
from protocol.messages import Reply
from protocol.telemetry import Decoded


class Observers(Observer):
    """Tells each of them in turn."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def link_opened(self, port: str, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.link_opened(port, now_s)

    def link_joined(self, port: str, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.link_joined(port, now_s)

    def received(self, data: bytes, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.received(data, now_s)

    def decoded(self, telemetry: Decoded, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.decoded(telemetry, now_s)

    def session_opened(self, offer: CarOffer, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.session_opened(offer, now_s)

    def session_lost(self, error: LinkError, under_way: Sequence[Pending], now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.session_lost(error, under_way, now_s)

    def submitted(self, pending: Pending, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.submitted(pending, now_s)

    def replied(self, number: int, reply: Reply, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.replied(number, reply, now_s)

    def halted(self, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.halted(now_s)

    def logged(self, line: str, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.logged(line, now_s)

    def noted(self, text: str, now_s: float) -> None:
        """See Observer."""
        for each in self._observers:
            each.noted(text, now_s)
