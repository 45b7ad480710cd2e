"""Exercises: the old site's logs of a hundred a file, the relational table, and a track for each route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from cromwelld.simulator.person import Activity, Person
from cromwelld.simulator.person.civil import MINUTE_S, seconds_of
from tests.support.takeout.member import Member, fitness, old_data, pretty, table
from tests.support.takeout.order import Order
from tests.support.takeout.truth import DAYS_KEPT, Minutes, minutes

LOG_ID_BASE, EXERCISE_ID_BASE = 60_000_000_000, 2_000_000_000_000_000_000
A_FILE = 100
TYPE_IDS = {"walk": 90013, "indoor": 20047, "manual": 90013}
LOG_TYPES = {"walk": "tracker", "indoor": "auto_detected", "manual": "manual"}
LEVELS = ("sedentary", "lightly", "fairly", "very")
ZONES = (("Out of Range", 30, 110), ("Fat Burn", 110, 136), ("Cardio", 136, 169), ("Peak", 169, 220))
ZONE_TYPES = ("OUT_OF_ZONE", "FAT_BURN", "CARDIO", "PEAK")
WORTH = (0, 1, 2, 2)
PROCESSING = dt.timedelta(minutes=10)
BY_HAND = {"calories": False, "distance": False, "steps": False}
TABLE = (
    "exercise_id,exercise_start,exercise_end,utc_offset,exercise_created,exercise_last_updated,activity_name,log_type,"
    "pool_length,pool_length_unit,intervals,distance_units,tracker_total_calories,tracker_total_steps,"
    "tracker_total_distance_mm,tracker_total_altitude_mm,tracker_avg_heart_rate,tracker_peak_heart_rate,"
    "tracker_avg_pace_mm_per_second,tracker_avg_speed_mm_per_second,tracker_peak_speed_mm_per_second,"
    "tracker_auto_stride_run_mm,tracker_auto_stride_walk_mm,tracker_swim_lengths,tracker_pool_length,"
    "tracker_pool_length_unit,tracker_cardio_load,manually_logged_total_calories,manually_logged_total_steps,"
    "manually_logged_total_distance_mm,manually_logged_pool_length,manually_logged_pool_length_unit,events,"
    "activity_type_probabilities,autodetected_confirmed,autodetected_start_timestamp,autodetected_end_timestamp,"
    "autodetected_utc_offset,autodetected_activity_name,autodetected_sensor_based_activity_name,deletion_reason,"
    "activity_label,suggested_start_timestamp,suggested_end_timestamp,reconciliation_status,location_metadata"
)
PROBABILITIES = '"[{""activity"": ""WALK"", ""probability"": 0.93}, {""activity"": ""RUN"", ""probability"": 0.04}]"'


@dataclass(frozen=True, slots=True)
class Done:
    """Hold an activity with the date on which it began."""

    day: dt.date
    activity: Activity


def done(order: Order, days: list[dt.date]) -> list[Done]:
    """List the activities of some dates that were over."""
    synced = order.view.synced
    return [Done(day, each) for day in days for each in _activities(order.person, day) if each.end <= synced]


@lru_cache(maxsize=DAYS_KEPT)
def _activities(person: Person, day: dt.date) -> tuple[Activity, ...]:
    return person.activities(day)


def log_id(activity: Activity) -> int:
    """Give an activity the number by which the old site knows it."""
    return LOG_ID_BASE + seconds_of(activity.start)


@dataclass(slots=True)
class Logs:
    """Collect the logs of an export, a hundred a file, numbered from zero."""

    order: Order
    written: int = 0
    waiting: list[dict[str, object]] | None = None

    def add(self, days: list[dt.date]) -> Iterator[Member]:
        """Take the activities of some dates and write what makes a file full."""
        self.waiting = [*(self.waiting or []), *(_log(self.order, each) for each in done(self.order, days))]
        while len(self.waiting) >= A_FILE:
            yield self._file(self.waiting[:A_FILE])
            self.waiting = self.waiting[A_FILE:]

    def rest(self) -> Iterator[Member]:
        """Write what is left."""
        if self.waiting:
            yield self._file(self.waiting)

    def _file(self, logs: list[dict[str, object]]) -> Member:
        name = f"exercise-{self.written * A_FILE}.json"
        self.written += 1
        return old_data(self.order, name, pretty(logs))


def tables(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write the exercises of a month with their offsets."""
    rows = [_row(order, each.activity) for each in done(order, days)]
    yield fitness(order, f"UserExercises_{days[0]}.csv", table(TABLE, rows))


def _log(order: Order, each: Done) -> dict[str, object]:
    """Write a log on the person's clock: one made by hand has few fields and no name."""
    activity = each.activity
    start = _shown(order, activity.start)
    length = activity.seconds * 1000
    measured = {} if activity.kind == "manual" else _measured(order, each)
    return {
        "logId": log_id(activity),
        **({} if activity.name is None else {"activityName": activity.name}),
        "activityTypeId": TYPE_IDS[activity.kind],
        **measured,
        "calories": activity.calories_kcal,
        "duration": length,
        "activeDuration": length,
        "logType": LOG_TYPES[activity.kind],
        "manualValuesSpecified": BY_HAND,
        "lastModified": _shown(order, activity.end + PROCESSING),
        "startTime": start,
        "originalStartTime": start,
        "originalDuration": length,
        **_travelled(order, activity),
        "shouldFetchDetails": activity.route is not None,
    }


def _measured(order: Order, each: Done) -> dict[str, object]:
    of = _minutes(order, each)
    in_zones = [int((of.zone == zone).sum()) for zone in range(len(ZONES))]
    worth = [spent * points for spent, points in zip(in_zones, WORTH, strict=True)]
    active = [
        {"minutes": points, "zoneName": name, "order": number, "type": name, "minuteMultiplier": WORTH[number]}
        for number, (name, points) in enumerate(zip(ZONE_TYPES, worth, strict=True))
    ]
    return {
        "activityLevel": [
            {"minutes": int((of.level == level).sum()), "name": name} for level, name in enumerate(LEVELS)
        ],
        "averageHeartRate": each.activity.average_bpm,
        "steps": each.activity.steps,
        "heartRateZones": [
            {"name": name, "min": least, "max": most, "minutes": spent}
            for (name, least, most), spent in zip(ZONES, in_zones, strict=True)
        ],
        "activeZoneMinutes": {"totalMinutes": sum(worth), "minutesInHeartRateZones": active},
        "hasActiveZoneMinutes": True,
    }


def _minutes(order: Order, each: Done) -> Minutes:
    """Tell the minutes from the one in which an activity began, as many as it is long."""
    of = minutes(order.view, [each.day])
    first = (seconds_of(each.activity.start) - order.person.civil(each.day).start) // MINUTE_S
    number = (of.at - order.person.civil(each.day).start) // MINUTE_S
    return of.where((number >= first) & (number < first + each.activity.seconds // MINUTE_S))


def _travelled(order: Order, activity: Activity) -> dict[str, object]:
    if activity.kind == "manual":
        return {}
    if activity.route is None:
        return {"hasGps": False}
    kilometres = activity.route.distance_m[-1] / 1000
    return {
        "hasGps": True,
        "distance": round(kilometres, 5),
        "distanceUnit": "Kilometer",
        "elevationGain": round(_climbed_m(activity), 3),
        "pace": round(activity.seconds / kilometres, 3),
        "speed": round(kilometres / activity.seconds * 3600, 5),
        "source": {"type": "tracker", "name": order.person.device, "id": "101", "trackerFeatures": ["GPS", "STEPS"]},
    }


def _climbed_m(activity: Activity) -> float:
    altitudes = activity.route.altitude_m if activity.route else ()
    return sum(max(0.0, upper - lower) for lower, upper in pairwise(altitudes))


def _row(order: Order, activity: Activity) -> str:
    offset = f"{activity.start.astimezone(order.person.tz):%z}"
    seen = _utc(activity.end + PROCESSING)
    by_hand = activity.kind == "manual"
    head = (EXERCISE_ID_BASE + seconds_of(activity.start), _utc(activity.start), _utc(activity.end))
    named = (f"{offset[:3]}:{offset[3:]}", seen, seen, activity.name or "", LOG_TYPES[activity.kind].upper())
    pool = (0, "UNSPECIFIED", "", "UNSPECIFIED")
    tracked = [""] * 15 if by_hand else _tracked(activity)
    logged = [str(activity.calories_kcal), *[""] * 4] if by_hand else [""] * 5
    tail = ["", PROBABILITIES, *[""] * 6, "UNSPECIFIED", *[""] * 5]
    return ",".join(str(cell) for cell in (*head, *named, *pool, *tracked, *logged, *tail))


def _tracked(activity: Activity) -> list[str]:
    beats = activity.heart_rate.bpm if activity.heart_rate else ()
    millimetres = round(activity.route.distance_m[-1] * 1000) if activity.route else 0
    speed = round(millimetres / activity.seconds, 3)
    cells = (
        activity.calories_kcal,
        activity.steps,
        millimetres,
        round(_climbed_m(activity) * 1000),
        activity.average_bpm,
        max(beats, default=0),
        *(speed, speed, speed, 0, 750, 0, 0),
        "UNSPECIFIED",
        0,
    )
    return [str(cell) for cell in cells]


def _shown(order: Order, moment: dt.datetime) -> str:
    late = dt.timedelta(seconds=order.planted.late_s("exercise-"))
    return f"{moment.astimezone(order.person.tz) + late:%m/%d/%y %H:%M:%S}"


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
