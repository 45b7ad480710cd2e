"""The tracks of walks, as files of the exchange format."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator

from cromwelld.simulator.fitbit_web.tcx import HEART, LAP, POINT, POSITION, SPORTS, TCX
from cromwelld.simulator.person import Activity, HeartRate, Route
from tests.support.takeout.exercises import done, log_id
from tests.support.takeout.member import Member, topic
from tests.support.takeout.order import Order


def files(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write a track for every activity of some dates that has a route."""
    for each in done(order, days):
        if each.activity.route:
            content = _track(order, each.activity, each.activity.route)
            yield topic(order, "Activities", f"{log_id(each.activity)}.tcx", content.encode())


def _track(order: Order, activity: Activity, route: Route) -> str:
    start = activity.start.astimezone(order.person.tz).isoformat(timespec="milliseconds")
    lap = LAP.format(
        start=start,
        seconds=activity.seconds,
        distance=route.distance_m[-1],
        calories=activity.calories_kcal,
        points="".join(_points(order, activity, route)),
    )
    return TCX.format(sport=SPORTS[activity.kind], start=start, lap=lap, device=order.person.device)


def _points(order: Order, activity: Activity, route: Route) -> Iterator[str]:
    beats = activity.heart_rate or HeartRate(instants=(), bpm=())
    for index, at in enumerate(route.instants):
        position = POSITION.format(
            latitude=route.latitude[index],
            longitude=route.longitude[index],
            altitude=route.altitude_m[index],
            distance=route.distance_m[index],
        )
        time = dt.datetime.fromtimestamp(at, order.person.tz).isoformat(timespec="milliseconds")
        yield POINT.format(time=time, position=position, heart=_beat(beats, at))


def _beat(beats: HeartRate, at: int) -> str:
    """Write the last heartbeat at or before an instant."""
    place = bisect_right(beats.instants, at)
    return HEART.format(beats.bpm[place - 1]) if place else ""
