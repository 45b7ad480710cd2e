"""The activity log: its pages, and each activity's numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.errors import BadAnswer
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import (
    FIRST_YEAR,
    LAST_YEAR,
    Object,
    decode,
    finite,
    instant,
    items,
    moment,
    obj,
    text,
)

_TO_KM: Mapping[str | None, float] = {None: 1.0, "Kilometer": 1.0, "Mile": 1.609344}
_PER_DISTANCE = {"distance": 1, "speed": 1, "pace": -1}
_MOST_FIELDS = 100
_LOG_ID = re.compile(r"[1-9][0-9]{0,19}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity: `start` as sent, mostly with its own offset; `log_id` None where it has none."""

    name: str
    start: dt.datetime
    log_id: str | None
    by_hand: bool
    fields: Mapping[str, float]

    @property
    def date(self) -> dt.date:
        """Give the local date of the start, by the offset with which it was sent."""
        return self.start.date()

    @property
    def may_have_track(self) -> bool:
        """Tell whether a track is worth asking for; `hasGps` is not to be trusted."""
        return self.log_id is not None and not self.by_hand

    def started(self, zone: str) -> dt.datetime:
        """Give the start in UTC; `zone` reads a start that was sent without an offset."""
        return instant(self.start, zone)

    def id(self, zone: str) -> str:
        """Name the activity for its track: <UTC start>-<ActivityName>."""
        return f"{self.started(zone).isoformat()}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list, oldest first, with the link to the next one; empty if it was the last."""

    activities: tuple[Activity, ...]
    next: str
    rejected: Mapping[str, int]


def page(body: bytes) -> Page:
    """Read one page of the activity list.

    Raises: BadAnswer if the answer is of another shape.
    Source: https://dev.fitbit.com/build/reference/web-api/activity/get-activity-log-list
    """
    try:
        content = obj(decode(body))
        if "activities" not in content and "pagination" not in content:
            raise BadAnswer("the answer has no activities")
        logs = items(content, "activities")
    except ValueError as err:
        raise BadAnswer("the answer is not a list of activities") from err
    found: list[Activity] = []
    rejected: Counter[str] = Counter()
    for log in logs:
        try:
            found.append(_activity(obj(log)))
        except ValueError as err:
            rejected[str(err)] += 1
    return Page(activities=tuple(found), next=_next(content), rejected=rejected)


def _next(content: Object) -> str:
    pagination = content.get("pagination")
    link = pagination.get("next") if isinstance(pagination, dict) else None
    return link if isinstance(link, str) else ""


def _activity(log: Object) -> Activity:
    start = moment(log, "startTime")
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise ValueError("a time outside the years that can be")
    log_id = str(log.get("logId"))
    return Activity(
        name=text(log, "activityName") or _unnamed(log),
        start=start,
        log_id=log_id if _LOG_ID.fullmatch(log_id) else None,
        by_hand=log.get("logType") == "manual",
        fields=_fields(log),
    )


def _unnamed(log: Object) -> str:
    kind = log.get("activityTypeId")
    return f"Activity {kind}" if isinstance(kind, int) and not isinstance(kind, bool) else "Activity"


def _fields(log: Object) -> dict[str, float]:
    """Give every number at the top of an activity except ids, metric, with truth values as 1.0 and 0.0."""
    numbers = {name: value for name, value in log.items() if isinstance(value, (bool, int, float)) and _field(name)}
    if len(numbers) > _MOST_FIELDS:
        raise ValueError("more numbers than an activity has")
    fields = {name: found for name, value in numbers.items() if (found := _number(value)) is not None}
    factor = _TO_KM.get(text(log, "distanceUnit"))
    for name in _PER_DISTANCE.keys() & fields.keys():
        if factor is None:  # a unit that nobody has described: no number is better than a wrong one
            del fields[name]
        else:
            fields[name] *= factor ** _PER_DISTANCE[name]
    return fields


def _field(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not name.endswith(("Id", "ID")) and name != "id"


def _number(value: float) -> float | None:
    return float(value) if isinstance(value, bool) else finite(value)


def parse(body: bytes, asked: Asked) -> Parsed:
    """Read one page into records on the activities' own local dates.

    Raises: BadAnswer if the answer is of another shape.
    """
    one = page(body)
    rows = Rows()
    for reason, count in one.rejected.items():
        rows.reject(reason, count)
    for activity in one.activities:
        zone = asked.zone_of(activity.date)
        if zone is not None:
            rows.add(activity.date, "ActivityRecords", _record(activity, zone))
    return rows.parsed()


def _record(activity: Activity, zone: str) -> Row:
    fields = {f"field_{name}": value for name, value in activity.fields.items()}
    return {"time": activity.started(zone), "tag_ActivityName": activity.name, **fields}
