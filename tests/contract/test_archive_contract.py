"""What every archive store does: one suite, a row for each store."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cromwelld.archive import codec
from cromwelld.archive.codec import Encoded
from cromwelld.archive.folder import FolderStore
from cromwelld.archive.names import date_of
from cromwelld.archive.objects import Archive
from cromwelld.archive.s3 import opened
from cromwelld.archive.store import Store
from cromwelld.day import Day
from cromwelld.disk import user
from cromwelld.errors import DamagedFile, NotWritable, StoreError
from tests.support.days import daily, text
from tests.support.s3 import PREFIX, Server

SERVERS = ("moto", "seaweedfs", "rclone")
DATE = dt.date(2025, 10, 8)
NAME = "fitbit_backup_2025-10-08.json.gz"
OUTLANDISH = "größe a+b=c/fit bit"


@asynccontextmanager
async def store_of(kind: str, request: pytest.FixtureRequest, root: Path, prefix: str) -> AsyncIterator[Store]:
    """Open an empty store; a server is started when it is first asked for."""
    if kind == "folder":
        yield FolderStore(root / "archive", prefix)
        return
    server: Server = request.getfixturevalue(kind)
    async with opened(server.bucket(prefix)) as store:
        yield store


@pytest.fixture(params=["folder", *SERVERS])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    async with store_of(request.param, request, tmp_path, PREFIX) as store:
        yield Archive(store)


@pytest.fixture(params=["folder", *SERVERS])
async def outlandish(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store whose prefix has spaces, signs and letters beyond ASCII."""
    async with store_of(request.param, request, tmp_path, OUTLANDISH) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Archive:
    return Archive(FolderStore(tmp_path / "archive", PREFIX))


def a_day(date: str, value: float = 61.0) -> Day:
    return Day(
        date=dt.date.fromisoformat(date),
        zone="Europe/Berlin",
        tables={"RestingHR": daily("RestingHR", value)},
        asked={"RestingHR": "fitbit_web ok"},
    )


def encoded(day: Day, folder: Path) -> tuple[Path, Encoded]:
    draft = folder / "draft.json.gz"
    return draft, codec.write(day, draft)


async def dates(archive: Archive) -> list[dt.date]:
    """List the dates that have an object, in the order of the listing."""
    return [date for one in await archive.listed() if (date := date_of(one.name)) is not None]


async def put(archive: Archive, day: Day, folder: Path) -> str:
    draft, about = encoded(day, folder)
    await archive.put(day.date, draft, about)
    return about.digest


async def test_what_is_put_is_read(archive: Archive, tmp_path: Path) -> None:
    day = a_day("2025-10-08")
    digest = await put(archive, day, tmp_path)
    opened = await archive.read(day.date)
    assert opened is not None
    assert opened.day is not None
    assert (opened.digest, text(opened.day)) == (digest, text(day))


async def test_a_date_without_object_is_none(archive: Archive) -> None:
    assert await archive.read(dt.date(2025, 10, 8)) is None
    assert await dates(archive) == []


async def test_dates_are_listed_oldest_first(archive: Archive, tmp_path: Path) -> None:
    for date in ("2025-10-09", "2024-02-29", "2025-10-08"):
        await put(archive, a_day(date), tmp_path)
    assert [date.isoformat() for date in await dates(archive)] == ["2024-02-29", "2025-10-08", "2025-10-09"]


async def test_putting_twice_is_putting_once_and_the_last_one_stays(archive: Archive, tmp_path: Path) -> None:
    await put(archive, a_day("2025-10-08"), tmp_path)
    await put(archive, a_day("2025-10-08"), tmp_path)
    digest = await put(archive, a_day("2025-10-08", 62.0), tmp_path)
    opened = await archive.read(dt.date(2025, 10, 8))
    assert opened is not None
    assert opened.digest == digest
    assert len(await dates(archive)) == 1


async def test_dates_do_not_touch_one_another(archive: Archive, tmp_path: Path) -> None:
    first = await put(archive, a_day("2025-10-08"), tmp_path)
    await put(archive, a_day("2025-10-09", 50.0), tmp_path)
    opened = await archive.read(dt.date(2025, 10, 8))
    assert opened is not None
    assert opened.digest == first


async def test_a_version_set_aside_is_kept_and_the_object_stays(archive: Archive, tmp_path: Path) -> None:
    day = a_day("2025-10-08")
    digest = await put(archive, day, tmp_path)
    await archive.set_aside(day.date, digest)
    await put(archive, a_day("2025-10-08", 62.0), tmp_path)
    await archive.set_aside(day.date, digest)  # repeated after a crash: the version kept is not overwritten
    kept = await archive.store.read(f"replaced/2025-10-08/{digest[:8]}.json.gz")
    assert kept is not None
    assert codec.open_object(kept.data, "kept").digest == digest
    assert await dates(archive) == [day.date]


async def test_what_did_not_arrive_whole_is_refused_and_the_old_object_stays(archive: Archive, tmp_path: Path) -> None:
    digest = await put(archive, a_day("2025-10-08"), tmp_path)
    draft, about = encoded(a_day("2025-10-08", 62.0), tmp_path)
    draft.write_bytes(draft.read_bytes()[:-1])
    with pytest.raises(DamagedFile):
        await archive.put(dt.date(2025, 10, 8), draft, about)
    opened = await archive.read(dt.date(2025, 10, 8))
    assert opened is not None
    assert opened.digest == digest


async def test_many_dates_at_once(archive: Archive, tmp_path: Path) -> None:
    days = [a_day(f"2025-10-{number:02d}", float(number)) for number in range(1, 31)]
    async with asyncio.TaskGroup() as group:
        for day in days:
            folder = tmp_path / day.date.isoformat()
            folder.mkdir()
            group.create_task(put(archive, day, folder))
    assert await dates(archive) == [day.date for day in days]


async def test_the_mark_of_a_put_is_that_of_the_listing_and_of_the_reading(archive: Archive, tmp_path: Path) -> None:
    draft, about = encoded(a_day("2025-10-08"), tmp_path)
    mark = await archive.put(DATE, draft, about)
    (listed,) = await archive.listed()
    opened_object = await archive.read(DATE)
    assert opened_object is not None
    assert {listed.mark, opened_object.mark} == {mark}
    assert mark.strip('"') == mark != ""
    assert (listed.name, listed.size_bytes) == (NAME, draft.stat().st_size)
    draft, about = encoded(a_day("2025-10-08", 62.0), tmp_path)
    assert await archive.put(DATE, draft, about) != mark


async def test_the_bytes_that_were_put_are_read_as_they_are(archive: Archive, tmp_path: Path) -> None:
    draft, about = encoded(a_day("2025-10-08"), tmp_path)
    await archive.put(DATE, draft, about)
    content = await archive.store.read(NAME)
    assert content is not None
    assert content.data == draft.read_bytes()
    assert content.data.startswith(b"\x1f\x8b")


async def test_objects_below_the_prefix_are_listed_and_no_others(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_bytes(b"notes")
    for name in ("z.txt", "sub folder/notes.txt", NAME):
        await archive.store.put(name, file, {})
    assert [one.name for one in await archive.listed()] == [NAME, "sub folder/notes.txt", "z.txt"]
    assert await dates(archive) == [DATE]


async def test_a_copy_is_the_same_and_is_not_overwritten(archive: Archive, tmp_path: Path) -> None:
    draft, about = encoded(a_day("2025-10-08"), tmp_path)
    await archive.put(DATE, draft, about)
    first = await archive.store.read(NAME)
    assert first is not None
    await archive.store.copy(NAME, "replaced/kept copy.json.gz")
    copied = await archive.store.read("replaced/kept copy.json.gz")
    assert copied is not None
    assert copied.data == first.data
    assert first.about.items() <= copied.about.items()  # rclone adds a time of its own
    await put(archive, a_day("2025-10-08", 62.0), tmp_path)
    await archive.store.copy(NAME, "replaced/kept copy.json.gz")
    again = await archive.store.read("replaced/kept copy.json.gz")
    assert again is not None
    assert again.data == first.data


async def test_what_is_not_there_cannot_be_copied(archive: Archive) -> None:
    with pytest.raises(StoreError):
        await archive.store.copy(NAME, "replaced/copy.json.gz")
    assert await archive.listed() == []


async def test_an_object_is_removed_and_removing_it_again_is_no_error(archive: Archive, tmp_path: Path) -> None:
    await put(archive, a_day("2025-10-08"), tmp_path)
    await put(archive, a_day("2025-10-09"), tmp_path)
    await archive.store.remove(NAME)
    await archive.store.remove(NAME)
    assert await archive.read(DATE) is None
    assert await dates(archive) == [dt.date(2025, 10, 9)]


async def test_a_file_that_is_not_there_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises((StoreError, FileNotFoundError)):
        await archive.store.put(NAME, tmp_path / "nothing", {})
    assert await archive.listed() == []


async def test_outlandish_names_are_kept(outlandish: Store, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_bytes(b"notes")
    name = "replaced/ä b+c=d/100% & more.txt"
    await outlandish.put(name, file, {})
    await outlandish.copy(name, f"{name}.copy")
    assert [one.name for one in await outlandish.listing()] == [name, f"{name}.copy"]
    content = await outlandish.read(f"{name}.copy")
    assert content is not None
    assert content.data == b"notes"
    assert OUTLANDISH in outlandish.place(name)


# What only a folder can be


def folder_of(tmp_path: Path) -> Path:
    return tmp_path / "archive" / PREFIX


def place_of(tmp_path: Path) -> Path:
    return folder_of(tmp_path) / "fitbit_backup_2025-10-08.json.gz"


async def test_the_object_lies_below_the_prefix_under_its_name(folder: Archive, tmp_path: Path) -> None:
    await put(folder, a_day("2025-10-08"), tmp_path)
    assert [path.name for path in folder_of(tmp_path).iterdir()] == ["fitbit_backup_2025-10-08.json.gz"]


async def test_other_files_below_the_prefix_are_passed_over(folder: Archive, tmp_path: Path) -> None:
    await put(folder, a_day("2025-10-08"), tmp_path)
    for name in ("notes.txt", "fitbit_backup_2025-10-09.json", "fitbit_backup_2025-10-10.json.gz.part", "x.json.gz"):
        (folder_of(tmp_path) / name).write_bytes(b"junk")
    (folder_of(tmp_path) / "fitbit_backup_2025").mkdir()
    assert await dates(folder) == [dt.date(2025, 10, 8)]


async def test_a_damaged_object_is_named_with_its_remedy_and_the_others_are_read(
    folder: Archive, tmp_path: Path
) -> None:
    await put(folder, a_day("2025-10-08"), tmp_path)
    await put(folder, a_day("2025-10-09"), tmp_path)
    place = place_of(tmp_path)
    place.write_bytes(place.read_bytes()[:50])
    with pytest.raises(DamagedFile) as caught:
        await folder.read(dt.date(2025, 10, 8))
    assert str(place) in caught.value.message
    assert "cromwelld collect 2025-10-08" in caught.value.hint
    assert await folder.read(dt.date(2025, 10, 9)) is not None


async def test_an_object_that_is_a_folder_cannot_be_read(folder: Archive, tmp_path: Path) -> None:
    place_of(tmp_path).mkdir(parents=True)
    with pytest.raises(StoreError, match="2025-10-08"):
        await folder.read(dt.date(2025, 10, 8))


async def test_an_impossible_folder_is_named_with_user_and_remedy(folder: Archive, tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")
    with pytest.raises(NotWritable) as caught:
        await put(folder, a_day("2025-10-08"), tmp_path)
    assert str(place_of(tmp_path)) in caught.value.message
    assert user() in caught.value.message
    assert "choose another folder" in caught.value.hint
    with pytest.raises(NotWritable):
        await folder.set_aside(dt.date(2025, 10, 8), "0" * 64)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_named_with_user_and_remedy(folder: Archive, tmp_path: Path) -> None:
    await put(folder, a_day("2025-10-08"), tmp_path)
    folder_of(tmp_path).chmod(0o500)
    try:
        with pytest.raises(NotWritable) as caught:
            await put(folder, a_day("2025-10-08", 62.0), tmp_path)
        assert user() in caught.value.hint
    finally:
        folder_of(tmp_path).chmod(0o700)
