"""`sync` and `verify` as a person meets them: the restore, the dry run, the copy, and what stands in the way."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cromwelld.lake.reader import load_date, load_days
from tests.support.cli import Home, Vendor, call, home

DATE, NEXT = "2025-10-08", "2025-10-09"


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    with made.serving():
        yield made


@pytest.fixture
def mine(tmp_path: Path, vendor: Vendor) -> Home:
    made = home(tmp_path / "home", vendor.url)
    assert made.collect(f"{DATE}..{NEXT}").code == 0
    return made


def tables(mine: Home) -> dict[str, bytes]:
    return {str(path.relative_to(mine.data)): path.read_bytes() for path in sorted(mine.data.rglob("*.parquet"))}


def test_an_archive_that_is_in_the_tables_is_not_read(mine: Home) -> None:
    ran = call("sync", "--config", mine.config, "--json")
    assert ran.code == 0
    assert (ran.json["written"], ran.json["unchanged"]) == ([], 2)


def test_tables_and_ledger_come_back_from_the_archive(mine: Home) -> None:
    before = tables(mine)
    shutil.rmtree(mine.data)
    for file in mine.state.glob("ledger.sqlite*"):
        file.unlink()
    ran = call("sync", "--config", mine.config)
    assert ran.code == 0
    assert "2 dates written, 0 unchanged" in ran.out
    assert tables(mine) == before
    verified = call("verify", "--config", mine.config)
    assert (verified.code, verified.err) == (0, "")
    assert "2 dates and " in verified.out
    assert "everything fits" in verified.out
    for file in mine.state.glob("ledger.sqlite*"):  # lost alone
        file.unlink()
    assert call("sync", "--config", mine.config).code == 0
    assert call("verify", "--config", mine.config).code == 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(mine: Home) -> None:
    shutil.rmtree(mine.data)
    ran = call("sync", "--config", mine.config, "--dry-run")
    assert ran.code == 0
    assert f"{DATE} new " in ran.out
    assert "2 new, 0 changed, 0 unchanged; " in ran.out
    assert not mine.data.exists()
    told = call("sync", "--config", mine.config, "--dry-run", "--json").json
    sizes = [path.stat().st_size for path in (mine.archive / "fitbit").glob("*.gz")]
    assert (told["new"], told["changed"], told["unchanged"]) == ([DATE, NEXT], [], 0)
    assert told["bytes"] == sum(sizes)


def test_a_changed_object_is_taken_and_others_are_passed_over(mine: Home) -> None:
    folder = mine.archive / "fitbit"
    path = folder / f"fitbit_backup_{DATE}.json.gz"
    records = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps([one for one in records if one["measurement"] != "HRV"]).encode()))
    (folder / "heal_manifest.json").write_bytes(gzip.compress(b"{}"))
    dry = call("sync", "--config", mine.config, "--dry-run")
    assert f"{DATE} changed " in dry.out
    assert "passed over: heal_manifest.json" in dry.out
    ran = call("sync", "--config", mine.config)
    assert ran.code == 0
    assert "1 dates written, 1 unchanged" in ran.out
    assert "passed over: heal_manifest.json" in ran.out
    assert "HRV" not in load_date(DATE, mine.data)
    assert "HRV" in load_date(NEXT, mine.data)


def test_a_damaged_object_is_named_and_the_rest_is_brought(mine: Home) -> None:
    shutil.rmtree(mine.data)
    path = mine.archive / "fitbit" / f"fitbit_backup_{DATE}.json.gz"
    path.write_bytes(path.read_bytes()[:-9])
    ran = call("sync", "--config", mine.config)
    assert ran.code == 10
    assert str(path) in ran.err
    assert list(load_days(NEXT, NEXT, mine.data)["state"]) != ["never asked"]


def test_the_objects_as_they_are(mine: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    ran = call("sync", "--config", mine.config, "--download-only", "--to", copy)
    assert ran.code == 0
    assert f"2 objects copied, 0 were there, all in {copy}" in ran.out
    for path in (mine.archive / "fitbit").glob("*.gz"):
        assert (copy / path.name).read_bytes() == path.read_bytes()
    (copy / f"fitbit_backup_{DATE}.json.gz").write_bytes(b"torn")
    again = call("sync", "--config", mine.config, "--download-only", "--to", copy, "--json").json
    assert (again["fetched"], again["unchanged"]) == ([f"fitbit_backup_{DATE}.json.gz"], 1)
    assert call("compile", copy, "--data-dir", tmp_path / "data").code == 0
    assert len(load_date(DATE, tmp_path / "data")) > 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--download-only"], "--download-only and --to go together"),
        (["--to", "x"], "--download-only and --to go together"),
        (["s3://bucket/prefix"], "an address needs a place for the tables"),
        (["--data-dir", "x"], "--data-dir goes with an address"),
        (["http://example.org", "--data-dir", "x"], "http://example.org is no place in S3"),
        (["--timezone", "Mars/Olympus"], "is not a time zone"),
    ],
)
def test_what_cannot_be_is_a_sentence(words: list[str], sentence: str, tmp_path: Path) -> None:
    mine = home(tmp_path, "http://127.0.0.1:9")
    ran = call("sync", *words, "--config", mine.config)
    assert ran.code == 2
    assert sentence in ran.err
    assert mine.untouched()


def test_verify_says_what_does_not_fit_and_mends_it(mine: Home) -> None:
    shutil.rmtree(mine.data / "heartrate_intraday", ignore_errors=True)
    (mine.data / "sleep_levels.parquet").unlink()
    ran = call("verify", "--config", mine.config)
    assert ran.code == 10
    assert f"{DATE} tables: SleepLevels has 0 rows, the archive has " in ran.out
    assert "run: cromwelld verify --repair" in ran.out
    told = call("verify", "--config", mine.config, "--json").json
    assert (told["sound"], told["dates"]) == (False, 2)
    assert {(one["place"], one["mended"]) for one in told["findings"]} == {("tables", False)}
    mended = call("verify", "--config", mine.config, "--repair")
    assert mended.code == 0
    assert "; mended" in mended.out
    assert "0 things do not fit, 2 were mended" in mended.out
    assert call("verify", "--config", mine.config).code == 0
