"""Archive, tables and ledger held against each other, and mended from the archive."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from cromwelld.events import Kind
from cromwelld.jobs import verify as verifying
from cromwelld.jobs.tidy import forget_replaced
from cromwelld.jobs.verify import Order, Verified, due
from cromwelld.pieces import Stream
from cromwelld.state import Entry, Mark
from tests.support.answers import STREAMS, answer, heart_rate, hrv, night, whole_day
from tests.support.collecting import DATE, Household
from tests.support.faltering import Faltering
from tests.support.places import Clock, files_of, places_in

BEFORE, AFTER = "2025-10-07", "2025-10-09"
DAYS = (BEFORE, AFTER)
SOURCES: Mapping[str, Mapping[str, Stream]] = {"fitbit_web": STREAMS}
VOLATILE = "data/compilation_state.json"


@pytest.fixture
async def home(tmp_path: Path) -> Household:
    made = Household(tmp_path)
    refused = answer("hrv", AFTER, {}, outcome="refused", reason="the login lacks a scope")
    empty = answer("sleep", AFTER, {"SleepLevels": {"time": []}, "SleepSummary": {"time": []}})
    whole = [one for date in (BEFORE, DATE) for one in whole_day(date)]
    await made.collect(*whole, heart_rate(AFTER, range(0, 100, 5)), empty, refused, days=DAYS)
    return made


async def verify(home: Household, *, repair: bool = False) -> Verified:
    home.events.clear()
    with places_in(home.root, home.clock, home.events) as places:
        return await verifying.verify(places, Order(streams=SOURCES, repair=repair), lambda _: None)


def told(verified: Verified) -> list[tuple[str, str, str]]:
    return [(one.date.isoformat(), one.place, one.sentence) for one in verified.findings]


def ledger_of(home: Household) -> list[tuple[str, str, str, int, str, bool]]:
    with places_in(home.root) as places:
        entries: list[Entry] = places.ledger.entries("me", dt.date(2025, 10, 1), dt.date(2025, 10, 31))
    return [(str(e.date), e.stream, e.outcome.value, e.records, e.source, e.stored) for e in entries]


async def test_what_was_collected_fits(home: Household) -> None:
    verified = await verify(home)
    assert told(verified) == []
    assert verified.sound
    assert [date.isoformat() for date in verified.dates] == [BEFORE, DATE, AFTER]
    assert verified.records == 174 + 174 + 20


def read_back(home: Household) -> set[dt.datetime]:
    with places_in(home.root) as places:
        return {one.at for one in places.ledger.marks.load("me") if one.mark is Mark.VERIFIED}


async def test_a_reading_back_is_said_in_one_line_and_marked_if_all_fitted(home: Household) -> None:
    shutil.rmtree(home.root / f"data/heartrate_intraday/date={DATE}")
    await verify(home)
    (event,) = home.said(Kind.DATES_VERIFIED)
    assert {name: event.fields[name] for name in ("account", "dates", "records", "unsound", "mended")} == {
        "account": "me", "dates": 3, "records": 174 + 174 + 20, "unsound": 1, "mended": 0,
    }  # fmt: skip
    assert read_back(home) == set()
    await verify(home, repair=True)
    (event,) = home.said(Kind.DATES_VERIFIED)
    assert (event.fields["unsound"], event.fields["mended"]) == (0, 1)
    assert float(event.fields["read_back_s"]) > 0
    assert read_back(home) == {home.clock.now}


async def test_a_table_that_lost_rows_is_named_and_mended(home: Household) -> None:
    before = files_of(home.root)
    part = home.root / f"data/heartrate_intraday/date={DATE}/part-0.parquet"
    shutil.copy(home.root / f"data/heartrate_intraday/date={AFTER}/part-0.parquet", part)
    shutil.rmtree(home.root / f"data/heartrate_intraday/date={BEFORE}")
    expected = [
        (BEFORE, "tables", "HeartRate_Intraday has 0 rows, the archive has 120"),
        (DATE, "tables", "HeartRate_Intraday has 20 rows, the archive has 120"),
    ]
    found = await verify(home)
    assert told(found) == expected
    assert not found.sound
    assert {one.remedy for one in found.findings} == {"run: cromwelld verify --repair"}
    assert [event.fields["date"] for event in home.said(Kind.DATE_UNSOUND)] == [BEFORE, DATE]
    mended = await verify(home, repair=True)
    assert told(mended) == expected
    assert mended.sound
    assert home.said(Kind.DATE_MENDED) != []
    assert told(await verify(home)) == []
    after = files_of(home.root)
    assert {name for name in before if before[name] != after.get(name)} <= {VOLATILE}


async def test_a_value_that_changed_in_a_table_is_named(home: Household) -> None:
    other = Household(home.root.parent / "other")
    await other.collect(heart_rate(DATE, range(0, 600, 5), 61.0))
    path = f"data/heartrate_intraday/date={DATE}/part-0.parquet"
    shutil.copy(other.root / path, home.root / path)
    assert told(await verify(home)) == [(DATE, "tables", "HeartRate_Intraday is not what the archive has")]


async def test_a_lost_folder_of_tables_comes_back(home: Household) -> None:
    before = files_of(home.root)
    shutil.rmtree(home.root / "data")
    assert (await verify(home, repair=True)).sound
    after = files_of(home.root)
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} <= {VOLATILE}


async def test_a_lost_ledger_is_told_by_the_archive_and_keeps_what_it_knows(home: Household) -> None:
    before = ledger_of(home)
    assert len(before) == 5 + 5 + 3
    for file in (home.root / "state").glob("ledger.sqlite*"):
        file.unlink()
    assert [(date, place) for date, place, _ in told(await verify(home))] == [
        (date, "ledger") for date in (BEFORE, BEFORE, DATE, DATE, AFTER, AFTER)
    ]
    assert (await verify(home, repair=True)).sound
    assert ledger_of(home) == before
    with places_in(home.root) as places:
        assert places.ledger.zone("me", dt.date(2025, 10, 8)) == "Europe/London"
    await home.collect(hrv(AFTER, 34.5), days=(AFTER, AFTER))
    assert (AFTER, "hrv", "ok", 1, "fitbit_web", True) in ledger_of(home)
    known = ledger_of(home)
    assert (await verify(home, repair=True)).findings == []
    assert ledger_of(home) == known


@pytest.mark.parametrize("damage", ["gone", "torn"])
async def test_an_object_that_was_lost_is_written_again_from_tables_that_have_it_to_the_letter(
    home: Household, damage: str
) -> None:
    whole = home.object().read_bytes()
    if damage == "gone":
        home.object().unlink()
    else:
        home.object().write_bytes(whole[:-9])
    ((date, place, sentence),) = told(await verify(home))
    assert (date, place) == (DATE, "archive")
    assert ("gone" if damage == "gone" else str(home.object())) in sentence
    assert (await verify(home, repair=True)).sound
    assert home.object().read_bytes() == whole


async def test_an_object_that_the_tables_have_otherwise_is_not_made_up(home: Household) -> None:
    home.object().unlink()
    shutil.rmtree(home.root / f"data/heartrate_intraday/date={DATE}")
    verified = await verify(home, repair=True)
    assert not verified.sound
    assert not home.object().exists()
    assert f"cromwelld collect {DATE}" in verified.findings[0].remedy


async def test_an_object_that_somebody_edited_goes_into_the_tables(home: Household) -> None:
    records = [one for one in home.records() if one["measurement"] != "HRV"]
    home.object().write_bytes(gzip.compress(json.dumps(records).encode()))
    found = told(await verify(home, repair=True))
    assert (DATE, "tables", "HRV has 1 rows, the archive has 0") in found
    assert (DATE, "ledger", "it knows another version of the object") in found
    assert told(await verify(home)) == []


async def test_tables_may_have_more_while_pieces_wait(home: Household) -> None:
    home.clock.now = dt.datetime(2025, 10, 12, 15, tzinfo=dt.UTC)
    await home.collect(heart_rate("2025-10-12", range(0, 600, 5)), days=("2025-10-12", "2025-10-12"))
    assert told(await verify(home)) == []
    assert home.waiting() == ["2025-10-12 heart_rate"]


async def test_what_is_due_to_be_read_back(home: Household) -> None:
    week, now = 7 * 86400, home.clock.now
    with places_in(home.root) as places:
        assert [date.isoformat() for date in due(places.ledger, "me", now, week)] == [BEFORE, DATE, AFTER]
        assert due(places.ledger, "me", now, None) == []
        places.ledger.verified("me", [dt.date(2025, 10, 8)], now - dt.timedelta(days=6))
        assert due(places.ledger, "me", now, week) == []
        assert len(due(places.ledger, "me", now + dt.timedelta(days=1), week)) == 3
        for number in range(600):
            date = dt.date(2020, 1, 1) + dt.timedelta(days=number)
            places.ledger.keep_date("me", date, zone="UTC", digest="x")
            places.ledger.verified("me", [date], now - dt.timedelta(days=30 + number))
        oldest = due(places.ledger, "me", now + dt.timedelta(days=1), week)
    assert len(oldest) == 60
    assert dt.date(2025, 10, 7) in oldest  # never read back
    assert dt.date(2020, 1, 1) not in oldest  # read back most lately


async def test_what_is_due_is_read_back_and_what_is_wrong_is_reported(home: Household) -> None:
    home.object().unlink()
    home.events.clear()
    with places_in(home.root, home.clock, home.events) as places:
        assert len((await verifying.read_back(places, SOURCES, 86400)).dates) == 3
        assert (await verifying.read_back(places, SOURCES, 86400)).dates == []
    assert [event.fields["problem"] for event in home.said(Kind.DATE_UNSOUND)] == [
        f"{DATE} archive: its object is gone"
    ]


async def test_an_archive_that_is_away_is_read_back_another_time(home: Household) -> None:
    away = Faltering(home.root / "archive", away=True)
    with places_in(home.root, home.clock, home.events, store=away) as places:
        assert (await verifying.read_back(places, SOURCES, 86400)).dates == []
        away.away = False
        assert len((await verifying.read_back(places, SOURCES, 86400)).dates) == 3


async def test_versions_that_were_set_aside_are_forgotten_in_their_time(home: Household) -> None:
    await home.collect(night(DATE, [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]))
    kept = list((home.root / "archive").rglob("replaced/*/*.json.gz"))
    assert len(kept) == 1
    stray = kept[0].with_name("notes.txt")
    stray.write_text("mine")
    now = dt.datetime.fromtimestamp(kept[0].stat().st_mtime, dt.UTC)
    for later, left in ((dt.timedelta(days=399), 1), (dt.timedelta(days=401), 0)):
        with places_in(home.root, Clock(now + later), home.events) as places:
            await forget_replaced(places, 400 * 86400)
        assert len(list((home.root / "archive").rglob("replaced/*/*.json.gz"))) == left
    assert stray.exists()
    assert [event.fields["versions"] for event in home.said(Kind.REPLACED_FORGOTTEN)] == [1]
