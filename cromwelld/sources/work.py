"""The ground on which a fetch stands: units of work whose failures are values, and an end that stops all sending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import ParamSpec, Protocol, TypeVar

from cromwelld.errors import CromwelldError, OutOfBudget, PersonNeeded, Retired, ours
from cromwelld.pieces import Answer, Piece
from cromwelld.sources.client import Client
from cromwelld.sources.raw import RawAnswer, Request

_SMALL_BYTES = 16_384
_ENDING = (PersonNeeded, Retired, OutOfBudget)
_Found = TypeVar("_Found")
_Given = ParamSpec("_Given")
Deliver = Callable[[Answer], None]


class Run(Protocol):
    """One fetch; `ended` holds the error after which nothing more was sent, if there was one."""

    @property
    def ended(self) -> CromwelldError | None:
        """Give what ended the fetch before its time."""

    async def work(self, pieces: Sequence[Piece]) -> None:
        """Send every request that the pieces need and deliver the answers."""


class Work:
    """Send and read for one fetch: each failure stays with its own unit, some end everything."""

    def __init__(self, client: Client) -> None:
        self.ended: CromwelldError | None = None
        self._client = client
        self._reading = asyncio.Lock()

    async def send(self, request: Request) -> RawAnswer:
        """Send one request, unless the fetch has ended. Raises: as `Client.send`."""
        return await self._client.send(request, permit=self._permit)

    def _permit(self) -> None:
        """Hold back what has not been sent yet once nothing more may be asked."""
        if self.ended is not None:
            raise self.ended

    async def caught(
        self, unit: Callable[_Given, Awaitable[_Found]], *given: _Given.args, **named: _Given.kwargs
    ) -> _Found | CromwelldError:
        """Do one unit of work - one request, or the reading of one answer - and give its failure as a value."""
        try:
            return await unit(*given, **named)
        except _ENDING as err:
            self.ended = self.ended or err
            return err
        except CromwelldError as err:
            return err
        except Exception as err:  # noqa: BLE001 - a mistake in one stream must not take the others with it
            return ours(err)

    async def read(self, parse: Callable[[], _Found], size_bytes: int) -> _Found:
        """Read one answer at a time; a large one in a thread, so that the loop never stalls, a small one at once.

        Two at a time would take longer than one after the other: each would wait for the other's hold of Python.
        """
        async with self._reading:
            return parse() if size_bytes < _SMALL_BYTES else await asyncio.to_thread(parse)


def good(result: _Found | CromwelldError) -> _Found:
    """Give what was found; raise the failure that stands in its place."""
    if isinstance(result, CromwelldError):
        raise result
    return result


async def arriving(begin: Callable[[Deliver], Run], pieces: Sequence[Piece]) -> AsyncGenerator[Answer, None]:
    """Do a run and yield its answers as they complete; what ended it is raised behind them."""
    arrivals: asyncio.Queue[Answer | None] = asyncio.Queue()
    run = begin(arrivals.put_nowait)
    # Not a TaskGroup around the yield: it would cancel the consumer's task wherever that happens to stand.
    work = asyncio.create_task(run.work(pieces))
    work.add_done_callback(lambda _: arrivals.put_nowait(None))
    try:
        while (answer := await arrivals.get()) is not None:
            yield answer
        await work
    finally:
        work.cancel()
        await asyncio.wait([work])
    if run.ended is not None:
        raise run.ended
