"""A TCP proxy of our own between a client and a real server: it counts, records, cuts and stalls."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_STEP = 16 << 10
_HEAD = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) (/\S*) HTTP/1\.1\r\n((?:[\w-]+: ?[^\r\n]*\r\n)+)\r\n")


class Wire:
    """What passes between client and server; `url` is where the client comes in.

    `at_bytes` calls `then` once when the client has sent that many bytes since it was set.
    """

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.recorded = bytearray()
        self._upstream = urlsplit(upstream)
        self._links: set[asyncio.StreamWriter] = set()
        self._refusing = 0
        self._serving: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._left = 0
        self._then: Callable[[], object] | None = None

    def at_bytes(self, count: int, then: Callable[[], object]) -> None:
        self._left, self._then = count, then

    def cut(self, *, refusing: int = 0) -> None:
        """Break all connections that there are, and as many of the next ones as are to be refused."""
        self._refusing = refusing
        for writer in self._links:
            writer.transport.abort()

    def close(self) -> None:
        """Break all connections and let no other live."""
        self.cut(refusing=1_000_000)

    def reopen(self) -> None:
        self._refusing = 0

    def stall(self) -> None:
        """Pass nothing on, and break nothing."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def heads(self) -> list[tuple[str, str, dict[str, str]]]:
        """List the requests that were sent: method, target, headers by small letters."""
        found = []
        for method, target, lines in _HEAD.findall(bytes(self.recorded)):
            pairs = (line.split(":", 1) for line in lines.decode().splitlines())
            found.append((method.decode(), target.decode(), {name.lower(): text.strip() for name, text in pairs}))
        return found

    async def end(self) -> None:
        self.close()
        self._flows.set()
        await asyncio.gather(*self._serving)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            self._refusing -= 1
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        with suppress(OSError):
            await self._join(reader, writer)
        writer.transport.abort()
        self._serving.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        self._links |= {writer, far_writer}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(reader, far_writer, self._sent))
            group.create_task(self._pass(far_reader, writer, lambda _: None))
        self._links -= {writer, far_writer}
        far_writer.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Callable[[bytes], None]
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_STEP):
                await self._flows.wait()
                seen(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    def _sent(self, data: bytes) -> None:
        self.recorded += data
        if self._then is None:
            return
        self._left -= len(data)
        if self._left <= 0:
            then, self._then = self._then, None
            then()


@asynccontextmanager
async def wire_to(upstream: str) -> AsyncIterator[Wire]:
    """Open a wire to a server."""
    wire = Wire(upstream)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        await wire.end()
        await server.wait_closed()
