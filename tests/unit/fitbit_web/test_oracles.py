"""Values worked out by hand from the samples, at least one file of each endpoint; the person lives in Berlin."""

from __future__ import annotations

from tests.support.reference import reference
from tests.unit.fitbit_web.reading import asked, read, rows


def sample(name: str) -> bytes:
    return reference(f"fitbit-web/{name}").read_bytes()


def test_heart_rate_by_the_second() -> None:
    parsed = read("heart_rate", sample("synthetic/heart-intraday-1sec.json"), asked("2024-03-30"))
    assert rows(parsed, "2024-03-30", "HeartRate_Intraday") == [
        {"time": "2024-03-29T23:00:04Z", "value": 62.0},
        {"time": "2024-03-29T23:00:09Z", "value": 61.0},
        {"time": "2024-03-29T23:00:24Z", "value": 61.0},
        {"time": "2024-03-29T23:00:25Z", "value": 63.0},
        {"time": "2024-03-30T22:59:58Z", "value": 66.0},
    ]


def test_heart_rate_of_a_recorded_day() -> None:
    body = sample("samples-fitbit-net/GetHeartRateIntradayTimeSeries.json")
    found = rows(read("heart_rate", body, asked("2017-06-29")), "2017-06-29", "HeartRate_Intraday")
    assert found[0] == {"time": "2017-06-28T22:00:00Z", "value": 58.0}
    assert found[600] == {"time": "2017-06-29T08:43:00Z", "value": 75.0}
    assert found[-1] == {"time": "2017-06-29T18:00:00Z", "value": 62.0}
    assert sum(float(row["value"]) for row in found) == 79226.0


def test_steps_by_the_minute() -> None:
    body = sample("samples-fitbit-net/IntradayActivitiesSteps.json")
    found = rows(read("steps", body, asked("2016-03-08")), "2016-03-08", "Steps_Intraday")
    assert found[:3] == [
        {"time": "2016-03-07T23:00:00Z", "value": 1.0},
        {"time": "2016-03-07T23:01:00Z", "value": 2.0},
        {"time": "2016-03-07T23:02:00Z", "value": 0.0},
    ]
    assert found[38] == {"time": "2016-03-07T23:38:00Z", "value": 12.0}
    assert found[-1] == {"time": "2016-03-08T22:59:00Z", "value": 0.0}
    times = [row["time"] for row in found]
    assert times[540:542] == ["2016-03-08T08:00:00Z", "2016-03-08T13:57:00Z"]  # the recording has a hole


def test_zones_and_resting_heart_rate() -> None:
    parsed = read("heart_summary", sample("samples-fitbit-net/GetHeartRateTimeSeries.json"))
    assert rows(parsed, "2017-08-15", "HR_Zones") == [
        {"time": "2017-08-15T10:00:00Z", "Out of Range": 1264.0, "Fat Burn": 38.0, "Cardio": 43.0, "Peak": 21.0}
    ]
    assert rows(parsed, "2017-08-15", "RestingHR") == [{"time": "2017-08-15T10:00:00Z", "value": 51.0}]
    assert rows(parsed, "2017-08-20", "RestingHR") == [{"time": "2017-08-20T10:00:00Z", "value": 49.0}]
    assert rows(parsed, "2017-08-16", "HR_Zones")[0]["Peak"] == 0.0  # sent as zero, so zero


def test_zones_without_minutes_are_absent() -> None:
    parsed = read("heart_summary", sample("synthetic/heart-timeseries-range-missing-resting.json"))
    assert rows(parsed, "2024-03-29", "RestingHR") == [{"time": "2024-03-29T11:00:00Z", "value": 61.0}]
    assert {date.isoformat() for date, _ in parsed.tables} == {"2024-03-29"}


def test_zones_beside_a_text_average() -> None:
    parsed = read("heart_summary", sample("samples-fitbit-net/GetHeartRateIntradayTimeSeries1.1.json"))
    assert rows(parsed, "2017-08-21", "HR_Zones") == [
        {"time": "2017-08-21T10:00:00Z", "Out of Range": 1387.0, "Fat Burn": 19.0, "Cardio": 3.0, "Peak": 14.0}
    ]
    assert rows(parsed, "2017-08-21", "RestingHR") == []


def test_heart_rate_variability() -> None:
    parsed = read("hrv", sample("samples-fitbit-net/GetHRVSummaryByInterval.json"))
    assert rows(parsed, "2021-10-25", "HRV") == [
        {"time": "2021-10-25T10:00:00Z", "dailyRmssd": 62.887, "deepRmssd": 64.887}
    ]
    assert rows(parsed, "2021-10-27", "HRV")[0]["dailyRmssd"] == 60.887


def test_breathing_rate_in_both_forms() -> None:
    plain = read("breathing_rate", sample("samples-fitbit-net/GetBreathingRateSummaryByInterval.json"))
    assert rows(plain, "2021-10-26", "BreathingRate") == [{"time": "2021-10-26T10:00:00Z", "value": 17.9}]
    staged = read("breathing_rate", sample("synthetic/br-intraday-minus-one.json"))
    assert rows(staged, "2024-03-30", "BreathingRate") == [{"time": "2024-03-30T11:00:00Z", "value": 16.4}]


def test_skin_temperature_may_be_negative() -> None:
    parsed = read("skin_temperature", sample("synthetic/temp-skin-range.json"))
    assert rows(parsed, "2024-03-29", "SkinTemperature") == [{"time": "2024-03-29T11:00:00Z", "nightlyRelative": -0.4}]
    assert rows(parsed, "2024-03-30", "SkinTemperature") == [{"time": "2024-03-30T11:00:00Z", "nightlyRelative": 0.1}]


def test_oxygen_saturation_of_a_range_and_of_a_date() -> None:
    several = read("spo2", sample("samples-fitbit-net/GetSpO2SummaryByInterval.json"))
    assert rows(several, "2021-10-03", "SPO2_Daily") == [
        {"time": "2021-10-03T10:00:00Z", "avg": 99.2, "max": 100.0, "min": 94.0}
    ]
    one = read("spo2", sample("samples-fitbit-net/GetSpO2SummaryByDate.json"))
    assert rows(one, "2021-10-04", "SPO2_Daily") == [
        {"time": "2021-10-04T10:00:00Z", "avg": 97.5, "max": 100.0, "min": 94.0}
    ]


def test_weight() -> None:
    parsed = read("weight", sample("samples-fitbit-net/GetWeight.json"))
    assert rows(parsed, "2012-03-05", "Weight") == [
        {"time": "2012-03-05T22:59:59Z", "Source": "API", "weight_kg": 73.0, "bmi": 23.57},
        {"time": "2012-03-05T20:10:59Z", "Source": "Aria", "weight_kg": 72.5, "bmi": 22.57},
    ]


def test_daily_totals() -> None:
    steps = read("total_steps", sample("synthetic/tracker-steps-timeseries.json"))
    assert rows(steps, "2024-03-29", "Activity-steps") == [{"time": "2024-03-29T11:00:00Z", "value": 7310.0}]
    assert rows(steps, "2024-03-30", "Activity-steps") == [{"time": "2024-03-30T11:00:00Z", "value": 0.0}]
    kilometres = read("total_distance", sample("samples-fitbit-net/TimeSeries-ActivitiesDistance.json"))
    assert rows(kilometres, "2014-08-19", "Activity-distance") == [{"time": "2014-08-19T10:00:00Z", "value": 128.0}]
    calories = read("total_calories", sample("samples-allenporter/activity_time_series_calories.json"))
    assert rows(calories, "2018-12-28", "Activity-calories") == [{"time": "2018-12-28T11:00:00Z", "value": 3012.0}]


def test_minutes_of_every_level_share_one_shape() -> None:
    for stream, resource in {
        "minutes_sedentary": "minutesSedentary",
        "minutes_lightly_active": "minutesLightlyActive",
        "minutes_fairly_active": "minutesFairlyActive",
        "minutes_very_active": "minutesVeryActive",
    }.items():
        body = f'{{"activities-tracker-{resource}":[{{"dateTime":"2024-07-01","value":"42"}}]}}'.encode()
        found = rows(read(stream, body), "2024-07-01", f"Activity-{resource}")
        assert found == [{"time": "2024-07-01T10:00:00Z", "value": 42.0}]


def test_a_night_over_the_spring_change() -> None:
    """Its clock keeps winter time, so that 06:30 on it is 05:30 UTC."""
    parsed = read("sleep", sample("synthetic/sleep-range-stages-nap-and-dst.json"))
    main = {"isMainSleep": "True", "SleepType": "stages"}
    assert rows(parsed, "2024-03-31", "SleepSummary") == [
        {
            "time": "2024-03-30T22:00:00Z",
            **main,
            "efficiency": 94.0,
            "efficiencyDerived": 84.0,
            "minutesAsleep": 378.0,
            "minutesInBed": 450.0,
            "minutesAwake": 12.0,
            "minutesLight": 149.0,
            "minutesREM": 149.0,
            "minutesDeep": 80.0,
            "endTime": "2024-03-31T05:30:00+00:00",
        }
    ]
    assert rows(parsed, "2024-03-31", "SleepLevels") == [
        {"time": "2024-03-30T22:00:00Z", **main, "level": 3.0, "stage": "wake", "duration_seconds": 600.0},
        {"time": "2024-03-30T22:10:00Z", **main, "level": 1.0, "stage": "light", "duration_seconds": 9000.0},
        {"time": "2024-03-31T00:40:00Z", **main, "level": 0.0, "stage": "deep", "duration_seconds": 4800.0},
        {"time": "2024-03-31T02:00:00Z", **main, "stage": "unknown", "duration_seconds": 3600.0},
        {"time": "2024-03-31T03:00:00Z", **main, "level": 2.0, "stage": "rem", "duration_seconds": 9000.0},
    ]


def test_a_nap_is_classic() -> None:
    parsed = read("sleep", sample("synthetic/sleep-range-stages-nap-and-dst.json"))
    nap = {"isMainSleep": "False", "SleepType": "classic"}
    assert rows(parsed, "2024-03-30", "SleepSummary") == [
        {
            "time": "2024-03-30T12:59:00Z",
            **nap,
            "efficiency": 100.0,
            "efficiencyDerived": 100.0,
            "minutesAsleep": 63.0,
            "minutesInBed": 63.0,
            "minutesAwake": 0.0,
            "minutesRestless": 0.0,
            "endTime": "2024-03-30T14:02:00+00:00",
        }
    ]
    assert rows(parsed, "2024-03-30", "SleepLevels") == [
        {"time": "2024-03-30T12:59:00Z", **nap, "level": 1.0, "stage": "asleep", "duration_seconds": 3780.0}
    ]


def test_a_sleep_written_down_by_hand_has_no_levels() -> None:
    parsed = read("sleep", sample("synthetic/sleep-manual-log-no-levels.json"))
    assert rows(parsed, "2024-03-30", "SleepSummary") == [
        {
            "time": "2024-03-29T22:00:00Z",
            "isMainSleep": "True",
            "SleepType": "classic",
            "efficiency": 100.0,
            "efficiencyDerived": 100.0,
            "minutesAsleep": 480.0,
            "minutesInBed": 480.0,
            "minutesAwake": 0.0,
            "endTime": "2024-03-30T06:00:00+00:00",
        }
    ]
    assert rows(parsed, "2024-03-30", "SleepLevels") == []


def test_levels_are_counted_from_the_start_of_the_sleep() -> None:
    """The sample's own clock times jump by a day; its spelling is `datetime`."""
    parsed = read("sleep", sample("samples-fitbit-net/GetSleepRange.json"))
    found = rows(parsed, "2017-04-02", "SleepLevels")
    assert [(row["time"], row["stage"], row["duration_seconds"]) for row in found] == [
        ("2017-03-31T22:00:00Z", "wake", 360.0),
        ("2017-03-31T22:06:00Z", "rem", 2490.0),
    ]


def test_devices_without_the_phone() -> None:
    parsed = read("devices", sample("synthetic/devices-mobiletrack-first.json"))
    assert rows(parsed, "2024-03-31", "DeviceBatteryLevel") == [
        {"time": "2024-03-31T10:00:00Z", "Device": "Charge 6", "value": 47.0}
    ]


def test_each_battery_belongs_to_the_date_of_its_own_sync() -> None:
    parsed = read("devices", sample("samples-allenporter/devices.json"))
    assert rows(parsed, "2019-11-07", "DeviceBatteryLevel") == [
        {"time": "2019-11-07T11:00:58Z", "Device": "Charge 2", "value": 60.0}
    ]
    assert rows(parsed, "2023-01-01", "DeviceBatteryLevel") == [
        {"time": "2023-01-01T09:00:00Z", "Device": "Versa 3", "value": 95.0}
    ]


def test_activities() -> None:
    parsed = read("activities", sample("synthetic/activity-list-page1.json"))
    walk = {"activeDuration": 1800000.0, "duration": 1800000.0, "originalDuration": 1800000.0, "calories": 150.0}
    walk |= {"steps": 2400.0, "averageHeartRate": 101.0, "hasActiveZoneMinutes": 1.0}
    run = walk | {"distance": 5.01, "elevationGain": 12.5, "speed": 10.02, "pace": 359.3, "hasGps": 1.0}
    assert rows(parsed, "2024-03-30", "ActivityRecords") == [
        {"time": "2024-03-30T17:00:00Z", "ActivityName": "Run", **run},
        {"time": "2024-03-30T07:00:00Z", "ActivityName": "Walk", **walk},
    ]


def test_an_activity_without_a_name() -> None:
    parsed = read("activities", sample("synthetic/activity-list-page2-last.json"))
    assert rows(parsed, "2024-03-31", "ActivityRecords") == [
        {
            "time": "2024-03-31T07:00:00Z",
            "ActivityName": "Activity 90013",
            "activeDuration": 1800000.0,
            "duration": 1800000.0,
            "originalDuration": 1800000.0,
            "calories": 150.0,
        }
    ]


def test_an_activity_belongs_to_the_date_of_its_own_offset() -> None:
    """19:25 at -07:00 is past midnight in UTC and in Berlin, and still that day's."""
    parsed = read("activities", sample("samples-fitbit-net/GetActivityLogsList2.json"))
    assert rows(parsed, "2017-09-02", "ActivityRecords") == [
        {
            "time": "2017-09-03T02:25:24Z",
            "ActivityName": "Run",
            "activeDuration": 2054000.0,
            "duration": 2084000.0,
            "originalDuration": 2084000.0,
            "calories": 417.0,
            "distance": 6.54444,
            "steps": 5651.0,
            "averageHeartRate": 142.0,
            "elevationGain": 41.91,
            "speed": 11.470294060370009,
            "pace": 313.8542029570139,
        }
    ]


def test_a_track() -> None:
    parsed = read("gps", sample("tcx/gps-with-heartrate.tcx"), asked("2019-01-27"))
    assert rows(parsed, "2019-01-27", "GPS") == [
        {
            "time": "2019-01-27T10:31:16Z",
            "ActivityID": "",
            "lat": 60.184268832206726,
            "lon": 25.06240200996399,
            "altitude": 31.6,
            "distance": 0.0,
            "heart_rate": 98.0,
        },
        {
            "time": "2019-01-27T10:31:21Z",
            "ActivityID": "",
            "lat": 60.184268832206727,
            "lon": 25.06240200996398,
            "altitude": 31.6,
            "distance": 0.0,
            "heart_rate": 97.0,
        },
    ]


def test_a_track_of_two_laps() -> None:
    """A point without a position is left out; of the instant that both laps have, the later row stays."""
    body = sample("synthetic/tcx/two-laps-distance-reset-and-missing-fields.tcx")
    found = rows(read("gps", body, asked("2024-03-30")), "2024-03-30", "GPS")
    assert [(row["time"], row["lat"], row.get("distance"), row.get("heart_rate")) for row in found] == [
        ("2024-03-30T17:00:00Z", 0.0001, 0.0, 100.0),
        ("2024-03-30T17:00:30Z", 0.0010, 150.0, None),
        ("2024-03-30T17:01:00Z", 0.0020, 0.0, 120.0),
        ("2024-03-30T17:02:00Z", 0.0040, 250.0, 125.0),
    ]
