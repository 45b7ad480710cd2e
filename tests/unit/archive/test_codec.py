"""One date as one gzip member."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.archive import codec
from cromwelld.day import Day
from cromwelld.errors import DamagedFile
from tests.support.days import DATE, daily, day, heart, minutes, text

NAME = "/archive/fitbit_backup_2025-10-08.json.gz"


def some_day() -> Day:
    words = {"HeartRate_Intraday": "fitbit_web ok", "HRV": "google_health ok", "Weight": "fitbit_web empty"}
    return day({"HeartRate_Intraday": heart(minutes(0, 50)), "HRV": daily("HRV", 30.0, field="dailyRmssd")}, words)


def packed(of: Day, folder: Path) -> bytes:
    codec.write(of, folder / "draft")
    return (folder / "draft").read_bytes()


def refusal(content: bytes) -> str:
    with pytest.raises(DamagedFile) as caught:
        codec.open_object(content, NAME, DATE)
    assert NAME in caught.value.message
    assert "cromwelld collect 2025-10-08" in caught.value.hint
    return caught.value.message


def test_an_object_is_one_gzip_member_with_the_text_and_no_time_or_name(tmp_path: Path) -> None:
    content = packed(some_day(), tmp_path)
    unpacker = zlib.decompressobj(31)
    assert unpacker.decompress(content) == text(some_day())
    assert unpacker.eof
    assert unpacker.unused_data == b""
    assert content[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # deflate, no flags, time 0


def test_equal_days_give_equal_bytes_and_the_digest_is_that_of_the_text(tmp_path: Path) -> None:
    encoded = codec.write(some_day(), tmp_path / "one")
    (tmp_path / "elsewhere").mkdir()
    assert codec.write(some_day(), tmp_path / "elsewhere" / "two") == encoded
    content = (tmp_path / "one").read_bytes()
    assert content == (tmp_path / "elsewhere" / "two").read_bytes()
    assert encoded.digest == hashlib.sha256(text(some_day())).hexdigest() == codec.open_object(content, NAME).digest
    assert (encoded.size_bytes, encoded.text_bytes) == (len(content), len(text(some_day())))


def test_what_was_written_is_what_is_opened(tmp_path: Path) -> None:
    opened = codec.open_object(packed(some_day(), tmp_path), NAME, DATE)
    assert opened.day is not None
    assert (opened.day.date, opened.day.zone, opened.day.asked) == (DATE, "Europe/Berlin", some_day().asked)
    assert text(opened.day) == text(some_day())
    assert opened.digest == hashlib.sha256(text(some_day())).hexdigest()
    assert opened.rejected == {}
    assert "Cromwelld_Day" not in opened.tables


def test_a_torn_object_is_damaged_wherever_it_is_torn(tmp_path: Path) -> None:
    content = packed(some_day(), tmp_path)
    for length in [*range(0, len(content), 97), *range(len(content) - 9, len(content))]:
        refusal(content[:length])


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    content = packed(some_day(), tmp_path)
    for position in range(10, len(content), 13):
        refusal(content[:position] + bytes([content[position] ^ 0x40]) + content[position + 1 :])


def packed_text(text: bytes) -> bytes:
    """Pack without the time of day: workers must agree on the names of the cases."""
    return gzip.compress(text, mtime=0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cut off"),
        (b"[]", "plain JSON, not gzip: pack it with gzip again"),
        (packed_text(packed_text(packed_text(b"[]"))), "not JSON"),
        (packed_text(packed_text(b"[]")[:-9]), "cut off"),
        (packed_text(b'[{"measurement": "HRV"}, {"measurement": "HRV"}]'), "no record that can be used: no time"),
        (b"PK\x03\x04", "not gzip"),
        (packed_text(b""), "not"),
        (packed_text(b"{}"), "not a JSON array"),
        (packed_text(b'[{"measurement": "HRV"'), "not JSON"),
        (packed_text(b'["\xff"]'), "not JSON"),
        (packed_text(b"[]") + b"x", "follows"),
        (packed_text(b"[]") + packed_text(b"[]"), "follows"),
    ],
)
def test_anything_but_one_member_with_one_array_is_refused(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


def test_what_was_packed_twice_is_unpacked_twice() -> None:
    once = gzip.compress(json.dumps([RECORD]).encode())
    twice = codec.open_object(gzip.compress(once), NAME, DATE)
    assert twice.odd == {"packed twice": 1}
    assert replace(twice, odd={}) == codec.open_object(once, NAME, DATE)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "_MOST_BYTES", 1 << 21)
    assert "more than 2097152 bytes" in refusal(gzip.compress(b" " * (1 << 23) + b"[]"))
    fits = gzip.compress(b"[" + b" " * ((1 << 21) - 2) + b"]")
    assert codec.open_object(fits, NAME, DATE).tables == {}


def test_a_text_of_many_steps_is_put_together_whole() -> None:
    content = gzip.compress(b"[" + b" " * (5 << 20) + b"]")
    assert codec.open_object(content, NAME).digest == hashlib.sha256(gzip.decompress(content)).hexdigest()


RECORD = {"measurement": "RestingHR", "time": "2025-10-08T10:00:00+00:00", "tags": {}, "fields": {"value": 61.0}}
OWN = {
    "measurement": "Cromwelld_Day",
    "time": "2025-10-08T10:00:00+00:00",
    "tags": {"date": "2025-10-08", "Zone": "Europe/Berlin", "Schema": "1", "RestingHR": "fitbit_web ok"},
    "fields": {"records": 1.0},
}


def opened(*records: object) -> codec.Opened:
    return codec.open_object(gzip.compress(json.dumps(records).encode()), NAME, DATE)


def test_an_object_without_the_days_own_record_is_foreign() -> None:
    foreign = opened(RECORD)
    assert foreign.day is None
    assert foreign.tables["RestingHR"]["field_value"].to_pylist() == [61.0]


def test_an_object_of_ours_says_its_zone_and_what_was_asked() -> None:
    ours = opened(OWN, RECORD).day
    assert ours is not None
    assert (ours.zone, ours.asked) == ("Europe/Berlin", {"RestingHR": "fitbit_web ok"})


@pytest.mark.parametrize(
    "tags", [{"date": "2025-10-09"}, {"Zone": "Mars/Olympus"}, {"Zone": ""}, {"Zone": None}, {"date": None}]
)
def test_an_own_record_that_does_not_fit_makes_the_object_foreign(tags: dict[str, str | None]) -> None:
    odd = opened({**OWN, "tags": {**OWN["tags"], **tags}}, RECORD)  # type: ignore[dict-item]
    assert odd.day is None
    assert list(odd.tables) == ["RestingHR"]


def test_an_object_whose_name_promises_no_date_gives_its_tables() -> None:
    content = gzip.compress(json.dumps([OWN, RECORD]).encode())
    assert codec.open_object(content, NAME).day is None


def test_bad_records_are_counted_and_the_object_is_read() -> None:
    odd = opened(OWN, RECORD, {"measurement": "RestingHR"}, 5)
    assert odd.day is not None
    assert sum(odd.rejected.values()) == 2
