"""Serving an application on a port, for a test, the demo or the command line."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable

from aiohttp import web

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHUTDOWN_S = 2.0


@contextlib.asynccontextmanager
async def serving(app: web.Application, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an application while the block runs, and give its base URL; port 0 takes a free one.

    Raises: OSError: the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield _base_url(host, runner)
    finally:
        await runner.cleanup()


async def run_forever(
    app: web.Application, *, host: str = "127.0.0.1", port: int = 0, announce: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM, and say the base URL once the port listens. Raises: OSError: the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        async with serving(app, host=host, port=port) as base_url:
            announce(base_url)
            await stop.wait()
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


def run(
    app: web.Application, *, host: str = "127.0.0.1", port: int = 0, announce: Callable[[str], None] = print
) -> None:
    """Serve from a program that has no event loop yet, until SIGINT or SIGTERM. Raises: OSError: the port is taken."""
    asyncio.run(run_forever(app, host=host, port=port, announce=announce))


def _base_url(host: str, runner: web.AppRunner) -> str:
    """Name the address that was bound; an IPv6 host stands in brackets."""
    port = runner.addresses[0][1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
