"""Lists that come page by page.

Source: https://dev.fitbit.com/build/reference/web-api/activity/get-activity-log-list
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.options import MOST_ITEMS_ON_A_PAGE
from cromwelld.simulator.fitbit_web.refusals import invalid
from cromwelld.simulator.person.civil import instant, seconds_of

Item = TypeVar("Item")
EVERYTHING = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Hold which page of a list was asked for; `days` are the dates worth looking at, in the list's order."""

    url: str
    key: str
    value: str
    sort: str
    limit: int
    offset: int
    days: tuple[date, ...]
    first: int
    last: int

    def cut(self, items: Sequence[Item], *, seconds_of: Callable[[Item], int]) -> tuple[list[Item], dict[str, object]]:
        """Put the items in order, pick those of the page and write its `pagination`."""
        wanted = [item for item in items if self.first <= seconds_of(item) < self.last]
        wanted.sort(key=seconds_of, reverse=self.sort == "desc")
        end = self.offset + self.limit
        pagination = {
            self.key: self.value,
            "limit": self.limit,
            "next": self._link(end) if end < len(wanted) else "",
            "offset": self.offset,
            "previous": self._link(max(0, self.offset - self.limit)) if self.offset else "",
            "sort": self.sort,
        }
        return wanted[self.offset : end], pagination

    def _link(self, offset: int) -> str:
        query = {"offset": offset, "limit": self.limit, "sort": self.sort, self.key: self.value}
        return f"{self.url}?{urlencode(query)}"


def page(ask: Ask, path: str, *, most: int = MOST_ITEMS_ON_A_PAGE) -> Page:
    """Read which page is asked for.

    Raises: Refusal: 400 for anything but exactly one of beforeDate and afterDate, a sort, an offset and a limit of at
    most the documented number.
    """
    keys = [key for key in ("beforeDate", "afterDate") if key in ask.query]
    if len(keys) != 1:
        raise invalid("beforeDate", "Exactly one of beforeDate and afterDate must be given.")
    key, value = keys[0], ask.query[keys[0]]
    sort = ask.query.get("sort", "")
    if sort != {"afterDate": "asc", "beforeDate": "desc"}[key]:
        raise invalid("sort", f"Invalid sort for {key}: {sort}")
    limit = _number(ask, "limit", least=1, most=most)
    day = ask.date_of(value[:10])
    first, last = _bounds(ask, key, value)
    return Page(
        url=f"{ask.base}{path}",
        key=key,
        value=value,
        sort=sort,
        limit=min(limit, ask.view.options.page_size),
        offset=_number(ask, "offset", least=0, most=EVERYTHING),
        days=tuple(
            each for each in ask.view.days_from(day if key == "afterDate" else date.min) if _near(each, day, key)
        ),
        first=first,
        last=last,
    )


def _near(day: date, pivot: date, key: str) -> bool:
    return key == "afterDate" or day <= pivot + timedelta(days=1)


def _bounds(ask: Ask, key: str, value: str) -> tuple[int, int]:
    """Turn the pivot into the stretch of UTC in which an item must begin."""
    zone = ask.view.person.tz
    try:
        wall = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError as err:
        raise invalid(key, f"Invalid date: {value}") from err
    if key == "afterDate" and ask.view.options.after_date == "day" and "T" not in value:
        wall += timedelta(days=1)
    pivot = seconds_of(instant(wall, zone))
    return (pivot, EVERYTHING) if key == "afterDate" else (0, pivot)


def _number(ask: Ask, name: str, *, least: int, most: int) -> int:
    text = ask.query.get(name, "")
    if not text.isdecimal() or not least <= int(text) <= most:
        raise invalid(name, f"Invalid {name}: {text}")
    return int(text)
