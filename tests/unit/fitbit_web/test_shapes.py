"""Shapes and values that the samples do not have."""

from __future__ import annotations

import json

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.events import Kind
from cromwelld.sources.fitbit_web.activities import page
from cromwelld.sources.fitbit_web.devices import tracker
from cromwelld.sources.parsed import Asked, Parsed
from tests.unit.fitbit_web.reading import Plain, asked, read, rows

DATE = "2024-03-30"


def given(stream: str, content: object, about: Asked | None = None) -> Parsed:
    return read(stream, json.dumps(content).encode(), about)


def intraday(kind: str, *points: object, date: str = DATE, zone: str = "Europe/Berlin") -> Parsed:
    key = {"heart_rate": "activities-heart", "steps": "activities-steps"}[kind]
    content = {key: [{"dateTime": date}], f"{key}-intraday": {"dataset": points}}
    return given(kind, content, asked(date, zone=zone))


def point(time: object, value: object) -> dict[str, object]:
    return {"time": time, "value": value}


def values(parsed: Parsed, measurement: str, date: str = DATE) -> list[object]:
    return [row.get("value") for row in rows(parsed, date, measurement)]


def test_a_heart_that_does_not_beat_was_not_measured() -> None:
    parsed = intraday("heart_rate", point("08:00:00", 0), point("08:00:01", -1), point("08:00:02", 61))
    assert values(parsed, "HeartRate_Intraday") == [61.0]
    assert parsed.rejected == {}


def test_absent_values_are_absent_and_odd_ones_counted() -> None:
    parsed = intraday(
        "heart_rate",
        point("08:00:00", None),
        {"time": "08:00:01"},
        point("08:00:02", "62"),
        point("08:00:03", "NaN"),
        point("24:00:00", 63),
        point("8:00", 64),
        point(None, 65),
        {"value": 66},
        point("08:00:04", [1]),
        point("08:00:05", 1e300),
        "junk",
        point("08:00:06", 67),
    )
    assert values(parsed, "HeartRate_Intraday") == [62.0, 67.0]
    assert parsed.rejected == {"not a sample": 7}


def test_one_second_sent_twice_is_one_sample() -> None:
    parsed = intraday("heart_rate", point("08:00:00", 60), point("08:00:00", 61))
    assert values(parsed, "HeartRate_Intraday") == [61.0]


def test_samples_of_another_date_are_not_taken() -> None:
    content = {"activities-heart": [{"dateTime": "2024-03-29"}], "activities-heart-intraday": {"dataset": []}}
    with pytest.raises(BadAnswer, match="another date"):
        given("heart_rate", content, asked(DATE))


@pytest.mark.parametrize("inner", [[], None, 5, {"dataset": {}}, {"dataset": None}, {"dataset": "x"}])
def test_intraday_without_a_list_of_samples(inner: object) -> None:
    with pytest.raises(BadAnswer):
        given("steps", {"activities-steps-intraday": inner}, asked(DATE))


def test_steps_that_are_negative_are_none() -> None:
    assert values(intraday("steps", point("08:00:00", -1), point("08:01:00", 0)), "Steps_Intraday") == [0.0]


def test_a_skipped_hour_that_was_sent_all_the_same_is_read_alike_each_time() -> None:
    parsed = intraday("steps", point("01:59:00", 1), point("02:30:00", 2), point("03:00:00", 3), date="2024-03-31")
    assert [row["time"] for row in rows(parsed, "2024-03-31", "Steps_Intraday")] == [
        "2024-03-31T00:59:00Z",
        "2024-03-31T01:00:00Z",
        "2024-03-31T01:30:00Z",
    ]


def test_all_minutes_of_a_fall_back_day_sent_once_are_reported() -> None:
    minutes = [point(f"{minute // 60:02d}:{minute % 60:02d}:00", 1) for minute in range(1440)]
    parsed = intraday("steps", *minutes, date="2024-10-27")
    assert len(rows(parsed, "2024-10-27", "Steps_Intraday")) == 1440
    assert [note.kind for note in parsed.notes] == [Kind.HOUR_SENT_ONCE]


def test_all_minutes_of_a_fall_back_day_sent_twice_are_25_hours() -> None:
    clock = [*range(180), *range(120, 1440)]
    minutes = [point(f"{minute // 60:02d}:{minute % 60:02d}:00", 1) for minute in clock]
    parsed = intraday("steps", *minutes, date="2024-10-27")
    assert len(rows(parsed, "2024-10-27", "Steps_Intraday")) == 1500
    assert parsed.notes == ()


@pytest.mark.parametrize("reading", [50.0, 50, "50.0", 0, -1, None, "NaN"])
def test_a_saturation_of_fifty_is_no_reading(reading: object) -> None:
    parsed = given("spo2", [{"dateTime": DATE, "value": {"avg": 96.5, "min": reading}}])
    assert rows(parsed, DATE, "SPO2_Daily") == [{"time": "2024-03-30T11:00:00Z", "avg": 96.5}]
    assert rows(given("spo2", [{"dateTime": DATE, "value": {"avg": reading}}]), DATE, "SPO2_Daily") == []


@pytest.mark.parametrize("value", [{"breathingRate": -1}, {"fullSleepSummary": {"breathingRate": -1.0}}, {}, None])
def test_a_breathing_rate_of_minus_one_is_none(value: object) -> None:
    assert given("breathing_rate", {"br": [{"dateTime": DATE, "value": value}]}).tables == {}


def test_a_deep_sleep_variability_may_be_missing() -> None:
    parsed = given("hrv", {"hrv": [{"dateTime": DATE, "value": {"dailyRmssd": "40.5", "deepRmssd": None}}]})
    assert rows(parsed, DATE, "HRV") == [{"time": "2024-03-30T11:00:00Z", "dailyRmssd": 40.5}]


@pytest.mark.parametrize(
    ("stream", "body"),
    [
        ("hrv", b"[]"),
        ("hrv", b"{}"),
        ("hrv", b'{"hrv":{}}'),
        ("hrv", b'{"errors":[],"success":false}'),
        ("spo2", b'{"errors":[],"success":false}'),
        ("spo2", b'"x"'),
        ("devices", b'{"errors":[]}'),
        ("activities", b'{"errors":[]}'),
        ("activities", b'{"activities":{}}'),
        ("activities", b"[]"),
        ("sleep", b"{}"),
        ("weight", b"nonsense"),
        ("heart_rate", b'{"errors":[]}'),
    ],
)
def test_an_answer_of_another_shape_is_bad(stream: str, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read(stream, body, asked(DATE))


def test_a_list_without_activities_but_with_its_pagination_is_empty() -> None:
    assert page(b'{"pagination":{"next":""}}').activities == ()


def test_a_weight_without_a_time_or_a_source() -> None:
    parsed = given("weight", {"weight": [{"date": DATE, "weight": "70.5", "bmi": 0}, {"date": DATE, "time": "1:2"}]})
    assert rows(parsed, DATE, "Weight") == [{"time": "2024-03-30T22:59:59Z", "weight_kg": 70.5}]
    assert parsed.rejected == {"no weight": 1}


# Sleep


def night(**changes: object) -> dict[str, object]:
    log: dict[str, object] = {
        "dateOfSleep": DATE,
        "startTime": "2024-03-29T23:00:00.000",
        "endTime": "2024-03-30T06:30:00.000",
        "duration": 27000000,
        "isMainSleep": True,
        "type": "stages",
        "minutesAsleep": 400,
        "timeInBed": 450,
    }
    return {name: value for name, value in (log | changes).items() if value is not None}


def slept(**changes: object) -> Parsed:
    return given("sleep", {"sleep": [night(**changes)]})


def summary(**changes: object) -> Plain:
    return rows(slept(**changes), DATE, "SleepSummary")[0]


def test_the_end_is_the_start_and_the_duration() -> None:
    assert summary()["endTime"] == "2024-03-30T05:30:00+00:00"
    assert summary(endTime="2030-01-01T00:00:00.000")["endTime"] == "2024-03-30T05:30:00+00:00"


def test_without_a_duration_the_clock_says_how_long_it_was() -> None:
    assert summary(duration=None)["endTime"] == "2024-03-30T05:30:00+00:00"
    assert "endTime" not in summary(duration=None, endTime=None)


def test_a_night_over_the_autumn_change_has_its_full_length() -> None:
    parsed = slept(dateOfSleep="2024-10-27", startTime="2024-10-26T23:00:00.000", duration=28800000)
    found = rows(parsed, "2024-10-27", "SleepSummary")[0]
    assert (found["time"], found["endTime"]) == ("2024-10-26T21:00:00Z", "2024-10-27T05:00:00+00:00")


def test_what_the_vendor_leaves_out_is_left_out() -> None:
    found = summary(isMainSleep=None, type=None, minutesAsleep=None)
    assert found == {
        "time": "2024-03-29T22:00:00Z",
        "minutesInBed": 450.0,
        "endTime": "2024-03-30T05:30:00+00:00",
    }


@pytest.mark.parametrize(("asleep", "in_bed"), [(0, 450), (400, 0), (-1, 450), (1e15, 1e-300), (None, None)])
def test_an_efficiency_is_derived_only_from_what_was_measured(asleep: object, in_bed: object) -> None:
    assert "efficiencyDerived" not in summary(minutesAsleep=asleep, timeInBed=in_bed)


def test_minutes_of_stages_are_not_taken_from_a_classic_sleep() -> None:
    parts = {"summary": {"deep": {"minutes": 60}, "restless": {"minutes": 7}, "rem": {}}}
    assert summary(levels=parts, type="classic").items() >= {"minutesRestless": 7.0}.items()
    assert "minutesDeep" not in summary(levels=parts, type="classic")
    assert summary(levels=parts)["minutesDeep"] == 60.0
    assert "minutesREM" not in summary(levels=parts)


def test_short_awakenings_are_not_added() -> None:
    levels = {"data": [{"level": "light", "seconds": 600}], "shortData": [{"level": "wake", "seconds": 60}]}
    assert len(rows(slept(levels=levels), DATE, "SleepLevels")) == 1


def test_after_a_broken_level_the_rest_is_placed_by_its_own_clock() -> None:
    data = [
        {"dateTime": "2024-03-29T23:00:00.000", "level": "light", "seconds": 600},
        {"dateTime": "2024-03-29T23:10:00.000", "level": "deep"},
        {"dateTime": "2024-03-29T23:40:00.000", "level": "rem", "seconds": 300},
        {"level": "wake", "seconds": 60},
        None,
        {"level": "light", "seconds": 60},
    ]
    parsed = slept(levels={"data": data})
    found = [(row["time"], row["stage"]) for row in rows(parsed, DATE, "SleepLevels")]
    assert found == [
        ("2024-03-29T22:00:00Z", "light"),
        ("2024-03-29T22:40:00Z", "rem"),
        ("2024-03-29T22:45:00Z", "wake"),
    ]
    assert parsed.rejected == {"a level without a length": 1, "not an object": 1, "no datetime": 1}


def test_a_sleep_that_cannot_be_is_counted_and_the_others_stay() -> None:
    parsed = given("sleep", {"sleep": [night(duration=10**12), night(startTime="9999-12-31T23:00:00"), night()]})
    assert len(rows(parsed, DATE, "SleepSummary")) == 1
    assert sum(parsed.rejected.values()) == 2


# Activities


def activity(**changes: object) -> Parsed:
    log = {"activityName": "Run", "startTime": f"{DATE}T18:00:00.000+01:00", "logId": 1} | changes
    return given("activities", {"activities": [log]})


def test_miles_become_kilometres() -> None:
    parsed = activity(distance=10, speed=6.0, pace=600.0, distanceUnit="Mile")
    found = rows(parsed, DATE, "ActivityRecords")[0]
    assert found["distance"] == pytest.approx(16.09344)
    assert found["speed"] == pytest.approx(9.656064)
    assert found["pace"] == pytest.approx(372.8227)


def test_a_distance_in_a_unit_that_nobody_knows_is_left_out() -> None:
    found = rows(activity(distance=10, distanceUnit="Furlong", steps=5), DATE, "ActivityRecords")[0]
    assert "distance" not in found
    assert found["steps"] == 5.0


def test_every_number_but_the_ids_is_kept() -> None:
    parsed = activity(
        logId=60000000001,
        activityTypeId=90013,
        activityParentId=1,
        hasGps=False,
        calories=0,
        shoe="red",
        poolLength=25,
        nothing=None,
        **{"": 1, "a b": 2, "x" * 65: 3},
    )
    assert rows(parsed, DATE, "ActivityRecords") == [
        {"time": "2024-03-30T17:00:00Z", "ActivityName": "Run", "hasGps": 0.0, "calories": 0.0, "poolLength": 25.0}
    ]


def test_an_activity_with_a_bomb_of_numbers_is_counted() -> None:
    parsed = activity(**{f"n{number}": number for number in range(101)})
    assert parsed.tables == {}
    assert sum(parsed.rejected.values()) == 1


def test_a_start_without_an_offset_is_read_in_the_zone() -> None:
    assert rows(activity(startTime=f"{DATE}T18:00:00"), DATE, "ActivityRecords")[0]["time"] == "2024-03-30T17:00:00Z"


@pytest.mark.parametrize("log_id", [None, "x", "../../oauth2", -1, 0, True, 1.5, 10**25, {}])
def test_an_id_that_is_none_has_no_track(log_id: object) -> None:
    body = json.dumps({"activities": [{"startTime": f"{DATE}T18:00:00Z", "logId": log_id}]}).encode()
    assert not page(body).activities[0].may_have_track


# Devices


def device(**changes: object) -> dict[str, object]:
    base = {"type": "TRACKER", "deviceVersion": "Charge 6", "batteryLevel": 60, "lastSyncTime": f"{DATE}T08:00:00.000"}
    return base | changes


def test_the_tracker_is_the_one_that_synced_last() -> None:
    devices = [
        device(deviceVersion="Sense", lastSyncTime=f"{DATE}T07:00:00.000"),
        device(),
        device(deviceVersion="MobileTrack", lastSyncTime=f"{DATE}T09:00:00.000"),
        device(deviceVersion="Aria", type="SCALE", lastSyncTime=f"{DATE}T09:00:00.000"),
        device(deviceVersion="Lost", lastSyncTime="never"),
        5,
    ]
    found = tracker(json.dumps(devices).encode(), asked())
    assert found is not None
    assert (found.device, found.last_sync.isoformat()) == ("Charge 6", "2024-03-30T07:00:00+00:00")
    assert tracker(b"[]", asked()) is None


def test_an_empty_battery_is_a_reading() -> None:
    parsed = given("devices", [device(batteryLevel=0), device(batteryLevel=None, deviceVersion="Aria")])
    assert values(parsed, "DeviceBatteryLevel") == [0.0]


def test_a_sync_in_a_year_that_cannot_be_is_counted() -> None:
    parsed = given("devices", [device(lastSyncTime="9999-12-31T23:59:59")])
    assert parsed.tables == {}


# Tracks

HEAD = b'<?xml version="1.0"?>'
PLACE = "<Position><LatitudeDegrees>{}</LatitudeDegrees><LongitudeDegrees>{}</LongitudeDegrees></Position>"


def tcx(*points: str) -> bytes:
    inner = "".join(f"<Trackpoint>{one}</Trackpoint>" for one in points)
    return f'<TrainingCenterDatabase xmlns="urn:x"><Track>{inner}</Track></TrainingCenterDatabase>'.encode()


def walked(*points: str) -> Parsed:
    return read("gps", tcx(*points), asked(DATE))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html/>",
        b"<TrainingCenterDatabase>",
        HEAD + b"<!DOCTYPE x><TrainingCenterDatabase/>",
        HEAD + b'<!DOCTYPE x [<!ENTITY a "b">]><TrainingCenterDatabase>&a;</TrainingCenterDatabase>',
        HEAD + b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><TrainingCenterDatabase/>',
        b'<?xml version="1.0" encoding="nothing"?><TrainingCenterDatabase/>',
        b"<TrainingCenterDatabase>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</TrainingCenterDatabase>",
        tcx("<a/>" * 1000),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_track_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read("gps", body, asked(DATE))


def test_a_point_that_cannot_be_is_counted() -> None:
    time, place = f"<Time>{DATE}T18:00:00Z</Time>", PLACE.format(52.5, 13.4)
    parsed = walked(
        time + place,
        place,
        f"<Time>{DATE}T18:00:00</Time>{place}",
        f"<Time>9999-12-31T23:59:59Z</Time>{place}",
        time + PLACE.format(91, 0),
        time + PLACE.format("nan", 0),
        time + PLACE.format("x", 0),
        f"<Time>{DATE}T18:00:01Z</Time>{place}<AltitudeMeters>inf</AltitudeMeters>",
        time,
    )
    assert len(rows(parsed, DATE, "GPS")) == 1
    assert sum(parsed.rejected.values()) == 7


def test_a_heart_that_does_not_beat_on_a_track() -> None:
    beat = "<HeartRateBpm><Value>0</Value></HeartRateBpm>"
    parsed = walked(f"<Time>{DATE}T18:00:00Z</Time>{PLACE.format(52.5, 13.4)}{beat}")
    assert rows(parsed, DATE, "GPS") == [{"time": "2024-03-30T18:00:00Z", "ActivityID": "", "lat": 52.5, "lon": 13.4}]
