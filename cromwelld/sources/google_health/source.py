"""The Google Health API as a source: pieces in, answers out as they complete."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from cromwelld.pieces import Answer, Piece, Stream
from cromwelld.sources.client import Client
from cromwelld.sources.google_health.account import Settings
from cromwelld.sources.google_health.asking import Memory
from cromwelld.sources.google_health.run import Run
from cromwelld.sources.google_health.streams import SOURCE, STREAMS
from cromwelld.sources.work import Deliver, arriving

__all__ = ["GoogleHealth", "Settings"]


class GoogleHealth:
    """Ask the Google Health API for one account: everything at once, as far as the client lets it.

    It remembers for its life which filters were refused.
    """

    name = SOURCE

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._memory = Memory()

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Give what can be asked for, without what the account leaves out."""
        return {name: one for name, one in STREAMS.items() if name not in self._settings.leave_out}

    @property
    def ahead_s(self) -> float | None:
        """Give the seconds that our clock is before the vendor's, as far as one has said."""
        return self._client.ahead_s

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncGenerator[Answer, None]:
        """Ask for all pieces at once and yield answers as they complete, in no order; see `Source.fetch`."""
        async with aclosing(arriving(self._run, pieces)) as answers:
            async for answer in answers:
                yield answer

    def _run(self, deliver: Deliver) -> Run:
        return Run(self._client, self._settings, self._memory, deliver=deliver)
