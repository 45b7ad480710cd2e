"""The methods that sum points up: by windows of physical time, and by days of the person's own calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cromwelld.simulator.google_health.aggregates import AGGREGATES
from cromwelld.simulator.google_health.asking import Ask, check_names, family, page_size
from cromwelld.simulator.google_health.datatypes import DEFAULT_PAGE, MOST_ON_A_PAGE, DataType
from cromwelld.simulator.google_health.listing import enclosed
from cromwelld.simulator.google_health.merging import merged
from cromwelld.simulator.google_health.paging import page, place, question
from cromwelld.simulator.google_health.refusals import Refusal, invalid, malformed
from cromwelld.simulator.google_health.times import (
    DAY_S,
    civil_body,
    instant_text,
    read_civil_body,
    read_duration,
    read_instant,
)
from cromwelld.simulator.google_health.windows import Windows

NOTHING: frozenset[str] = frozenset()
IN_COMMON = frozenset({"range", "pageSize", "pageToken", "dataSourceFamily"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Hold a checked request for a roll-up."""

    ask: Ask
    kind: DataType
    body: Mapping[str, Any]
    windows: Windows


def roll_up(ask: Ask) -> dict[str, Any]:
    """Sum up windows of physical time, oldest first, in pages. Raises: Refusal."""
    kind = ask.kind("rollUp")
    ask.check_query(NOTHING)
    body = ask.body(IN_COMMON | {"windowSize"})
    windows = _physical(body)
    size = page_size(body.get("pageSize"), default=DEFAULT_PAGE, most=MOST_ON_A_PAGE)
    _check_duration(kind, windows, size=size)
    at = place(body.get("pageToken"), question(ask.path, body))
    cut = page(at, size=size, total=windows.count, oddities=ask.options.pages(ask.path))
    summary = Summary(ask=ask, kind=kind, body=body, windows=windows.some(cut.first, cut.end))
    return enclosed("rollupDataPoints", _rows(summary), cut.next_token, ask)


def daily_roll_up(ask: Ask) -> dict[str, Any]:
    """Sum up days of the person's calendar, oldest first; the answer has no pages. Raises: Refusal."""
    kind = ask.kind("dailyRollUp")
    ask.check_query(NOTHING)
    body = ask.body(IN_COMMON | {"windowSizeDays"})
    windows = _civil(body, inclusive=ask.options.end_day == "inclusive")
    size = page_size(body.get("pageSize"), default=windows.count, most=MOST_ON_A_PAGE)
    _check_duration(kind, windows, size=size if body.get("pageSize") else None)
    if body.get("pageToken"):
        raise Refusal(400)
    some = windows.some(0, min(size, windows.count))
    rows = _rows(Summary(ask=ask, kind=kind, body=body, windows=some))
    return {"rollupDataPoints": rows} if rows else {}


def _physical(body: Mapping[str, Any]) -> Windows:
    """Read which windows are asked for. Raises: Refusal: 400."""
    asked = _range(body, frozenset({"startTime", "endTime"}))
    try:
        start, end = (read_instant(str(asked[name])) for name in ("startTime", "endTime"))
        size = read_duration(str(body["windowSize"]))
    except (KeyError, ValueError) as err:
        raise malformed("Invalid value at 'range' or 'window_size'.") from err
    if not (start.is_integer() and end.is_integer() and size >= 1):
        raise Refusal(400)
    return _checked(Windows(start=int(start), end=int(end), size=size, civil=False))


def _civil(body: Mapping[str, Any], *, inclusive: bool) -> Windows:
    """Read which days are asked for; they begin at midnight. Raises: Refusal: 400."""
    asked = _range(body, frozenset({"start", "end"}))
    days = body.get("windowSizeDays") or 1
    try:
        start, end = (read_civil_body(asked[name]) for name in ("start", "end"))
    except (KeyError, ValueError) as err:
        raise malformed("Invalid value at 'range'.") from err
    if type(days) is not int or days < 1 or start % DAY_S:
        raise Refusal(400)
    if inclusive and end % DAY_S == 0:
        end += DAY_S
    return _checked(Windows(start=start, end=end, size=days * DAY_S, civil=True))


def _range(body: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    asked = body.get("range")
    if not isinstance(asked, dict):
        raise malformed("Invalid value at 'range'.")
    check_names(asked, names, where="range")
    return asked


def _checked(windows: Windows) -> Windows:
    if windows.end <= windows.start:
        raise invalid("INVALID_TIME_RANGE")
    return windows


def _check_duration(kind: DataType, windows: Windows, *, size: int | None) -> None:
    """Refuse more than the type allows, in the range or in what one page could hold."""
    most = kind.roll_up_days * DAY_S
    on_a_page = windows.size * size if size else 0
    if windows.end - windows.start > most or on_a_page > most:
        raise invalid("INVALID_ROLLUP_QUERY_DURATION", {"maxDurationDays": str(kind.roll_up_days)})


def _rows(summary: Summary) -> list[dict[str, Any]]:
    windows, aggregate = summary.windows, AGGREGATES[summary.kind.path]
    keeps = family(summary.body.get("dataSourceFamily"))
    if windows.end <= windows.start:
        return []
    points = [one for one in summary.ask.records.points(summary.kind.path, *windows.days()) if keeps(one)]
    shares = windows.shares(merged(points, summary.kind), aggregate)
    rows = []
    for number in range(windows.count):
        if number in shares:
            rows.append({**_edges(windows, number), summary.kind.key: aggregate.value(shares[number])})
        elif summary.ask.options.no_data == "bare":
            rows.append(_edges(windows, number))
    return rows


def _edges(windows: Windows, number: int) -> dict[str, Any]:
    start, end = windows.edges(number)
    if windows.civil:
        return {"civilStartTime": civil_body(start), "civilEndTime": civil_body(end)}
    return {"startTime": instant_text(start), "endTime": instant_text(end)}
