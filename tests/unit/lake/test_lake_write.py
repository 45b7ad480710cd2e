"""What lies in the tables after dates were put there, put there again, or changed."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cromwelld.day import Day
from cromwelld.errors import DamagedFile, ForeignFolder, NotWritable
from cromwelld.events import Event, Kind, ignore
from cromwelld.lake.writer import Lake, Written
from tests.support.lake import NOW, at, contents, day, lake, night, partial, rows, together, usual, whole

THREE = ("2025-10-07", "2025-10-08", "2025-10-09")
Row = dict[str, object]


def read(path: Path) -> list[Row]:
    with pq.ParquetFile(path) as file:
        return list(file.read().to_pylist())


def of(date: str, path: Path) -> list[Row]:
    return [row for row in read(path) if row["date"] == date]


def others(date: str, path: Path) -> list[Row]:
    return [row for row in read(path) if row["date"] != date]


def with_sleep(date: str, *parts: dict[str, object]) -> Day:
    base = usual(date)
    return day(date, {**base.tables, **together(*parts)})


@pytest.fixture
def three(tmp_path: Path) -> Path:
    lake(tmp_path).write([whole(usual(date, beats=60.0 + n)) for n, date in enumerate(THREE)])
    return tmp_path


def test_a_day_lies_in_the_tables_of_the_contract(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(usual("2025-10-08"))])
    assert sorted(contents(tmp_path)) == [
        "compilation_state.json",
        "daily_summaries.parquet",
        "days.parquet",
        "gps.parquet",
        "heartrate_intraday/date=2025-10-08/part-0.parquet",
        "sleep_levels.parquet",
        "steps_intraday/date=2025-10-08/part-0.parquet",
    ]
    heart = read(tmp_path / "heartrate_intraday/date=2025-10-08/part-0.parquet")
    assert heart[0] == {"time": at("2025-10-08 09:00"), "tag_Device": "PixelWatch3", "field_value": 60.0}
    assert [row["field_value"] for row in heart] == [60.0, 61.0, 62.0]
    point = read(tmp_path / "gps.parquet")[2]
    assert list(point) == [
        *("time", "date", "tag_ActivityID"),
        *("field_lat", "field_lon", "field_altitude", "field_distance", "field_heart_rate"),
    ]
    assert (point["time"], point["date"], point["field_lat"]) == (at("2025-10-08 09:00:02"), "2025-10-08", 51.5)


def test_daily_summaries_have_every_column_of_the_catalogue(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(usual("2025-10-08"))])
    schema = pq.read_schema(tmp_path / "daily_summaries.parquet")
    assert schema.names[:8] == [
        *("time", "date", "measurement", "tag_Device", "tag_isMainSleep", "tag_SleepType", "tag_Source"),
        "tag_ActivityName",
    ]
    assert schema.names[8:10] == ["field_efficiency", "field_efficiencyDerived"]
    assert {"field_Peak", "field_PEAK", "field_weight_kg", "field_elevationGain"} <= set(schema.names)
    assert str(schema.field("time").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("field_endTime").type) == "string"
    assert str(schema.field("field_Out of Range").type) == "double"
    measured = [row["measurement"] for row in read(tmp_path / "daily_summaries.parquet")]
    assert measured == ["SleepSummary", "RestingHR", "Activity-steps"]


def test_days_says_what_there_is(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(usual("2025-10-08"))])
    [row] = read(tmp_path / "days.parquet")
    told = {name: value for name, value in row.items() if value is not None and not name.startswith("outcome_")}
    assert told == {
        "time": at("2025-10-08 11:00"),  # noon in summer
        "date": "2025-10-08",
        "zone": "Europe/London",
        "state": "complete",
        "sealed": False,
        "source": "fitbit_web",
        "device": "PixelWatch3",
        "records": 13.0,
        "wear_minutes": 3.0,
        "steps": 8000.0,
        "sleep_minutes": 400.0,
        "resting_hr": 55.0,
        "schema": "1",
    }
    assert row["outcome_GPS"] == "fitbit_web ok"
    assert row["outcome_HRV"] is None


def test_the_state_file_is_as_the_contract_has_it(three: Path) -> None:
    assert json.loads((three / "compilation_state.json").read_bytes()) == {
        "format": 1,
        "processed_dates": list(THREE),
        "total_records": 39,
        "latest_date": "2025-10-09",
        "last_updated": "2025-11-01T06:00:00+00:00",
        "dates": {date: {"object": f"fitbit_backup_{date}.json.gz", "digest": "d1"} for date in THREE},
    }


@pytest.mark.parametrize(
    ("again", "starts"),
    [
        ([night("2025-10-08 00:05", "2025-10-08 06:50")], [at("2025-10-08 00:05")]),
        (
            [
                night("2025-10-07 23:10", "2025-10-08 03:00", main="False"),
                night("2025-10-08 03:20", "2025-10-08 06:50"),
            ],
            [at("2025-10-07 23:10"), at("2025-10-08 03:20")],
        ),
    ],
    ids=["its start moved past midnight", "split in two"],
)
def test_a_night_that_changed_leaves_no_ghost(
    three: Path, again: list[dict[str, object]], starts: list[dt.datetime]
) -> None:
    first = with_sleep("2025-10-08", night("2025-10-07 23:10", "2025-10-08 06:50"))
    lake(three).write([whole(first)])
    before = contents(three)
    neighbours = {name: others("2025-10-08", three / name) for name in before if name.endswith("s.parquet")}
    lake(three).write([whole(with_sleep("2025-10-08", *again))])
    sleeps = [r for r in of("2025-10-08", three / "daily_summaries.parquet") if r["measurement"] == "SleepSummary"]
    assert [row["time"] for row in sleeps] == starts
    levels = [row["time"] for row in of("2025-10-08", three / "sleep_levels.parquet")]
    assert levels == [time for start in starts for time in (start, start + dt.timedelta(minutes=30))]
    after = contents(three)
    assert {n for n in before if before[n] != after[n]} == (
        {"daily_summaries.parquet", "sleep_levels.parquet", "days.parquet", "compilation_state.json"}
        if len(starts) > 1
        else {"daily_summaries.parquet", "sleep_levels.parquet"}
    )
    assert {name: others("2025-10-08", three / name) for name in neighbours} == neighbours


def test_what_a_whole_day_lacks_disappears(three: Path) -> None:
    lake(three).write([whole(day("2025-10-08", night("2025-10-08 01:00", "2025-10-08 07:00")))])
    assert not (three / "heartrate_intraday/date=2025-10-08").exists()
    assert (three / "heartrate_intraday/date=2025-10-07/part-0.parquet").exists()
    assert [row["date"] for row in read(three / "gps.parquet")] == ["2025-10-07"] * 3 + ["2025-10-09"] * 3
    assert {r["measurement"] for r in of("2025-10-08", three / "daily_summaries.parquet")} == {"SleepSummary"}


def test_a_partial_day_replaces_only_what_it_names(three: Path) -> None:
    new = rows("RestingHR", {"time": at("2025-10-08 11:00"), "field_value": 49.0})
    spo2 = rows("SPO2_Daily", {"time": at("2025-10-08 11:00"), "field_avg": 96.0})
    before = contents(three)
    lake(three).write([partial(day("2025-10-08", {"RestingHR": new, "SPO2_Daily": spo2}))])
    daily = of("2025-10-08", three / "daily_summaries.parquet")
    assert [row["measurement"] for row in daily] == ["SleepSummary", "SPO2_Daily", "RestingHR", "Activity-steps"]
    assert [row["field_value"] for row in daily] == [None, None, 49.0, 8000.0]
    changed = {name for name, content in contents(three).items() if before[name] != content}
    assert changed == {"daily_summaries.parquet", "days.parquet", "compilation_state.json"}
    [row] = of("2025-10-08", three / "days.parquet")
    assert (row["records"], row["wear_minutes"], row["resting_hr"], row["state"]) == (14.0, 3.0, 49.0, "incomplete")
    assert (row["outcome_GPS"], row["outcome_SPO2_Daily"]) == ("fitbit_web ok", "fitbit_web ok")


def test_a_partial_answer_that_is_empty_removes(three: Path) -> None:
    lake(three).write([partial(day("2025-10-08", {"GPS": usual("2025-10-08").tables["GPS"].slice(0, 0)}))])
    assert of("2025-10-08", three / "gps.parquet") == []
    assert len(of("2025-10-08", three / "sleep_levels.parquet")) == 2


def test_writing_the_same_again_touches_nothing(three: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in three.rglob("*.parquet")}
    state = (three / "compilation_state.json").stat().st_mtime_ns
    later = Lake(three, report=ignore, now=lambda: NOW + dt.timedelta(days=1))
    written = later.write([whole(usual(date, beats=60.0 + n)) for n, date in enumerate(THREE)])
    assert written == Written(tables=(), rows=0, bytes=0)
    assert {path: path.stat().st_mtime_ns for path in three.rglob("*.parquet")} == before
    assert (three / "compilation_state.json").stat().st_mtime_ns == state


def test_only_tables_whose_rows_changed_are_written(three: Path) -> None:
    events: list[Event] = []
    untouched = (three / "sleep_levels.parquet").stat().st_mtime_ns
    Lake(three, report=events.append).write([whole(usual("2025-10-08", beats=70.0))])
    assert (three / "sleep_levels.parquet").stat().st_mtime_ns == untouched
    assert [event.kind for event in events] == [Kind.TABLES_WRITTEN]
    assert (events[0].fields["dates"], events[0].fields["tables"]) == (1, 3)  # heart rate, daily, days


def test_a_date_lies_in_one_row_group_and_a_group_holds_many(tmp_path: Path) -> None:
    dates = [f"2025-{month:02}-{number:02}" for month in (9, 10) for number in (1, 2, 3)]
    for date in reversed(dates):
        lake(tmp_path).write([whole(usual(date))])
    with pq.ParquetFile(tmp_path / "gps.parquet") as file:
        groups = [file.read_row_group(n)["date"].unique().to_pylist() for n in range(file.num_row_groups)]
    assert groups == [dates[:3], dates[3:]]


def test_a_date_folder_holds_one_file(three: Path) -> None:
    folder = three / "heartrate_intraday" / "date=2025-10-08"
    (folder / "0f3b-0.parquet").write_bytes((folder / "part-0.parquet").read_bytes())
    lake(three).write([whole(usual("2025-10-08"))])
    assert [path.name for path in folder.iterdir()] == ["part-0.parquet"]


def test_no_draft_is_left_and_old_ones_go(three: Path) -> None:
    (three / ".tmp" / ".gps.parquet.0123abcd.tmp").write_bytes(b"half")
    lake(three).write([whole(usual("2025-10-08", beats=70.0))])
    assert [path.name for path in (three / ".tmp").iterdir()] == ["lock"]


def test_unknown_names_follow_in_single_tables_and_stay_out_of_partitions(tmp_path: Path) -> None:
    noon = at("2025-10-08 11:00")
    heart = rows("HeartRate_Intraday", {"time": noon, "field_value": 60.0, "field_confidence": 3.0})
    hrv = rows("HRV", {"time": noon, "field_dailyRmssd": 40.0, "field_zeta": 1.0, "tag_alpha": "a"})
    stress = rows("Stress", {"time": noon, "field_value": 7.0, "field_word": "calm"})
    lake(tmp_path).write([whole(day("2025-10-08", {"HeartRate_Intraday": heart, "HRV": hrv, "Stress": stress}))])
    part = tmp_path / "heartrate_intraday/date=2025-10-08/part-0.parquet"
    assert pq.read_schema(part).names == ["time", "tag_Device", "field_value"]
    assert pq.read_schema(tmp_path / "daily_summaries.parquet").names[-3:] == ["field_word", "field_zeta", "tag_alpha"]
    daily = read(tmp_path / "daily_summaries.parquet")
    assert [(row["measurement"], row["field_word"], row["field_zeta"]) for row in daily] == [
        ("HRV", None, 1.0),
        ("Stress", "calm", None),
    ]
    lake(tmp_path).write([whole(day("2025-10-08", {"HRV": rows("HRV", {"time": noon, "field_dailyRmssd": 40.0})}))])
    fresh = tmp_path / "fresh"
    lake(fresh).write([whole(day("2025-10-08", {"HRV": rows("HRV", {"time": noon, "field_dailyRmssd": 40.0})}))])
    daily_now = (tmp_path / "daily_summaries.parquet").read_bytes()
    assert daily_now == (fresh / "daily_summaries.parquet").read_bytes()  # columns that hold nothing are gone


def test_an_unknown_name_that_is_number_here_and_text_there_is_text(tmp_path: Path) -> None:
    def entry(date: str, value: object) -> Day:
        return day(date, {"HRV": rows("HRV", {"time": at(f"{date} 12:00"), "field_note": value})})

    lake(tmp_path).write([whole(entry("2025-10-07", 3.0))])
    lake(tmp_path).write([whole(entry("2025-10-08", "good"))])
    assert [row["field_note"] for row in read(tmp_path / "daily_summaries.parquet")] == ["3", "good"]


def test_text_where_the_catalogue_has_a_number_is_absent(tmp_path: Path) -> None:
    odd = rows("Stress", {"time": at("2025-10-08 12:00"), "field_value": "high"})
    lake(tmp_path).write([whole(day("2025-10-08", {"Stress": odd}))])
    assert [row["field_value"] for row in read(tmp_path / "daily_summaries.parquet")] == [None]


def test_of_a_date_that_comes_twice_the_later_counts(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(usual("2025-10-08", beats=60.0)), whole(usual("2025-10-08", beats=80.0))])
    part = tmp_path / "heartrate_intraday/date=2025-10-08/part-0.parquet"
    assert [row["field_value"] for row in read(part)] == [80.0, 81.0, 82.0]


@pytest.mark.parametrize("name", ["gps.parquet", "heartrate_intraday/date=2025-10-08/part-0.parquet", "days.parquet"])
def test_a_damaged_file_is_named_and_never_overwritten(three: Path, name: str) -> None:
    (three / name).write_bytes(b"PAR1 not much of a table PAR1")
    with pytest.raises(DamagedFile, match=name) as caught:
        lake(three).write([whole(usual("2025-10-08", beats=70.0))])
    assert "cromwelld compile --all" in caught.value.hint
    assert (three / name).read_bytes() == b"PAR1 not much of a table PAR1"


def test_a_flipped_byte_is_noticed(three: Path) -> None:
    path = three / "gps.parquet"
    content = bytearray(path.read_bytes())
    latitude = pq.read_metadata(path).row_group(0).column(3)
    content[latitude.dictionary_page_offset + latitude.total_compressed_size - 1] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"gps\.parquet"):
        lake(three).write([whole(usual("2025-10-08", beats=70.0))])


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 1}'])
def test_a_damaged_state_file_is_named(three: Path, damage: bytes) -> None:
    (three / "compilation_state.json").write_bytes(damage)
    with pytest.raises((DamagedFile, ForeignFolder), match=r"compilation_state|another program"):
        lake(three).write([whole(usual("2025-10-08"))])


@pytest.mark.parametrize("state", [None, b'{"processed_dates": [], "total_records": 0}'])
def test_a_folder_of_the_old_scripts_is_not_written(three: Path, state: bytes | None) -> None:
    path = three / "compilation_state.json"
    path.unlink() if state is None else path.write_bytes(state)
    shutil.rmtree(three / ".tmp")
    before = contents(three)
    with pytest.raises(ForeignFolder) as caught:
        lake(three).write([whole(usual("2025-10-08", beats=70.0))])
    assert f"cromwelld compile --all --data-dir {three}" in caught.value.hint
    assert contents(three) == before
    assert not (three / ".tmp").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotWritable, match="file"):
        lake(tmp_path / "file" / "data").write([whole(usual("2025-10-08"))])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NotWritable, match="user"):
        lake(tmp_path).write([whole(usual("2025-10-08"))])


def test_an_empty_batch_makes_no_folder(tmp_path: Path) -> None:
    assert lake(tmp_path / "data").write([]) == Written(tables=(), rows=0, bytes=0)
    assert not (tmp_path / "data").exists()


def test_a_date_without_records_is_known_all_the_same(tmp_path: Path) -> None:
    lake(tmp_path).write([whole(day("2025-10-08", {}))])
    assert sorted(contents(tmp_path)) == ["compilation_state.json", "days.parquet"]
    [row] = read(tmp_path / "days.parquet")
    assert (row["records"], row["wear_minutes"], row["steps"], row["device"]) == (0.0, None, None, None)
