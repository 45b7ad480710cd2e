"""Following pages to their end: an empty page is no end, a repeated one is an error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

from cromwelld.errors import BadAnswer, WrongRequest
from cromwelld.sources.google_health.datatypes import next_page
from cromwelld.sources.google_health.page import page, payload, records
from cromwelld.sources.google_health.values import moment
from cromwelld.sources.raw import RawAnswer, Request
from cromwelld.sources.values import member

MOST_PAGES = 500
_WHOLE_PAGE = 25
_DAY = dt.timedelta(days=1)
Send = Callable[[Request], Awaitable[RawAnswer]]


async def pages(send: Send, request: Request, enough: Callable[[bytes], bool] = lambda _: False) -> list[bytes]:
    """Ask for every page, in order; `enough` is shown each and may end the walk early.

    Raises: BadAnswer if a token comes twice or the pages have no end; what `send` raises. Then the pages that came are
    lost with it: a window counts only after its last page.
    Source: https://developers.google.com/health/reference/rest/v4/users.dataTypes.dataPoints/list
    """
    bodies = [(await send(request)).body]
    tokens: set[str] = set()
    while True:
        token = page(bodies[-1]).token
        if not token or enough(bodies[-1]):
            return bodies
        if token in tokens:
            raise BadAnswer("the pages of the answer go in a circle")
        if len(bodies) >= MOST_PAGES:
            raise BadAnswer(f"the answer has more than {MOST_PAGES} pages")
        tokens.add(token)
        bodies.append(await _further(send, next_page(request, token)))


async def _further(send: Send, request: Request) -> bytes:
    """Ask for a page that is not the first: what is wrong with it now is its token, not what was asked."""
    try:
        return (await send(request)).body
    except WrongRequest as err:
        raise BadAnswer(f"{err} (on a further page)") from err


class NewestFirst:
    """Tell when an unfiltered walk through sessions has left the wanted dates behind.

    Newest first is not documented for what is reconciled: it is believed only as long as everything came in that order,
    and once the order led through the wanted dates, or a whole page was seen.
    """

    def __init__(self, key: str, first: dt.date) -> None:
        # A session may begin a day before the date to which it belongs, on any clock.
        self._before = dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC) - 2 * _DAY
        self._key = key
        self._oldest: dt.datetime | None = None
        self._ordered = True
        self._newest: dt.datetime | None = None
        self._seen = 0

    def __call__(self, body: bytes) -> bool:
        """Look at one more page, and tell whether all further ones must lie before the wanted dates."""
        for record in records([body]):
            try:
                start = moment(member(payload(record, self._key), "interval"), "startTime")
            except ValueError:  # the parser counts it
                continue
            self._ordered = self._ordered and (self._oldest is None or start <= self._oldest)
            self._oldest, self._newest = start, self._newest or start
            self._seen += 1
        if not self._ordered or self._oldest is None or self._newest is None or self._oldest >= self._before:
            return False
        return self._newest >= self._before or self._seen >= _WHOLE_PAGE
