"""The main job on real input: published recordings, served as they are, collected into archive and tables.

Every expectation below was read off the recordings by eye: clock times in Europe/London, as the profile says.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from cromwelld.events import ignore
from cromwelld.jobs.collect import Collected, Wish, collect
from cromwelld.lake.reader import load_date
from cromwelld.pieces import Outcome
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.replay import application
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Client
from cromwelld.sources.fitbit_web import FitbitWeb, Settings
from tests.support.places import places_in
from tests.support.reference import reference

_NET = "samples-fitbit-net"
_USER = "/1/user/-"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A date, the recordings that answer for it by path, and what must be in the archive afterwards."""

    date: str
    answers: dict[str, str]
    counts: dict[str, int]
    values: list[tuple[str, str, str, float | str]] = field(default_factory=list)

    def paths(self) -> dict[str, str]:
        names = {path.format(d=self.date): body for path, body in self.answers.items()}
        return names | {f"{_USER}/profile.json": f"{_NET}/UserProfile.json"}


DAYS = (
    Recorded(
        date="2017-06-29",
        answers={
            f"{_USER}/activities/heart/date/{{d}}/1d/1sec.json": f"{_NET}/GetHeartRateIntradayTimeSeries.json",
            f"{_USER}/activities/heart/date/{{d}}/{{d}}.json": f"{_NET}/GetHeartRateIntradayTimeSeries.json",
        },
        counts={"HeartRate_Intraday": 1157, "HR_Zones": 1, "RestingHR": 1},
        values=[
            ("HeartRate_Intraday", "2017-06-28T23:00:00+00:00", "value", 58.0),
            ("HeartRate_Intraday", "2017-06-28T23:02:00+00:00", "value", 56.0),
            ("HeartRate_Intraday", "2017-06-29T19:00:00+00:00", "value", 62.0),
            ("HR_Zones", "2017-06-29T11:00:00+00:00", "Out of Range", 1122.0),
            ("HR_Zones", "2017-06-29T11:00:00+00:00", "Peak", 0.0),
            ("RestingHR", "2017-06-29T11:00:00+00:00", "value", 59.0),
            ("Cromwelld_Day", "2017-06-29T11:00:00+00:00", "records", 1159.0),
            ("Cromwelld_Day", "2017-06-29T11:00:00+00:00", "wear_minutes", 1157.0),
        ],
    ),
    Recorded(
        date="2016-03-08",
        answers={f"{_USER}/activities/steps/date/{{d}}/1d/1min.json": f"{_NET}/IntradayActivitiesSteps.json"},
        counts={"Steps_Intraday": 1084},
        values=[
            ("Steps_Intraday", "2016-03-08T00:00:00+00:00", "value", 1.0),
            ("Steps_Intraday", "2016-03-08T00:01:00+00:00", "value", 2.0),
            ("Steps_Intraday", "2016-03-08T23:59:00+00:00", "value", 0.0),
        ],
    ),
    Recorded(
        date="2021-10-25",
        answers={
            f"{_USER}/hrv/date/{{d}}/{{d}}.json": f"{_NET}/GetHRVSummaryByDate.json",
            f"{_USER}/br/date/{{d}}/{{d}}.json": f"{_NET}/GetBreathingRateSummaryByDate.json",
        },
        counts={"HRV": 1, "BreathingRate": 1},
        values=[
            ("HRV", "2021-10-25T11:00:00+00:00", "dailyRmssd", 34.938),
            ("HRV", "2021-10-25T11:00:00+00:00", "deepRmssd", 31.567),
            ("BreathingRate", "2021-10-25T11:00:00+00:00", "value", 17.8),
        ],
    ),
    Recorded(
        date="2021-10-04",
        answers={f"{_USER}/spo2/date/{{d}}/{{d}}.json": f"{_NET}/GetSpO2SummaryByDate.json"},
        counts={"SPO2_Daily": 1},
        values=[
            ("SPO2_Daily", "2021-10-04T11:00:00+00:00", "avg", 97.5),
            ("SPO2_Daily", "2021-10-04T11:00:00+00:00", "min", 94.0),
            ("SPO2_Daily", "2021-10-04T11:00:00+00:00", "max", 100.0),
        ],
    ),
    Recorded(
        date="2012-03-05",
        answers={f"{_USER}/body/log/weight/date/{{d}}/{{d}}.json": f"{_NET}/GetWeight.json"},
        counts={"Weight": 2},
        values=[
            ("Weight", "2012-03-05T23:59:59+00:00", "weight_kg", 73.0),
            ("Weight", "2012-03-05T21:10:59+00:00", "weight_kg", 72.5),
            ("Weight", "2012-03-05T21:10:59+00:00", "bmi", 22.57),
        ],
    ),
    Recorded(
        date="2014-08-14",
        answers={
            f"{_USER}/activities/tracker/distance/date/{{d}}/{{d}}.json": f"{_NET}/TimeSeries-ActivitiesDistance.json"
        },
        counts={"Activity-distance": 1},
        values=[("Activity-distance", "2014-08-14T11:00:00+00:00", "value", 4.0)],
    ),
    Recorded(
        date="2014-09-08",
        answers={f"{_USER}/activities/tracker/steps/date/{{d}}/{{d}}.json": f"{_NET}/TimeSeries-ActivitiesSteps.json"},
        counts={"Activity-steps": 1},
        values=[("Activity-steps", "2014-09-08T11:00:00+00:00", "value", 0.0)],
    ),
    Recorded(
        date="2017-08-15",
        answers={f"{_USER}/activities/heart/date/{{d}}/{{d}}.json": f"{_NET}/GetHeartRateTimeSeries.json"},
        counts={"HR_Zones": 1, "RestingHR": 1},
        values=[
            ("HR_Zones", "2017-08-15T11:00:00+00:00", "Fat Burn", 38.0),
            ("HR_Zones", "2017-08-15T11:00:00+00:00", "Cardio", 43.0),
            ("HR_Zones", "2017-08-15T11:00:00+00:00", "Peak", 21.0),
            ("RestingHR", "2017-08-15T11:00:00+00:00", "value", 51.0),
        ],
    ),
    Recorded(
        date="2017-04-02",
        answers={"/1.2/user/-/sleep/date/{d}/{d}.json": f"{_NET}/GetSleepRange.json"},
        counts={"SleepSummary": 1, "SleepLevels": 2},
        values=[
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "minutesAsleep", 500.0),
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "minutesInBed", 586.0),
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "efficiency", 85.0),
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "efficiencyDerived", 85.0),
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "minutesREM", 105.0),
            ("SleepSummary", "2017-03-31T23:00:00+00:00", "endTime", "2017-04-01T07:00:00+00:00"),
            ("SleepLevels", "2017-03-31T23:00:00+00:00", "level", 3.0),
            ("SleepLevels", "2017-03-31T23:06:00+00:00", "stage", "rem"),
        ],
    ),
    Recorded(
        date="2014-07-17",
        answers={f"{_USER}/devices.json": f"{_NET}/GetDevices-Double.json"},
        counts={"DeviceBatteryLevel": 2},
        values=[
            ("DeviceBatteryLevel", "2014-07-17T12:38:13+00:00", "value", 65.0),
            ("DeviceBatteryLevel", "2014-07-17T12:38:13+00:00", "value", 70.0),
        ],
    ),
    Recorded(
        date="2017-01-05",
        answers={
            f"{_USER}/activities/list.json": f"{_NET}/GetActivityLogsList.json",
            f"{_USER}/activities/5442151842.tcx": "tcx/gps-with-heartrate.tcx",
            f"{_USER}/activities/5449195844.tcx": "tcx/empty-no-lap.tcx",
            f"{_USER}/activities/5450925199.tcx": "tcx/empty-no-lap.tcx",
        },
        counts={"ActivityRecords": 3, "GPS": 2},
        values=[
            ("ActivityRecords", "2017-01-05T08:16:52+00:00", "steps", 4798.0),
            ("ActivityRecords", "2017-01-05T08:16:52+00:00", "distance", 3.386578),
            ("ActivityRecords", "2017-01-05T17:54:13+00:00", "calories", 591.0),
            ("ActivityRecords", "2017-01-05T20:23:32+00:00", "averageHeartRate", 89.0),
            ("GPS", "2019-01-27T10:31:16+00:00", "lat", 60.184268832206726),
            ("GPS", "2019-01-27T10:31:21+00:00", "heart_rate", 97.0),
        ],
    ),
)
_STREAMS_BY_MEASUREMENT = {
    "HeartRate_Intraday": "heart_rate",
    "HR_Zones": "heart_summary",
    "RestingHR": "heart_summary",
    "Steps_Intraday": "steps",
    "HRV": "hrv",
    "BreathingRate": "breathing_rate",
    "SPO2_Daily": "spo2",
    "Weight": "weight",
    "Activity-distance": "total_distance",
    "Activity-steps": "total_steps",
    "SleepSummary": "sleep",
    "SleepLevels": "sleep",
    "DeviceBatteryLevel": "devices",
    "ActivityRecords": "activities",
    "GPS": "gps",
}


@pytest.fixture
async def vendor(tmp_path: Path, recorded: Recorded) -> AsyncIterator[str]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    index = []
    for number, (path, body) in enumerate(recorded.paths().items()):
        (folder / str(number)).write_bytes(reference(f"fitbit-web/{body}").read_bytes())
        index.append({"method": "GET", "path": path, "status": 200, "headers": {}, "body": str(number)})
    (folder / "index.json").write_text(json.dumps(index))
    async with serving(application(folder, unknown=FACES["fitbit_web"].unknown)) as url:
        yield url


async def _collect(url: str, root: Path, date: dt.date) -> Collected:
    async def token() -> str:
        return "invented"

    async with aiohttp.ClientSession() as session:
        client = Client(session=session, base_url=url, token=token, report=ignore)
        with places_in(root) as places:
            source = FitbitWeb(client, Settings(zone_of=lambda _: None, report=ignore))
            return await collect(source, places, Wish(first=date, last=date), lambda _: None)


@pytest.mark.parametrize("recorded", DAYS, ids=lambda recorded: recorded.date)
async def test_recordings_become_the_day_that_they_hold(recorded: Recorded, vendor: str, tmp_path: Path) -> None:
    date = dt.date.fromisoformat(recorded.date)
    collected = await _collect(vendor, tmp_path, date)

    archive = tmp_path / "archive" / "fitbit" / f"fitbit_backup_{date}.json.gz"
    records = json.loads(gzip.decompress(archive.read_bytes()))
    names = [record["measurement"] for record in records]
    assert {name: names.count(name) for name in set(names)} == {**recorded.counts, "Cromwelld_Day": 1}
    for name, time, key, value in recorded.values:
        found = [record for record in records if (record["measurement"], record["time"]) == (name, time)]
        assert value in [record["fields"].get(key) for record in found], (name, time, key)

    tables = load_date(date, tmp_path / "data")
    assert {name: len(frame) for name, frame in tables.items()} == recorded.counts

    served = {_STREAMS_BY_MEASUREMENT[name] for name in recorded.counts}
    for item in collected.asked:
        assert item.outcome.answered if item.stream in served else item.outcome is Outcome.FAILED, item
        assert item.stream in served or "404" in item.reason or "activit" in item.reason, item


def test_every_measurement_has_its_recording() -> None:
    covered = {name for recorded in DAYS for name in recorded.counts}
    assert covered == set(_STREAMS_BY_MEASUREMENT)
