"""The policy that the page on buckets gives, held against everything that the store asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cromwelld.archive.bucket import Bucket, Keys
from cromwelld.archive.refusals import RIGHTS
from cromwelld.archive.s3 import S3Store, opened
from cromwelld.errors import StoreError
from tests.support.s3 import LEAST_PART, Server
from tests.support.wire import wire_to

PAGE = Path(__file__).parents[2] / "deploy/S3.md"
WRITER, READER = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
NAME = "fitbit_backup_2025-10-08.json.gz"
ABOUT = {"sha256": "0123456789abcdef"}


def keys_with(policy: dict[str, Any], server: Server, bucket: Bucket) -> Keys:
    """Make a user whom the policy is given, for this bucket and prefix."""
    from botocore.session import get_session  # noqa: PLC0415 - slow to import

    text = json.dumps(policy).replace("my-health", bucket.name).replace("cromwell/fitbit", bucket.prefix)
    made = get_session().create_client(
        "iam",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id="root",
        aws_secret_access_key="root",
    )
    user = f"user-{bucket.prefix.partition('/')[0]}"
    try:
        made.create_user(UserName=user)
        made.put_user_policy(UserName=user, PolicyName="page", PolicyDocument=text)
        key = made.create_access_key(UserName=user)["AccessKey"]
    finally:
        made.close()
    return Keys(access=key["AccessKeyId"], secret=key["SecretAccessKey"])


@pytest.fixture
def enforced(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what makes moto, which runs in this process, check every signature and every right from then on."""

    def begin() -> None:
        from moto import settings  # noqa: PLC0415 - it may not be here

        monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)

    return begin


async def use_everything(store: S3Store, root: Path) -> None:
    """Call whatever a store can do, in small and in large, and with an upload that must be given up."""
    small, large = root / "small", root / "large"
    small.write_bytes(b"small")
    large.write_bytes(bytes(LEAST_PART + 1))
    assert await store.listing() == []
    assert await store.read(NAME) is None
    await store.put(NAME, small, ABOUT)
    await store.put(NAME, large, ABOUT)
    await store.copy(NAME, "replaced/2025-10-08/01234567.json.gz")
    assert len(await store.listing()) == 2
    assert await store.read(NAME) is not None
    await store.remove(NAME)


async def test_the_policy_of_the_page_is_enough_for_everything(
    moto: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enforced: Callable[[], None]
) -> None:
    bucket = moto.bucket()
    keys = keys_with(WRITER, moto, bucket)
    moto.other.create_multipart_upload(Bucket=bucket.name, Key=bucket.root + NAME)  # as a killed process leaves it
    enforced()
    async with opened(replace(bucket, keys=keys)) as store:
        await use_everything(store, tmp_path)
    monkeypatch.undo()
    assert moto.uploads(bucket) == []


async def test_the_policy_of_the_page_for_readers_lets_them_read_and_nothing_else(
    moto: Server, tmp_path: Path, enforced: Callable[[], None]
) -> None:
    bucket = moto.bucket()
    keys = keys_with(READER, moto, bucket)
    file = tmp_path / "file"
    file.write_bytes(b"x")
    moto.other.put_object(Bucket=bucket.name, Key=bucket.root + NAME, Body=b"x")
    enforced()
    async with opened(replace(bucket, keys=keys)) as store:
        assert [one.name for one in await store.listing()] == [NAME]
        assert await store.read(NAME) is not None
        with pytest.raises(StoreError) as caught:
            await store.put(NAME, file, ABOUT)
        with pytest.raises(StoreError, match="may not"):
            await store.remove(NAME)
    assert "s3:PutObject" in caught.value.hint
    assert "deploy/S3.md" in caught.value.hint


async def test_no_request_is_made_that_the_list_of_rights_does_not_know(moto: Server, tmp_path: Path) -> None:
    bucket = moto.bucket()
    moto.other.create_multipart_upload(Bucket=bucket.name, Key=bucket.root + NAME)
    async with wire_to(moto.url) as wire, opened(replace(bucket, endpoint=wire.url)) as store:
        await use_everything(store, tmp_path)
        seen = {request_of(method, target, headers) for method, target, headers in wire.heads()}
    assert seen == set(RIGHTS)


def request_of(method: str, target: str, headers: dict[str, str]) -> str:
    """Name a request as the documentation of S3 has it, by what goes over the line."""
    path, _, query = target.partition("?")
    words = {word.partition("=")[0] for word in query.split("&")} - {"x-id"}
    copied = "x-amz-copy-source" in headers
    if path.count("/") == 1:
        return {"list-type": "list_objects_v2", "uploads": "list_multipart_uploads"}[next(iter(words & LISTED))]
    return OF_OBJECT[method, frozenset(words - {"partNumber", ""}), copied]


LISTED = {"list-type", "uploads"}
OF_OBJECT = {
    ("GET", frozenset[str](), False): "get_object",
    ("HEAD", frozenset[str](), False): "head_object",
    ("PUT", frozenset[str](), False): "put_object",
    ("PUT", frozenset[str](), True): "copy_object",
    ("DELETE", frozenset[str](), False): "delete_object",
    ("POST", frozenset({"uploads"}), False): "create_multipart_upload",
    ("PUT", frozenset({"uploadId"}), False): "upload_part",
    ("POST", frozenset({"uploadId"}), False): "complete_multipart_upload",
    ("DELETE", frozenset({"uploadId"}), False): "abort_multipart_upload",
}


# --- what is said with what is sent


async def test_every_put_and_part_has_its_md5_and_what_the_settings_ask(moto: Server, tmp_path: Path) -> None:
    bucket = replace(moto.bucket(), storage_class="STANDARD_IA", encryption="aws:kms", kms_key="alias/health")
    async with wire_to(moto.url) as wire, opened(replace(bucket, endpoint=wire.url)) as store:
        await use_everything(store, tmp_path)
        heads = [(request_of(*head), head[2]) for head in wire.heads()]
    bodies = [headers for name, headers in heads if name in {"put_object", "upload_part"}]
    assert [len(headers["content-md5"]) for headers in bodies] == [24, 24, 24]
    assert bodies[0]["content-md5"] == "61wTmahxIRx+ftcy0V46iw=="  # printf small | openssl md5 -binary | base64
    for name, headers in heads:
        if name in {"put_object", "create_multipart_upload", "copy_object"}:
            assert headers["x-amz-storage-class"] == "STANDARD_IA"
            assert headers["x-amz-server-side-encryption"] == "aws:kms"
            assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/health"
        if name in {"put_object", "create_multipart_upload"}:
            assert (headers["content-type"], headers["content-encoding"]) == ("application/json", "gzip")
            assert headers["x-amz-meta-sha256"] == ABOUT["sha256"]
        assert not {"if-none-match", "if-match", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"} & set(headers)


async def test_nothing_is_asked_of_the_server_that_the_settings_do_not_ask(moto: Server, tmp_path: Path) -> None:
    async with wire_to(moto.url) as wire, opened(replace(moto.bucket(), endpoint=wire.url)) as store:
        await use_everything(store, tmp_path)
        said = {name for _, _, headers in wire.heads() for name in headers}
    assert not {name for name in said if "storage-class" in name or "encryption" in name}
