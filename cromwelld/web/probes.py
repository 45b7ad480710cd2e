"""The routes that anybody may ask: alive, ready, fresh, and the metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cromwelld.web.call import Answer, Call, as_json
from cromwelld.web.protocol import Probe, Watched

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WORDS = {True: "ok", False: "failing"}


def probe(which: Probe) -> Callable[[Watched, Call], Awaitable[Answer]]:
    """Make the route of a probe: 200, or 503 with the reasons."""

    async def respond(daemon: Watched, call: Call) -> Answer:
        del call
        health = daemon.health(which)
        document = {"status": _WORDS[health.ok], "reasons": health.reasons}
        return as_json(document, status=200 if health.ok else 503)

    return respond


async def metrics(daemon: Watched, call: Call) -> Answer:
    """Give the metrics."""
    del call
    return Answer(body=await daemon.metrics(), content_type=METRICS_TYPE)
