"""An activity's track as the vendor sends it.

Source: https://dev.fitbit.com/build/reference/web-api/activity/get-activity-tcx/
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from cromwelld.simulator.fitbit_web.activities import find
from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.refusals import Refusal
from cromwelld.simulator.person import Activity, HeartRate, Route

SPORTS = {"walk": "Walking", "indoor": "Other", "manual": "Other"}
TCX = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
    <Activities>
        <Activity Sport="{sport}">
            <Id>{start}</Id>
{lap}            <Creator xsi:type="Device_t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
                <Name>{device}</Name>
                <UnitId>0</UnitId>
                <ProductID>0</ProductID>
            </Creator>
        </Activity>
    </Activities>
</TrainingCenterDatabase>
"""
LAP = """            <Lap StartTime="{start}">
                <TotalTimeSeconds>{seconds}.0</TotalTimeSeconds>
                <DistanceMeters>{distance}</DistanceMeters>
                <Calories>{calories}</Calories>
                <Intensity>Active</Intensity>
                <TriggerMethod>Manual</TriggerMethod>
                <Track>
{points}                </Track>
            </Lap>
"""
POINT = "<Trackpoint><Time>{time}</Time>{position}{heart}</Trackpoint>\n"
POSITION = (
    "<Position><LatitudeDegrees>{latitude}</LatitudeDegrees><LongitudeDegrees>{longitude}</LongitudeDegrees></Position>"
    "<AltitudeMeters>{altitude}</AltitudeMeters><DistanceMeters>{distance}</DistanceMeters>"
)
HEART = "<HeartRateBpm><Value>{}</Value></HeartRateBpm>"


@dataclass(frozen=True, slots=True)
class Xml:
    """Hold an answer that is no JSON."""

    text: str


def track(ask: Ask) -> object:
    """Answer a track: without positions there is no lap, unless partial tracks are asked for.

    Raises: Refusal: 404 where no such activity is known.
    """
    number = ask.path["log_id"]
    activity = find(ask, int(number)) if number.isdecimal() else None
    if activity is None:
        raise Refusal(404)
    partial = ask.query.get("includePartialTCX") == "true"
    points = "".join(_points(ask, activity)) if activity.route or (partial and activity.heart_rate) else ""
    start = _time(ask, activity.start)
    lap = ""
    if points:
        distance = activity.route.distance_m[-1] if activity.route else 0.0
        lap = LAP.format(
            start=start, seconds=activity.seconds, distance=distance, calories=activity.calories_kcal, points=points
        )
    device = escape(ask.view.person.device)
    return Xml(TCX.format(sport=SPORTS[activity.kind], start=start, lap=lap, device=device))


def _points(ask: Ask, activity: Activity) -> Iterator[str]:
    """Write a point a second along a route, else one for every heart-rate sample."""
    beats = activity.heart_rate or HeartRate(instants=(), bpm=())
    instants = activity.route.instants if activity.route else beats.instants
    clock = ask.view.person.tz
    for index, at in enumerate(instants):
        position = _position(activity.route, index) if activity.route else ""
        time = datetime.fromtimestamp(at, clock).isoformat(timespec="milliseconds")
        yield POINT.format(time=time, position=position, heart=_beat(beats, at))


def _position(route: Route, index: int) -> str:
    return POSITION.format(
        latitude=route.latitude[index],
        longitude=route.longitude[index],
        altitude=route.altitude_m[index],
        distance=route.distance_m[index],
    )


def _beat(beats: HeartRate, at: int) -> str:
    """Write the last sample at or before an instant."""
    place = bisect_right(beats.instants, at)
    return HEART.format(beats.bpm[place - 1]) if place else ""


def _time(ask: Ask, moment: datetime) -> str:
    """Write an instant with milliseconds and its offset, never `Z`."""
    return moment.astimezone(ask.view.person.tz).isoformat(timespec="milliseconds")
