"""Pairing: a key made here, told to a board over the cable, kept by both."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from host.link.errors import LinkError
from host.link.keys import KeyStore, new_key
from host.link.session import Link
from protocol.messages import build_command


class AlreadyPairedError(LinkError):
    """The board has a key already."""


def pair(link: Link, keys: KeyStore) -> Path:
    """Pair the board on an open link; answers where its key is now.

    The link goes on with signed commands. Raises AlreadyPairedError; any other LinkError leaves no key behind
    that the board has not.
    """
    link.hello()
    offer = link.offer
    if offer is None or offer.is_paired:
        raise AlreadyPairedError(
            "this board has a key already; to give it another, take the old one off at its console: "
            "`from patrol import pairing; pairing.unpair()`, then reset it"
        )
    # Kept before it is told: a board must never have a key that nobody knows.
    path = keys.save(offer.board, key := new_key())
    # Its reply may be lost. Whether the board took the key is told by the next session.
    with suppress(LinkError):
        link.wait(link.submit_message("pair", build_command("pair", {"key": key})))
    try:
        link.hello()
    except LinkError as error:
        raise LinkError(
            f"whether the board took the key is not known ({error}); it is kept in {path}. Run `host pair` "
            "again: it tells, and a board that has the key obeys already"
        ) from None
    if link.offer is None or not link.offer.is_paired:
        keys.forget(offer.board)
        raise LinkError("the board did not take the key; try again")
    link.send("ping")
    return path
