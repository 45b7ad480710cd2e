"""Every answer of the simulated Google Health API, held against the vendor's own description of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cromwelld.simulator.google_health import Options
from cromwelld.simulator.google_health.datatypes import DATA_TYPES, DataType
from cromwelld.simulator.google_health.points import Point
from tests.support.discovery import check_answer, check_request, methods
from tests.support.google_points import POINTS, HandMade, daily, days_of, google, interval, range_of, sample
from tests.support.reference import reference, references

DISCOVERY = "google-health/official/health-v4-discovery.20260701.json"
METHODS = "health.users.dataTypes.dataPoints."
STAGE = {
    "startTime": "2026-03-10T00:00:00Z",
    "startUtcOffset": "3600s",
    "endTime": "2026-03-10T01:00:00Z",
    "endUtcOffset": "3600s",
}
STATS = {"breathsPerMinute": 14.5, "standardDeviation": 0.5, "signalToNoise": 2}
ZONE = {"heartRateZoneType": "LIGHT", "minBeatsPerMinute": "90", "maxBeatsPerMinute": "110"}
PAYLOADS: Mapping[str, Mapping[str, Any]] = {
    "steps": {"count": "112"},
    "distance": {"millimeters": "84000"},
    "floors": {"count": "1"},
    "altitude": {"gainMillimeters": "3000"},
    "total-calories": {"kcal": 1.25},
    "active-energy-burned": {"kcal": 0.79},
    "calories-in-heart-rate-zone": {"heartRateZone": "LIGHT", "kcal": 1.25},
    "active-minutes": {"activeMinutesByActivityLevel": [{"activityLevel": "LIGHT", "activeMinutes": "9"}]},
    "active-zone-minutes": {"heartRateZone": "FAT_BURN", "activeZoneMinutes": "1"},
    "activity-level": {"activityLevelType": "SEDENTARY"},
    "sedentary-period": {},
    "time-in-heart-rate-zone": {"heartRateZoneType": "MODERATE"},
    "swim-lengths-data": {"strokeCount": "14", "swimStrokeType": "FREESTYLE"},
    "exercise": {
        "exerciseType": "RUNNING",
        "displayName": "Run",
        "activeDuration": "1800s",
        "metricsSummary": {
            "caloriesKcal": 402.5,
            "steps": "5480",
            "distanceMillimeters": 5230000,
            "heartRateZoneDurations": {"lightTime": "60s"},
        },
        "exerciseMetadata": {"hasGps": True},
        "createTime": "2026-03-10T17:31:00.500000Z",
    },
    "run-vo2-max": {"runVo2Max": 44.1},
    "vo2-max": {"vo2Max": 44.1, "measurementMethod": "FITBIT_RUN"},
    "daily-vo2-max": {"vo2Max": 44.1, "estimated": True},
    "heart-rate": {"beatsPerMinute": "61", "metadata": {"motionContext": "ACTIVE", "sensorLocation": "WRIST"}},
    "heart-rate-variability": {"rootMeanSquareOfSuccessiveDifferencesMilliseconds": 41.7},
    "oxygen-saturation": {"percentage": 95.8},
    "respiratory-rate-sleep-summary": {"fullSleepStats": STATS, "deepSleepStats": STATS},
    "daily-resting-heart-rate": {"beatsPerMinute": "58"},
    "daily-heart-rate-variability": {"averageHeartRateVariabilityMilliseconds": 41.7, "entropy": 2.5},
    "daily-heart-rate-zones": {"heartRateZones": [ZONE]},
    "daily-oxygen-saturation": {"averagePercentage": 95.9, "lowerBoundPercentage": 94, "upperBoundPercentage": 97},
    "daily-respiratory-rate": {"breathsPerMinute": 14.6},
    "daily-sleep-temperature-derivations": {
        "nightlyTemperatureCelsius": 33.5,
        "baselineTemperatureCelsius": "NaN",
    },
    "weight": {"weightGrams": 70500, "notes": "synthetic"},
    "body-fat": {"percentage": 21.4},
    "height": {"heightMillimeters": "1750"},
    "core-body-temperature": {"temperatureCelsius": 36.6},
    "blood-glucose": {"bloodGlucoseMilligramsPerDeciliter": 90.5},
    "sleep": {
        "type": "STAGES",
        "stages": [{**STAGE, "type": "LIGHT"}],
        "shortAwakenings": [{**STAGE, "type": "AWAKE"}],
        "metadata": {"stagesStatus": "SUCCEEDED", "processed": True, "mainSleep": True},
        "summary": {"minutesAsleep": "60", "stagesSummary": [{"type": "LIGHT", "minutes": "60", "count": "1"}]},
    },
    "hydration-log": {"amountConsumed": {"milliliters": 250}},
    "nutrition-log": {"energy": {"kcal": 250}, "foodDisplayName": "synthetic"},
    "food": {"displayName": "synthetic"},
    "food-measurement-unit": {"displayName": "synthetic"},
    "electrocardiogram": {"beatsPerMinuteAvg": "61"},
    "irregular-rhythm-notification": {},
}


def points(kind: DataType) -> Sequence[Point]:
    """Make two points of a type, the second of which comes from a phone."""
    payload = PAYLOADS[kind.path]
    if kind.record == "daily":
        return [daily(day, **payload) for day in (9, 10)]
    name = "3001" if "get" in kind.operations else None
    if kind.record == "sample":
        return [
            sample(at, id=name, wearable=wearable, **payload)
            for at, wearable in (("10 12:00", True), ("9 00:00", False))
        ]
    return [
        interval(f"{day} 12:00", f"{day} 12:30", id=name, wearable=wearable, **payload)
        for day, wearable in ((10, True), (9, False))
    ]


EVERYTHING = HandMade(
    known={kind.path: points(kind) for kind in DATA_TYPES}, routes={"3001": "<TrainingCenterDatabase/>"}
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference(DISCOVERY).read_bytes())
    return found


@pytest.mark.parametrize("kind", DATA_TYPES, ids=lambda kind: kind.path)
async def test_points_of_every_type(document: dict[str, Any], kind: DataType) -> None:
    path = POINTS.format(kind.path)
    suffixes = {"list": "", "reconcile": ":reconcile", "get": "/3001"}
    async with google(EVERYTHING) as client:
        for operation in sorted(kind.operations & set(suffixes)):
            query = {} if operation == "get" else {"pageSize": "1"}
            answer = await client.get(path + suffixes[operation], **query)
            assert (answer.status, kind.key in answer.text) == (200, True)
            check_answer(document, METHODS + operation, answer.json)
            check_request(document, "GET", path + suffixes[operation], query, None)


@pytest.mark.parametrize(
    "kind", [kind for kind in DATA_TYPES if "rollUp" in kind.operations], ids=lambda kind: kind.path
)
async def test_sums_of_every_type(document: dict[str, Any], kind: DataType) -> None:
    bodies = {
        "rollUp": {"range": range_of("9 00:00", "12 00:00"), "windowSize": "3600s", "pageSize": 48},
        "dailyRollUp": {"range": days_of(9, 12), "windowSizeDays": 1},
    }
    async with google(EVERYTHING) as client:
        for operation, body in bodies.items():
            path = f"{POINTS.format(kind.path)}:{operation}"
            answer = await client.post(path, body)
            assert (answer.status, kind.key in answer.text) == (200, True)
            check_answer(document, METHODS + operation, answer.json)
            check_request(document, "POST", path, {}, body)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("identity", "health.users.getIdentity"),
        ("profile", "health.users.getProfile"),
        ("settings", "health.users.getSettings"),
        ("pairedDevices", "health.users.pairedDevices.list"),
        ("pairedDevices/9001", "health.users.pairedDevices.get"),
        ("dataTypes/exercise/dataPoints/3001:exportExerciseTcx", METHODS + "exportExerciseTcx"),
    ],
)
async def test_everything_else(document: dict[str, Any], path: str, method: str) -> None:
    async with google(EVERYTHING, Options(last_page="empty_token")) as client:
        answer = await client.get(f"/v4/users/me/{path}")
    assert answer.status == 200
    check_answer(document, method, answer.json)
    check_request(document, "GET", f"/v4/users/me/{path}", {}, None)


async def test_errors_are_what_the_document_calls_a_status(document: dict[str, Any]) -> None:
    async with google(options=Options(account="api_disabled")) as client:
        error = (await client.get("/v4/users/me/identity")).json["error"]
    check_answer(document, "Status", {name: value for name, value in error.items() if name != "status"})


@pytest.mark.parametrize("operation", ["list", "reconcile", "rollUp", "dailyRollUp"])
def test_the_check_takes_what_was_published(document: dict[str, Any], operation: str) -> None:
    for path in references("google-health/samples", f"*.{operation}.json"):
        name = "health.users.pairedDevices.list" if path.name.startswith("paired") else METHODS + operation
        check_answer(document, name, json.loads(path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("Steps", {"count": 112}, "Steps.count: is no text"),
        ("Steps", {"count": "1.5"}, "Steps.count: is no int64"),
        ("Steps", {"steps": "1"}, "Steps.steps: no such field"),
        ("Steps", {"interval": {"startTime": "2026-03-10T00:00:00+01:00"}}, "startTime: is no google-datetime"),
        ("Steps", {"interval": {"startUtcOffset": "+01:00"}}, "startUtcOffset: is no google-duration"),
        ("Steps", [], "Steps: is no object"),
        ("ListDataPointsResponse", {"dataPoints": [{}, {"steps": None}]}, r"dataPoints\[1\].steps: is no object"),
        ("ListDataPointsResponse", {"dataPoints": {}}, "dataPoints: is no array"),
        ("Weight", {"weightGrams": "70500"}, "weightGrams: is no number"),
        ("Weight", {"weightGrams": True}, "weightGrams: is no number"),
        ("PairedDevice", {"batteryLevel": "84"}, "batteryLevel: is no int32"),
        ("SleepMetadata", {"nap": "true"}, "nap: is neither true nor false"),
        ("Sleep", {"type": "DEEP"}, "Sleep.type: is none of"),
        ("Sleep", {"shortAwakenings": [{"type": "NAP"}]}, r"shortAwakenings\[0\].type: is none of"),
        ("Nothing", {}, "Nothing: no such schema or method"),
    ],
)
def test_the_check_of_answers_finds(document: dict[str, Any], name: str, body: object, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_answer(document, name, body)


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "said"),
    [
        ("GET", "/v4/users/me/devices", {}, None, "no such method"),
        ("POST", POINTS.format("steps") + ":reconcile", {}, None, "no such method"),
        ("GET", POINTS.format("steps"), {"startTime": "x"}, None, r"list\?startTime: no such parameter"),
        ("GET", POINTS.format("steps"), {"parent": "x"}, None, r"list\?parent: no such parameter"),
        ("GET", POINTS.format("steps"), {"pageSize": "all"}, None, "pageSize: is no whole number"),
        ("GET", POINTS.format("steps"), {"alt": "xml"}, None, "alt: is none of"),
        ("GET", POINTS.format("steps"), {"dataSourceFamily": "google-wearables"}, None, "no such family"),
        ("GET", POINTS.format("exercise") + "/1:exportExerciseTcx", {"partialData": "1"}, None, "neither true nor"),
        ("GET", POINTS.format("steps"), {}, {}, "list: has no body"),
        ("POST", POINTS.format("steps") + ":rollUp", {}, None, "rollUp: is no object"),
        ("POST", POINTS.format("steps") + ":rollUp", {}, {"range": {"start": {}}}, "range.start: no such field"),
        ("POST", POINTS.format("steps") + ":dailyRollUp", {}, {"range": {"startTime": ""}}, "startTime: no such"),
        ("POST", POINTS.format("steps") + ":rollUp", {}, {"windowSize": 60}, "windowSize: is no text"),
        ("POST", POINTS.format("steps") + ":rollUp", {}, {"dataSourceFamily": "all-sources"}, "no such family"),
        ("POST", POINTS.format("steps"), {}, {"steps": {"interval": {"civilStartTime": {}}}}, "is read only"),
    ],
)
def test_the_check_of_requests_finds(  # noqa: PLR0913 - a request has that many parts
    document: dict[str, Any], *, method: str, path: str, query: dict[str, str], body: object, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        check_request(document, method, path, query, body)


def test_the_exceptions_are_still_needed(document: dict[str, Any]) -> None:
    # once the document knows them, the exceptions go
    assert "shortAwakenings" not in document["schemas"]["Sleep"]["properties"]
    assert "mainSleep" not in document["schemas"]["SleepMetadata"]["properties"]
    (listing,) = [one for one in methods(document) if one["id"] == METHODS + "list"]
    assert "dataSourceFamily" not in listing["parameters"]
