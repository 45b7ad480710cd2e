"""Every published and invented sample goes through its parser; a file without an entry here fails."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cromwelld.errors import BadAnswer, CromwelldError, FarSideAway, LoginNeeded, OutOfBudget, Refused, TooLong
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from cromwelld.sources.fitbit_web.profile import time_zone
from cromwelld.sources.verdict import judge
from tests.support.reference import reference, reference_root
from tests.unit.fitbit_web.reading import asked, assert_in_contract, counts, read

FOLDERS = ("samples-allenporter", "samples-fitbit-net", "synthetic", "synthetic/tcx", "tcx")
NOW = dt.datetime(2024, 3, 31, 12, 20, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Data:
    """A good answer: its stream, the date it is of (none: all time), what must come out of it."""

    stream: str
    found: dict[str, int] = field(default_factory=dict)
    on: str = "2009-01-01"
    rejected: int = 0


@dataclass(frozen=True)
class Refusal:
    """A good status with a body that is none: the error that its parser must raise."""

    stream: str
    error: type[CromwelldError]
    on: str = "2009-01-01"


@dataclass(frozen=True)
class Failure:
    """The body of a failing answer, its status, and what becomes of it."""

    status: int
    error: type[CromwelldError]
    word: str


@dataclass(frozen=True)
class Zone:
    """A profile."""

    zone: str


@dataclass(frozen=True)
class Unused:
    """An answer of an endpoint that is not asked."""

    why: str


Entry = Data | Refusal | Failure | Zone | Unused

_NO_MEASUREMENT = Unused("the contract has no such measurement")
_TOKEN = Unused("an answer of the login, not of the data")
_SLEEP = {"SleepSummary": 1, "SleepLevels": 2}

ENTRIES: dict[str, Entry] = {
    "samples-allenporter/activity_log_list.json": Data("activities", rejected=1),
    "samples-allenporter/activity_time_series_calories.json": Data("total_calories", {"Activity-calories": 7}),
    "samples-allenporter/activity_time_series_steps.json": Data("total_steps", {"Activity-steps": 7}),
    "samples-allenporter/body_time_series_fat.json": _NO_MEASUREMENT,
    "samples-allenporter/body_time_series_weight.json": Unused("it carries weights forward; the log is the truth"),
    "samples-allenporter/breathing_rate.json": Data("breathing_rate", {"BreathingRate": 1}),
    "samples-allenporter/devices.json": Data("devices", {"DeviceBatteryLevel": 2}),
    "samples-allenporter/heart_rate_intraday.json": Data("heart_rate", {"HeartRate_Intraday": 2}, on="2019-01-01"),
    "samples-allenporter/heart_rate_time_series.json": Data("heart_summary", {"HR_Zones": 1, "RestingHR": 1}),
    "samples-allenporter/sleep_log_list.json": Data("sleep", {"SleepSummary": 1}),
    "samples-allenporter/user_profile.json": Zone("America/Los_Angeles"),
    "samples-allenporter/weight_log_list.json": Data("weight", {"Weight": 1}),
    "samples-fitbit-net/AccessToken.json": _TOKEN,
    "samples-fitbit-net/ActiveZoneMinutes.json": _NO_MEASUREMENT,
    "samples-fitbit-net/ActiveZoneMinutes2.json": _NO_MEASUREMENT,
    "samples-fitbit-net/ApiError-Request-BadRequest.json": Failure(400, BadAnswer, "invalid_request"),
    "samples-fitbit-net/ApiError-Request-Forbidden.json": Failure(403, Refused, "insufficient_permissions"),
    "samples-fitbit-net/ApiError-Request-StaleToken.json": Failure(401, LoginNeeded, "expired_token"),
    "samples-fitbit-net/ApiError-Request-Unauthorized.json": Failure(401, LoginNeeded, "invalid_request"),
    "samples-fitbit-net/ApiError.json": Failure(429, OutOfBudget, "request"),
    "samples-fitbit-net/GetActivities.json": Data("activities", rejected=1),
    "samples-fitbit-net/GetActivityLogsList.json": Data("activities", {"ActivityRecords": 20}),
    "samples-fitbit-net/GetActivityLogsList2.json": Data("activities", {"ActivityRecords": 20}),
    "samples-fitbit-net/GetBreathingRateIntradayByDate.json": Data("breathing_rate", {"BreathingRate": 1}),
    "samples-fitbit-net/GetBreathingRateIntradayByInterval.json": Data("breathing_rate", {"BreathingRate": 2}),
    "samples-fitbit-net/GetBreathingRateSummaryByDate.json": Data("breathing_rate", {"BreathingRate": 1}),
    "samples-fitbit-net/GetBreathingRateSummaryByInterval.json": Data("breathing_rate", {"BreathingRate": 2}),
    "samples-fitbit-net/GetCardioScoreSummaryByDate.json": _NO_MEASUREMENT,
    "samples-fitbit-net/GetCardioScoreSummaryByInterval.json": _NO_MEASUREMENT,
    "samples-fitbit-net/GetDevices-Double.json": Data("devices", {"DeviceBatteryLevel": 2}),
    "samples-fitbit-net/GetDevices-Single.json": Data("devices", {"DeviceBatteryLevel": 1}),
    "samples-fitbit-net/GetFat.json": _NO_MEASUREMENT,
    "samples-fitbit-net/GetHRVIntradayByDate.json": Data("hrv"),
    "samples-fitbit-net/GetHRVIntradayByInterval.json": Data("hrv"),
    "samples-fitbit-net/GetHRVSummaryByDate.json": Data("hrv", {"HRV": 1}),
    "samples-fitbit-net/GetHRVSummaryByInterval.json": Data("hrv", {"HRV": 3}),
    "samples-fitbit-net/GetHeartRateIntradayTimeSeries.json": Data(
        "heart_rate", {"HeartRate_Intraday": 1157}, on="2017-06-29"
    ),
    "samples-fitbit-net/GetHeartRateIntradayTimeSeries1.1.json": Data(
        "heart_rate", {"HeartRate_Intraday": 96}, on="2017-08-21"
    ),
    "samples-fitbit-net/GetHeartRateTimeSeries.json": Data("heart_summary", {"HR_Zones": 7, "RestingHR": 7}),
    "samples-fitbit-net/GetSleep.json": Data("sleep", _SLEEP),
    "samples-fitbit-net/GetSleepRange.json": Data("sleep", _SLEEP),
    "samples-fitbit-net/GetSpO2IntradayByDate.json": Data("spo2"),
    "samples-fitbit-net/GetSpO2IntradayByInterval.json": Data("spo2"),
    "samples-fitbit-net/GetSpO2IntradayByInterval2.json": Data("spo2"),
    "samples-fitbit-net/GetSpO2SummaryByDate.json": Data("spo2", {"SPO2_Daily": 1}),
    "samples-fitbit-net/GetSpO2SummaryByInterval.json": Data("spo2", {"SPO2_Daily": 4}),
    "samples-fitbit-net/GetWeight.json": Data("weight", {"Weight": 2}),
    "samples-fitbit-net/IntradayActivitiesCalories.json": _NO_MEASUREMENT,
    "samples-fitbit-net/IntradayActivitiesCaloriesMissingDateTime.min.json": _NO_MEASUREMENT,
    "samples-fitbit-net/IntradayActivitiesSteps.json": Data("steps", {"Steps_Intraday": 1084}, on="2016-03-08"),
    # two levels of no length at the same instant: the last of a key stays
    "samples-fitbit-net/SleepLogList.json": Data("sleep", {"SleepSummary": 1, "SleepLevels": 1}),
    "samples-fitbit-net/TimeSeries-ActivitiesDistance.json": Data("total_distance", {"Activity-distance": 8}),
    "samples-fitbit-net/TimeSeries-ActivitiesSteps-Empty.json": Data("total_steps"),
    "samples-fitbit-net/TimeSeries-ActivitiesSteps.json": Data("total_steps", {"Activity-steps": 7}),
    "samples-fitbit-net/UserProfile.json": Zone("Europe/London"),
    "synthetic/activity-list-empty.json": Data("activities"),
    "synthetic/activity-list-page1.json": Data("activities", {"ActivityRecords": 2}),
    "synthetic/activity-list-page2-last.json": Data("activities", {"ActivityRecords": 1}),
    "synthetic/azm-intraday-1min-documented-form.json": _NO_MEASUREMENT,
    "synthetic/azm-intraday-1min-time-only-variant.json": _NO_MEASUREMENT,
    "synthetic/br-intraday-minus-one.json": Data("breathing_rate", {"BreathingRate": 1}),
    "synthetic/calories-intraday-1min.json": _NO_MEASUREMENT,
    "synthetic/cardioscore-range.json": _NO_MEASUREMENT,
    "synthetic/devices-empty.json": Data("devices"),
    "synthetic/devices-mobiletrack-first.json": Data("devices", {"DeviceBatteryLevel": 1}),
    "synthetic/distance-intraday-1min.json": _NO_MEASUREMENT,
    "synthetic/ecg-list-empty.json": _NO_MEASUREMENT,
    "synthetic/ecg-list.json": _NO_MEASUREMENT,
    "synthetic/error-400-invalid-grant.json": Failure(400, BadAnswer, "invalid_grant"),
    "synthetic/error-400-validation.json": Failure(400, BadAnswer, "validation"),
    "synthetic/error-401-expired-token.json": Failure(401, LoginNeeded, "expired_token"),
    "synthetic/error-401-invalid-client.json": Failure(401, LoginNeeded, "invalid_client"),
    "synthetic/error-401-invalid-token.json": Failure(401, LoginNeeded, "invalid_token"),
    "synthetic/error-403-google-front-end.json": Failure(403, Refused, "PERMISSION_DENIED"),
    "synthetic/error-403-insufficient-permissions-intraday.json": Failure(403, Refused, "insufficient_permissions"),
    "synthetic/error-403-insufficient-scope.json": Failure(403, Refused, "insufficient_scope"),
    "synthetic/error-422-too-many-points.json": Failure(422, TooLong, "validation"),
    "synthetic/error-429-legacy.json": Failure(429, OutOfBudget, "system"),
    "synthetic/error-500-request.json": Failure(500, FarSideAway, "request"),
    "synthetic/heart-intraday-1min-dst-fall-back-2024-10-27.json": Data(
        "heart_rate", {"HeartRate_Intraday": 5}, on="2024-10-27"
    ),
    "synthetic/heart-intraday-1sec-empty-day.json": Data("heart_rate", on="2024-03-30"),
    "synthetic/heart-intraday-1sec-no-resting.json": Data("heart_rate", {"HeartRate_Intraday": 1}, on="2024-03-30"),
    "synthetic/heart-intraday-1sec.json": Data("heart_rate", {"HeartRate_Intraday": 5}, on="2024-03-30"),
    "synthetic/heart-intraday-key-missing.json": Refusal("heart_rate", Refused, on="2024-03-30"),
    "synthetic/heart-timeseries-range-missing-resting.json": Data("heart_summary", {"HR_Zones": 1, "RestingHR": 1}),
    "synthetic/hrv-empty.json": Data("hrv"),
    "synthetic/irn-alerts-empty.json": _NO_MEASUREMENT,
    "synthetic/oauth-introspect-active.json": _TOKEN,
    "synthetic/oauth-introspect-inactive.json": _TOKEN,
    "synthetic/oauth-token-response.json": _TOKEN,
    "synthetic/profile-timezone.json": Zone("Europe/Berlin"),
    "synthetic/sleep-by-date-pending.json": Refusal("sleep", FarSideAway),
    "synthetic/sleep-manual-log-no-levels.json": Data("sleep", {"SleepSummary": 1}),
    "synthetic/sleep-range-stages-nap-and-dst.json": Data("sleep", {"SleepSummary": 2, "SleepLevels": 6}),
    "synthetic/spo2-summary-by-date-empty.json": Data("spo2"),
    "synthetic/spo2-summary-range-empty.json": Data("spo2"),
    "synthetic/steps-intraday-1min.json": Data("steps", {"Steps_Intraday": 1440}, on="2024-03-30"),
    "synthetic/tcx/lap-without-track.tcx": Data("gps", on="2024-03-30"),
    "synthetic/tcx/partial-heartrate-only.tcx": Data("gps", on="2024-03-30"),
    "synthetic/tcx/two-laps-distance-reset-and-missing-fields.tcx": Data("gps", {"GPS": 4}, on="2024-03-30"),
    "synthetic/temp-core-range.json": _NO_MEASUREMENT,
    "synthetic/temp-skin-range.json": Data("skin_temperature", {"SkinTemperature": 2}),
    "synthetic/tracker-steps-timeseries.json": Data("total_steps", {"Activity-steps": 2}),
    "synthetic/weight-range-no-fat.json": Data("weight", {"Weight": 2}),
    "tcx/empty-no-lap.tcx": Data("gps", on="2019-01-30"),
    "tcx/gps-with-heartrate.tcx": Data("gps", {"GPS": 2}, on="2019-01-27"),
}


def _listed() -> list[str]:
    """List the sample files that are here; without the reference, the entries, which then skip with its reason."""
    root = reference_root()
    if root is None:
        return sorted(ENTRIES)
    folders = [(name, root / "fitbit-web" / name) for name in FOLDERS]
    return [f"{name}/{path.name}" for name, folder in folders for path in sorted(folder.iterdir()) if path.is_file()]


@pytest.mark.parametrize("name", _listed())
def test_a_sample_goes_through_its_parser(name: str) -> None:
    path = reference(f"fitbit-web/{name}")
    assert name in ENTRIES, "a sample without an entry"
    _check(ENTRIES[name], path)


def test_every_entry_has_its_file() -> None:
    reference("fitbit-web")
    assert sorted(ENTRIES) == sorted(_listed())


def _check(entry: Entry, path: Path) -> None:
    body = path.read_bytes()
    match entry:
        case Data():
            about = asked(entry.on)
            parsed = read(entry.stream, body, about)
            assert counts(parsed) == entry.found
            assert sum(parsed.rejected.values()) == entry.rejected
            assert_in_contract(parsed, about)
        case Refusal():
            with pytest.raises(entry.error):
                read(entry.stream, body, asked(entry.on))
        case Failure():
            error = judge(entry.status, {}, body=body, now=NOW)
            assert type(error) is entry.error
            assert str(error).startswith(f"{entry.status} {entry.word}: ")
        case Zone():
            assert time_zone(body) == entry.zone
        case Unused():
            assert entry.why


@pytest.mark.parametrize(
    "name", [name for name, entry in ENTRIES.items() if isinstance(entry, (Unused, Failure, Zone))]
)
def test_no_parser_takes_another_endpoints_answer_amiss(name: str) -> None:
    body = reference(f"fitbit-web/{name}").read_bytes()
    for endpoint in ENDPOINTS.values():
        about = asked("2024-03-30")
        try:
            parsed = endpoint.parse(body, about)
        except (BadAnswer, Refused, FarSideAway):
            continue
        assert_in_contract(parsed, about)
