"""What should not lie in an export is named and refused, and the rest is imported; what was read is not read again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from cromwelld.jobs.importing import intake
from cromwelld.jobs.importing.intake import staging_of, take_in
from cromwelld.sources.takeout import reading
from cromwelld.sources.takeout.family import Family
from cromwelld.sources.takeout.members import Member
from cromwelld.sources.takeout.reading import Notes
from tests.support.exports import tarred, zipped
from tests.support.importing import records, run_import
from tests.support.places import Clock as At
from tests.support.places import files_of, places_in

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
GOOGLE = "Takeout/Google Health/Physical Activity_GoogleData"
HEADER = "timestamp,steps,data source\n"


def steps(date: str) -> tuple[str, str]:
    return f"{GOOGLE}/steps_{date}.csv", f"{HEADER}{date}T12:00:00Z,7,Charge 6\n"


GOOD = dict([steps("2026-10-01"), steps("2026-10-02"), steps("2026-10-03")])


def test_hostile_files_are_named_and_the_rest_is_imported(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", GOOD).read_bytes()
    hostile: dict[str, str | bytes] = {
        f"{GOOGLE}/heart_rate_2026-10-01.csv": b"0" * 64_000_000,
        f"{GOOGLE}/more.zip": inner,
        "../steps_2026-10-04.csv": f"{HEADER}2026-10-04T12:00:00Z,7,Charge 6\n",
        f"{GOOGLE}/steps_2026-10-05.csv": "timestamp;steps;data source\n2026-10-05T12:00:00Z;7;Charge 6\n",
        f"{GOOGLE}/distance_2026-10-01.csv": b"\xff\xfe" + bytes(range(256)),
        "Takeout/Google Health/Global Export Data/sleep-2026-10-01.json": '[{"dateOfSleep":',
        "Takeout/Google Health/Moods/mood.csv": "a,b\n1,2\n",
        "Takeout/Google Health/Activities/1.tcx": '<!DOCTYPE x [<!ENTITY a "b">]><TrainingCenterDatabase/>',
    }
    whole = zipped(tmp_path / "takeout-001.zip", {**GOOD, **hostile})
    torn = zipped(tmp_path / "takeout-002.zip", dict([steps("2026-10-06")]))
    torn.write_bytes(torn.read_bytes()[:-40])
    last = tarred(tmp_path / "takeout-003.tgz", dict([steps("2026-10-07")]))
    with places_in(tmp_path / "home", At(NOW)) as places:
        done = run_import(places, [whole, torn, last], tmp_path / "i", timezone="Europe/Berlin")
        for date in ("2026-10-01", "2026-10-02", "2026-10-03", "2026-10-07"):
            assert records(places, date)["Activity-steps"][0]["value"] == 7
    assert {str(date) for date in done.dates} == {"2026-10-01", "2026-10-02", "2026-10-03", "2026-10-07"}
    assert not done.complete
    told = "\n".join(sorted(one.rpartition("/")[2] for one in done.inventory.refused))
    for name, reason in (
        ("heart_rate_2026-10-01.csv", "it would grow beyond"),
        ("more.zip", "an archive within an archive"),
        ("steps_2026-10-04.csv", "its name points out of the export"),
        ("steps_2026-10-05.csv", "its columns are not as known"),
        ("distance_2026-10-01.csv", "its columns are not as known"),
        ("sleep-2026-10-01.json", "it is not a JSON array"),
        ("1.tcx", "the track cannot be read"),
        ("takeout-002.zip", "cannot be read"),
    ):
        assert any(name in line and reason in line for line in told.splitlines()), name
    assert done.inventory.unknown == ["Takeout/Google Health/Moods/mood.csv"]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count which files are read to their end."""
    found: Counter[str] = Counter()

    def counted(member: Member, family: Family, notes: Notes) -> Iterator[pa.Table]:
        yield from reading.read(member, family, notes)
        found[member.name] += 1

    monkeypatch.setattr(intake, "read", counted)
    return found


def read_into(folder: Path, part: Path, tell: Callable[[object], None] = lambda _: None) -> None:
    with closing(staging_of(folder, [part])) as staging:
        take_in(staging, [part], tell)


class Killed(Exception):
    """End a run as a kill does."""


@pytest.mark.parametrize("packed", ["zip", "tgz"])
def test_what_was_read_before_a_kill_is_not_read_again(tmp_path: Path, reads: Counter[str], packed: str) -> None:
    files = dict(steps(f"2026-10-{day:02}") for day in range(1, 11))
    part = zipped(tmp_path / "t.zip", files) if packed == "zip" else tarred(tmp_path / "t.tgz", files)
    steps_done: list[object] = []

    def after_five(step: object) -> None:
        steps_done.append(step)
        if len(steps_done) == 5:
            raise Killed

    with pytest.raises(Killed):
        read_into(tmp_path / "i", part, after_five)
    assert sum(reads.values()) == 5
    read_into(tmp_path / "i", part)
    assert reads == dict.fromkeys(files, 1)


def test_another_export_begins_anew(tmp_path: Path, reads: Counter[str]) -> None:
    one, other = (zipped(tmp_path / f"{number}.zip", GOOD) for number in (1, 2))
    for part in (one, one, other):
        read_into(tmp_path / "i", part)
    assert set(reads.values()) == {2}


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (lambda content: content[:-9] + b"123456789", [1, 1, 2]),
        (lambda content: content[:-9], [1, 1, 2]),
        (lambda content: content[: len(content) // 2], [1, 2, 2]),
        (lambda _: None, [2, 2, 2]),
    ],
    ids=["damaged", "torn", "half", "gone"],
)
def test_what_is_damaged_of_the_rows_is_read_again(
    tmp_path: Path, reads: Counter[str], left: Callable[[bytes], bytes | None], expected: list[int]
) -> None:
    part, rows = zipped(tmp_path / "t.zip", GOOD), tmp_path / "i" / "rows.arrow"
    read_into(tmp_path / "i", part)
    content = left(rows.read_bytes())
    rows.unlink()
    if content is not None:
        rows.write_bytes(content)
    for _ in range(2):
        read_into(tmp_path / "i", part)
    assert sorted(reads.values()) == expected


@pytest.mark.parametrize("left", [b"", b"no database", None], ids=["empty", "damaged", "of an earlier version"])
def test_without_a_journal_all_is_read_again(tmp_path: Path, reads: Counter[str], left: bytes | None) -> None:
    part, journal = zipped(tmp_path / "t.zip", GOOD), tmp_path / "i" / "journal.sqlite"
    read_into(tmp_path / "i", part)
    journal.rename(tmp_path / "i" / "journal.jsonl") if left is None else journal.write_bytes(left)
    for _ in range(2):
        read_into(tmp_path / "i", part)
    assert set(reads.values()) == {2}
    assert not (tmp_path / "i" / "journal.jsonl").exists()


def test_the_order_of_parts_and_a_file_in_two_of_them_change_nothing(tmp_path: Path) -> None:
    more = GOOD | dict([steps("2026-10-08")])
    first, second = zipped(tmp_path / "1.zip", GOOD), zipped(tmp_path / "2.zip", more)
    found = []
    for number, parts in enumerate(([first, second], [second, first])):
        home = tmp_path / f"home{number}"
        with places_in(home, At(NOW)) as places:
            done = run_import(places, parts, tmp_path / "i", timezone="Europe/Berlin")
            assert done.inventory.skipped["the same file is in another part"] == 3
            assert records(places, "2026-10-02")["Activity-steps"][0]["value"] == 7
        found.append({name: content for name, content in files_of(home).items() if "state.json" not in name})
    assert found[0].keys() == found[1].keys()
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []


def test_two_exports_of_the_same_months_are_not_added_up(tmp_path: Path) -> None:
    name, rows = steps("2026-10-01")
    earlier = zipped(tmp_path / "1.zip", {name: rows})
    later = zipped(tmp_path / "2.zip", {name: rows + "2026-10-01T12:01:00Z,5,Charge 6\n"})
    with places_in(tmp_path / "home", At(NOW)) as places:
        run_import(places, [earlier, later], tmp_path / "i", timezone="Europe/Berlin")
        assert records(places, "2026-10-01")["Activity-steps"][0]["value"] == 12


def test_dates_without_a_zone_are_counted_and_left_out(tmp_path: Path) -> None:
    part = zipped(tmp_path / "t.zip", GOOD)
    with places_in(tmp_path / "home", At(NOW)) as places:
        done = run_import(places, [part], tmp_path / "i")
    assert (done.dates, done.zoneless, done.complete) == (set(), 3, False)
