"""An archive with one of each oddity that the old scripts left, and the report that names each once."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cromwelld import available_dates, load_date
from tests.support.cli import call

Record = dict[str, Any]
W = {"Device": "W"}
MAIN = W | {"isMainSleep": "True"}


def record(name: str, time: str, tags: dict[str, str] = W, **fields: float | str | None) -> Record:
    return {"measurement": name, "time": f"{time}+00:00", "tags": tags, "fields": fields}


def resting(date: str) -> Record:
    return record("RestingHR", f"{date}T10:00:00", value=55.0)


class Old:
    """A folder as the old scripts left it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def lay(self, date: str, *records: object) -> bytes:
        content = gzip.compress(json.dumps(records).encode())
        self.put(f"fitbit_backup_{date}.json.gz", content)
        return content

    def put(self, name: str, content: bytes) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(content)

    def name(self, date: str) -> str:
        return str(self.root / f"fitbit_backup_{date}.json.gz")


def values_of_old(old: Old) -> None:
    """Lay down 2025-10-01: values that need mending. Weight, temperature and breathing of nobody; a classic night."""
    old.lay(
        "2025-10-01",
        resting("2025-10-01"),
        record("Weight", "2025-10-01T05:00:00", {"Source": "Aria"}, weight_kg=0.0, bmi=22.5),
        record("Weight", "2025-10-01T06:00:00", {"Source": "Aria"}, weight_kg=70.0, bmi=0.0),
        record("BreathingRate", "2025-10-01T10:00:00", value=0.0),
        record("SkinTemperature", "2025-10-01T10:00:00", nightlyRelative=0.0),
        record("Activity-steps", "2025-10-01T10:00:00", value=0.0),
        record("Activity-calories", "2025-10-01T10:00:00", value=0.0),
        record("Activity-minutesVeryActive", "2025-10-01T10:00:00", value=0.0),
        record(
            "SleepSummary",
            "2025-09-30T21:10:00",
            MAIN | {"SleepType": "classic"},
            efficiency=0.0,
            minutesInBed=460.0,
            minutesAsleep=400.0,
            minutesREM=25.0,
            minutesLight=400.0,
            minutesDeep=0.0,
            endTime="2025-10-01T06:50:00",
        ),
        record("SleepLevels", "2025-09-30T21:10:00", MAIN, level=-1.0, stage="unknown", duration_seconds=27600.0),
    )


def shapes_of_old(old: Old) -> None:
    """Lay down dates whose form is odd and whose records are good."""
    old.lay(
        "2025-10-02",  # an old date was run again into this object, and two days were
        resting("2025-10-02"),
        record("HRV", "2025-09-20T10:00:00", dailyRmssd=30.0),
        record("HRV", "2025-09-21T10:00:00", dailyRmssd=31.0),
    )
    old.lay("2025-10-03", resting("2025-10-03") | {"fields": {"value": 50.0}}, resting("2025-10-03"))
    old.lay(
        "2025-10-04",
        resting("2025-10-04") | {"fields": {"value": 55.0, "confidence": 0.5}},
        record("Mood", "2025-10-04T09:00:00", {"Source": "diary"}, value=3.5),
        record("Activity-steps", "2025-10-04T10:00:00", value=8000),
        record("SPO2_Daily", "2025-10-04T10:00:00", avg=96.0, min=None),
        {"measurement": "HRV", "fields": {"dailyRmssd": 30.0}},
    )
    old.lay("2025-10-05")
    old.put(
        "fitbit_backup_2025-10-06.json.gz", gzip.compress(gzip.compress(json.dumps([resting("2025-10-06")]).encode()))
    )


def what_cannot_be_read(old: Old) -> None:
    old.put("fitbit_backup_2025-10-11.json.gz", b"no gzip at all")
    whole = old.lay("2025-10-12", resting("2025-10-12"))
    old.put("fitbit_backup_2025-10-12.json.gz", whole[:-5])
    old.put("fitbit_backup_2025-10-13.json.gz", gzip.compress(b'[{"measurement": '))
    old.put("fitbit_backup_2025-10-14.json.gz", gzip.compress(b'{"error": "expired"}'))
    old.lay("2025-10-15", {"measurement": "HRV", "fields": {"dailyRmssd": 30.0}})
    old.lay("2025-10-16", record("HeartRate_Intraday", "2025-10-16T09:00:00", value=60.0))


def what_is_no_object(old: Old) -> None:
    old.put("heal_manifest.json", gzip.compress(b'{"healed": []}'))
    old.put("replaced/2025-10-01/0123abcd.json.gz", gzip.compress(b"[]"))
    old.put("replaced/2025-10-02/0123abcd.json.gz", gzip.compress(b"[]"))
    old.put("fitbit_backup_2025-10-01.json.gz.bak", b"")
    old.put("copy/fitbit_backup_2025-10-03.json.gz", gzip.compress(b"[]"))
    os.utime(old.root / "copy/fitbit_backup_2025-10-03.json.gz", (1_000_000_000, 1_000_000_000))


@pytest.fixture
def old(tmp_path: Path) -> Old:
    old = Old(tmp_path / "old")
    for laying in (values_of_old, shapes_of_old, what_cannot_be_read, what_is_no_object):
        laying(old)
    return old


REPORT = """\
7 dates written, 0 unchanged, tables in DATA
2 mended by other-date: records of another date than the object's: taken to theirs
1 mended by restless-as-rem: restless minutes of classic nights as REM: as restless
1 mended by sleep-end: sleep ends in the zone of a host: in UTC
1 mended by unknown-level: -1 for an unknown sleep stage: absent
1 mended by zero-bmi: 0.0 for a missing BMI: absent
1 mended by zero-breathing: 0.0 for a missing breathing rate: absent
1 mended by zero-efficiency: 0.0 for a missing efficiency: absent
1 mended by zero-temperature: 0.0 for a missing skin temperature: absent
1 mended by zero-weight: 0.0 for a missing weight: absent
1 left out: no time that can be read
1 kept: duplicates, of which the last stays
1 kept: integers for floats
1 kept: null values, which are absent
1 kept: packed twice
1 kept: unknown field confidence of RestingHR
1 kept: unknown measurement Mood
no records in fitbit_backup_2025-10-05.json.gz
passed over: OLD/copy/fitbit_backup_2025-10-03.json.gz, an older copy
passed over: fitbit_backup_2025-10-01.json.gz.bak
passed over: heal_manifest.json
passed over: replaced/
"""
REASONS = {
    "2025-10-11": "not gzip",
    "2025-10-12": "the gzip member is cut off",
    "2025-10-13": "not JSON",
    "2025-10-14": "not a JSON array",
    "2025-10-15": "it has no record that can be used: no time that can be read",
    "2025-10-16": "--timezone Europe/London",
}


def test_the_report_names_every_oddity_once(old: Old, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ran = call("compile", old.root, "--data-dir", data)
    assert ran.code == 10
    assert ran.out == REPORT.replace("DATA", str(data)).replace("OLD", str(old.root))
    for date, reason in REASONS.items():
        told = [line for line in ran.err.splitlines() if old.name(date) in line]
        assert len(told) == 1, date
        assert reason in told[0]
    assert "6 objects were left out" in ran.err


def test_programs_read_the_same_report(old: Old, tmp_path: Path) -> None:
    told = call("compile", old.root, "--data-dir", tmp_path / "data", "--json").json
    assert told["repaired"] == {
        "other-date": 2,
        "restless-as-rem": 1,
        "sleep-end": 1,
        "unknown-level": 1,
        "zero-bmi": 1,
        "zero-breathing": 1,
        "zero-efficiency": 1,
        "zero-temperature": 1,
        "zero-weight": 1,
    }
    assert told["rejected"] == {"no time that can be read": 1}
    assert told["passed_over"] == [
        f"{old.root}/copy/fitbit_backup_2025-10-03.json.gz, an older copy",
        "fitbit_backup_2025-10-01.json.gz.bak",
        "heal_manifest.json",
        "replaced/",
    ]
    assert told["empty"] == ["fitbit_backup_2025-10-05.json.gz"]
    assert len(told["problems"]) == 6


def test_the_tables_hold_what_was_mended_and_all_the_rest(old: Old, tmp_path: Path) -> None:
    call("compile", old.root, "--data-dir", tmp_path)
    assert list(available_dates(tmp_path)) == [
        *("2025-09-20", "2025-09-21"),
        *(f"2025-10-0{day}" for day in (1, 2, 3, 4, 6)),
    ]
    first = load_date("2025-10-01", tmp_path, timezone="UTC")
    assert first["Weight"]["bmi"].tolist()[0] == 22.5
    assert first["Weight"]["weight_kg"].tolist()[1] == 70.0
    assert first["Weight"][["weight_kg", "bmi"]].count().tolist() == [1, 1]
    assert "BreathingRate" not in first
    assert "SkinTemperature" not in first
    for counted in ("steps", "calories", "minutesVeryActive"):
        assert first[f"Activity-{counted}"]["value"].tolist() == [0.0]
    night = first["SleepSummary"].iloc[0]
    assert night["minutesRestless"] == 25.0
    assert night["endTime"].isoformat() == "2025-10-01T04:50:00+00:00"
    assert first["SleepLevels"]["stage"].tolist() == ["unknown"]
    assert first["SleepLevels"]["level"].isna().all()
    assert load_date("2025-10-03", tmp_path)["RestingHR"]["value"].tolist() == [55.0]
    assert load_date("2025-10-04", tmp_path)["Mood"]["value"].tolist() == [3.5]


def test_as_is_mends_nothing(old: Old, tmp_path: Path) -> None:
    ran = call("compile", old.root, "--data-dir", tmp_path, "--as-is", "--json")
    assert ran.json["repaired"] == {"other-date": 2}
    first = load_date("2025-10-01", tmp_path, timezone="UTC")
    assert first["BreathingRate"]["value"].tolist() == [0.0]
    assert first["Weight"]["weight_kg"].tolist() == [0.0, 70.0]
    assert first["SleepSummary"]["minutesREM"].tolist() == [25.0]
    assert first["SleepLevels"]["level"].tolist() == [-1.0]
