"""What an export says of its dates, as the answers that every source gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import CATALOGUE, Merge, describe
from cromwelld.pieces import Answer, Outcome, Stream
from cromwelld.sources.takeout import body, daily, exercise, samples, sleep, zoneminutes
from cromwelld.sources.takeout.copies import Chosen
from cromwelld.sources.takeout.samples import Tables
from cromwelld.sources.takeout.window import Window

SOURCE = "takeout"
_EVER = 366 * 50
_DAILY = (
    *(f"Activity-{name}" for name in ("steps", "calories", "distance", "floors")),
    *(f"Activity-minutes{level}Active" for level in ("Lightly", "Fairly", "Very")),
    "ActiveZoneMinutes",
    *daily.COPIES,
)


def _stream(name: str, *measurements: str) -> Stream:
    own = tuple(dict.fromkeys(measurements))
    return Stream(name=f"{SOURCE}_{name}", measurements=own, longest_range=_EVER, unasked=True)


# Their names are their own: what is known of an API's stream on a date stays known beside them.
STREAMS: Mapping[str, Stream] = {
    stream.name: stream
    for stream in (
        _stream(
            "samples",
            "HeartRate_Intraday",
            "Steps_Intraday",
            "SPO2_Intraday",
            "HRV_Intraday",
            "BreathingRate_Stages",
            "ActiveZoneMinutes_Intraday",
            "SkinTemperature_Intraday",
            "Snore_Intraday",
        ),
        _stream("daily", *_DAILY),
        _stream("logs", "SleepLevels", "SleepSummary", "SleepScore", "Weight", "BodyFat", "ActivityRecords"),
        _stream("tracks", "GPS"),
        _stream("devices", "DeviceBatteryLevel"),
    )
}
_STREAM_OF: Mapping[str, str] = {
    measurement: stream.name for stream in STREAMS.values() for measurement in stream.measurements
}

_CHOOSING: tuple[Callable[[Window, Chosen], Tables], ...] = (
    samples.heart_rate,
    samples.movement,
    samples.active_minutes,
    samples.oxygen,
    samples.variability,
    samples.temperature,
    samples.snore,
    zoneminutes.zone_minutes,
    zoneminutes.breathing,
    daily.values,
    body.weighings,
)


def answers(window: Window, chosen: Chosen) -> list[Answer]:
    """Give what the export has of each date of a window, by date and stream; dates with nothing are left out.

    Only what is there is answered: an export that lacks something does not say that there was none.
    """
    tables: Tables = {}
    for give in _CHOOSING:
        tables |= give(window, chosen)
    exercises = exercise.exercises(window)
    tables |= sleep.sleeps(window) | sleep.scores(window) | exercise.records(exercises)
    tables |= exercise.tracks(window, exercises) | daily.readings(window)
    found: dict[tuple[dt.date, str], dict[str, pa.Table]] = {}
    for (date, measurement), rows in tables.items():
        if rows.num_rows and window.first <= date <= window.last:
            found.setdefault((date, _STREAM_OF[measurement]), {})[measurement] = rows
    worn = {date: _worn(tables, date) for date in {date for date, _ in found}}
    return [
        _answer(window, date, stream, tables=found[date, stream], device=worn[date]) for date, stream in sorted(found)
    ]


def _worn(tables: Tables, date: dt.date) -> str:
    """Name the watch that was worn on a date: the one of most heartbeats, else of the first kind that names any.

    What was stored names records in this order too, so that the same export names them alike again.
    """
    for measurement in CATALOGUE:
        rows = tables.get((date, measurement.name))
        if rows is None or measurement.merge is Merge.READINGS or "Device" not in measurement.tags:
            continue
        counts = pc.value_counts(rows["tag_Device"].drop_null()).to_pylist()
        if counts:
            return str(max(counts, key=lambda one: (one["counts"], one["values"]))["values"])
    return ""


def _goes_on(window: Window, date: dt.date, tables: Mapping[str, pa.Table]) -> bool:
    """Tell whether the date was not over when the export was made; a reading of a battery is whole at any time."""
    open_from = window.facts.open_from
    lasting = any(describe(name).merge is not Merge.READINGS for name in tables)
    return open_from is not None and date >= open_from and lasting


def _answer(window: Window, date: dt.date, stream: str, *, tables: Mapping[str, pa.Table], device: str) -> Answer:
    return Answer(
        stream=stream,
        date=date,
        outcome=Outcome.PARTIAL if _goes_on(window, date, tables) else Outcome.OK,
        tables=dict(sorted(tables.items())),
        source=SOURCE,
        zone=window.facts.calendar.zone(date) or "",
        device=device,
        measurements=tuple(sorted(tables)),
    )
