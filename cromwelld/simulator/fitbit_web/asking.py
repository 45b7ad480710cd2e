"""One request, checked as the vendor checks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cromwelld.simulator.fitbit_web.refusals import Refusal, invalid
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.person.civil import Span, civil_day, instant, seconds_of

PERIOD_DAYS = {"1d": 1, "7d": 7, "30d": 30, "1w": 7, "1m": 31, "3m": 92, "6m": 183, "1y": 365}
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
LONGEST_WINDOW_S = 24 * 3600
YEARS = range(2000, 2101)
USER_ID = "SYNTH1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hold a stretch of UTC and the clock on which it is told; `cut` says that a part of a date was asked for."""

    span: Span
    clock: tzinfo
    first: date
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Hold one request: the values in its path, its query, and what the cloud knows; `user_id` says whose."""

    view: View
    path: Mapping[str, str]
    query: Mapping[str, str]
    base: str
    longest_days: int | None = None
    user_id: str = USER_ID

    def day(self, name: str = "start") -> date:
        """Read a date of the path. Raises: Refusal: 400 where it is none."""
        return self.date_of(self.path[name])

    def days(self) -> list[date]:
        """Read a range of the path, both ends included; one date, or a period that ends on it, is a range as well.

        Raises: Refusal: 400 for what is no range, 422 for one that is longer than the endpoint allows.
        """
        start, word = self.day(), self.path.get("end", "1d")
        end = start if word in PERIOD_DAYS else self.date_of(word)
        if word in PERIOD_DAYS:
            start = end - timedelta(days=PERIOD_DAYS[word] - 1)
        if end < start:
            raise invalid("endDate", "The end date must be after the start date.")
        count = (end - start).days + 1
        if self.longest_days is not None and count > self.longest_days:
            raise Refusal(422)
        return [start + timedelta(days=number) for number in range(count)]

    def window(self) -> Window:
        """Read which part of the time an intraday request asks for.

        Raises: Refusal: 400 for a bad date or time, 422 for more than a day.
        """
        first = self.day()
        word = self.path.get("end", "1d")
        last = first if word == "1d" else self.date_of(word)
        clock: tzinfo = UTC if self.query.get("timezone") == "UTC" else self.view.person.tz
        whole = Span(civil_day(first, clock).start, civil_day(last, clock).end)
        if "from" not in self.path:
            if last != first:
                raise Refusal(422)
            return Window(span=whole, clock=clock, first=first, cut=False)
        start = _moment(first, self.path["from"], clock)
        end = min(whole.end, _moment(last, self.path["to"], clock) + 60)
        if end - start > LONGEST_WINDOW_S + 60:
            raise Refusal(422)
        return Window(span=Span(start, max(start, end)), clock=clock, first=first, cut=True)

    def date_of(self, text: str) -> date:
        """Read a date or the word `today`. Raises: Refusal: 400 where it is none."""
        if text == "today":
            return self.view.today
        try:
            found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a civil date has no zone
        except ValueError as err:
            raise invalid("date", f"Invalid date: {text}") from err
        if found.year not in YEARS:
            raise invalid("date", f"Invalid date: {text}")
        return found


def _moment(day: date, text: str, clock: tzinfo) -> int:
    found = CLOCK.fullmatch(text)
    if not found:
        raise invalid("time", f"Invalid time: {text}")
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return seconds_of(instant(datetime.combine(day, time(hour, minute, second)), clock))
    except ValueError as err:
        raise invalid("time", f"Invalid time: {text}") from err
