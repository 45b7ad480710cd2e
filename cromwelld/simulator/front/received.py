"""The requests that arrived, and what was left of the quota for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Hold what the vendor's count says to one request: `left` before it, None without a limit.

    `headers` tell it, on the request's answer.
    """

    left: int | None
    refused: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it arrived, at the simulated time.

    `left` is what the budget held before it, None where it is not counted; `refused_for_budget` says that there was
    nothing left. `hushed` says that the vendor had already answered 429 and the time that it named is not over: with
    one request at a time, a client that keeps to what it is told has none of either. `status` is 0 until it is
    answered, and where the connection was closed without an answer.
    """

    method: str
    path: str
    query: str
    at: datetime
    left: int | None
    refused_for_budget: bool
    hushed: bool
    status: int = 0


class Log:
    """Keep the requests in the order of their arrival."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._hush: datetime | None = None

    def arrive(self, request: web.Request, at: datetime, budget: Budget | None) -> int:
        """Write a request down; gives its number. A request that is not counted has no budget."""
        one = Received(
            method=request.method,
            path=request.path,
            query=request.query_string,
            at=at,
            left=budget.left if budget else None,
            refused_for_budget=budget is not None and budget.refused,
            hushed=budget is not None and self._hush is not None and at < self._hush,
        )
        self.received.append(one)
        return len(self.received) - 1

    def answered(self, number: int, status: int) -> None:
        """Write down with what status a request is answered."""
        self.received[number] = replace(self.received[number], status=status)

    def hush(self, until: datetime) -> None:
        """Remember until when a client was told to be silent."""
        self._hush = until if self._hush is None else max(self._hush, until)


RECEIVED = web.AppKey("RECEIVED", list[Received])
