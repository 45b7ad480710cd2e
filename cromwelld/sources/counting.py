"""What is said of requests: the class of an answer's status, how long it took, and why one is sent again."""

from __future__ import annotations

import tenacity

from cromwelld.errors import Cause, FarSideAway
from cromwelld.events import Event, Kind

NO_ANSWER = "none"
_TOO_MANY = 429
CLASSES = ("2xx", "3xx", "4xx", "429", "5xx", NO_ANSWER)


def class_of(status: int) -> str:
    """Give the class of a status; a spent quota is one of its own, what is no status counts as no answer."""
    word = str(status) if status == _TOO_MANY else f"{status // 100}xx"
    return word if word in CLASSES else NO_ANSWER


def answered(source: str, stream: str, status: int | None, seconds: float) -> Event:
    """Say what came of a request; a `status` of None is that nothing came."""
    word = NO_ANSWER if status is None else class_of(status)
    fields: dict[str, str | int | float] = {"source": source, "stream": stream, "class": word}
    return Event(Kind.REQUEST_ANSWERED, {**fields, "seconds": round(seconds, 4)})


def retried(state: tenacity.RetryCallState) -> Event:
    """Say why an attempt failed and which one it was."""
    err = state.outcome.exception() if state.outcome is not None else None
    cause = err.cause if isinstance(err, FarSideAway) else Cause.SERVER
    fields = {"reason": str(err), "cause": cause.value, "attempt": state.attempt_number}
    return Event(Kind.REQUEST_RETRIED, fields)
