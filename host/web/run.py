"""Serves the page until it is told to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web


def serve(application: web.Application, listen: str, port: int, started: Callable[[int], None]) -> None:
    """Serve on an address until KeyboardInterrupt. `started` is told the port. Raises OSError."""
    asyncio.run(_serve(application, listen, port, started))


async def _serve(
    application: web.Application, listen: str, port: int, started: Callable[[int], None]
) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, listen, port)
        await site.start()
        started(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
