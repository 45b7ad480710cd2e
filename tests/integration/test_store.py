"""How answered pieces reach archive and tables, and what becomes of them when something is in the way."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld.day import table
from cromwelld.errors import DamagedFile, ForeignFolder, NotWritable, StoreError
from cromwelld.events import Kind
from cromwelld.jobs.tidy import forget_replaced
from cromwelld.lake.reader import load_date, load_days
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Outcome, Piece, Stream
from tests.support.answers import STREAMS, heart_rate, hrv, night, utc, whole_day
from tests.support.collecting import DATE, Household, read_records
from tests.support.places import Clock, files_of, places_in

BEFORE, AFTER = "2025-10-07", "2025-10-09"
DAYS = (BEFORE, AFTER)


@pytest.fixture
def home(tmp_path: Path) -> Household:
    return Household(tmp_path)


def three_days() -> list[Answer]:
    return [one for date in (BEFORE, DATE, AFTER) for one in whole_day(date)]


async def test_a_day_from_answers_to_archive_and_tables(home: Household) -> None:
    collected = await home.collect(*whole_day(DATE))
    assert collected.complete
    assert [(item.date.isoformat(), item.archived, item.changed) for item in collected.stored] == [(DATE, True, True)]
    records = home.records()
    names = [record["measurement"] for record in records]
    assert {name: names.count(name) for name in names} == {
        "HeartRate_Intraday": 120,
        "GPS": 50,
        "SleepLevels": 1,
        "SleepSummary": 1,
        "HRV": 1,
        "ActivityRecords": 1,
        "Cromwelld_Day": 1,
    }
    assert records[0] == {
        "measurement": "HeartRate_Intraday",
        "time": "2025-10-08T00:00:00+00:00",
        "tags": {"Device": "Charge 6"},
        "fields": {"value": 60.0},
    }
    assert records[-1]["time"] == "2025-10-08T11:00:00+00:00"
    assert records[-1]["fields"] == {"records": 174.0, "wear_minutes": 10.0}
    assert home.about() == {
        "date": DATE,
        "Zone": "Europe/London",
        "Schema": home.about()["Schema"],
        **{name: "fitbit_web ok" for name in names if name != "Cromwelld_Day"},
    }
    tables = load_date(DATE, home.root / "data")
    assert {name: len(frame) for name, frame in tables.items()} == {
        name: names.count(name) for name in names if name != "Cromwelld_Day"
    }
    assert home.state() == "complete"
    state = json.loads((home.root / "data" / "compilation_state.json").read_text())
    text = home.object().read_bytes()
    assert state["dates"][DATE]["object"] == f"fitbit_backup_{DATE}.json.gz"
    assert state["processed_dates"] == [DATE]
    assert text[:2] == b"\x1f\x8b"
    assert home.waiting() == []
    assert [event.fields["records"] for event in home.said(Kind.DAY_ARCHIVED)] == [174]


async def test_the_same_answers_again_change_no_byte(home: Household) -> None:
    await home.collect(*three_days(), days=DAYS)
    before = files_of(home.root)
    stamps = {path: path.stat().st_mtime_ns for path in (home.root / "archive").rglob("*.gz")}
    home.clock.now += dt.timedelta(hours=5)
    collected = await home.collect(*three_days(), days=DAYS)
    assert files_of(home.root) == before
    assert {path: path.stat().st_mtime_ns for path in (home.root / "archive").rglob("*.gz")} == stamps
    assert [event.fields["date"] for event in home.said(Kind.DAY_UNCHANGED)] == [BEFORE, DATE, AFTER]
    assert home.said(Kind.DAY_ARCHIVED) == []
    assert not any(item.changed for item in collected.stored)
    assert home.waiting() == []


async def test_today_waits_for_its_end(home: Household) -> None:
    home.clock.now = utc("2025-10-08T22:59:59")
    await home.collect(*whole_day(DATE))
    assert not home.object().exists()
    assert len(home.waiting()) == 5
    assert home.state() == "provisional"
    assert len(load_date(DATE, home.root / "data")["HeartRate_Intraday"]) == 120

    home.clock.now = utc("2025-10-08T23:00:00")
    await home.collect(heart_rate(DATE, range(0, 700, 5)))
    assert len(home.times("HeartRate_Intraday")) == 140
    assert len(home.times("GPS")) == 50
    assert home.waiting() == []
    assert home.state() == "complete"


NIGHT = [("2025-10-07T22:10:00", "2025-10-08T05:50:00")]
LATER_START = [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]
SPLIT = [("2025-10-07T23:05:00", "2025-10-08T02:00:00"), ("2025-10-08T03:10:00", "2025-10-08T05:50:00")]


@pytest.mark.parametrize(("moved", "times"), [(LATER_START, ["23:05"]), (SPLIT, ["03:10", "23:05"])])
async def test_a_night_that_was_edited_leaves_no_ghost(
    home: Household, moved: list[tuple[str, str]], times: list[str]
) -> None:
    await home.collect(*three_days(), days=DAYS)
    before = files_of(home.root)
    await home.collect(night(DATE, moved))
    for name in ("SleepSummary", "SleepLevels"):
        assert sorted(time[11:16] for time in home.times(name)) == times
        frame = load_date(DATE, home.root / "data", timezone="UTC")[name]
        assert sorted(frame["time"].dt.strftime("%H:%M")) == times
    after = files_of(home.root)
    neighbours = [name for name in before if BEFORE in name or AFTER in name]
    assert len(neighbours) == 4
    assert {name for name in neighbours if after[name] != before[name]} == set()
    for path in ("sleep_levels.parquet", "daily_summaries.parquet"):
        rows = {date: _rows_of(home.root / "data" / path, date) for date in (BEFORE, AFTER)}
        assert all(rows.values())
        await home.collect(night(DATE, NIGHT))
        assert {date: _rows_of(home.root / "data" / path, date) for date in (BEFORE, AFTER)} == rows
        await home.collect(night(DATE, moved))


def _rows_of(path: Path, date: str) -> list[dict[str, object]]:
    return [row for row in pq.ParquetFile(path).read().to_pylist() if row["date"] == date]


async def test_a_version_with_records_that_its_successor_lacks_is_kept(home: Household) -> None:
    await home.collect(*whole_day(DATE))
    old = read_records(home.object())
    await home.collect(night(DATE, LATER_START))
    (kept,) = (home.root / "archive" / "fitbit" / "replaced" / DATE).iterdir()
    assert read_records(kept) == old
    assert kept.name == f"{_digest(kept)[:8]}.json.gz"
    assert [event.fields["date"] for event in home.said(Kind.DAY_REPLACED)] == [DATE]


def _digest(path: Path) -> str:
    return hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest()


async def test_a_version_that_only_grew_or_changed_values_is_not_kept(home: Household) -> None:
    await home.collect(*whole_day(DATE))
    await home.collect(heart_rate(DATE, range(0, 700, 5), value=61.0), hrv(DATE, 40.0))
    assert not (home.root / "archive" / "fitbit" / "replaced").exists()
    assert home.said(Kind.DAY_REPLACED) == []


async def test_records_without_a_name_are_not_taken_for_lost(home: Household) -> None:
    columns: dict[str, Sequence[object]] = {"time": [utc(f"{DATE}T09:00:00")], "field_duration": [60_000.0]}
    unnamed = Answer(
        stream="activities",
        date=dt.date.fromisoformat(DATE),
        outcome=Outcome.OK,
        tables={"ActivityRecords": table(MEASUREMENTS["ActivityRecords"], columns)},
        source="fitbit_web",
        zone="Europe/London",
        measurements=("ActivityRecords",),
    )
    await home.collect(unnamed)
    await home.collect(unnamed, hrv(DATE, 34.5))
    assert home.said(Kind.DAY_REPLACED) == []


async def test_a_damaged_object_is_not_overwritten_and_the_others_are_stored(home: Household) -> None:
    await home.collect(*three_days(), days=DAYS)
    torn = home.object().read_bytes()[:-20]
    home.object().write_bytes(torn)
    more = [heart_rate(date, range(0, 700, 5)) for date in (BEFORE, DATE, AFTER)]
    collected = await home.collect(*more, days=DAYS)
    (failed,) = (item for item in collected.stored if item.error)
    assert isinstance(failed.error, DamagedFile)
    assert failed.date.isoformat() == DATE
    assert str(home.object()) in failed.error.message
    assert f"cromwelld collect {DATE}" in failed.error.hint
    assert not collected.complete
    assert home.object().read_bytes() == torn
    assert home.waiting() == [f"{DATE} heart_rate"]
    assert [len(home.times("HeartRate_Intraday", date)) for date in (BEFORE, AFTER)] == [140, 140]
    assert [event.fields["date"] for event in home.said(Kind.DAY_WAITS)] == [DATE]

    home.object().rename(home.root / "aside")
    assert (await home.collect(*whole_day(DATE))).complete
    assert len(home.times("HeartRate_Intraday")) == 140
    assert home.waiting() == []


async def test_a_damaged_piece_keeps_its_date_waiting_and_the_others_are_stored(home: Household) -> None:
    home.clock.now = utc("2025-10-08T18:00:00")
    await home.collect(*whole_day(DATE))
    piece = next((home.root / "state" / "outbox" / "me" / DATE).glob("*-sleep-*"))
    piece.write_bytes(piece.read_bytes()[:-9])
    home.clock.now = utc("2025-10-10T03:00:00")
    collected = await home.collect(*whole_day(AFTER), days=(AFTER, AFTER))
    (failed,) = (item for item in collected.stored if item.error)
    assert isinstance(failed.error, DamagedFile)
    assert str(piece) in failed.error.message
    assert f"cromwelld collect {DATE}" in failed.error.hint
    assert len(home.waiting()) == 5
    assert not home.object().exists()
    assert len(home.times("HeartRate_Intraday", AFTER)) == 120

    piece.unlink()
    assert (await home.collect(night(DATE, NIGHT))).complete
    assert len(home.times("SleepSummary")) == 1
    assert len(home.times("HeartRate_Intraday")) == 120


async def test_an_archive_that_cannot_be_written_loses_nothing(home: Household) -> None:
    home.object().parent.parent.mkdir()
    home.object().parent.write_text("a file where the folder should be")
    collected = await home.collect(*whole_day(DATE))
    (failed,) = collected.stored
    assert isinstance(failed.error, (NotWritable, StoreError))
    assert str(home.object().parent) in failed.error.message
    assert len(home.waiting()) == 5

    home.object().parent.unlink()
    assert (await home.collect(days=(AFTER, AFTER))).stored == ()
    assert len(home.times("HeartRate_Intraday")) == 120
    assert home.waiting() == []


class Battery:
    """A source whose device synced on another date than the one asked."""

    name = "fitbit_web"
    ahead_s: float | None = None
    streams = STREAMS | {
        "devices": Stream(name="devices", measurements=("DeviceBatteryLevel",), longest_range=1, undated=True)
    }

    def __init__(self, answers: Sequence[Answer], synced: str) -> None:
        columns: dict[str, Sequence[object]] = {
            "time": [utc(synced)],
            "tag_Device": ["Charge 6"],
            "field_value": [63.0],
        }
        reading = Answer(
            stream="devices",
            date=dt.date.fromisoformat(synced[:10]),
            outcome=Outcome.OK,
            tables={"DeviceBatteryLevel": table(MEASUREMENTS["DeviceBatteryLevel"], columns)},
            source="fitbit_web",
            zone="Europe/London",
            device="Charge 6",
            measurements=("DeviceBatteryLevel",),
        )
        self._answers = [*answers, reading]

    async def fetch(self, pieces: Sequence[Piece]) -> AsyncIterator[Answer]:
        assert [piece for piece in pieces if piece.stream == "devices"]
        for one in self._answers:
            yield one


async def test_a_battery_reading_goes_to_the_date_of_its_sync_only(home: Household) -> None:
    await home.collect_from(Battery(whole_day(DATE), "2025-10-11T20:00:00"))
    assert home.times("DeviceBatteryLevel") == []
    assert home.times("DeviceBatteryLevel", "2025-10-11") == ["2025-10-11T20:00:00+00:00"]
    assert home.state() == "complete"
    assert home.state("2025-10-11") == "unknown"


async def test_readings_of_a_date_add_up(home: Household) -> None:
    await home.collect_from(Battery(whole_day(DATE), f"{DATE}T08:00:00"))
    await home.collect_from(Battery([], f"{DATE}T20:00:00"))
    assert [time[11:16] for time in home.times("DeviceBatteryLevel")] == ["08:00", "20:00"]


async def test_tables_of_the_old_scripts_are_refused_and_nothing_is_lost(home: Household) -> None:
    data = home.root / "data"
    data.mkdir()
    pq.write_table(pa.table({"time": [utc(DATE)], "date": [DATE]}), data / "gps.parquet")
    before = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    (refused,) = (await home.collect(*whole_day(DATE))).stored
    assert isinstance(refused.error, ForeignFolder)
    assert "another program wrote" in refused.error.message
    assert "cromwelld compile --all" in refused.error.hint
    assert [event.fields["date"] for event in home.said(Kind.DAY_WAITS)] == [DATE]
    assert {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    assert len(home.times("HeartRate_Intraday")) == 120
    assert len(home.waiting()) == 5

    later = await home.collect(*whole_day(AFTER), days=(AFTER, AFTER))
    assert [item.date.isoformat() for item in later.stored if item.error] == [DATE, AFTER]
    assert len(home.times("HeartRate_Intraday", AFTER)) == 120

    data.rename(home.root / "aside")
    assert (await home.collect(days=(BEFORE, BEFORE))).stored == ()
    assert len(load_date(DATE, data)["HeartRate_Intraday"]) == 120
    assert home.waiting() == []


async def test_a_damaged_table_is_named_and_archiving_goes_on(home: Household) -> None:
    await home.collect(*whole_day(BEFORE), days=(BEFORE, BEFORE))
    torn = home.root / "data" / "sleep_levels.parquet"
    whole = torn.read_bytes()
    torn.write_bytes(whole[:-9])
    collected = await home.collect(*whole_day(DATE), *whole_day(AFTER), days=DAYS)
    assert [str(torn) in item.error.message for item in collected.stored if item.error] == [True, True]
    assert [len(home.times("SleepSummary", date)) for date in (DATE, AFTER)] == [1, 1]
    assert len(home.waiting()) == 10

    torn.write_bytes(whole)
    assert (await home.collect(days=(BEFORE, BEFORE))).complete
    assert load_days(*DAYS, home.root / "data")["state"].to_list() == ["complete"] * 3
    assert home.waiting() == []


async def test_an_object_of_the_old_scripts_is_taken_over(home: Household) -> None:
    beats = [
        {
            "measurement": "HeartRate_Intraday",
            "time": f"{time}+00:00",
            "tags": {"Device": "W"},
            "fields": {"value": 60.0},
        }
        for time in ("2025-10-08T10:00:00", "2025-10-08T23:30:00")
    ]
    home.object().parent.mkdir(parents=True)
    home.object().write_bytes(gzip.compress(json.dumps(beats).encode()))
    await home.collect(hrv(DATE, 34.5))
    assert home.times("HeartRate_Intraday") == ["2025-10-08T10:00:00+00:00"]
    assert home.times("HRV") == ["2025-10-08T11:00:00+00:00"]
    assert home.about()["Zone"] == "Europe/London"
    assert home.about()["HRV"] == "fitbit_web ok"
    assert "HeartRate_Intraday" not in home.about()
    (kept,) = (home.root / "archive" / "fitbit" / "replaced" / DATE).iterdir()
    assert read_records(kept) == beats
    assert kept.name.endswith(".foreign.json.gz")
    later = Clock(dt.datetime.now(dt.UTC) + dt.timedelta(days=4000))
    with places_in(home.root, later) as places:
        assert await forget_replaced(places, 400 * 86400) == []  # its record of the next date is nowhere else
    assert kept.exists()
