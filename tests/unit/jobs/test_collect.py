"""What answers do to a stored date, from the source to archive and tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from cromwelld.errors import LoginNeeded
from cromwelld.events import Kind
from cromwelld.jobs.collect import Collected
from cromwelld.lake.reader import load_date, load_days
from cromwelld.pieces import Outcome
from cromwelld.state import Ledger, Mark
from tests.support.answers import answer, heart_rate, hrv, night, track, utc, walk
from tests.support.collecting import DATE, Household
from tests.support.places import files_of

NIGHT = night(DATE, [("2025-10-07T22:10:00", "2025-10-08T05:50:00")])
NO_NIGHT = night(DATE, [])
BEATS = heart_rate(DATE, range(0, 1000, 5))
NO_BEATS = answer("heart_rate", DATE, {}, outcome="failed", reason="503")


@pytest.fixture
def home(tmp_path: Path) -> Household:
    return Household(tmp_path)


def ledger(home: Household, stream: str, date: str = DATE) -> tuple[Outcome, bool, str]:
    book = Ledger(home.root / "state" / "ledger.sqlite")
    day = dt.date.fromisoformat(date)
    try:
        (entry,) = (entry for entry in book.entries("me", day, day) if entry.stream == stream)
    finally:
        book.close()
    return entry.outcome, entry.stored, entry.verdict


def asleep(home: Household) -> bool:
    there = "SleepSummary" in load_date(DATE, home.root / "data")
    assert there == bool(home.times("SleepSummary")) == bool(home.times("SleepLevels"))
    return there


async def test_a_collection_is_said_in_one_line(home: Household) -> None:
    await home.collect(BEATS, NO_NIGHT, answer("hrv", DATE, {}, outcome="failed", reason="503"))
    (event,) = home.said(Kind.DATES_COLLECTED)
    fields = dict(event.fields)
    assert min(float(fields.pop("fetch_s")), float(fields.pop("store_s"))) > 0
    assert fields == {
        "account": "me", "first": DATE, "last": DATE, "answered": 2, "failed": 1, "stored": 1, "waiting": 0,
        "ended_by": "",
    }  # fmt: skip


async def test_what_ended_a_collection_is_said(home: Household) -> None:
    await home.collect(BEATS, ends_with=LoginNeeded("the login has ended"))
    (event,) = home.said(Kind.DATES_COLLECTED)
    assert event.fields["ended_by"] == "the login has ended"


async def test_an_answer_is_said_with_its_records_by_measurement(home: Household) -> None:
    await home.collect(NIGHT, BEATS)
    counts = {str(event.fields["stream"]): event.counts for event in home.said(Kind.STREAM_ANSWERED)}
    assert counts == {"heart_rate": {"HeartRate_Intraday": 200}, "sleep": {"SleepLevels": 1, "SleepSummary": 1}}


async def test_an_upload_is_marked_when_an_object_was_written(home: Household) -> None:
    await home.collect(BEATS)
    written = home.clock.now
    home.clock.now += dt.timedelta(hours=1)
    await home.collect(BEATS)
    book = Ledger(home.root / "state" / "ledger.sqlite")
    marks = book.marks.load("me")
    book.close()
    assert [one.at for one in marks if one.mark is Mark.UPLOADED] == [written]
    assert {one.about for one in marks if one.mark is Mark.SAMPLE} == {"HeartRate_Intraday"}


async def test_an_empty_answer_does_not_erase_a_night(home: Household) -> None:
    await home.collect(BEATS, NIGHT)
    collected = await home.collect(BEATS, NO_NIGHT)
    assert asleep(home)
    assert home.about()["SleepSummary"] == "fitbit_web ok"
    doubted = [(event.fields["measurement"], event.fields["archived"]) for event in home.said(Kind.EMPTINESS_DOUBTED)]
    assert sorted(doubted) == [("SleepLevels", 1), ("SleepSummary", 1)]
    assert ledger(home, "sleep") == (Outcome.EMPTY, True, "emptiness doubted")
    assert collected.complete


@pytest.mark.parametrize(
    ("hours", "with_others", "kept"), [(19.9, True, True), (20, True, False), (20, False, True), (240, False, True)]
)
async def test_repeated_emptiness_erases_after_twenty_hours_while_others_answer(
    home: Household, hours: float, *, with_others: bool, kept: bool
) -> None:
    await home.collect(BEATS, NIGHT)
    await home.collect(BEATS, NO_NIGHT)
    home.clock.now += dt.timedelta(hours=hours)
    await home.collect(*([BEATS] if with_others else [NO_BEATS]), NO_NIGHT)
    assert asleep(home) is kept
    assert home.about()["SleepSummary"] == ("fitbit_web ok" if kept else "fitbit_web empty")


async def test_a_night_in_between_begins_the_count_anew(home: Household) -> None:
    await home.collect(BEATS, NIGHT)
    await home.collect(BEATS, NO_NIGHT)
    home.clock.now += dt.timedelta(hours=15)
    await home.collect(BEATS, NIGHT)
    home.clock.now += dt.timedelta(hours=15)
    await home.collect(BEATS, NO_NIGHT)
    assert asleep(home)


async def test_heart_rate_that_shrank_is_kept_and_said(home: Household) -> None:
    await home.collect(BEATS)
    await home.collect(heart_rate(DATE, range(0, 895, 5), value=99.0))
    assert len(home.times("HeartRate_Intraday")) == 200
    (event,) = home.said(Kind.MEASUREMENT_SHRUNK)
    assert (event.fields["archived"], event.fields["offered"]) == (200, 179)
    assert ledger(home, "heart_rate") == (Outcome.OK, True, "shrunk")


async def test_nine_tenths_of_the_samples_are_enough(home: Household) -> None:
    await home.collect(BEATS)
    await home.collect(heart_rate(DATE, range(0, 900, 5), value=99.0))
    assert len(home.times("HeartRate_Intraday")) == 180
    assert set(load_date(DATE, home.root / "data")["HeartRate_Intraday"]["value"]) == {99.0}


async def test_force_overrides_for_the_streams_it_names(home: Household) -> None:
    await home.collect(BEATS, NIGHT)
    await home.collect(heart_rate(DATE, range(0, 100, 5)), NO_NIGHT, force=["heart_rate"])
    assert len(home.times("HeartRate_Intraday")) == 20
    assert asleep(home)
    await home.collect(NO_NIGHT, force=["sleep"])
    assert not asleep(home)


async def test_force_is_for_the_dates_that_were_wished(home: Household) -> None:
    home.clock.now = utc("2025-10-09T18:00:00")
    today = "2025-10-09"
    tonight = night(today, [("2025-10-08T22:00:00", "2025-10-09T06:00:00")])
    await home.collect(tonight, days=(today, today))
    await home.collect(night(today, []), heart_rate(today, [36000]), days=(today, today))
    await home.collect(BEATS, NO_NIGHT, force=["sleep"])
    assert "SleepSummary" in load_date(today, home.root / "data")


async def test_what_was_forced_today_stays_so_until_the_day_has_ended(home: Household) -> None:
    home.clock.now = utc("2025-10-08T18:00:00")
    await home.collect(BEATS, NIGHT, hrv(DATE, 34.5))
    await home.collect(heart_rate(DATE, range(0, 100, 5)), NO_NIGHT, force=["heart_rate", "sleep"])
    await home.collect(hrv(DATE, 35.5))
    tables = load_date(DATE, home.root / "data")
    assert len(tables["HeartRate_Intraday"]) == 20
    assert "SleepSummary" not in tables
    home.clock.now = utc("2025-10-09T03:00:00")
    await home.collect()
    assert len(home.times("HeartRate_Intraday")) == 20
    assert not asleep(home)
    assert home.times("HRV") == ["2025-10-08T11:00:00+00:00"]


async def test_one_failed_stream_leaves_the_date_incomplete_until_it_is_mended(home: Household) -> None:
    failed = answer("hrv", DATE, {}, outcome="failed", reason="503")
    collected = await home.collect(BEATS, NIGHT, failed)
    assert not collected.complete
    assert home.about()["HRV"] == "fitbit_web failed"
    assert home.about()["HeartRate_Intraday"] == "fitbit_web ok"
    assert len(home.times("HeartRate_Intraday")) == 200
    assert home.state() == "incomplete"
    assert [event.fields["stream"] for event in home.said(Kind.STREAM_FAILED)] == ["hrv"]

    collected = await home.collect(hrv(DATE, 34.5))
    assert collected.complete
    assert home.about()["HRV"] == "fitbit_web ok"
    assert home.state() == "complete"
    assert load_date(DATE, home.root / "data")["HRV"]["dailyRmssd"].to_list() == [34.5]


async def test_a_later_failure_does_not_touch_what_was_stored(home: Household) -> None:
    await home.collect(BEATS, hrv(DATE, 34.5))
    before = files_of(home.root)
    await home.collect(BEATS, answer("hrv", DATE, {}, outcome="failed", reason="503"))
    assert files_of(home.root) == before


async def test_a_date_of_which_nothing_came_and_no_zone_is_known_is_not_stored(home: Household) -> None:
    streams = ("heart_rate", "sleep", "hrv")
    failed = [answer(stream, DATE, {}, outcome="failed", reason="503", zone="") for stream in streams]
    collected = await home.collect(*failed)
    assert not collected.complete
    assert not home.object().exists()
    assert home.waiting() == []
    assert [ledger(home, stream)[0] for stream in streams] == [Outcome.FAILED] * 3


async def test_a_date_of_which_nothing_came_has_no_object_but_a_state(home: Household) -> None:
    await home.collect(answer("hrv", DATE, {}, outcome="failed", reason="503"))
    assert not home.object().exists()
    assert home.waiting() == []
    assert home.state() == "incomplete"


async def test_what_came_before_the_login_was_refused_is_stored(home: Household) -> None:
    refused = LoginNeeded("log in again")
    collected = await home.collect(BEATS, ends_with=refused)
    assert collected.ended_by is refused
    assert not collected.complete
    assert len(home.times("HeartRate_Intraday")) == 200
    assert home.waiting() == []


async def test_nothing_is_asked_for_later_months_once_it_has_ended(home: Household) -> None:
    december = heart_rate("2025-08-20", [0, 60])
    collected = await home.collect(BEATS, december, days=("2025-07-01", DATE), ends_with=LoginNeeded("log in again"))
    assert collected.stored == ()
    assert not home.object("2025-08-20").exists()


async def test_what_waits_from_a_killed_run_is_stored_though_another_date_is_wished(home: Household) -> None:
    home.clock.now = utc("2025-10-08T18:00:00")
    await home.collect(BEATS, NIGHT)
    assert home.waiting() == [f"{DATE} heart_rate", f"{DATE} sleep"]
    home.clock.now = utc("2025-10-10T03:00:00")
    await home.collect(hrv("2025-10-09", 34.5), days=("2025-10-09", "2025-10-09"))
    assert home.waiting() == []
    assert len(home.times("HeartRate_Intraday")) == 200


async def test_a_track_goes_from_the_tables_with_its_activity_also_before_the_day_is_over(home: Household) -> None:
    home.clock.now = utc("2025-10-08T18:00:00")
    gone, ran = "2025-10-08T08:00:00", "2025-10-08T15:00:00"
    await home.collect(walk(DATE, gone, "Walk", 30), track(DATE, gone, "Walk", 50))
    assert len(load_date(DATE, home.root / "data")["GPS"]) == 50
    await home.collect(walk(DATE, ran, "Run", 30), answer("gps", DATE, {"GPS": {"time": []}}))
    assert "GPS" not in load_date(DATE, home.root / "data")
    home.clock.now = utc("2025-10-09T03:00:00")
    await home.collect(walk(DATE, ran, "Run", 30))
    assert home.times("GPS") == []
    assert "GPS" not in load_date(DATE, home.root / "data")


@pytest.mark.parametrize(
    ("label", "paired", "stored"), [("", "Charge 6", "Charge 6"), ("MyWatch", "Charge 6", "MyWatch")]
)
async def test_records_without_a_device_bear_the_label_else_the_paired_one(
    home: Household, label: str, paired: str, stored: str
) -> None:
    home.label = label
    await home.collect(answer("hrv", DATE, {"HRV": {"time": [utc(DATE)], "field_dailyRmssd": [1.0]}}, device=paired))
    assert [record["tags"].get("Device") for record in home.records() if record["measurement"] == "HRV"] == [stored]


async def test_a_fetch_with_a_new_watch_does_not_rename_what_was_stored(home: Household) -> None:
    await home.collect(BEATS, hrv(DATE, 34.5))
    home.label = "PixelWatch4"
    columns: dict[str, Sequence[object]] = {"time": [utc(f"{DATE}T12:00:00")], "field_dailyRmssd": [40.0]}
    await home.collect(answer("hrv", DATE, {"HRV": columns}, device="PixelWatch4"))
    records = [record for record in home.records() if record["measurement"] == "HRV"]
    assert [(record["tags"], record["fields"]) for record in records] == [
        ({"Device": "Charge 6"}, {"dailyRmssd": 40.0})
    ]


async def test_a_record_that_names_its_device_keeps_it(home: Household) -> None:
    home.label = "MyWatch"
    columns: dict[str, Sequence[object]] = {
        "time": [utc(f"{DATE}T12:00:00")],
        "tag_Device": ["Sense 2"],
        "field_dailyRmssd": [40.0],
    }
    await home.collect(answer("hrv", DATE, {"HRV": columns}))
    assert [r["tags"]["Device"] for r in home.records() if r["measurement"] == "HRV"] == ["Sense 2"]


async def test_two_months_are_stored_date_by_date(home: Household) -> None:
    dates = [(dt.date(2025, 8, 1) + dt.timedelta(days=n)).isoformat() for n in range(62)]
    collected: Collected = await home.collect(*(hrv(date, 30.0) for date in dates), days=(dates[0], dates[-1]))
    assert [item.date.isoformat() for item in collected.stored] == dates
    assert all(home.object(date).is_file() for date in dates)
    assert load_days(dates[0], dates[-1], home.root / "data")["hrv"].to_list() == [30.0] * 62
    assert home.waiting() == []
