"""One large day from decoded answers to archive and Parquet, in a process of its own: one_day.py ours|theirs FOLDER.

The day has 28,000 heart-rate samples, 1,440 minutes of steps, a track of 1,800 points, a night of 40 stages and one
value of everything daily. `ours` is the whole of `collect` behind a client that has the bodies already: parsing, outbox
with its syncs, ledger, merge, archive, tables. `theirs` starts from the same bodies already decoded to Python objects,
builds a list of dicts, and goes on with `json.dumps`, `gzip` at its default level and the yardstick's own compile.
Prints seconds, and for `ours` the peak memory above what was there once everything was imported, in MB.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import importlib.util
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cromwelld.events import ignore
from cromwelld.jobs.collect import Wish, collect
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from cromwelld.sources.raw import JSON, RawAnswer
from tests.support.places import places_in

DATE = dt.date(2025, 10, 8)
HEART_RATES, MINUTES, POINTS, STAGES = 28_000, 1440, 1800, 40
_DICE = random.Random(7)
_START = dt.datetime(2025, 10, 8, 17, tzinfo=dt.UTC)


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _heart_rate() -> object:
    samples = [
        {"time": _clock(i * 86_400 // HEART_RATES), "value": 60 + _DICE.randrange(60)} for i in range(HEART_RATES)
    ]
    return {"activities-heart": [], "activities-heart-intraday": {"dataset": samples, "datasetInterval": 1}}


def _steps() -> object:
    minutes = [{"time": _clock(i * 60), "value": max(1, _DICE.randrange(-80, 100))} for i in range(MINUTES)]
    return {"activities-steps": [], "activities-steps-intraday": {"dataset": minutes, "datasetInterval": 1}}


def _points() -> list[tuple[str, float, float, float]]:
    times = (_START + dt.timedelta(seconds=i) for i in range(POINTS))
    return [(time.isoformat(), 56.5 + i * 1e-5, 3.0 + _DICE.random() / 100, i * 1.2) for i, time in enumerate(times)]


def _tcx(points: list[tuple[str, float, float, float]]) -> bytes:
    found = "".join(
        f"<Trackpoint><Time>{time}</Time><Position><LatitudeDegrees>{lat!r}</LatitudeDegrees><LongitudeDegrees>{lon!r}"
        f"</LongitudeDegrees></Position><AltitudeMeters>12.0</AltitudeMeters><DistanceMeters>{distance!r}</DistanceMeters>"
        "<HeartRateBpm><Value>110</Value></HeartRateBpm></Trackpoint>"
        for time, lat, lon, distance in points
    )
    space = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
    return (
        f'<TrainingCenterDatabase xmlns="{space}"><Activities><Activity Sport="Walking"><Id>{points[0][0]}</Id>'
        f"<Lap><Track>{found}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def _sleep() -> object:
    levels = [{"dateTime": "-", "level": _DICE.choice(["deep", "light", "rem", "wake"]), "seconds": 660}] * STAGES
    log = {
        "dateOfSleep": str(DATE),
        "startTime": "2025-10-08T00:10:00.000",
        "duration": STAGES * 660_000,
        "isMainSleep": True,
        "type": "stages",
        "minutesAsleep": 400,
        "timeInBed": 440,
        "levels": {"data": levels},
    }
    return {"sleep": [log]}


def _activities() -> object:
    activity = {
        "logId": 1,
        "activityName": "Walk",
        "startTime": _START.isoformat(),
        "duration": 1_800_000,
        "calories": 150,
        "steps": 3000,
        "logType": "tracker",
    }
    return {"activities": [activity], "pagination": {"next": ""}}


def bodies() -> dict[str, bytes]:
    """Give the bodies by a part of the path that each answers; the first that fits counts."""
    zones = [{"name": "Peak", "minutes": 2}, {"name": "Cardio", "minutes": 10}]
    heart = [{"dateTime": str(DATE), "value": {"heartRateZones": zones, "restingHeartRate": 58}}]
    made: dict[str, object] = {
        "heart/date/2025-10-08/1d": _heart_rate(),
        "steps/date/2025-10-08/1d": _steps(),
        "activities/heart/": {"activities-heart": heart},
        "activities/list": _activities(),
        "sleep": _sleep(),
        "hrv": {"hrv": [{"dateTime": str(DATE), "value": {"dailyRmssd": 34.9, "deepRmssd": 31.5}}]},
        "/br/": {"br": [{"dateTime": str(DATE), "value": {"breathingRate": 15.2}}]},
        "temp": {"tempSkin": [{"dateTime": str(DATE), "value": {"nightlyRelative": 0.3}}]},
        "spo2": [{"dateTime": str(DATE), "value": {"avg": 96.1, "min": 92, "max": 99}}],
        "weight": {"weight": [{"date": str(DATE), "time": "07:00:00", "weight": 70, "bmi": 22.9, "source": "Aria"}]},
        "profile": {"user": {"timezone": "Europe/London"}},
        "devices": [],
    }
    made |= {
        f"tracker/{name}/": {f"activities-tracker-{name}": [{"dateTime": str(DATE), "value": "100"}]}
        for name in ("steps", "calories", "distance", *(f"minutes{k}" for k in ("Sedentary", "LightlyActive")))
    }
    made |= {f"tracker/minutes{k}/": {f"activities-tracker-minutes{k}": []} for k in ("FairlyActive", "VeryActive")}
    texts = {part: json.dumps(body).encode() for part, body in made.items()}
    return {".tcx": _tcx(_points()), **texts}


class Answered(Client):
    """A client whose answers have all come."""

    __slots__ = ("_bodies",)

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._bodies = answers

    async def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        accept: str = JSON,
        permit: Callable[[], None] = lambda: None,
    ) -> RawAnswer:
        del accept, permit
        body = next(body for part, body in self._bodies.items() if part in path)
        return RawAnswer(method="GET", path=path, query=query or {}, status=200, headers={}, body=body)


def ours(folder: Path) -> tuple[float, float]:
    answers = bodies()
    pa.array([1.0])
    pq.write_table(pa.table({"a": [1.0]}), folder / "warm.parquet")
    baseline = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with places_in(folder) as places:
        source = FitbitWeb(Answered(answers), Settings(zone_of=lambda _: None, report=ignore))
        start = time.perf_counter()
        done = asyncio.run(collect(source, places, Wish(first=DATE, last=DATE), lambda _: None))
        seconds = time.perf_counter() - start
    day = done.stored[0].day
    assert done.complete
    assert day is not None
    sizes = {name: day.tables[name].num_rows for name in ("HeartRate_Intraday", "Steps_Intraday", "GPS", "SleepLevels")}
    assert list(sizes.values()) == [HEART_RATES, MINUTES, POINTS, STAGES]
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - baseline) / 1024


def theirs(folder: Path) -> tuple[float, float]:
    answers = bodies()
    heart = json.loads(answers["heart/date/2025-10-08/1d"])["activities-heart-intraday"]["dataset"]
    steps = json.loads(answers["steps/date/2025-10-08/1d"])["activities-steps-intraday"]["dataset"]
    points = _points()
    compile_day = _yardstick().compile_day
    pd.DataFrame({"time": pd.to_datetime(["2025-10-08T00:00:00+00:00"], format="ISO8601")}).to_parquet(
        folder / "warm.parquet"
    )
    start = time.perf_counter()
    records = [_sample("HeartRate_Intraday", one) for one in heart] + [_sample("Steps_Intraday", one) for one in steps]
    records += [_point(*point) for point in points]
    path = folder / f"fitbit_backup_{DATE}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(records).encode()))
    (folder / "data").mkdir()
    compile_day(path, folder / "data")
    return time.perf_counter() - start, 0.0


def _sample(name: str, sample: Mapping[str, object]) -> dict[str, object]:
    at = dt.datetime.fromisoformat(f"{DATE}T{sample['time']}+01:00").astimezone(dt.UTC)
    value = float(str(sample["value"]))
    return {"measurement": name, "time": at.isoformat(), "tags": {"Device": "Charge 6"}, "fields": {"value": value}}


def _point(time_: str, lat: float, lon: float, distance: float) -> dict[str, object]:
    fields = {"lat": lat, "lon": lon, "altitude": 12.0, "distance": distance, "heart_rate": 110.0}
    return {"measurement": "GPS", "time": time_, "tags": {"ActivityID": f"{_START}-Walk"}, "fields": fields}


def _yardstick() -> ModuleType:
    spec = importlib.util.spec_from_file_location("baseline", sys.argv[3])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    seconds, memory_mb = {"ours": ours, "theirs": theirs}[sys.argv[1]](Path(sys.argv[2]))
    sys.stdout.write(json.dumps({"seconds": seconds, "memory_mb": memory_mb}))
