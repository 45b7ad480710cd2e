"""The activity log as the vendor sends it.

Source: https://dev.fitbit.com/build/reference/web-api/activity/get-activity-log-list
"""

from __future__ import annotations

from datetime import date, timedelta

from cromwelld.simulator.fitbit_web.account import TRACKER_ID
from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.heart import minutes_in_zones, zones
from cromwelld.simulator.fitbit_web.paging import page
from cromwelld.simulator.fitbit_web.wall import with_offset, without_offset
from cromwelld.simulator.person import Activity
from cromwelld.simulator.person.civil import MINUTE_S, civil_date, seconds_of
from cromwelld.simulator.person.diary import Outing

LOG_ID_BASE = 60_000_000_000
TYPE_IDS = {"walk": 90013, "indoor": 20047, "manual": 90013}
LOG_TYPES = {"walk": "tracker", "indoor": "auto_detected", "manual": "manual"}
LEVEL_NAMES = ("sedentary", "lightly", "fairly", "very")
PROCESSING = timedelta(minutes=10)
VENDOR = "https://api.fitbit.com"


def listed(ask: Ask) -> object:
    """Answer a page of the activities that are over."""
    found = page(ask, "/1/user/-/activities/list.json")
    finished = [
        (day, outing)
        for day in found.days
        for outing in ask.view.person.diary(day).outings
        if outing.span.end <= seconds_of(ask.view.synced)
    ]
    picked, pagination = found.cut(finished, seconds_of=lambda each: each[1].span.start)
    return {
        "activities": [_written(ask, day, _activity(ask, day, outing)) for day, outing in picked],
        "pagination": pagination,
    }


def log_id(activity: Activity | Outing) -> int:
    """Give an activity the number that follows from its start."""
    return log_id_at(seconds_of(activity.start))


def log_id_at(start: int) -> int:
    """Give the number of an activity that starts at an instant."""
    return LOG_ID_BASE + start


def find(ask: Ask, number: int) -> Activity | None:
    """Find an activity that is over by its number."""
    if not LOG_ID_BASE <= number <= log_id_at(seconds_of(ask.view.now)):
        return None
    day = civil_date(number - LOG_ID_BASE, ask.view.person.tz)
    return next((each for each in ask.view.activities(day) if log_id(each) == number), None)


def _activity(ask: Ask, day: date, outing: Outing) -> Activity:
    return next(each for each in ask.view.person.activities(day) if each.start == outing.start)


def _written(ask: Ask, day: date, activity: Activity) -> dict[str, object]:
    """Write an activity: a manual one has few fields and no name."""
    start = with_offset(activity.start, ask.view.person.tz)
    length = activity.seconds * 1000
    few: dict[str, object] = {
        "activeDuration": length,
        "activityTypeId": TYPE_IDS[activity.kind],
        "calories": activity.calories_kcal,
        "duration": length,
        "lastModified": f"{without_offset(activity.end + PROCESSING)}Z",
        "logId": log_id(activity),
        "logType": LOG_TYPES[activity.kind],
        "manualValuesSpecified": {"calories": False, "distance": False, "steps": False},
        "originalDuration": length,
        "originalStartTime": start,
        "startTime": start,
    }
    return few if activity.kind == "manual" else {**few, **_measured(ask, day, activity), **_tracked(ask, activity)}


def _measured(ask: Ask, day: date, activity: Activity) -> dict[str, object]:
    first = (seconds_of(activity.start) - ask.view.person.civil(day).start) // MINUTE_S
    last = first + activity.seconds // MINUTE_S
    levels = ask.view.person.movement(day).level[first:last]
    in_zones = minutes_in_zones(ask.view.person, day, first=first, last=last)
    base = f"{VENDOR}/1/user/-/activities"
    return {
        "activityLevel": [{"minutes": levels.count(number), "name": name} for number, name in enumerate(LEVEL_NAMES)],
        "activityName": activity.name,
        "averageHeartRate": activity.average_bpm,
        "caloriesLink": f"{base}/calories/date/{day}/{day}/1min/{_times(ask, activity, '%H:%M')}.json",
        "hasActiveZoneMinutes": True,
        "heartRateLink": f"{base}/heart/date/{day}/{day}/1sec/{_times(ask, activity, '%H:%M:%S')}.json",
        "heartRateZones": zones(in_zones),
        "steps": activity.steps,
        "tcxLink": f"{base}/{log_id(activity)}.tcx",
    }


def _times(ask: Ask, activity: Activity, form: str) -> str:
    start, end = (moment.astimezone(ask.view.person.tz) for moment in (activity.start, activity.end))
    return f"time/{start:{form}}/{end:{form}}"


def _tracked(ask: Ask, activity: Activity) -> dict[str, object]:
    """Write what only a position tells."""
    if activity.route is None:
        return {"hasGps": False}
    kilometres = activity.route.distance_m[-1] / 1000
    climbs = zip(activity.route.altitude_m, activity.route.altitude_m[1:], strict=False)
    return {
        "distance": round(kilometres, 5),
        "distanceUnit": "Kilometer",
        "elevationGain": round(sum(max(0.0, upper - lower) for lower, upper in climbs), 3),
        "hasGps": True,
        "pace": round(activity.seconds / kilometres, 3),
        "source": {
            "id": TRACKER_ID,
            "name": ask.view.person.device,
            "trackerFeatures": ["GPS", "HEARTRATE", "DISTANCE", "CALORIES", "STEPS", "PACE"],
            "type": "tracker",
            "url": "https://www.fitbit.com/",
        },
        "speed": round(kilometres / activity.seconds * 3600, 5),
    }
