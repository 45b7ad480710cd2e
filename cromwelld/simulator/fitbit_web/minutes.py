"""Steps and the like by the minute, as the vendor sends them.

Source: https://dev.fitbit.com/build/reference/web-api/intraday/get-activity-intraday-by-date/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cromwelld.simulator.fitbit_web.asking import Ask, Window
from cromwelld.simulator.fitbit_web.heart import zone_of
from cromwelld.simulator.fitbit_web.refusals import Refusal, invalid
from cromwelld.simulator.fitbit_web.series import FLOOR_M, ZONE_KEYS, ZONE_WORTH, daily_value
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.fitbit_web.wall import clock_minutes
from cromwelld.simulator.person import Movement
from cromwelld.simulator.person.civil import MINUTE_S, Span, civil_date
from cromwelld.simulator.person.movement import METS, STRIDE_M

DETAIL_MINUTES = {"1min": 1, "5min": 5, "15min": 15}
AMOUNTS: dict[str, Callable[[Movement, int], float]] = {
    "steps": lambda moved, minute: moved.steps[minute],
    "distance": lambda moved, minute: moved.steps[minute] * STRIDE_M / 1000,
    "calories": lambda moved, minute: moved.calories_kcal[minute],
    "floors": lambda moved, minute: moved.floors[minute],
    "elevation": lambda moved, minute: moved.floors[minute] * FLOOR_M,
}


@dataclass(frozen=True, slots=True)
class Row:
    """Hold what one minute of an answer says."""

    label: str
    amount: float
    level: int


def intraday(ask: Ask) -> object:
    """Answer one resource for every minute of a day; minutes that are not synced yet are zero."""
    resource, detail = ask.path["resource"], ask.path["detail"]
    if resource not in AMOUNTS:
        raise Refusal(404)
    if detail not in DETAIL_MINUTES:
        raise invalid("detailLevel", f"Invalid detail level: {detail}")
    window, width = ask.window(), DETAIL_MINUTES[detail]
    rows = _gathered(list(_rows(ask.view, window, resource)), width)
    head = [{"dateTime": str(window.first), "value": daily_value(ask.view, window.first, resource)}]
    answer: dict[str, object] = {f"activities-{resource}": head}
    if not ask.view.options.intraday_missing:
        dataset = [_written(row, resource) for row in rows]
        answer[f"activities-{resource}-intraday"] = {
            "dataset": dataset,
            "datasetInterval": width,
            "datasetType": "minute",
        }
    return answer


def zone_minutes(ask: Ask) -> object:
    """Answer the minutes of a day that count as active zone minutes."""
    day = ask.day()
    first = ask.view.person.civil(day).start
    minutes = []
    for index, bpm in enumerate(ask.view.minute_means(day)):
        zone = 0 if bpm is None else zone_of(bpm)
        if zone:
            moment = datetime.fromtimestamp(first + index * MINUTE_S, ask.view.person.tz)
            worth = {"activeZoneMinutes": ZONE_WORTH[zone], ZONE_KEYS[zone]: ZONE_WORTH[zone]}
            minutes.append({"minute": moment.replace(tzinfo=None).isoformat(), "value": worth})
    return {"activities-active-zone-minutes-intraday": [{"dateTime": str(day), "minutes": minutes}]}


def _rows(view: View, window: Window, resource: str) -> Iterator[Row]:
    """Tell every minute of a window in its order; a doubled hour is merged if the vendor sends it once."""
    named = clock_minutes(window.span, window.clock)
    starts = range(window.span.start, window.span.end, MINUTE_S)
    known = _known(view, window.span, resource)
    rows = [Row(minute.label, *known.get(start, (0, 0))) for start, minute in zip(starts, named, strict=True)]
    if view.options.fall_back == "twice":
        yield from rows
        return
    second = {minute.label: row for row, minute in zip(rows, named, strict=True) if minute.second_pass}
    for row, minute in zip(rows, named, strict=True):
        again = second.get(minute.label)
        if not minute.second_pass:
            yield Row(row.label, row.amount + again.amount, max(row.level, again.level)) if again else row


def _known(view: View, span: Span, resource: str) -> dict[int, tuple[float, int]]:
    """Tell the amount and the level of each minute that was synced, by its start, of the civil dates in a span."""
    person, known = view.person, {}
    for day in sorted({civil_date(at, person.tz) for at in (span.start, span.end - 1)}):
        if view.known(day):
            moved, first = person.movement(day), person.civil(day).start
            for minute in range(view.minutes_known(day)):
                known[first + minute * MINUTE_S] = AMOUNTS[resource](moved, minute), moved.level[minute]
    return known


def _gathered(rows: list[Row], width: int) -> list[Row]:
    """Add up neighbouring minutes."""
    if width == 1:
        return rows
    groups = [rows[first : first + width] for first in range(0, len(rows), width)]
    return [Row(group[0].label, sum(row.amount for row in group), max(row.level for row in group)) for group in groups]


def _written(row: Row, resource: str) -> dict[str, object]:
    amount = row.amount if isinstance(row.amount, int) else round(row.amount, 6)
    written: dict[str, object] = {"time": f"{row.label}:00", "value": amount}
    if resource == "calories":
        return {"level": row.level, "mets": round(METS[row.level] * 10), **written}
    return written
