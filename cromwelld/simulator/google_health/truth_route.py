"""An exercise's route as a file in Garmin's format.

Source: https://developers.google.com/health/data-types/workouts
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from cromwelld.simulator.google_health.truth_points import stamp
from cromwelld.simulator.person import Activity, HeartRate, Route
from cromwelld.simulator.person.civil import seconds_of

TCX = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
    '<Activity Sport="Other"><Id>{start}</Id><Lap StartTime="{start}"><TotalTimeSeconds>{seconds}.0</TotalTimeSeconds>'
    "<DistanceMeters>{distance}</DistanceMeters><Calories>{calories}</Calories><Track>\n{points}"
    "</Track></Lap></Activity></Activities></TrainingCenterDatabase>\n"
)
POINT = (
    "<Trackpoint><Time>{time}</Time><Position><LatitudeDegrees>{latitude}</LatitudeDegrees>"
    "<LongitudeDegrees>{longitude}</LongitudeDegrees></Position><AltitudeMeters>{altitude}</AltitudeMeters>"
    "<DistanceMeters>{distance}</DistanceMeters>{heart}</Trackpoint>\n"
)
HEART = "<HeartRateBpm><Value>{}</Value></HeartRateBpm>"
NO_BEATS = HeartRate(instants=(), bpm=())


def file_of(told: Activity) -> str | None:
    """Write the route of an exercise, a point a second; None where it has none."""
    if told.route is None:
        return None
    return TCX.format(
        start=_time(seconds_of(told.start)),
        seconds=told.seconds,
        distance=told.route.distance_m[-1],
        calories=told.calories_kcal,
        points="".join(_points(told.route, told.heart_rate or NO_BEATS)),
    )


def _points(route: Route, beats: HeartRate) -> Iterator[str]:
    for index, at in enumerate(route.instants):
        yield POINT.format(
            time=_time(at),
            latitude=route.latitude[index],
            longitude=route.longitude[index],
            altitude=route.altitude_m[index],
            distance=route.distance_m[index],
            heart=_beat(beats, at),
        )


def _beat(beats: HeartRate, at: int) -> str:
    """Write the last sample at or before an instant."""
    place = bisect_right(beats.instants, at)
    return HEART.format(beats.bpm[place - 1]) if place else ""


def _time(at: int) -> str:
    return stamp(at).replace("Z", ".000Z")
