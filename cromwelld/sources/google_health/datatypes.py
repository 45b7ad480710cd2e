"""The data types of the Google Health API that are asked, as values, and how a request for one is written.

Source: https://developers.google.com/health/data-types, .../health/filters, .../health/endpoints
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from cromwelld.sources.raw import Request
from cromwelld.sources.spans import Span

_DAY = dt.timedelta(days=1)
# The widest offsets are +14 and -12 hours: a civil date lies within its UTC day and as much on either side.
_WIDEST_OFFSET = dt.timedelta(hours=14)
_FAMILIES = {"watch": "google-wearables", "all": "all-sources"}


class Record(Enum):
    """What kind of record a type has, and by which of its members it is filtered: civil time, then physical time."""

    INTERVAL = ("interval.civil_start_time", "interval.start_time")
    SAMPLE = ("sample_time.civil_time", "sample_time.physical_time")
    DAILY = ("date", "")
    SESSION = ("interval.civil_start_time", "")
    SLEEP = ("interval.civil_end_time", "")

    def __init__(self, civil: str, physical: str) -> None:
        self.civil = civil
        self.physical = physical


class Way(Enum):
    """How a stretch of dates is cut out of everything that the vendor has."""

    CIVIL = "by the person's civil time"
    PHYSICAL = "by UTC, widened by 14 hours; each record's own offset decides"
    OPEN = "unfiltered, newest first"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataType:
    """One type of data: its name in paths, its name in payloads, its kind of record, and the most on a page."""

    path: str
    key: str
    record: Record
    page_size: int = 10_000

    @property
    def filter_name(self) -> str:
        """Name the type as filters do."""
        return self.path.replace("-", "_")

    @property
    def ways(self) -> tuple[Way, ...]:
        """Give the ways of asking, the best first: the next one is for when its filter is refused."""
        if self.record in {Record.SESSION, Record.SLEEP}:
            return (Way.CIVIL, Way.OPEN)
        return (Way.CIVIL, Way.PHYSICAL) if self.record.physical else (Way.CIVIL,)


def reconciled(
    data_type: DataType, span: Span, way: Way, *, early: dt.timedelta = dt.timedelta(), family: str | None = None
) -> Request:
    """Ask for the merged records of a span of dates, and of some hours before it: as the app shows them."""
    if way is Way.OPEN:
        return everything(data_type, family=family)
    whole = everything(data_type, family=family)
    return Request(path=whole.path, query={**whole.query, "filter": _filter(data_type, span, way, early)})


def everything(data_type: DataType, *, family: str | None = None) -> Request:
    """Ask for all merged records that there are."""
    query = {"pageSize": str(data_type.page_size)}
    if family is not None:
        query["dataSourceFamily"] = family
    return Request(path=f"{_path(data_type)}:reconcile", query=query)


def daily_sums(data_type: DataType, span: Span, *, family: str | None = None) -> Request:
    """Ask for the sums of each civil date of a span.

    `pageSize` is left out: the vendor refuses more than 14 or 90 days of window times page size.
    """
    window = {"start": _civil(span.first), "end": _civil(span.last + _DAY)}
    body: dict[str, object] = {"range": window, "windowSizeDays": 1}
    if family is not None:
        body["dataSourceFamily"] = family
    return Request(path=f"{_path(data_type)}:dailyRollUp", body=body)


def minute_sums(data_type: DataType, start: dt.datetime, end: dt.datetime, *, family: str | None = None) -> Request:
    """Ask for an even grid of minutes between two instants; a page holds a day of them."""
    window = {"startTime": _instant(start), "endTime": _instant(end)}
    body: dict[str, object] = {"range": window, "windowSize": "60s", "pageSize": 1440}
    if family is not None:
        body["dataSourceFamily"] = family
    return Request(path=f"{_path(data_type)}:rollUp", body=body)


def family_of(steps_from: str) -> str:
    """Name the family of sources that `steps_from` means, in full: the short name is refused."""
    return f"users/me/dataSourceFamilies/{_FAMILIES[steps_from]}"


def next_page(request: Request, token: str) -> Request:
    """Ask for the page behind another; everything else stays as it was."""
    if request.body is None:
        return replace(request, query={**request.query, "pageToken": token})
    return replace(request, body={**request.body, "pageToken": token})


def _path(data_type: DataType) -> str:
    return f"/v4/users/me/dataTypes/{data_type.path}/dataPoints"


def _civil(date: dt.date) -> Mapping[str, object]:
    return {"date": {"year": date.year, "month": date.month, "day": date.day}}


def _filter(data_type: DataType, span: Span, way: Way, early: dt.timedelta) -> str:
    """Write the filter of a span: closed at its first date, open at the end of its last."""
    first, end = _midnight(span.first) - early, _midnight(span.last + _DAY)
    if way is Way.CIVIL:
        field, bounds = data_type.record.civil, (_clock(first), _clock(end))
    else:
        field, bounds = data_type.record.physical, (_instant(first - _WIDEST_OFFSET), _instant(end + _WIDEST_OFFSET))
    name = f"{data_type.filter_name}.{field}"
    return f'{name} >= "{bounds[0]}" AND {name} < "{bounds[1]}"'


def _clock(when: dt.datetime) -> str:
    """Write a civil time: a date where it is midnight."""
    return when.date().isoformat() if when.time() == dt.time() else when.replace(tzinfo=None).isoformat()


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC)


def _instant(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _type(path: str, key: str, record: Record, page_size: int = 10_000) -> DataType:
    return DataType(path=path, key=key, record=record, page_size=page_size)


HEART_RATE = _type("heart-rate", "heartRate", Record.SAMPLE)
STEPS = _type("steps", "steps", Record.INTERVAL)
DISTANCE = _type("distance", "distance", Record.INTERVAL)
FLOORS = _type("floors", "floors", Record.INTERVAL)
TOTAL_CALORIES = _type("total-calories", "totalCalories", Record.INTERVAL)
SEDENTARY_PERIOD = _type("sedentary-period", "sedentaryPeriod", Record.INTERVAL)
ACTIVITY_LEVEL = _type("activity-level", "activityLevel", Record.INTERVAL)
ACTIVE_ZONE_MINUTES = _type("active-zone-minutes", "activeZoneMinutes", Record.INTERVAL)
TIME_IN_HEART_RATE_ZONE = _type("time-in-heart-rate-zone", "timeInHeartRateZone", Record.INTERVAL)
OXYGEN_SATURATION = _type("oxygen-saturation", "oxygenSaturation", Record.SAMPLE)
HEART_RATE_VARIABILITY = _type("heart-rate-variability", "heartRateVariability", Record.SAMPLE)
BREATHING_SUMMARY = _type("respiratory-rate-sleep-summary", "respiratoryRateSleepSummary", Record.SAMPLE)
DAILY_RESTING_HEART_RATE = _type("daily-resting-heart-rate", "dailyRestingHeartRate", Record.DAILY)
DAILY_VARIABILITY = _type("daily-heart-rate-variability", "dailyHeartRateVariability", Record.DAILY)
DAILY_OXYGEN = _type("daily-oxygen-saturation", "dailyOxygenSaturation", Record.DAILY)
DAILY_BREATHING = _type("daily-respiratory-rate", "dailyRespiratoryRate", Record.DAILY)
DAILY_TEMPERATURE = _type("daily-sleep-temperature-derivations", "dailySleepTemperatureDerivations", Record.DAILY)
DAILY_VO2_MAX = _type("daily-vo2-max", "dailyVo2Max", Record.DAILY)
WEIGHT = _type("weight", "weight", Record.SAMPLE)
BODY_FAT = _type("body-fat", "bodyFat", Record.SAMPLE)
HEIGHT = _type("height", "height", Record.SAMPLE)
SLEEP = _type("sleep", "sleep", Record.SLEEP, 25)
EXERCISE = _type("exercise", "exercise", Record.SESSION, 25)
