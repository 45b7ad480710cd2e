"""One POST to a server that takes messages, with what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp

from cromwelld.errors import FarSideAway, PersonNeeded

_OK = range(200, 300)
_LATER = frozenset({408, 425, 429})
_REFUSED = range(400, 500)
_LONGEST_ANSWER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is sent, and how the server is called for people: its address is a secret. `key` is the setting of it."""

    url: str = field(repr=False)
    server: str
    key: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


async def post(session: aiohttp.ClientSession, what: Post, timeout_s: float) -> str:
    """Send it, and give the beginning of the answer.

    Raises: FarSideAway if it may work later; PersonNeeded if the server refuses it.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with session.post(
            what.url, data=what.body, headers=what.headers, timeout=timeout, allow_redirects=False
        ) as answer:
            text = (await answer.content.read(_LONGEST_ANSWER)).decode(errors="replace")
    except (aiohttp.ClientError, OSError) as err:
        raise FarSideAway.connection(f"the {what.server} server cannot be reached, or does not answer", err) from None
    if answer.status in _OK:
        return text
    if answer.status in _REFUSED and answer.status not in _LATER:
        message = f"the {what.server} server refuses the message ({answer.status})"
        raise PersonNeeded(message, hint=f"set {what.key} right")
    raise FarSideAway(f"the {what.server} server takes no messages now ({answer.status})")
