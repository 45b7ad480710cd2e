"""Dates asked, cut into stretches that one request may span."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Dates that follow one another, `first` and `last` included."""

    first: dt.date
    last: dt.date

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """Give every date of the span."""
        return tuple(self.first + number * _DAY for number in range((self.last - self.first).days + 1))


def spans(dates: Iterable[dt.date], longest: int) -> list[Span]:
    """Cut dates into spans of at most `longest` dates, oldest first, holding each date once and no other."""
    found: list[Span] = []
    for date in sorted(set(dates)):
        last = found[-1] if found else None
        if last is not None and date - last.last == _DAY and (date - last.first).days < longest:
            found[-1] = Span(last.first, date)
        else:
            found.append(Span(date, date))
    return found
