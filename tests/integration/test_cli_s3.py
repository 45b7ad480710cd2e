"""The commands with an archive in a bucket: collect into it, be told what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld.archive import codec
from cromwelld.lake.reader import load_date
from tests.support.cli import Home, Vendor, call, home, in_bucket
from tests.support.s3 import KEYS, Server

DATE = "2025-10-08"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    one = Vendor()
    with one.serving():
        yield one


@pytest.fixture
def mine(vendor: Vendor, tmp_path: Path, seaweedfs: Server) -> Home:
    return in_bucket(home(tmp_path / "home", vendor.url), seaweedfs)


def change(mine: Home, old: str, new: str) -> None:
    text = mine.config.read_text(encoding="utf-8")
    assert old in text
    mine.config.write_text(text.replace(old, new), encoding="utf-8")


def findings(mine: Home, *more: str) -> dict[str, dict[str, str]]:
    ran = call("doctor", "--config", mine.config, "--json", *more)
    assert KEYS.secret not in ran.out
    return {one["check"]: one for one in json.loads(ran.out)["findings"]}


def test_a_date_is_collected_into_the_bucket(mine: Home, seaweedfs: Server) -> None:
    ran = mine.collect(DATE, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["places"]["archive"] == f"s3://{seaweedfs.name}/{mine.archive}"
    key = f"{mine.archive}/fitbit_backup_{DATE}.json.gz"
    body = seaweedfs.other.get_object(Bucket=seaweedfs.name, Key=key)["Body"].read()
    day = codec.open_object(body, key).tables
    assert "SleepSummary" in day
    again = mine.collect(DATE, "--json")
    assert (again.code, again.json["dates"][DATE]["changed"]) == (0, False)


def test_a_bucket_in_which_all_is_well(mine: Home, seaweedfs: Server) -> None:
    found = findings(mine)
    place = f"s3://{seaweedfs.name}/{mine.archive}"
    assert {found[name]["status"] for name in ("archive", "backup", "store")} == {"ok"}
    assert found["archive"]["sentence"] == f"{place} can be listed; objects there: 0"
    assert found["store"]["sentence"] == f"an object in {place} was written, read, compared and deleted"
    left = seaweedfs.other.list_objects_v2(Bucket=seaweedfs.name, Prefix=f"{mine.archive}/")
    assert left.get("Contents", []) == []


def test_the_bucket_is_not_asked_offline(mine: Home) -> None:
    change(mine, 'endpoint = "', f'endpoint = "{NOWHERE}"  # "')
    found = findings(mine, "--offline")
    assert {found[name]["status"] for name in ("archive", "store")} == {"skipped"}


@pytest.mark.parametrize(
    ("old", "new", "said", "remedy"),
    [
        ('bucket = "days', 'bucket = "not-days', "there is no such bucket", "archive.bucket"),
        ("secret_key_file", 'access_key_file = "{root}/secret"\nsecret_key_file', "does not accept", "access_key_file"),
        ("{root}/secret", "{root}/nothing", "{root}/nothing cannot be read", "write the secret to"),
    ],
    ids=["bucket", "key", "file"],
)
def test_what_is_wrong_with_a_bucket_is_named_with_its_remedy(
    mine: Home, old: str, new: str, said: str, remedy: str
) -> None:
    if "access_key_file" in new:
        change(mine, f'access_key_file = "{mine.root}/access"\n', "")
    change(mine, old.replace("{root}", str(mine.root)), new.replace("{root}", str(mine.root)))
    found = findings(mine)["archive"]
    assert found["status"] == "problem"
    assert said.replace("{root}", str(mine.root)) in found["sentence"]
    assert remedy in found["remedy"]


def test_a_bucket_that_is_away_is_named(mine: Home) -> None:
    change(mine, 'endpoint = "', f'endpoint = "{NOWHERE}"  # "')
    ran = call("doctor", "--config", mine.config)
    assert ran.code == 75
    (line,) = [line for line in ran.out.splitlines() if line.startswith("problem  archive:")]
    assert "127.0.0.1:9 cannot be reached, or does not answer" in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{root}/secret", "{root}/nothing", "{root}/nothing cannot be read"),
        ('access_key_file = "{root}/access"\nsecret_key_file = "{root}/secret"', 'profile = "no-such"', "no profile"),
        ('access_key_file = "{root}/access"\nsecret_key_file = "{root}/secret"\n', "", "there are no credentials"),
    ],
    ids=["file", "profile", "nothing"],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_asked(
    mine: Home, vendor: Vendor, old: str, new: str, said: str
) -> None:
    asked: list[None] = []
    vendor.asked = lambda: asked.append(None)
    change(mine, old.replace("{root}", str(mine.root)), new.replace("{root}", str(mine.root)))
    ran = mine.collect(DATE)
    assert (ran.code, ran.out, asked) == (2, "", [])
    assert said.replace("{root}", str(mine.root)) in ran.err


def test_a_bucket_that_is_away_does_not_keep_anybody_from_collecting(mine: Home) -> None:
    right = mine.config.read_text()
    change(mine, 'endpoint = "', f'endpoint = "{NOWHERE}"  # "')
    ran = mine.collect(DATE)
    assert ran.code == 75
    assert f"{DATE}: in the tables, not in the archive yet: " in ran.out
    assert "127.0.0.1:9 cannot be reached" in ran.out
    assert "waiting  4 answers, " in ran.out
    assert "SleepSummary" in load_date(DATE, mine.data)
    assert call("sync", "--config", mine.config).code == 75
    mine.config.write_text(right)
    drained = call("sync", "--config", mine.config)
    assert drained.code == 0
    assert "1 dates that waited are in the archive now" in drained.out
    assert not list((mine.state / "outbox" / "me").rglob("*.arrow"))
    assert call("verify", "--config", mine.config).code == 0
