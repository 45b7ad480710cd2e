"""How patiently letters and pings are sent: some attempts, then a rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import tenacity

from cromwelld.errors import FarSideAway

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a letter is tried at once, and how long a channel rests after that; a rest doubles up to the longest.

    A channel that refuses is left alone for `refused_rest_s`: a person has to see to it.
    """

    attempts: int = 3
    first_wait_s: float = 2.0
    longest_wait_s: float = 20.0
    first_rest_s: float = 60.0
    longest_rest_s: float = HOUR_S
    refused_rest_s: float = 6 * HOUR_S
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def patiently(patience: Patience, unit: Callable[[], Awaitable[None]]) -> None:
    """Do something that may fail in passing, again if it must be. Raises: what the last attempt raised."""
    first_s = patience.first_wait_s
    again = tenacity.AsyncRetrying(
        sleep=patience.sleep,
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=tenacity.wait_exponential(multiplier=first_s, max=patience.longest_wait_s)
        + tenacity.wait_random(0, first_s),
        retry=tenacity.retry_if_exception_type(FarSideAway),
        reraise=True,
    )
    await again(unit)
