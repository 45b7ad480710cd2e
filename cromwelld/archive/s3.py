"""A bucket as the place of the objects."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cromwelld.archive.bucket import Bucket
from cromwelld.archive.requests import Answer, Requests, connected
from cromwelld.archive.store import Content, Listed
from cromwelld.errors import CromwelldError, DamagedFile, FarSideAway, StoreError

_JSON, _GZIP = "application/json", "gzip"
_ABANDONED_AFTER = dt.timedelta(days=1)  # no upload of a day takes as long
_ABORT_S = 10.0


def _utc() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@asynccontextmanager
async def opened(place: Bucket, *, now: Callable[[], dt.datetime] = _utc) -> AsyncIterator[S3Store]:
    """Open a store, without asking anything of its server.

    Raises: ConfigurationError if the settings, the environment or the configuration of AWS cannot work.
    """
    async with connected(place) as requests:
        yield S3Store(requests, place, now)


@dataclass(frozen=True, slots=True)
class _Upload:
    """An upload in parts that was begun: of what, its id, and when by the server's clock."""

    name: str
    number: str
    begun_at: dt.datetime


class S3Store:
    """Keep objects below a prefix of a bucket; a mark is the ETag without its quotes.

    Every upload is sent with its MD5 and asked after when it has arrived.
    """

    def __init__(self, requests: Requests, bucket: Bucket, now: Callable[[], dt.datetime]) -> None:
        self._requests = requests
        self._bucket = bucket
        self._now = now
        self._leftovers: list[_Upload] | None = None  # None: not yet asked

    def place(self, name: str = "") -> str:
        """Name an object, or the whole place, for people."""
        return self._bucket.place(name)

    async def listing(self) -> list[Listed]:
        """List everything below the prefix, by name.

        Raises: StoreError; FarSideAway.
        """
        found: list[Listed] = []
        more: dict[str, object] = {}
        while True:
            page = await self._requests.ask("list_objects_v2", Prefix=self._bucket.root, **more)
            self._told(page, "Name")  # else what is no listing at all would be an empty archive
            found += [self._listed(one) for one in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                break
            token = page.get("NextContinuationToken")
            if not token or token == more.get("ContinuationToken"):
                raise StoreError(f"{self.place()}: the listing does not end", hint="see to that server")
            more = {"ContinuationToken": token}
        # some servers list their folders as empty objects
        return sorted((one for one in found if one.name and not one.name.endswith("/")), key=lambda one: one.name)

    def _listed(self, one: Answer) -> Listed:
        return Listed(
            name=str(one["Key"]).removeprefix(self._bucket.root),
            size_bytes=int(one["Size"]),
            mark=_mark(one),
            changed_at=one["LastModified"],
        )

    def _told(self, answer: Answer, field: str) -> str:
        """Take from an answer what every server of S3 says."""
        if not answer.get(field):
            hint = "see whether archive.endpoint is right, and what stands between"
            raise FarSideAway(f"{self.place()}: the answer is not that of S3", hint=hint)
        return str(answer[field])

    async def read(self, name: str) -> Content | None:
        """Read an object; None if there is none.

        Raises: StoreError; FarSideAway.
        """
        found = await self._requests.fetch(name)
        if found is None:
            return None
        answer, data = found
        return Content(data=data, mark=_mark(answer), about=dict(answer.get("Metadata", {})))

    async def put(self, name: str, file: Path, about: Mapping[str, str]) -> str:
        """Put a file in place of the object that was there, check what arrived, and give its mark.

        Raises: StoreError; FarSideAway; DamagedFile if what arrived is not what was sent.
        """
        await self._tidy(name)
        size_bytes = (await asyncio.to_thread(file.stat)).st_size
        send = self._put_whole if size_bytes <= self._bucket.part_bytes else self._put_in_parts
        await send(name, file, {**self._traits(), **_kind(name), "Metadata": dict(about)}, size_bytes=size_bytes)
        return await self._arrived(name, size_bytes, about)

    async def _put_whole(self, name: str, file: Path, traits: Mapping[str, object], *, size_bytes: int) -> None:
        part = await asyncio.to_thread(_Part.of, file, 0, size_bytes)
        await self._requests.ask("put_object", name, **traits, Body=io.BytesIO(part.data), ContentMD5=part.md5)

    async def _put_in_parts(self, name: str, file: Path, traits: Mapping[str, object], *, size_bytes: int) -> None:
        upload = await self._begin(name, traits)
        try:
            parts = [await self._send_part(upload, file, at, size_bytes) for at in range(0, size_bytes, self._step)]
            sent = {"Parts": parts}
            await self._requests.ask("complete_multipart_upload", name, UploadId=upload.number, MultipartUpload=sent)
        except BaseException:  # also when it is cancelled: nothing half-sent may stay, it would be paid for
            await self._give_up(upload)
            raise

    async def _begin(self, name: str, traits: Mapping[str, object]) -> _Upload:
        try:
            begun = await self._requests.ask("create_multipart_upload", name, **traits)
            return _Upload(name, self._told(begun, "UploadId"), self._now())
        except BaseException:
            self._leftovers = None  # there may be one now that nobody knows: the next upload asks
            raise

    @property
    def _step(self) -> int:
        return self._bucket.part_bytes

    async def _send_part(self, upload: _Upload, file: Path, at: int, size_bytes: int) -> Mapping[str, object]:
        part = await asyncio.to_thread(_Part.of, file, at, min(self._step, size_bytes - at))
        number = at // self._step + 1
        told = await self._requests.ask(
            "upload_part",
            upload.name,
            UploadId=upload.number,
            PartNumber=number,
            Body=io.BytesIO(part.data),
            ContentMD5=part.md5,
        )
        return {"PartNumber": number, "ETag": self._told(told, "ETag")}

    async def _arrived(self, name: str, size_bytes: int, about: Mapping[str, str]) -> str:
        """Ask what has become of an upload, and give its mark."""
        told = await self._requests.look(name)
        if told is None or told.get("ContentLength") != size_bytes or not _mark(told) or not _has(told, about):
            raise _damaged(self.place(name))
        return _mark(told)

    def _traits(self) -> Mapping[str, object]:
        """Give what the settings ask of every new object."""
        bucket = self._bucket
        wanted = {
            "StorageClass": bucket.storage_class,
            "ServerSideEncryption": bucket.encryption,
            "SSEKMSKeyId": bucket.kms_key,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    async def _tidy(self, name: str) -> None:
        """Abort what a killed process left behind: uploads of this object, and of any that are older than a day."""
        if self._leftovers is None:
            self._leftovers = await self._uploads()
        old = self._now() - _ABANDONED_AFTER
        gone = [one for one in self._leftovers if one.name == name or one.begun_at < old]
        for upload in gone:
            await self._give_up(upload)

    async def _uploads(self) -> list[_Upload]:
        """List the uploads below the prefix that were begun and not ended; none where the server cannot tell."""
        found: list[_Upload] = []
        more: dict[str, object] = {}
        while True:
            asking = self._requests.ask_where_possible("list_multipart_uploads", Prefix=self._bucket.root, **more)
            page = await asking or {}
            found += [self._begun(one) for one in page.get("Uploads", ())]
            marks = {"KeyMarker": page.get("NextKeyMarker"), "UploadIdMarker": page.get("NextUploadIdMarker")}
            if not page.get("IsTruncated") or not all(marks.values()) or marks == more:
                return found
            more = dict(marks)

    def _begun(self, one: Answer) -> _Upload:
        return _Upload(str(one["Key"]).removeprefix(self._bucket.root), str(one["UploadId"]), one["Initiated"])

    async def _give_up(self, upload: _Upload) -> None:
        """Abort an upload; what cannot be aborted now is a leftover, which the next upload of that object aborts."""
        if self._leftovers is not None and upload not in self._leftovers:
            self._leftovers.append(upload)
        with suppress(CromwelldError, TimeoutError):
            async with asyncio.timeout(_ABORT_S):
                aborting = "abort_multipart_upload"
                await self._requests.ask_where_possible(aborting, upload.name, UploadId=upload.number)
            if self._leftovers is not None:
                self._leftovers = [one for one in self._leftovers if one != upload]

    async def copy(self, name: str, to: str) -> None:
        """Copy an object within the store with what is kept beside it, unless the copy is there already.

        Raises: StoreError; FarSideAway; DamagedFile if the copy is not whole.
        """
        if await self._requests.look(to) is not None:
            return
        source = await self._requests.look(name)
        if source is None:
            raise StoreError(f"there is no {self.place(name)} to be kept", hint="run cromwelld verify")
        place = {"Bucket": self._bucket.name, "Key": self._bucket.root + name}
        await self._requests.ask("copy_object", to, CopySource=place, **self._traits())
        try:
            await self._arrived(to, source["ContentLength"], source.get("Metadata", {}))
        except DamagedFile:
            await self.remove(to)  # else it would pass for the copy
            raise

    async def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error.

        Raises: StoreError; FarSideAway.
        """
        await self._requests.ask("delete_object", name)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a file and its MD5 in base 64."""

    data: bytes
    md5: str

    @classmethod
    def of(cls, file: Path, at: int, size_bytes: int) -> _Part:
        """Read a piece. Raises: DamagedFile if the file is shorter than it was."""
        with file.open("rb") as opened_file:
            opened_file.seek(at)
            data = opened_file.read(size_bytes)
        if len(data) != size_bytes:
            raise _damaged(str(file))
        return cls(data, base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode())


def _damaged(place: str) -> DamagedFile:
    return DamagedFile(f"{place} did not arrive whole", hint="it is tried again; if it stays, see to the server")


def _kind(name: str) -> Mapping[str, str]:
    return {"ContentType": _JSON, "ContentEncoding": _GZIP} if name.endswith(".json.gz") else {}


def _mark(told: Answer) -> str:
    return str(told.get("ETag", "")).removeprefix("W/").strip('"')


def _has(told: Answer, about: Mapping[str, str]) -> bool:
    return about.items() <= dict(told.get("Metadata", {})).items()
