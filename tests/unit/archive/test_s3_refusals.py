"""What a server's refusals become: a server of our own answers as the documentation of S3 says."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cromwelld.archive.bucket import Bucket, Keys, Patience
from cromwelld.archive.s3 import opened
from cromwelld.errors import ConfigurationError, CromwelldError, DamagedFile, FarSideAway, StoreError
from cromwelld.simulator.serve import serving

SECRET = "hunter2"
NAME = "notes.txt"  # what is told to be gzip would be unpacked by the server of these tests
PART = 5 << 20
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(code: str, status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer as S3 does; the body has what must never be told."""
    text = f"<Error><Code>{code}</Code><Message>{SECRET}</Message><AWSAccessKeyId>{SECRET}</AWSAccessKeyId></Error>"

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(status=status, text=text, content_type="application/xml", headers=headers)

    return answer


def said(body: str = "", status: int = 200, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        told = {name.replace("_", "-"): text for name, text in headers.items()}
        return web.Response(status=status, text=body, headers=told)

    return answer


@dataclass
class Odd:
    """A server that answers each request by its method, or by a word of its query, as it is told."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        words = [word.partition("=")[0] for word in request.query_string.split("&")]
        wanted = next((word for word in words if word in self.answers), request.method)
        self.asked.append(wanted)
        return await self.answers[wanted](request)

    @property
    def bucket(self) -> Bucket:
        return Bucket(
            name="days",
            prefix="me",
            endpoint=self.url,
            region="us-east-1",
            keys=Keys(access="key", secret=SECRET),
            path_style=True,
            part_bytes=PART,
            patience=Patience(connect_s=2, silence_s=2, request_s=5, attempts=1),
        )


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    made = Odd({"uploads": said("<ListMultipartUploadsResult/>")})
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{any:.*}", made.answer)
    async with serving(app) as made.url:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.write_bytes(b"small")
    return path


@asynccontextmanager
async def refused(kind: type[CromwelldError]) -> AsyncIterator[list[CromwelldError]]:
    """See that an error of exactly this kind comes, with a remedy and without a secret."""
    found: list[CromwelldError] = []
    with pytest.raises(CromwelldError) as caught:
        yield found
    assert type(caught.value) is kind
    assert caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint
    found.append(caught.value)


CASES: list[tuple[str, int, type[CromwelldError], str]] = [
    ("AccessDenied", 403, StoreError, "s3:PutObject"),
    ("InvalidAccessKeyId", 403, StoreError, "archive.access_key_file"),
    ("SignatureDoesNotMatch", 403, StoreError, "archive.secret_key_file"),
    ("ExpiredToken", 400, StoreError, "renew"),
    ("RequestTimeTooSkewed", 403, StoreError, "clock"),
    ("NoSuchBucket", 404, StoreError, "archive.bucket"),
    ("PermanentRedirect", 301, StoreError, "archive.region"),
    ("AuthorizationHeaderMalformed", 400, StoreError, "archive.region"),
    ("EntityTooLarge", 400, StoreError, "use a server that does"),
    ("QuotaExceeded", 403, StoreError, "free space"),
    ("InvalidStorageClass", 400, StoreError, "archive.storage_class"),
    ("InvalidEncryptionAlgorithmError", 400, StoreError, "archive.server_side_encryption"),
    ("NotImplemented", 501, StoreError, "use a server that does"),
    ("SomethingNew", 400, StoreError, "nothing is lost"),
    ("InsufficientStorage", 507, StoreError, "free space"),
    ("BadDigest", 400, DamagedFile, "tried again"),
    ("InvalidDigest", 400, DamagedFile, "tried again"),
    ("IncompleteBody", 400, DamagedFile, "tried again"),
    ("SlowDown", 503, FarSideAway, "tried again"),
    ("ServiceUnavailable", 503, FarSideAway, "tried again"),
    ("InternalError", 500, FarSideAway, "tried again"),
    ("RequestTimeout", 400, FarSideAway, "tried again"),
    ("TooManyRequests", 429, FarSideAway, "tried again"),
    ("BadGateway", 502, FarSideAway, "tried again"),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
async def test_a_refusal_is_what_the_caller_must_do(
    odd: Odd, small: Path, case: tuple[str, int, type[CromwelldError], str]
) -> None:
    code, status, kind, remedy = case
    odd.answers |= {"PUT": refusal(code, status), "HEAD": refusal("", 404)}
    async with opened(odd.bucket) as store, refused(kind) as found:
        await store.put(NAME, small, {})
    (err,) = found
    assert remedy in err.hint
    assert code in err.message
    assert f"s3://days/me/{NAME}" in err.message


async def test_how_long_to_wait_is_taken_from_the_server(odd: Odd, small: Path) -> None:
    odd.answers["PUT"] = refusal("SlowDown", 503, {"Retry-After": "17"})
    async with opened(odd.bucket) as store, refused(FarSideAway) as found:
        await store.put(NAME, small, {})
    (err,) = found
    assert isinstance(err, FarSideAway)
    assert err.retry_after_s == 17.0


async def test_a_busy_server_is_asked_again_a_few_times(odd: Odd, small: Path) -> None:
    odd.answers["PUT"] = refusal("SlowDown", 503)
    patient = replace(odd.bucket, patience=replace(odd.bucket.patience, attempts=2))
    async with opened(patient) as store, refused(FarSideAway):
        await store.put(NAME, small, {})
    assert odd.asked.count("PUT") == 2


async def test_an_html_page_is_no_answer(odd: Odd) -> None:
    odd.answers["list-type"] = said("<html>log in to the hotel</html>", status=502)
    async with opened(odd.bucket) as store, refused(FarSideAway):
        await store.listing()


@pytest.mark.parametrize("page", ["<html><body>log in to the hotel", "<html><body>log in</body></html>"])
async def test_a_page_that_is_no_listing_is_no_empty_archive(odd: Odd, page: str) -> None:
    odd.answers["list-type"] = said(page)
    async with opened(odd.bucket) as store, refused(FarSideAway):
        await store.listing()


async def test_a_listing_that_never_ends_is_ended(odd: Odd) -> None:
    page = (
        "<ListBucketResult><Name>days</Name><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
        "<Contents><Key>me/a</Key><Size>1</Size><ETag>&quot;e&quot;</ETag>"
        "<LastModified>2025-10-08T00:00:00Z</LastModified></Contents></ListBucketResult>"
    )
    odd.answers["list-type"] = said(page)
    async with opened(odd.bucket) as store, refused(StoreError):
        await store.listing()


async def test_a_body_that_is_cut_off_is_no_object(odd: Odd) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000", "ETag": '"e"'})
        await answer.prepare(request)
        await answer.write(b"x" * 10)
        assert request.transport is not None
        request.transport.abort()
        return answer

    odd.answers["GET"] = cut
    async with opened(odd.bucket) as store, refused(FarSideAway):
        await store.read(NAME)


@pytest.mark.parametrize(
    "told",
    [
        {"Content-Length": "4", "ETag": '"e"', "x-amz-meta-sha256": "ab"},
        {"Content-Length": "5", "ETag": '"e"', "x-amz-meta-sha256": "other"},
        {"Content-Length": "5", "ETag": '"e"'},
        {"Content-Length": "5", "x-amz-meta-sha256": "ab"},
    ],
    ids=["size", "digest", "no digest", "no mark"],
)
async def test_what_arrived_otherwise_than_it_was_sent_is_damaged(odd: Odd, small: Path, told: dict[str, str]) -> None:
    async def head(_: web.Request) -> web.StreamResponse:
        return web.Response(headers=told)

    odd.answers |= {"PUT": said(), "HEAD": head}
    async with opened(odd.bucket) as store, refused(DamagedFile):
        await store.put(NAME, small, {"sha256": "ab"})


async def test_the_mark_is_that_of_the_object_not_of_the_completion(odd: Odd, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(PART + 1))
    begun = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
    ended = "<CompleteMultipartUploadResult/>"

    async def of_uploads(request: web.Request) -> web.StreamResponse:
        body = begun if request.method == "POST" else "<ListMultipartUploadsResult/>"
        return web.Response(text=body)

    async def of_upload(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(text=ended if request.method == "POST" else "", headers={"ETag": '"part"'})

    async def head(_: web.Request) -> web.StreamResponse:
        return web.Response(headers={"Content-Length": str(PART + 1), "ETag": 'W/"whole"'})

    odd.answers |= {"uploads": of_uploads, "uploadId": of_upload, "HEAD": head}
    async with opened(odd.bucket) as store:
        assert await store.put(NAME, file, {}) == "whole"


# --- settings that cannot work


def with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    for variable, text in files.items():
        path = tmp_path / variable
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv(variable, str(path))


PLAIN = Bucket(name="days", prefix="me", endpoint="http://127.0.0.1:9", patience=Patience(attempts=1))


@pytest.mark.parametrize(
    ("changes", "environ", "said_so", "remedy"),
    [
        ({}, {}, "there are no credentials", "archive.access_key_file"),
        ({"profile": "no-such"}, {}, "no profile of that name", "archive.profile"),
        ({}, {"AWS_PROFILE": "no-such"}, "no profile of that name", "archive.profile"),
        ({}, {"AWS_ACCESS_KEY_ID": SECRET}, "lack their other half", "archive.access_key_file"),
        ({"keys": Keys(access="a", secret="b"), "region": "eu central"}, {}, "region of S3", "archive.region"),
        ({"keys": Keys(access="a", secret="b"), "endpoint": "nowhere"}, {}, "address of the S3", "archive.endpoint"),
    ],
    ids=["nothing", "profile", "environment", "half", "region", "endpoint"],
)
async def test_settings_that_cannot_work_are_sentences(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], environ: dict[str, str], said_so: str, remedy: str
) -> None:
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    async with refused(ConfigurationError) as found, opened(replace(PLAIN, **changes)):
        pass
    (err,) = found
    assert said_so in err.message
    assert "s3://days/me" in err.message
    assert remedy in err.hint


async def test_a_configuration_of_aws_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_files(tmp_path, monkeypatch, AWS_CONFIG_FILE="[default\nregion")
    async with refused(ConfigurationError), opened(PLAIN):
        pass


@pytest.mark.parametrize("profile", [None, "surface"])
async def test_a_plain_address_takes_everything_from_the_surroundings(
    odd: Odd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str | None
) -> None:
    section = "default" if profile is None else profile
    keys = f"[{section}]\naws_access_key_id = AKSURROUNDINGS\naws_secret_access_key = {SECRET}\n"
    with_files(tmp_path, monkeypatch, AWS_SHARED_CREDENTIALS_FILE=keys)
    monkeypatch.setenv("AWS_ENDPOINT_URL", odd.url)
    if profile is not None:
        monkeypatch.setenv("AWS_PROFILE", profile)
    signed: list[str] = []

    async def listing(request: web.Request) -> web.StreamResponse:
        signed.append(request.headers["Authorization"])
        return web.Response(text="<ListBucketResult><Name>days</Name></ListBucketResult>")

    odd.answers["list-type"] = listing
    async with opened(Bucket(name="days", prefix="me")) as store:
        assert await store.listing() == []
    assert f"AKSURROUNDINGS/{dt.datetime.now(dt.UTC):%Y%m%d}/us-east-1/s3/" in signed[0]
