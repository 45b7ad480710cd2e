from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.state import Ledger
from tests.support.cli import Home, call, in_bucket
from tests.support.logging_in import APIS, DATE, Far, Place, place_of
from tests.support.s3 import Server


@pytest.fixture(params=APIS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    far = Far(request.param)
    with far.serving(), place_of(tmp_path / "home", far).tidied() as made:
        assert made.given().code == 0
        assert made.collect().code == 0
        yield made


def do(place: Place, *words: object) -> str:
    ran = place.heard(call("account", *words, "--config", place.config))
    assert ran.code == 0, ran.err
    return ran.out


def test_everything_of_a_person_is_copied_and_nothing_changed(place: Place, tmp_path: Path) -> None:
    before = place.files()
    do(place, "export", "me", "--to", tmp_path / "copy")
    copied = (tmp_path / "copy/archive" / f"fitbit_backup_{DATE}.json.gz").read_bytes()
    assert copied == before[f"archive/fitbit/fitbit_backup_{DATE}.json.gz"]
    assert (tmp_path / "copy/data/days.parquet").read_bytes() == before["data/days.parquet"]
    assert {name: one for name, one in place.files().items() if "ledger" not in name} == {
        name: one for name, one in before.items() if "ledger" not in name
    }


def test_a_login_is_revoked_and_the_data_stay(place: Place) -> None:
    token = place.stored["access_token"]
    assert "the login is revoked at the vendor" in do(place, "remove", "me")
    assert not place.file.exists()
    assert (place.root / "archive/fitbit" / f"fitbit_backup_{DATE}.json.gz").exists()
    assert place.far.logins._book.revoke(token) is False  # noqa: SLF001 - it knows of no such login any more


def test_everything_is_listed_then_erased_and_what_is_not_ours_stays(place: Place) -> None:
    (place.root / "data/notes.txt").write_text("mine", "utf-8")
    said = do(place, "remove", "me", "--erase", "--yes")
    assert "1 objects" in said or "2 objects" in said
    assert str(place.root / "data/days.parquet") in said
    left = {name for name in place.files() if name.startswith(("archive", "data", "state/outbox", "state/tokens"))}
    assert left == {"data/notes.txt"}
    with closing(Ledger(place.root / "state/ledger.sqlite")) as ledger:
        assert ledger.dates("me") == {}
        assert ledger.open_work.dates("me") == []


@pytest.mark.slow
def test_what_lies_beside_the_ledger_goes_too(place: Place) -> None:
    files = (
        "imports/me.json",
        "imports/me.attempts.json",
        "import/me/journal.jsonl",
        "drafts/me/2025-10-08.gz",
        "tokens/arriving/new-me.json",
        "outbox/me/left",
    )
    others = ("imports/partner.json", "drafts/partner/x", "outbox/partner/left")
    for name in (*files, *others):
        path = place.root / "state" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[]", "utf-8")
    (place.root / "archive/fitbit/notes.txt").write_text("mine", "utf-8")
    said = do(place, "remove", "me", "--erase", "--yes")
    assert str(place.root / "state/imports/me.json") in said
    assert "(what is not ours there stays: 1)" in said
    left = {name.removeprefix("state/") for name in place.files()}
    assert not left & set(files)
    assert left >= {*others, "archive/fitbit/notes.txt"}


@pytest.mark.slow
def test_a_bucket_is_copied_then_erased_and_nothing_of_others(place: Place, seaweedfs: Server, tmp_path: Path) -> None:
    (place.root / "secret").rename(place.root / "client")  # the bucket's is to have that name
    text = place.config.read_text("utf-8").replace(f'{place.root}/secret"', f'{place.root}/client"')
    place.config.write_text(text, "utf-8")
    home = in_bucket(Home(place.root, place.config, place.root / "state", place.root / "data", Path()), seaweedfs)
    assert place.collect().code == 0
    bucket, prefix = seaweedfs.name, home.archive.as_posix()
    mine = f"{prefix}/fitbit_backup_{DATE}.json.gz"
    set_aside = f"{prefix}/replaced/{DATE}/0123abcd.json.gz"
    others = {f"{prefix}-partner/fitbit_backup_{DATE}.json.gz", f"{prefix}2/x", f"{prefix}/notes.txt"}
    for key in (set_aside, *others):
        seaweedfs.other.put_object(Bucket=bucket, Key=key, Body=b"[]")
    before = seaweedfs.other.get_object(Bucket=bucket, Key=mine)["Body"].read()
    do(place, "export", "me", "--to", tmp_path / "copy")
    assert (tmp_path / f"copy/archive/fitbit_backup_{DATE}.json.gz").read_bytes() == before
    said = do(place, "remove", "me", "--erase", "--yes")
    assert f"in s3://{bucket}/{prefix}, of {DATE} to " in said
    assert ", 1 of them set aside" in said
    assert "(what is not ours there stays: 1)" in said
    assert "where the bucket keeps versions" in said
    root = prefix.partition("/")[0]
    left = seaweedfs.other.list_objects_v2(Bucket=bucket, Prefix=root)["Contents"]
    assert {one["Key"] for one in left} == others


def test_a_vendor_that_is_away_keeps_everything_as_it_is(place: Place) -> None:
    before = set(place.files())
    place.far.away[place.far.token_path.replace("token", "revoke")] = {}
    ran = place.heard(call("account", "remove", "me", "--erase", "--yes", "--config", place.config))
    assert ran.code == 75
    assert set(place.files()) >= before
