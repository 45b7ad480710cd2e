"""A vendor's limit by the minute, kept by waiting instead of by being told."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 60.0


class Pace:
    """Spread requests so that no stretch of sixty seconds sees more than `most` of them."""

    def __init__(self, most: int) -> None:
        self._sent: deque[float] = deque(maxlen=most)

    def claim(self, now_s: float) -> float:
        """Take the next place in the queue and give the seconds to wait for it; `now_s` never goes back."""
        full = len(self._sent) == self._sent.maxlen
        at_s = max(now_s, self._sent[0] + _WINDOW_S) if full else now_s
        self._sent.append(at_s)
        return at_s - now_s
