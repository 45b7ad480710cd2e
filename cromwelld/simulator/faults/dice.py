"""The dice of a plan: seeded, thrown for a text, never for a turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from cromwelld.simulator.faults.asked import Asked, stream_of
from cromwelld.simulator.faults.kinds import Fault

T = TypeVar("T")
SIZE = 2**64


@dataclass(frozen=True, slots=True)
class Dice:
    """Throw the same for the same seed and text, in any process."""

    seed: int

    def number(self, topic: str, text: str) -> int:
        """Throw a number below SIZE."""
        return int.from_bytes(sha256(f"{self.seed}:{topic}:{text}".encode()).digest()[:8], "big")

    def chance(self, topic: str, text: str) -> float:
        """Throw a number from 0 to 1."""
        return self.number(topic, text) / SIZE

    def pick(self, among: Sequence[T], topic: str, text: str) -> T:
        """Choose one."""
        return among[self.number(topic, text) % len(among)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Say below which throw a request, or a stream, is faulted; `streams` names them where all are known."""

    request: float
    stream: float = 0.0
    streams: frozenset[str] | None = None

    def has_request(self, asked: Asked, dice: Dice) -> bool:
        """Tell whether a request is faulted."""
        return dice.chance("request", asked.text()) < self.request

    def has_stream(self, stream: str, dice: Dice) -> bool:
        """Tell whether a stream cannot be had."""
        return dice.chance("stream", stream) < self.stream if self.streams is None else stream in self.streams


def shares(dice: Dice, share: float, *, among: frozenset[Asked], staying: Sequence[Fault], passing: bool) -> Shares:
    """Cut a share of the requests into those of whole streams and single ones; `among` empty: by chance alone."""
    whole = share / (1 + passing) if staying else 0.0
    if not among:
        return Shares(request=share - whole, stream=whole)
    streams = _streams(dice, int(whole * len(among)), [one for one in among if _any_fits(staying, one)])
    rest = [one for one in among if stream_of(one.path) not in streams]
    left = int(share * len(among)) - (len(among) - len(rest))
    throws = sorted(dice.chance("request", one.text()) for one in rest)
    return Shares(request=throws[left] if left < len(throws) else 1.0, streams=frozenset(streams))


def _streams(dice: Dice, most: int, requests: Sequence[Asked]) -> set[str]:
    """Choose streams until their requests together would be too many."""
    counts = Counter(stream_of(one.path) for one in requests)
    chosen: set[str] = set()
    for stream in sorted(counts, key=lambda name: dice.number("stream", name)):
        if counts[stream] <= most:
            chosen.add(stream)
            most -= counts[stream]
    return chosen


def _any_fits(faults: Sequence[Fault], asked: Asked) -> bool:
    return any(fault.fits(asked) for fault in faults)
