"""The Fitbit Web API as a source: pieces in, answers out as they complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from cromwelld.pieces import Answer, Piece, Stream
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS, stream_of
from cromwelld.sources.fitbit_web.run import Run
from cromwelld.sources.fitbit_web.telling import SOURCE, Settings

__all__ = ["FitbitWeb", "Settings"]


class FitbitWeb:
    """Ask the Fitbit Web API for one account: everything at once, as far as the client lets it."""

    name = SOURCE

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what can be asked for, without what the account leaves out."""
        left_out = self._settings.leave_out
        return {name: stream_of(one) for name, one in ENDPOINTS.items() if name not in left_out}

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncGenerator[Answer, None]:
        """Ask for all pieces at once and yield answers as they complete, in no order; see `Source.fetch`."""
        arrivals: asyncio.Queue[Answer | None] = asyncio.Queue()
        run = Run(self._client, self._settings, deliver=arrivals.put_nowait)
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
