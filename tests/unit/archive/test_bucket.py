"""A place in S3 as it is written, and as it is told."""

from __future__ import annotations

import pytest

from cromwelld.archive.bucket import Bucket, Keys, bucket_at
from cromwelld.errors import UsageError


@pytest.mark.parametrize(
    ("address", "name", "prefix"),
    [
        ("s3://my-health/cromwell/fitbit", "my-health", "cromwell/fitbit"),
        ("s3://my-health/fitbit/", "my-health", "fitbit"),
        ("s3://my-health", "my-health", ""),
        ("s3://my-health/", "my-health", ""),
    ],
)
def test_an_address_is_read(address: str, name: str, prefix: str) -> None:
    assert bucket_at(address) == Bucket(name=name, prefix=prefix)


@pytest.mark.parametrize("address", ["s3://", "s3:///fitbit", "https://s3.example.org/b", "my-health/fitbit", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        bucket_at(address)
    assert caught.value.hint == "write s3://BUCKET/PREFIX"


def test_a_place_is_named() -> None:
    assert bucket_at("s3://b/p").place("x.json.gz") == "s3://b/p/x.json.gz"
    assert bucket_at("s3://b/p").place() == "s3://b/p"
    assert bucket_at("s3://b").place("x.json.gz") == "s3://b/x.json.gz"
    assert bucket_at("s3://b").place() == "s3://b"


def test_keys_are_not_shown() -> None:
    assert "hunter2" not in repr(Bucket(name="b", keys=Keys(access="hunter2", secret="hunter2")))
