"""Tables from archive objects on disk: our own, and those of the scripts that came before."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cromwelld.archive.store import Content
from cromwelld.errors import FarSideAway, ForeignFolder, UsageError
from cromwelld.events import Event, Kind
from cromwelld.jobs.compile import Files, check_timezone, find_objects, listed
from cromwelld.jobs.intake import Compiled, Hearing, Offer, take_in
from cromwelld.jobs.zones import Zones
from cromwelld.lake import files as lake_files
from cromwelld.lake.reader import load_date, load_days
from cromwelld.lake.rebuild import rebuilt
from cromwelld.lake.writer import Lake
from tests.support.answers import answer, heart_rate, hrv, night, track, walk
from tests.support.collecting import Household
from tests.support.lake import usual, whole

D7, D8, D9, D10 = "2025-10-07", "2025-10-08", "2025-10-09", "2025-10-10"
Record = dict[str, Any]


@dataclass
class Bench:
    """Archive files in one folder, tables in another."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "tables"

    def lay(self, date: str, *records: Record) -> Path:
        """Lay down an object as the old scripts wrote it."""
        path = self.root / "old" / f"fitbit_backup_{date}.json.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps(records).encode()))
        return path

    def compile(self, *places: Path, timezone: str = "", data: Path | None = None) -> Compiled:
        lake = Lake(data or self.data, report=lambda _: None)
        objects = find_objects(places or [self.root / "old"])
        self.events: list[Event] = []
        offer = Offer(objects=listed(objects, lake.origins()), zones=Zones(given=timezone))
        taking = take_in(lake, Files(), offer=offer, hearing=Hearing(report=self.events.append))
        with ThreadPoolExecutor(1) as thread:  # some of the tests have a loop of their own
            return thread.submit(asyncio.run, taking).result()

    def times(self, date: str, name: str) -> list[str]:
        frames = load_date(date, self.data, timezone="UTC")
        return sorted(frames[name]["time"].dt.strftime("%Y-%m-%dT%H:%M")) if name in frames else []

    def files(self) -> dict[str, bytes]:
        found = (path for path in sorted(self.data.rglob("*")) if path.is_file() and ".tmp" not in path.parts)
        return {str(path.relative_to(self.data)): path.read_bytes() for path in found}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def written(result: Compiled) -> list[str]:
    return [date.isoformat() for date in result.written]


def record(name: str, time: str, tags: dict[str, str] | None = None, **fields: float | str) -> Record:
    return {"measurement": name, "time": f"{time}+00:00", "tags": {"Device": "W"} | (tags or {}), "fields": fields}


def beat(time: str, value: float = 60.0) -> Record:
    return record("HeartRate_Intraday", time, value=value)


def noon(date: str, hour: int = 10) -> Record:
    return record("RestingHR", f"{date}T{hour:02d}:00:00", value=55.0)


def point(time: str, start: str) -> Record:
    tags = {"ActivityID": f"{start}+00:00-Walk"}
    return {"measurement": "GPS", "time": f"{time}+00:00", "tags": tags, "fields": {"lat": 52.0, "lon": 13.0}}


def sleep(start: str, end: str) -> list[Record]:
    tags = {"isMainSleep": "True", "SleepType": "stages"}
    length = (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()
    return [
        record("SleepSummary", start, tags, minutesAsleep=400.0, endTime=f"{end}+00:00"),
        record("SleepLevels", start, tags, level=1.0, stage="light", duration_seconds=length),
    ]


# --- our own objects


async def collected(root: Path) -> Household:
    home = Household(root)
    answers = [
        one
        for date, before in ((D7, "2025-10-06"), (D8, D7))
        for one in (
            heart_rate(date, range(0, 600, 5)),
            night(date, [(f"{before}T22:10:00", f"{date}T05:50:00")]),
            walk(date, f"{date}T08:00:00", "Walk", 30),
            track(date, f"{date}T08:00:00", "Walk", 50),
        )
    ]
    failed = answer("hrv", D8, {}, outcome="failed", reason="503")
    await home.collect(*answers, hrv(D7, 34.5), failed, days=(D7, D9))
    await home.collect(answer("heart_rate", D9, {"HeartRate_Intraday": {"time": []}}), days=(D9, D9))
    return home


async def test_our_objects_give_the_tables_that_collecting_gave(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    result = bench.compile(home.root / "archive")
    assert written(result) == [D7, D8, D9]
    assert result.problems == []
    tables = [path.relative_to(home.root / "data") for path in sorted((home.root / "data").rglob("*.parquet"))]
    assert len(tables) == 6
    for path in tables:
        ours, theirs = (pq.ParquetFile(folder / path).read() for folder in (bench.data, home.root / "data"))
        assert ours.schema == theirs.schema, path
        assert ours.to_pylist() == theirs.to_pylist(), path
    assert load_days(D7, D9, bench.data)["state"].to_list() == ["complete", "incomplete", "not worn"]


async def test_objects_that_the_tables_have_already_are_passed_over(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    bench.compile(home.root / "archive")
    before = bench.files()
    again = bench.compile(home.root / "archive")
    assert (again.written, again.unchanged) == ([], 3)
    assert bench.files() == before
    own = bench.compile(home.root / "archive", data=home.root / "data")
    assert (own.written, own.unchanged) == ([], 3)
    await home.collect(heart_rate(D8, range(0, 700, 5)), days=(D8, D8))
    changed = bench.compile(home.root / "archive")
    assert (written(changed), changed.unchanged) == ([D8], 2)
    assert len(load_date(D8, bench.data)["HeartRate_Intraday"]) == 140


async def test_versions_that_were_set_aside_are_not_compiled(tmp_path: Path) -> None:
    home = await collected(tmp_path)
    await home.collect(night(D8, [("2025-10-07T23:05:00", "2025-10-08T05:50:00")]), days=(D8, D8))
    assert list((home.root / "archive").rglob("replaced/*/*.json.gz"))
    assert [path.name for path in find_objects([home.root / "archive"])] == [
        f"fitbit_backup_{date}.json.gz" for date in (D7, D8, D9)
    ]


def test_places_without_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds none"):
        find_objects([tmp_path])
    with pytest.raises(UsageError, match="nowhere"):
        find_objects([tmp_path / "nowhere"])


# --- foreign objects: dates and zones


def test_foreign_records_are_dated_one_by_one(bench: Bench) -> None:
    bench.lay(
        D8,
        noon(D8),
        beat("2025-10-07T21:59:00"),
        beat("2025-10-07T22:00:00"),
        beat("2025-10-08T21:59:00"),
        beat("2025-10-08T22:30:00"),
        *sleep("2025-10-08T20:30:00", "2025-10-09T04:00:00"),
        point("2025-10-08T21:50:00", "2025-10-08T21:50:00"),
        point("2025-10-08T22:05:00", "2025-10-08T21:50:00"),
    )
    result = bench.compile()
    assert sorted(written(result)) == [D7, D8, D9]
    assert result.problems == []
    assert bench.times(D7, "HeartRate_Intraday") == ["2025-10-07T21:59"]
    assert bench.times(D8, "HeartRate_Intraday") == ["2025-10-07T22:00", "2025-10-08T21:59"]
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-08T22:30"]
    for name in ("SleepSummary", "SleepLevels"):
        assert (bench.times(D8, name), bench.times(D9, name)) == ([], ["2025-10-08T20:30"])
    assert bench.times(D8, "GPS") == ["2025-10-08T21:50", "2025-10-08T22:05"]
    assert load_days(D8, D8, bench.data)[["zone", "state"]].to_numpy().tolist() == [["Etc/GMT-2", "unknown"]]


def test_noon_east_of_the_date_line_is_known_by_the_objects_date(bench: Bench) -> None:
    bench.lay(D8, noon(D7, hour=23), beat("2025-10-07T11:30:00"))
    assert written(bench.compile()) == [D8]
    assert bench.times(D8, "RestingHR") == ["2025-10-07T23:00"]
    assert bench.times(D8, "HeartRate_Intraday") == ["2025-10-07T11:30"]


def test_the_zone_that_was_given_serves_where_none_is_implied(bench: Bench) -> None:
    bench.lay(D8, beat("2025-10-07T22:30:00"))
    assert written(bench.compile(timezone="Europe/Berlin")) == [D8]
    assert load_days(D8, D8, bench.data)["zone"].to_list() == ["Europe/Berlin"]


def test_an_object_without_any_zone_is_refused_with_the_remedy(bench: Bench) -> None:
    path = bench.lay(D8, beat("2025-10-07T22:30:00"))
    bench.lay(D9, noon(D9), beat("2025-10-09T10:00:00"))
    result = bench.compile()
    assert written(result) == [D9]
    (problem,) = result.problems
    assert str(path) in problem
    assert "--timezone" in problem
    assert [event.kind for event in bench.events] == [Kind.FILE_DAMAGED]


def test_a_zone_that_is_none_is_refused() -> None:
    assert check_timezone("") == ""
    assert check_timezone("Europe/London") == "Europe/London"
    with pytest.raises(UsageError, match="Nowhere"):
        check_timezone("Europe/Nowhere")


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b"[{"), gzip.compress(b"[]")[:-3], b""],
    ids=["text", "cut JSON", "cut gzip", "empty"],
)
def test_a_damaged_object_is_named_and_the_others_are_written(bench: Bench, content: bytes) -> None:
    path = bench.lay(D8, noon(D8))
    path.write_bytes(content)
    bench.lay(D7, noon(D7))
    bench.lay(D9, noon(D9))
    result = bench.compile()
    assert written(result) == [D7, D9]
    (problem,) = result.problems
    assert str(path) in problem


def test_records_that_are_unusable_are_counted(bench: Bench) -> None:
    bench.lay(D8, noon(D8), {"measurement": "HRV", "time": "yesterday", "tags": {}, "fields": {}})
    result = bench.compile()
    assert result.oddities.rejected.total() == 1
    assert written(result) == [D8]


def test_tables_of_the_old_scripts_are_refused(bench: Bench) -> None:
    bench.lay(D8, noon(D8))
    bench.data.mkdir()
    (bench.data / "gps.parquet").write_bytes(b"whatever")
    with pytest.raises(ForeignFolder, match="another program"):
        bench.compile()


# --- foreign objects: records of other dates


def stray_pair(bench: Bench, *of_d9: Record) -> None:
    bench.lay(D8, noon(D8), beat("2025-10-08T12:00:00"), beat("2025-10-08T22:30:00"))
    bench.lay(D9, noon(D9), *of_d9)


def test_strays_stay_out_where_the_named_object_has_the_measurement(bench: Bench) -> None:
    stray_pair(bench, beat("2025-10-09T08:00:00"))
    bench.compile()
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-09T08:00"]


def test_strays_are_taken_where_the_named_object_lacks_the_measurement(bench: Bench) -> None:
    stray_pair(bench)
    bench.compile()
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-08T22:30"]
    assert bench.times(D9, "RestingHR") == ["2025-10-09T10:00"]


def test_of_several_objects_with_strays_the_newest_counts(bench: Bench) -> None:
    bench.lay(D7, noon(D7), beat("2025-10-08T22:10:00"))
    stray_pair(bench)
    bench.compile()
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-08T22:30"]


@pytest.mark.parametrize("of_d9", [(), (beat("2025-10-09T08:00:00"),)], ids=["taken", "kept out"])
def test_compiling_again_changes_nothing_about_strays(bench: Bench, of_d9: Sequence[Record]) -> None:
    stray_pair(bench, *of_d9)
    bench.compile()
    before = bench.files()
    again = bench.compile()
    assert (again.written, again.unchanged) == ([], 2)
    assert bench.files() == before


def test_strays_of_a_changed_object_stay_out_of_a_date_whose_object_did_not_change(bench: Bench) -> None:
    stray_pair(bench, beat("2025-10-09T08:00:00"))
    bench.compile()
    bench.lay(D8, noon(D8), beat("2025-10-08T12:00:01"), beat("2025-10-08T22:30:00"))
    assert written(bench.compile()) == [D8]
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-09T08:00"]


def test_strays_of_an_unchanged_object_stay_when_the_named_one_changes(bench: Bench) -> None:
    stray_pair(bench)
    bench.compile()
    bench.lay(D9, noon(D9), record("HRV", f"{D9}T10:00:00", dailyRmssd=30.0))
    assert set(written(bench.compile())) == {D9}
    assert bench.times(D9, "HeartRate_Intraday") == ["2025-10-08T22:30"]
    assert bench.times(D9, "HRV") == ["2025-10-09T10:00"]


async def test_strays_do_not_touch_a_date_that_was_collected(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    bench.compile(home.root / "archive")
    before = load_days(D8, D8, bench.data)
    bench.compile(bench.lay("2025-10-06", noon("2025-10-06"), beat("2025-10-07T23:30:00")))
    assert len(bench.times(D8, "HeartRate_Intraday")) == 120
    assert load_days(D8, D8, bench.data).equals(before)


async def test_strays_fill_a_date_of_ours_without_renaming_its_zone_or_state(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    before = load_days(D8, D8, home.root / "data")
    foreign = bench.lay("2025-10-06", noon("2025-10-06"), record("Weight", "2025-10-08T12:00:00", weight_kg=70.0))
    bench.compile(home.root / "archive", foreign)
    assert bench.times(D8, "Weight") == ["2025-10-08T12:00"]
    assert len(bench.times(D8, "HeartRate_Intraday")) == 120
    after = load_days(D8, D8, bench.data)
    assert after[["zone", "state", "source"]].equals(before[["zone", "state", "source"]])


def test_of_two_objects_of_a_date_one_counts_however_often_it_is_compiled(bench: Bench) -> None:
    older = bench.lay(D8, noon(D8), beat("2025-10-08T12:00:00"))
    copy = bench.root / "old" / "z-copy" / older.name
    copy.parent.mkdir()
    copy.write_bytes(gzip.compress(json.dumps([noon(D8), beat("2025-10-08T13:00:00")]).encode()))
    os.utime(copy, (1_000_000_000, 1_000_000_000))
    for _ in range(3):
        bench.compile()
        assert bench.times(D8, "HeartRate_Intraday") == ["2025-10-08T12:00"]


def test_a_file_without_a_date_in_its_name_gives_its_records_to_their_dates(bench: Bench) -> None:
    path = bench.lay(D8, noon(D8), beat("2025-10-08T12:00:00"))
    named = path.rename(path.with_name("export.json.gz"))
    assert written(bench.compile(named)) == [D8]
    assert bench.times(D8, "HeartRate_Intraday") == ["2025-10-08T12:00"]


# --- everything anew


def test_everything_anew_takes_the_place_and_keeps_the_old_beside(bench: Bench) -> None:
    bench.lay(D8, noon(D8))
    bench.data.mkdir()
    (bench.data / "gps.parquet").write_bytes(b"of the old scripts")
    with rebuilt(bench.data) as fresh:
        bench.compile(data=fresh)
    assert (bench.root / "tables.old" / "gps.parquet").read_bytes() == b"of the old scripts"
    assert bench.times(D8, "RestingHR") == ["2025-10-08T10:00"]
    assert not (bench.data / "gps.parquet").exists() or pq.ParquetFile(bench.data / "gps.parquet")
    assert Lake(bench.data, report=lambda _: None).digests().keys() == {D8}


def test_everything_anew_of_nothing_but_damage_leaves_the_old(bench: Bench) -> None:
    path = bench.lay(D8, noon(D8))
    bench.compile()
    before = bench.files()
    path.write_bytes(b"torn")
    with rebuilt(bench.data) as fresh:
        result = bench.compile(data=fresh)
    assert len(result.problems) == 1
    assert bench.files() == before


# --- marks


class Counting(Files):
    """Files that note which of them are read."""

    def __init__(self) -> None:
        self.read_names: list[str] = []

    async def read(self, name: str) -> Content | None:
        self.read_names.append(Path(name).name)
        return await super().read(name)


async def taken(home: Household, data: Path, *, marks: Mapping[str, str] | None = None) -> tuple[Compiled, list[str]]:
    """Take a household's objects in, listed with the marks that a store gave; tell what was read."""
    shelf, lake = Counting(), Lake(data, report=lambda _: None)
    objects = [
        replace(one, mark=(marks or {}).get(Path(one.name).name, one.mark))
        for one in listed(find_objects([home.root / "archive"]), lake.origins())
    ]
    result = await take_in(lake, shelf, offer=Offer(objects=objects), hearing=Hearing(report=lambda _: None))
    return result, shelf.read_names


async def test_objects_whose_marks_are_known_are_not_read(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    first, read = await taken(home, bench.data)
    assert (written(first), len(read)) == ([D7, D8, D9], 3)
    before = bench.files()
    again, read = await taken(home, bench.data)
    assert (again.written, again.unchanged, read) == ([], 3, [])
    assert bench.files() == before
    await home.collect(heart_rate(D8, range(0, 700, 5)), days=(D8, D8))
    changed, read = await taken(home, bench.data)
    assert (written(changed), changed.unchanged) == ([D8], 2)
    assert read == [f"fitbit_backup_{D8}.json.gz"]


async def test_another_mark_of_equal_content_changes_the_state_alone(tmp_path: Path, bench: Bench) -> None:
    home = await collected(tmp_path)
    await taken(home, bench.data)
    before = bench.files()
    moved = {f"fitbit_backup_{D8}.json.gz": "another-mark"}
    result, read = await taken(home, bench.data, marks=moved)
    assert (result.written, result.unchanged, len(read)) == ([], 3, 1)
    assert bench.files() == before  # the shelf gave the mark that is known when it was read
    own = Lake(bench.data, report=lambda _: None)
    day = whole(usual(D8))
    own.note([replace(day, digest=own.digests()[D8], mark="another-mark")])
    after = bench.files()
    assert {name for name in after if after[name] != before[name]} == {"compilation_state.json"}
    assert own.origins()[D8].mark == "another-mark"
    result, read = await taken(home, bench.data, marks=moved)
    assert (result.unchanged, read) == (3, [])


# --- runs that follow runs


def rows_of(folder: Path) -> dict[str, list[Record]]:
    """Give the rows of every table."""
    return {
        str(path.relative_to(folder)): pq.ParquetFile(path).read().to_pylist()
        for path in sorted(folder.rglob("*.parquet"))
    }


def late(date: str) -> Record:
    """Make a beat that an object of `date` holds and that belongs to the next one."""
    return beat(f"{date}T22:30:00")


HISTORIES: dict[str, list[dict[str, list[Record]]]] = {
    "a day more": [
        {D7: [noon(D7), beat(f"{D7}T12:00:00"), late(D7)]},
        {D8: [noon(D8), beat(f"{D8}T12:00:00"), late(D8)]},
        {D9: [noon(D9), late(D9)]},
    ],
    "the named object loses what it had": [
        {D8: [noon(D8), late(D8)], D9: [noon(D9), beat(f"{D9}T08:00:00")]},
        {D9: [noon(D9)]},
    ],
    "the named object gets what it lacked": [
        {D8: [noon(D8), late(D8)], D9: [noon(D9)]},
        {D9: [noon(D9), beat(f"{D9}T08:00:00")]},
    ],
    "a giver gives no more": [
        {D8: [noon(D8), late(D8)], D9: [noon(D9)]},
        {D8: [noon(D8)]},
    ],
    "a date that nothing bears is not given any more": [
        {D8: [noon(D8), late(D8)]},
        {D8: [noon(D8)]},
    ],
    "a newer giver comes": [
        {D7: [noon(D7), beat("2025-10-09T10:10:00")], D9: [noon(D9)]},
        {D8: [noon(D8), late(D8)]},
    ],
    "the newest giver gives no more": [
        {D7: [noon(D7), beat("2025-10-09T10:10:00")], D8: [noon(D8), late(D8)], D9: [noon(D9)]},
        {D8: [noon(D8)]},
    ],
    "a date that others gave gets its object": [
        {D7: [noon(D7), beat("2025-10-09T10:10:00")], D8: [noon(D8), late(D8)]},
        {D9: [noon(D9), record("HRV", f"{D9}T10:00:00", dailyRmssd=30.0)]},
    ],
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_runs_that_follow_runs_end_in_the_rows_of_one(bench: Bench, history: list[dict[str, list[Record]]]) -> None:
    for step in history:
        for date, records in step.items():
            bench.lay(date, *records)
        assert bench.compile().problems == []
    fresh = bench.root / "fresh"
    bench.compile(data=fresh)
    assert rows_of(bench.data) == rows_of(fresh)
    kept = [json.loads((data / "compilation_state.json").read_bytes()) for data in (bench.data, fresh)]
    assert kept[0] | {"last_updated": None} == kept[1] | {"last_updated": None}
    assert "unsettled" not in kept[0]
    again = bench.compile()
    assert again.written == []


def test_only_what_touches_an_unsettled_date_is_read_again(bench: Bench) -> None:
    for date in (D7, D8, D9):
        bench.lay(date, noon(date), beat(f"{date}T12:00:00"), late(date))
    bench.compile()
    bench.lay("2025-10-20", noon("2025-10-20"), beat("2025-10-20T12:00:00"))
    bench.lay(D9, noon(D9), beat(f"{D9}T12:00:01"), late(D9))
    lake, shelf = Lake(bench.data, report=lambda _: None), Counting()
    offer = Offer(objects=listed(find_objects([bench.root / "old"]), lake.origins()))
    asyncio.run(take_in(lake, shelf, offer=offer, hearing=Hearing(report=lambda _: None)))
    assert {name[14:24] for name in shelf.read_names} == {D8, D9, "2025-10-20"}


class Stopped(Exception):
    """The machine stopped."""


class Stopping(lake_files.Files):
    """File operations of the lake of which only the first few happen."""

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self.left = steps

    @contextmanager
    def create(self, path: str) -> Iterator[pa.NativeFile]:
        if self.left == 0:
            raise Stopped
        self.left -= 1
        with super().create(path) as sink:
            yield sink
            if self.left == 0:
                raise Stopped
            self.left -= 1


def stopped_after(bench: Bench, data: Path, steps: int) -> bool:
    lake = Lake(data, report=lambda _: None, files=Stopping(data, steps))
    offer = Offer(objects=listed(find_objects([bench.root / "old"]), lake.origins()))
    try:
        asyncio.run(take_in(lake, Files(), offer=offer, hearing=Hearing(report=lambda _: None)))
    except Stopped:
        return True
    return False


def test_a_stop_after_any_step_is_made_good(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cromwelld.jobs.intake._BATCH_DATES", 2)
    bench.lay(D7, noon(D7), beat("2025-10-09T10:10:00"))
    bench.lay(D8, noon(D8), beat(f"{D8}T12:00:00"), late(D8), record("HRV", f"{D10}T10:00:00", dailyRmssd=30.0))
    bench.lay(D9, noon(D9), late(D9))
    bench.compile()
    expected = rows_of(bench.data)
    steps = 0
    while stopped_after(bench, data := bench.root / f"stopped{steps}", steps):
        assert bench.compile(data=data).problems == []
        assert rows_of(data) == expected, f"stopped after {steps} steps"
        assert "unsettled" not in json.loads((data / "compilation_state.json").read_bytes())
        steps += 1
    assert steps >= 20


class Leaving(Files):
    """Files behind a far side that is away after the first few."""

    def __init__(self, after: int) -> None:
        self.after = after

    async def read(self, name: str) -> Content | None:
        if self.after == 0:
            raise FarSideAway("the store cannot be reached")
        self.after -= 1
        return await super().read(name)


def test_when_the_far_side_leaves_what_was_read_is_written_and_the_rest_comes_later(bench: Bench) -> None:
    for date in (D7, D8, D9, D10):
        bench.lay(date, noon(date), beat(f"{date}T12:00:00"), late(date))
    lake = Lake(bench.data, report=lambda _: None)
    offer = Offer(objects=listed(find_objects([bench.root / "old"]), {}))
    with pytest.raises(FarSideAway, match="cannot be reached"):
        asyncio.run(take_in(lake, Leaving(2), offer=offer, hearing=Hearing(report=lambda _: None)))
    assert lake.origins().keys() == {D7, D8}
    assert written(bench.compile()) == [D9, D10, "2025-10-11"]
    bench.compile(data=bench.root / "fresh")
    assert rows_of(bench.data) == rows_of(bench.root / "fresh")
