"""One large day to archive and Parquet, in a process of its own: one_day.py ours|theirs FOLDER YARDSTICK.

The day has 28,000 heart-rate samples, 1,440 minutes of steps, a track of 1,800 points, a night of 40 stages and one
value of everything daily. Both ways are timed twice: from decoded answers (columns here, Python objects there), and
from the bodies as bytes. `ours` is the whole of `collect`: outbox with its syncs, ledger, merge, archive, tables.
`theirs` takes only heart rate, steps and track, builds a list of dicts, and goes on with `json.dumps`, `gzip` at its
default level and the yardstick's own compile; it syncs nothing. Both have stored a small day before, as a resident
process has. Prints seconds, and for `ours` the peak memory above what was there after the small day, in MB.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import importlib.util
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from cromwelld.events import ignore
from cromwelld.jobs.collect import Wish, collect
from cromwelld.pieces import Answer, Piece, Stream
from cromwelld.planner import plan
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from cromwelld.sources.fitbit_web.endpoints import STREAMS
from cromwelld.sources.raw import RawAnswer, Request
from tests.support.places import places_in

DATE = dt.date(2025, 10, 8)
EVE = DATE - dt.timedelta(days=1)
STAGES = 40


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything a day has."""

    heart_rates: int = 28_000
    minutes: int = 1440
    points: int = 1800


LARGE, SMALL = Size(), Size(200, 200, 200)
_DICE = random.Random(7)
_FIVE = dt.time(17, tzinfo=dt.UTC)
_SPACE = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _heart_rate(size: Size) -> object:
    seconds = (number * 86_400 // size.heart_rates for number in range(size.heart_rates))
    samples = [{"time": _clock(second), "value": 60 + _DICE.randrange(60)} for second in seconds]
    return {"activities-heart": [], "activities-heart-intraday": {"dataset": samples, "datasetInterval": 1}}


def _steps(size: Size) -> object:
    minutes = [{"time": _clock(i * 60), "value": max(1, _DICE.randrange(-80, 100))} for i in range(size.minutes)]
    return {"activities-steps": [], "activities-steps-intraday": {"dataset": minutes, "datasetInterval": 1}}


def _points(size: Size, date: dt.date) -> list[tuple[str, float, float, float]]:
    times = (dt.datetime.combine(date, _FIVE) + dt.timedelta(seconds=i) for i in range(size.points))
    return [(time.isoformat(), 56.5 + i * 1e-5, 3.0 + _DICE.random() / 100, i * 1.2) for i, time in enumerate(times)]


def _tcx(points: list[tuple[str, float, float, float]]) -> bytes:
    found = "".join(
        f"<Trackpoint><Time>{time}</Time><Position><LatitudeDegrees>{lat!r}</LatitudeDegrees><LongitudeDegrees>{lon!r}"
        f"</LongitudeDegrees></Position><AltitudeMeters>12.0</AltitudeMeters><DistanceMeters>{distance!r}</DistanceMeters>"
        "<HeartRateBpm><Value>110</Value></HeartRateBpm></Trackpoint>"
        for time, lat, lon, distance in points
    )
    space = _SPACE.strip("{}")
    return (
        f'<TrainingCenterDatabase xmlns="{space}"><Activities><Activity Sport="Walking"><Id>{points[0][0]}</Id>'
        f"<Lap><Track>{found}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def _sleep(date: dt.date) -> object:
    levels = [{"dateTime": "-", "level": _DICE.choice(["deep", "light", "rem", "wake"]), "seconds": 660}] * STAGES
    log = {
        "dateOfSleep": str(date),
        "startTime": f"{date}T00:10:00.000",
        "duration": STAGES * 660_000,
        "isMainSleep": True,
        "type": "stages",
        "minutesAsleep": 400,
        "timeInBed": 440,
        "levels": {"data": levels},
    }
    return {"sleep": [log]}


def _activities(date: dt.date) -> object:
    activity = {
        "logId": 1,
        "activityName": "Walk",
        "startTime": dt.datetime.combine(date, _FIVE).isoformat(),
        "duration": 1_800_000,
        "calories": 150,
        "steps": 3000,
        "logType": "tracker",
    }
    return {"activities": [activity], "pagination": {"next": ""}}


def bodies(size: Size, date: dt.date) -> dict[str, bytes]:
    """Give the bodies by a part of the path that each answers; the first that fits counts."""
    zones = [{"name": "Peak", "minutes": 2}, {"name": "Cardio", "minutes": 10}]
    heart = [{"dateTime": str(date), "value": {"heartRateZones": zones, "restingHeartRate": 58}}]
    made: dict[str, object] = {
        f"heart/date/{date}/1d": _heart_rate(size),
        f"steps/date/{date}/1d": _steps(size),
        "activities/heart/": {"activities-heart": heart},
        "activities/list": _activities(date),
        "sleep": _sleep(date),
        "hrv": {"hrv": [{"dateTime": str(date), "value": {"dailyRmssd": 34.9, "deepRmssd": 31.5}}]},
        "/br/": {"br": [{"dateTime": str(date), "value": {"breathingRate": 15.2}}]},
        "temp": {"tempSkin": [{"dateTime": str(date), "value": {"nightlyRelative": 0.3}}]},
        "spo2": [{"dateTime": str(date), "value": {"avg": 96.1, "min": 92, "max": 99}}],
        "weight": {"weight": [{"date": str(date), "time": "07:00:00", "weight": 70, "bmi": 22.9, "source": "Aria"}]},
        "profile": {"user": {"timezone": "Europe/London"}},
        "devices": [],
    }
    made |= {
        f"tracker/{name}/": {f"activities-tracker-{name}": [{"dateTime": str(date), "value": "100"}]}
        for name in ("steps", "calories", "distance", *(f"minutes{k}" for k in ("Sedentary", "LightlyActive")))
    }
    made |= {f"tracker/minutes{k}/": {f"activities-tracker-minutes{k}": []} for k in ("FairlyActive", "VeryActive")}
    texts = {part: json.dumps(body).encode() for part, body in made.items()}
    return {".tcx": _tcx(_points(size, date)), **texts}


class Answered(Client):
    """A client whose answers have all come."""

    __slots__ = ("_bodies",)

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._bodies = answers

    async def send(self, request: Request, *, permit: Callable[[], None] = lambda: None) -> RawAnswer:
        del permit
        body = next(body for part, body in self._bodies.items() if part in request.path)
        return RawAnswer(request=request, status=200, headers={}, body=body)


def ours(folder: Path) -> dict[str, float]:
    _collect(folder / "decoded", EVE, source_of(bodies(SMALL, EVE)))
    _collect(folder / "bytes", EVE, source_of(bodies(SMALL, EVE)))
    raw = source_of(bodies(LARGE, DATE))
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
    baseline_kb = memory_kb("VmRSS")
    bytes_s = _collect(folder / "bytes", DATE, raw)
    memory_mb = (memory_kb("VmHWM") - baseline_kb) / 1024
    decoded = Decoded(asyncio.run(answers_of(raw)))
    return {"decoded_s": _collect(folder / "decoded", DATE, decoded), "bytes_s": bytes_s, "memory_mb": memory_mb}


def memory_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def source_of(answers: Mapping[str, bytes]) -> FitbitWeb:
    return FitbitWeb(Answered(answers), Settings(zone_of=lambda _: None, report=ignore))


async def answers_of(source: FitbitWeb) -> list[Answer]:
    return [answer async for answer in source.fetch(plan("me", source.streams.values(), DATE, DATE))]


class Decoded:
    """A source whose answers have all been decoded."""

    name = FitbitWeb.name
    streams: ClassVar[Mapping[str, Stream]] = STREAMS
    ahead_s: float | None = None

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = answers

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncIterator[Answer]:
        del pieces
        for answer in self._answers:
            yield answer


def _collect(folder: Path, date: dt.date, source: FitbitWeb | Decoded) -> float:
    with places_in(folder) as places:
        start = time.perf_counter()
        done = asyncio.run(collect(source, places, Wish(first=date, last=date), lambda _: None))
        seconds = time.perf_counter() - start
    day = done.stored[0].day
    assert done.complete
    assert day is not None
    counts = [day.tables[name].num_rows for name in ("HeartRate_Intraday", "Steps_Intraday", "GPS", "SleepLevels")]
    size = LARGE if date == DATE else SMALL
    assert counts == [size.heart_rates, size.minutes, size.points, STAGES]
    return seconds


def theirs(folder: Path) -> dict[str, float]:
    compile_day = _yardstick().compile_day
    for name in ("decoded", "bytes"):
        (folder / name / "data").mkdir(parents=True)
        _straightforward(folder / name, EVE, _objects(bodies(SMALL, EVE), EVE), compile_day)
    answers = bodies(LARGE, DATE)
    start = time.perf_counter()
    _straightforward(folder / "bytes", DATE, _objects(answers, DATE), compile_day)
    middle = time.perf_counter()
    objects = _objects(answers, DATE)
    again = time.perf_counter()
    _straightforward(folder / "decoded", DATE, objects, compile_day)
    return {"decoded_s": time.perf_counter() - again, "bytes_s": middle - start}


Objects = tuple[list[dict[str, object]], list[dict[str, object]], list[Element]]


def _objects(answers: Mapping[str, bytes], date: dt.date) -> Objects:
    heart = json.loads(answers[f"heart/date/{date}/1d"])["activities-heart-intraday"]["dataset"]
    steps = json.loads(answers[f"steps/date/{date}/1d"])["activities-steps-intraday"]["dataset"]
    track = ET.fromstring(answers[".tcx"])  # noqa: S314 - our own
    return heart, steps, list(track.iter(f"{_SPACE}Trackpoint"))


def _straightforward(folder: Path, date: dt.date, objects: Objects, compile_day: Callable[[Path, Path], None]) -> None:
    heart, steps, points = objects
    records = [_sample("HeartRate_Intraday", date, one) for one in heart]
    records += [_sample("Steps_Intraday", date, one) for one in steps]
    records += [_point(point) for point in points]
    path = folder / f"fitbit_backup_{date}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(records).encode()))
    compile_day(path, folder / "data")


def _sample(name: str, date: dt.date, sample: Mapping[str, object]) -> dict[str, object]:
    at = dt.datetime.fromisoformat(f"{date}T{sample['time']}+01:00").astimezone(dt.UTC)
    value = float(str(sample["value"]))
    return {"measurement": name, "time": at.isoformat(), "tags": {"Device": "Charge 6"}, "fields": {"value": value}}


def _point(point: Element) -> dict[str, object]:
    names = {"lat": "Position/LatitudeDegrees", "lon": "Position/LongitudeDegrees", "altitude": "AltitudeMeters"}
    names |= {"distance": "DistanceMeters", "heart_rate": "HeartRateBpm/Value"}
    found = {name: point.findtext("/".join(_SPACE + part for part in path.split("/"))) for name, path in names.items()}
    fields = {name: float(text) for name, text in found.items() if text}
    at = dt.datetime.fromisoformat(point.findtext(f"{_SPACE}Time") or "").isoformat()
    return {"measurement": "GPS", "time": at, "tags": {"ActivityID": "Walk"}, "fields": fields}


def _yardstick() -> ModuleType:
    spec = importlib.util.spec_from_file_location("baseline", sys.argv[3])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"ours": ours, "theirs": theirs}[sys.argv[1]](Path(sys.argv[2]))))
