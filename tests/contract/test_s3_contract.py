"""What only a bucket can be: uploads in parts, cut lines, refused keys, long listings; on every server we have."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from cromwelld.archive.bucket import Bucket, Keys
from cromwelld.archive.s3 import S3Store, opened
from cromwelld.errors import CromwelldError, DamagedFile, FarSideAway, StoreError
from tests.support.s3 import KEYS, LEAST_PART, SeaweedFS, Server, through
from tests.support.wire import Wire, wire_to

NAME = "fitbit_backup_2025-10-08.json.gz"
ABOUT = {"sha256": "0123456789abcdef"}
PARTS_BYTES = 2 * LEAST_PART + 1000
MIDDLE_BYTES = LEAST_PART + (1 << 20)  # within the second part
OLD = b"the object that was there"


@pytest.fixture(params=["moto", "seaweedfs", "rclone"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def bucket(server: Server) -> Bucket:
    return server.bucket()


@pytest.fixture
async def store(bucket: Bucket) -> AsyncIterator[S3Store]:
    async with opened(bucket) as made:
        yield made


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    async with wire_to(server.url) as made:
        yield made


@dataclass(frozen=True)
class Line:
    """A store that is reached by way of a wire, with an object in it."""

    store: S3Store
    wire: Wire
    server: Server
    bucket: Bucket

    async def has_nothing_new(self) -> bool:
        """See that the object is there as it was, and nothing else."""
        names = [one.name for one in await self.store.listing()]
        left = self.server.uploads(self.bucket)
        return (await content_of(self.store), names, left) == (OLD, [NAME], [])


@pytest.fixture
async def line(server: Server, bucket: Bucket, old: Path) -> AsyncIterator[Line]:
    async with wire_to(server.url) as wire, opened(through(bucket, wire.url)) as store:
        await store.put(NAME, old, ABOUT)
        yield Line(store, wire, server, bucket)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Make a file that is sent in three parts."""
    return file_of(tmp_path / "large", random.Random(5).randbytes(PARTS_BYTES))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return file_of(tmp_path / "old", OLD)


def file_of(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


async def content_of(store: S3Store, name: str = NAME) -> bytes | None:
    content = await store.read(name)
    return None if content is None else content.data


def calls_of(store: S3Store, *files: Path) -> list[Callable[[], Awaitable[object]]]:
    return [store.listing, partial(store.read, NAME), *(partial(store.put, NAME, file, ABOUT) for file in files)]


# --- what arrives


async def test_a_large_file_is_sent_in_parts_and_is_the_same(
    server: Server, bucket: Bucket, store: S3Store, large: Path
) -> None:
    mark = await store.put(NAME, large, ABOUT)
    content = await store.read(NAME)
    assert content is not None
    assert content.data == large.read_bytes()
    assert content.mark == mark
    assert ABOUT.items() <= content.about.items()
    assert [(one.name, one.size_bytes, one.mark) for one in await store.listing()] == [(NAME, PARTS_BYTES, mark)]
    assert server.uploads(bucket) == []


async def test_an_object_says_what_it_is(server: Server, bucket: Bucket, store: S3Store, old: Path) -> None:
    await store.put(NAME, old, ABOUT)
    await store.put("notes.txt", old, {})
    said = server.other.head_object(Bucket=bucket.name, Key=bucket.root + NAME)
    plain = server.other.head_object(Bucket=bucket.name, Key=bucket.root + "notes.txt")
    assert ABOUT.items() <= {name.lower(): text for name, text in said["Metadata"].items()}.items()
    assert plain.get("ContentEncoding") is None
    if server.kind != "rclone":  # which keeps neither
        assert (said["ContentType"], said["ContentEncoding"]) == ("application/json", "gzip")


async def test_a_large_object_says_what_it_is(server: Server, bucket: Bucket, store: S3Store, large: Path) -> None:
    await store.put(NAME, large, ABOUT)
    said = server.other.head_object(Bucket=bucket.name, Key=bucket.root + NAME)
    assert ABOUT.items() <= {name.lower(): text for name, text in said["Metadata"].items()}.items()
    if server.kind != "rclone":
        assert (said["ContentType"], said["ContentEncoding"]) == ("application/json", "gzip")


@pytest.mark.parametrize("server", [pytest.param("moto", marks=pytest.mark.slow), "seaweedfs"], indirect=True)
async def test_more_than_a_thousand_objects_are_listed(bucket: Bucket, store: S3Store, server: Server) -> None:
    names = [f"{number:04d}.txt" for number in range(1010)]
    order = random.Random(5).sample(names, len(names))

    def put(some: list[str]) -> None:
        for name in some:
            server.other.put_object(Bucket=bucket.name, Key=bucket.root + name, Body=b"x")

    async with asyncio.TaskGroup() as group:
        for start in range(4):
            group.create_task(asyncio.to_thread(put, order[start::4]))
    assert [one.name for one in await store.listing()] == names


# --- what does not arrive


@asynccontextmanager
async def failing(error: type[CromwelldError]) -> AsyncIterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert caught.value.hint
    assert KEYS.secret not in f"{caught.value.message} {caught.value.hint}"


async def test_a_line_cut_within_a_part_leaves_the_old_object_and_no_upload(line: Line, large: Path) -> None:
    line.wire.at_bytes(MIDDLE_BYTES, lambda: line.wire.cut(refusing=1))
    async with failing(FarSideAway):
        await line.store.put(NAME, large, ABOUT)
    assert await line.has_nothing_new()


async def test_a_line_cut_within_a_small_object_leaves_the_old_one(line: Line, tmp_path: Path) -> None:
    line.wire.at_bytes(1 << 20, lambda: line.wire.cut(refusing=1))
    async with failing(FarSideAway):
        await line.store.put(NAME, file_of(tmp_path / "new", bytes(4 << 20)), ABOUT)
    assert await line.has_nothing_new()


async def test_a_line_cut_in_passing_is_not_noticed(line: Line, large: Path) -> None:
    patient = replace(line.bucket, endpoint=line.wire.url, patience=replace(line.bucket.patience, attempts=3))
    async with opened(patient) as store:
        line.wire.at_bytes(MIDDLE_BYTES, line.wire.cut)
        await store.put(NAME, large, ABOUT)
        assert await content_of(store) == large.read_bytes()
    assert line.server.uploads(line.bucket) == []


async def test_what_could_not_be_aborted_is_aborted_by_the_next_upload(line: Line, old: Path, large: Path) -> None:
    line.wire.at_bytes(MIDDLE_BYTES, line.wire.close)
    async with failing(FarSideAway):
        await line.store.put(NAME, large, ABOUT)
    assert line.server.uploads(line.bucket) == [NAME]
    line.wire.reopen()
    await line.store.put(NAME, old, ABOUT)
    assert await line.has_nothing_new()


async def test_what_a_killed_process_left_is_aborted_by_the_next_one(line: Line, old: Path, large: Path) -> None:
    line.wire.at_bytes(MIDDLE_BYTES, line.wire.close)
    async with failing(FarSideAway):
        await line.store.put(NAME, large, ABOUT)
    assert line.server.uploads(line.bucket) == [NAME]
    line.wire.reopen()
    async with opened(line.bucket) as another:
        await another.put(NAME, old, ABOUT)
    assert await line.has_nothing_new()


@pytest.mark.parametrize("server", ["seaweedfs", "rclone"], indirect=True)  # in moto every upload is of the year 2010
async def test_an_upload_of_another_object_goes_on_unless_it_is_a_day_old(
    server: Server, bucket: Bucket, store: S3Store, old: Path
) -> None:
    server.other.create_multipart_upload(Bucket=bucket.name, Key=bucket.root + "another.json.gz")
    server.other.create_multipart_upload(Bucket=bucket.name, Key=f"not-{bucket.root}{NAME}")
    await store.put(NAME, old, ABOUT)
    assert server.uploads(bucket) == ["another.json.gz"]
    async with opened(bucket, now=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=1, hours=1)) as later:
        await later.put(NAME, old, ABOUT)
    assert server.uploads(bucket) == []
    assert server.uploads(replace(bucket, prefix=f"not-{bucket.prefix}")) == [NAME]


async def test_a_cancelled_upload_leaves_the_old_object_and_no_upload(line: Line, large: Path) -> None:
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(line.store.put(NAME, large, ABOUT))
        line.wire.at_bytes(MIDDLE_BYTES, sending.cancel)
    assert sending.cancelled()
    assert await line.has_nothing_new()


async def test_a_file_that_shrinks_while_it_is_sent_leaves_the_old_object(line: Line, large: Path) -> None:
    line.wire.at_bytes(MIDDLE_BYTES, lambda: file_of(large, bytes(MIDDLE_BYTES)))
    async with failing(DamagedFile):
        await line.store.put(NAME, large, ABOUT)
    assert await line.has_nothing_new()


async def test_a_line_on_which_nothing_moves_is_given_up(line: Line, large: Path) -> None:
    hasty = replace(line.bucket.patience, silence_s=0.3, request_s=0.6)
    async with opened(replace(line.bucket, endpoint=line.wire.url, patience=hasty)) as store:
        line.wire.at_bytes(MIDDLE_BYTES, line.wire.stall)
        async with failing(FarSideAway):
            await store.put(NAME, large, ABOUT)
    line.wire.flow()
    assert await content_of(line.store) == OLD
    assert line.server.uploads(line.bucket) in ([], [NAME])  # an abort waits on the line, and is passed on or not


async def test_a_server_that_is_not_there_is_away(bucket: Bucket, store: S3Store, wire: Wire, old: Path) -> None:
    await store.put(NAME, old, ABOUT)
    wire.close()
    async with opened(through(bucket, wire.url)) as wired:
        calls = calls_of(wired, old)
        calls += [partial(wired.copy, NAME, "x"), partial(wired.remove, NAME)]
        for call in calls:
            async with failing(FarSideAway):
                await call()
    assert await content_of(store) == OLD


@pytest.mark.slow
async def test_a_server_killed_within_an_upload_has_the_old_object_when_it_is_back(
    tmp_path: Path, old: Path, large: Path
) -> None:
    with SeaweedFS.running(tmp_path / "server") as (server, seaweed):
        bucket = server.bucket()
        async with wire_to(server.url) as wire, opened(through(bucket, wire.url)) as store:
            await store.put(NAME, old, ABOUT)
            wire.at_bytes(MIDDLE_BYTES, seaweed.kill)
            async with failing(FarSideAway):
                await store.put(NAME, large, ABOUT)
        await asyncio.to_thread(seaweed.start)
        async with opened(
            replace(bucket, patience=replace(bucket.patience, attempts=5))
        ) as store:  # it wakes up slowly
            assert await content_of(store) == OLD
            await store.put(NAME, large, ABOUT)
            assert await content_of(store) == large.read_bytes()
            assert server.uploads(bucket) == []


# --- what is refused


@pytest.mark.parametrize("server", ["seaweedfs", "rclone"], indirect=True)  # moto believes any key
@pytest.mark.parametrize("keys", [Keys(access=KEYS.access, secret="wrong"), Keys(access="nobody", secret="wrong")])
async def test_a_wrong_key_is_named(bucket: Bucket, keys: Keys, old: Path, large: Path) -> None:
    async with opened(replace(bucket, keys=keys)) as store:
        for call in calls_of(store, old, large):
            with pytest.raises(StoreError) as caught:
                await call()
            assert "archive.access_key_file" in caught.value.hint
            assert bucket.place() in caught.value.message
            assert "nobody" not in caught.value.message + caught.value.hint


async def test_a_bucket_that_is_not_there_is_named(bucket: Bucket, old: Path, large: Path) -> None:
    async with opened(replace(bucket, name="no-such-bucket-here")) as store:
        for call in calls_of(store, old, large):
            with pytest.raises(StoreError) as caught:
                await call()
            assert "archive.bucket" in caught.value.hint
            assert "s3://no-such-bucket-here" in caught.value.message
