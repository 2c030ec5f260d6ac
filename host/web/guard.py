"""Who may use the page's server: one who has the token, from a page of this very server.

The token is in the URL's fragment, which browsers send nowhere: not to the server, not in a Referer, not into
a log. The page puts it into a header or its first message. There are no cookies, so no other site can have a
browser send it. Host and Origin are checked besides: a name that is rebound to this address (DNS rebinding)
is refused before anything is read.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from urllib.parse import urlsplit

TOKEN_BYTES = 16
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Guard:
    """Checks what a request says of itself."""

    def __init__(self, listen: str, token: str | None = None) -> None:
        """`listen` is the address that the server listens on."""
        self.token = token or secrets.token_urlsafe(TOKEN_BYTES)
        address = ipaddress.ip_address(listen)
        self._takes_addresses = not address.is_loopback
        self._names = {*_LOOPBACK, str(address)}

    def knows_host(self, host: str | None) -> bool:
        """Whether a Host header names this machine by address; rebinding needs a name of the attacker's."""
        name = _host_name(host)
        return name is not None and (name in self._names or (self._takes_addresses and _is_address(name)))

    def allows_origin(self, origin: str | None, host: str | None) -> bool:
        """Whether a request comes from a page of this server, or from no page at all."""
        return origin is None or (host is not None and origin == f"http://{host}")

    def has_token(self, given: object) -> bool:
        """Whether this is the token; takes as long whatever is wrong with it."""
        # surrogatepass: JSON can say "\ud800", which is no character.
        return isinstance(given, str) and hmac.compare_digest(
            given.encode("utf-8", "surrogatepass"), self.token.encode()
        )

    def has_header(self, authorization: str | None) -> bool:
        """Whether an Authorization header has the token (RFC 6750)."""
        scheme, _, given = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and self.has_token(given.strip())


def _host_name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname if host else None
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
