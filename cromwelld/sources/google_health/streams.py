"""Every stream of the Google Health API that is asked, as values.

Source: https://developers.google.com/health/data-types, .../health/migration
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cromwelld.pieces import TRACKS_A_DATE, Stream
from cromwelld.sources.google_health import (
    body,
    breathing,
    daily,
    datatypes,
    exercise,
    intervals,
    levels,
    rollups,
    samples,
    scopes,
    sleep,
)
from cromwelld.sources.google_health.datatypes import DataType
from cromwelld.sources.parsed import Asked, Parsed

SOURCE = "google_health"
Parser = Callable[[Sequence[bytes], Asked], Parsed]


# What is counted by the heart is the same whosever steps count.
_BY_HEART = (datatypes.TIME_IN_HEART_RATE_ZONE, datatypes.ACTIVE_ZONE_MINUTES)


@dataclass(frozen=True, slots=True)
class Grid:
    """How an uneven answer is asked again as a grid of minutes: for which stretch, and how both are read together."""

    uneven: Callable[[Sequence[bytes], Asked], tuple[dt.datetime, dt.datetime] | None]
    parse: Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStream:
    """One stream: what to ask, for how many dates at once, and how to read what comes back into which measurements.

    `summed` asks for the sum of each date instead of records. `by_family` follows the account's `steps_from`. Records
    that began `early` before the first date may reach into it, so they are asked too. `beside` is asked whole, and its
    pages are read with the others.
    """

    stream: str
    data_type: DataType
    scopes: tuple[str, ...]
    longest_range: int
    measurements: tuple[str, ...]
    parse: Parser
    summed: bool = False
    by_family: bool = False
    early: dt.timedelta = dt.timedelta()
    beside: DataType | None = None
    grid: Grid | None = None


def _night(stream: str, data_type: DataType, longest_range: int, read: tuple[str, Parser]) -> DataStream:
    """Declare what a night tells: samples, or one value a date."""
    return DataStream(
        stream=stream,
        data_type=data_type,
        scopes=(scopes.METRICS,),
        longest_range=longest_range,
        measurements=(read[0],),
        parse=read[1],
    )


def _total(stream: str, data_type: DataType, longest_range: int, read: tuple[str, Parser]) -> DataStream:
    """Declare a total of each date, which the vendor adds up."""
    return DataStream(
        stream=stream,
        data_type=data_type,
        scopes=(scopes.ACTIVITY,),
        longest_range=longest_range,
        measurements=(read[0],),
        parse=read[1],
        summed=True,
        by_family=data_type not in _BY_HEART,
    )


EXERCISE = DataStream(
    stream="activities",
    data_type=datatypes.EXERCISE,
    scopes=(scopes.ACTIVITY,),
    longest_range=30,
    measurements=("ActivityRecords",),
    parse=exercise.parse,
)

# What a day of a person who wears the watch is split into, about: no more than five thousand points lie on a page.
_PAGES = {"heart_rate": 3.0}

# The longest chains of requests come first: the time of a day is theirs.
_RANGES = (
    _night("heart_rate", datatypes.HEART_RATE, 1, ("HeartRate_Intraday", samples.heart_rate)),
    DataStream(
        stream="steps",
        data_type=datatypes.STEPS,
        scopes=(scopes.ACTIVITY,),
        longest_range=1,
        measurements=("Steps_Intraday",),
        parse=intervals.steps,
        by_family=True,
        early=dt.timedelta(hours=6),
        grid=Grid(intervals.uneven, intervals.grid),
    ),
    DataStream(
        stream="sleep",
        data_type=datatypes.SLEEP,
        scopes=(scopes.SLEEP,),
        longest_range=30,
        measurements=("SleepLevels", "SleepSummary"),
        parse=sleep.sleep,
    ),
    _night("spo2_intraday", datatypes.OXYGEN_SATURATION, 14, ("SPO2_Intraday", samples.oxygen_saturation)),
    _night("hrv_intraday", datatypes.HEART_RATE_VARIABILITY, 30, ("HRV_Intraday", samples.variability)),
    _night("breathing_stages", datatypes.BREATHING_SUMMARY, 90, ("BreathingRate_Stages", breathing.stages)),
    _night("resting_heart_rate", datatypes.DAILY_RESTING_HEART_RATE, 90, ("RestingHR", daily.resting_heart_rate)),
    _night("hrv", datatypes.DAILY_VARIABILITY, 90, ("HRV", daily.variability)),
    _night("spo2", datatypes.DAILY_OXYGEN, 90, ("SPO2_Daily", daily.oxygen)),
    _night("breathing_rate", datatypes.DAILY_BREATHING, 90, ("BreathingRate", daily.breathing)),
    _night("skin_temperature", datatypes.DAILY_TEMPERATURE, 90, ("SkinTemperature", daily.temperature)),
    DataStream(
        stream="weight",
        data_type=datatypes.WEIGHT,
        scopes=(scopes.METRICS,),
        longest_range=90,
        measurements=("Weight",),
        parse=body.weight,
        beside=datatypes.HEIGHT,
    ),
    _night("body_fat", datatypes.BODY_FAT, 90, ("BodyFat", body.body_fat)),
    DataStream(
        stream="vo2_max",
        data_type=datatypes.DAILY_VO2_MAX,
        scopes=(scopes.ACTIVITY,),
        longest_range=90,
        measurements=("VO2Max",),
        parse=daily.vo2_max,
    ),
    DataStream(
        stream="zone_minutes_intraday",
        data_type=datatypes.ACTIVE_ZONE_MINUTES,
        scopes=(scopes.ACTIVITY,),
        longest_range=30,
        measurements=("ActiveZoneMinutes_Intraday",),
        parse=intervals.zone_minutes,
    ),
    DataStream(
        stream="activity_levels",
        data_type=datatypes.ACTIVITY_LEVEL,
        scopes=(scopes.ACTIVITY,),
        longest_range=14,
        measurements=tuple(f"Activity-minutes{level}Active" for level in ("Lightly", "Fairly", "Very")),
        parse=levels.activity_levels,
        by_family=True,
        early=dt.timedelta(days=1),
    ),
    _total("total_steps", datatypes.STEPS, 90, ("Activity-steps", rollups.steps)),
    _total("total_calories", datatypes.TOTAL_CALORIES, 14, ("Activity-calories", rollups.calories)),
    _total("total_distance", datatypes.DISTANCE, 90, ("Activity-distance", rollups.distance)),
    _total("total_floors", datatypes.FLOORS, 90, ("Activity-floors", rollups.floors)),
    _total("minutes_sedentary", datatypes.SEDENTARY_PERIOD, 90, ("Activity-minutesSedentary", rollups.sedentary)),
    _total("heart_rate_zones", datatypes.TIME_IN_HEART_RATE_ZONE, 90, ("HR_Zones", rollups.zones)),
    _total("zone_minutes", datatypes.ACTIVE_ZONE_MINUTES, 90, ("ActiveZoneMinutes", rollups.zone_minutes)),
)

DATA_STREAMS: Mapping[str, DataStream] = {one.stream: one for one in (*_RANGES, EXERCISE)}

DEVICES = Stream(name="devices", measurements=("DeviceBatteryLevel",), longest_range=1095, undated=True)
GPS = Stream(name="gps", measurements=("GPS",), longest_range=1, follows=EXERCISE.stream, requests=TRACKS_A_DATE)
DEVICE_SCOPES = (scopes.SETTINGS,)
TRACK_SCOPES = (scopes.ACTIVITY, scopes.LOCATION)


def _stream(one: DataStream) -> Stream:
    """Describe a stream to the planner."""
    pages = _PAGES.get(one.stream, 1.0)
    return Stream(name=one.stream, measurements=one.measurements, longest_range=one.longest_range, requests=pages)


STREAMS: Mapping[str, Stream] = {
    **{name: _stream(one) for name, one in DATA_STREAMS.items()},
    GPS.name: GPS,
    DEVICES.name: DEVICES,
}
