"""TCP ports that stand for a board's serial ports."""

from __future__ import annotations

import socket

from host.emulate.errors import PortTakenError

_HOST = "127.0.0.1"


def listen(name: str, port: int) -> socket.socket:
    """A listening socket on a port; 0 is a free one. QEMU inherits it, so nobody can take it in between.

    Raises PortTakenError, which names the option `--NAME-port`.
    """
    listener = socket.socket()
    # As servers do: a port left in TIME_WAIT by the run before can be had again.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(1)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTakenError(
            f"TCP port {port} cannot be had ({error}); leave --{name}-port out for a free one"
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """What a program gives as its port to reach it."""
    return f"socket://{_HOST}:{listener.getsockname()[1]}"
