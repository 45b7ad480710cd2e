"""Every request that the Google Health source makes, held against the vendor's own description of its API."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from cromwelld.pieces import Outcome
from cromwelld.simulator.google_health import Options, Paging
from cromwelld.simulator.google_health.points import Point
from cromwelld.sources.google_health.streams import DATA_STREAMS, STREAMS
from tests.support.discovery import check_request
from tests.support.google import TYPES, Cloud, Seen, Setup, fetching, pieces
from tests.support.google_points import daily, interval, sample
from tests.support.reference import reference

DISCOVERY = "google-health/official/health-v4-discovery.20260701.json"
DATE, FIRST = "2026-03-10", "2026-02-10"  # the last of 30 dates is 2026-03-11
LAST = "2026-03-11"
DATES = [dt.date.fromisoformat(FIRST) + dt.timedelta(days=number) for number in range(30)]
FILTER = re.compile(r'([a-z0-9_.]+) >= "([^"]+)" AND ([a-z0-9_.]+) < "([^"]+)"')
CIVIL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
PHYSICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FAMILIES = {f"users/me/dataSourceFamilies/{name}" for name in ("all-sources", "google-wearables")}
TCX = "<TrainingCenterDatabase></TrainingCenterDatabase>"
EVERY_FILTER = frozenset(
    f"{kind}.{member}"
    for kind in (one.data_type.filter_name for one in DATA_STREAMS.values())
    for member in (
        "sample_time.civil_time",
        "interval.civil_start_time",
        "interval.civil_end_time",
    )
)


def stage(start: str, end: str) -> dict[str, str]:
    return {"startTime": start, "startUtcOffset": "3600s", "endTime": end, "endUtcOffset": "3600s", "type": "LIGHT"}


KNOWN: Mapping[str, list[Point]] = {
    "heart-rate": [sample(f"10 12:00:{second:02}", beatsPerMinute="61") for second in range(10, 15)],
    "steps": [
        interval("10 12:01", "10 12:02", count="112"),
        interval("10 13:00", "10 13:15", wearable=False, count="130"),
    ],
    "sleep": [
        interval(
            "9 22:00", "10 06:00", id="7", type="STAGES", stages=[stage("2026-03-09T22:00:00Z", "2026-03-10T06:00:00Z")]
        )
    ],
    "exercise": [interval("10 17:00", "10 18:00", id="8", exerciseType="RUNNING", exerciseMetadata={"hasGps": True})],
    "weight": [sample("10 06:30", id="9", weightGrams=70500)],
    "height": [sample("2 06:30", id="10", heightMillimeters="1750")],
    "daily-resting-heart-rate": [daily(10, beatsPerMinute="58")],
}
CLOUD = Cloud(known=KNOWN, routes={"8": TCX}, first=DATES[0], last=dt.date(2026, 3, 12))


@pytest.fixture(scope="module")
def document() -> Any:  # noqa: ANN401
    return json.loads(reference(DISCOVERY).read_bytes())


@pytest.fixture(scope="module")
def types() -> Mapping[str, Any]:
    held = json.loads(reference("google-health/data-types.json").read_bytes())["dataTypes"]
    return {one["path"]: one for one in held}


def setup(refused: frozenset[str] = frozenset(), steps_from: str = "all") -> Setup:
    """Answer heart rate in pages of two; ask for the zone, too."""
    paging = {f"{TYPES}/sleep": Paging(empty=frozenset({1}))}
    options = Options(quota=None, most_points=2, refused_filters=refused, paging=paging)
    return Setup(options=options, zone=None, steps_from=steps_from)


async def requests(first: str, last: str, how: Setup) -> list[Seen]:
    async with fetching(CLOUD, how) as one:
        answers = await one.all(pieces(first, last))
    assert {answer.outcome for answer in answers.values()} <= {Outcome.OK, Outcome.EMPTY}
    return one.seen


def check(document: Any, types: Mapping[str, Any], one: Seen) -> None:  # noqa: ANN401
    """Hold one request against the description, and against what the vendor's pages say beside it."""
    query = {name: value for name, value in one.query.items() if name != "$.xgafv"}
    check_request(document, one.method, one.path, query, one.body)
    if one.kind and one.operation != "exportExerciseTcx":
        kind = types[one.kind]
        assert one.operation in kind["readOperations"]
        checks = {"reconcile": check_records, "dailyRollUp": check_sums, "rollUp": check_grid}
        checks[one.operation](kind, one)


def check_records(kind: Mapping[str, Any], one: Seen) -> None:
    assert 1 <= int(one.query["pageSize"]) <= kind["maxPageSize"]
    assert one.query.get("dataSourceFamily") in FAMILIES | {None}
    if "filter" not in one.query:
        assert one.kind in {"sleep", "exercise", "height"}
        return
    said = FILTER.fullmatch(one.filter)
    assert said is not None, one.filter
    assert said[1] == said[3]
    assert said[1] in kind["filterFields"]
    literal = CIVIL if said[1].endswith((".date", "civil_time", "civil_start_time", "civil_end_time")) else PHYSICAL
    assert literal.fullmatch(said[2])
    assert literal.fullmatch(said[4])
    assert said[2] < said[4]


def check_sums(kind: Mapping[str, Any], one: Seen) -> None:
    assert "pageSize" not in one.body
    assert one.body.get("windowSizeDays", 1) == 1
    start, end = civil_range(one)
    assert 1 <= (end - start).days <= kind["maxRollupRangeDays"]
    assert one.body.get("dataSourceFamily") in FAMILIES | {None}


def check_grid(kind: Mapping[str, Any], one: Seen) -> None:
    start, end = (dt.datetime.fromisoformat(one.body["range"][name]) for name in ("startTime", "endTime"))
    window = dt.timedelta(seconds=float(one.body["windowSize"].removesuffix("s")))
    most = dt.timedelta(days=kind["maxRollupRangeDays"])
    assert dt.timedelta(seconds=1) <= window <= end - start <= most
    assert 1 <= one.body["pageSize"] <= kind["maxPageSize"]
    assert window * one.body["pageSize"] <= most
    assert one.body.get("dataSourceFamily") in FAMILIES | {None}


def civil_range(one: Seen) -> tuple[dt.date, dt.date]:
    start, end = (dt.date(**one.body["range"][name]["date"]) for name in ("start", "end"))
    return start, end


@pytest.mark.parametrize("last", [DATE, LAST], ids=["one date", "thirty dates"])
@pytest.mark.parametrize("refused", [frozenset(), EVERY_FILTER], ids=["civil", "refused"])
@pytest.mark.parametrize("steps_from", ["watch", "all"])
async def test_every_request_is_valid(
    document: Any,  # noqa: ANN401
    types: Mapping[str, Any],
    last: str,
    refused: frozenset[str],
    steps_from: str,
) -> None:
    seen = await requests(DATE if last == DATE else FIRST, last, setup(refused, steps_from))
    for one in seen:
        check(document, types, one)
        assert one.status == (400 if any(field in one.filter for field in refused) else 200)
    asked = {one.kind for one in seen}
    assert asked == {one.data_type.path for one in DATA_STREAMS.values()} | {"height", ""}
    assert {one.path for one in seen if not one.kind} == {"/v4/users/me/settings", "/v4/users/me/pairedDevices"}
    operations = {"reconcile", "dailyRollUp", "list", "exportExerciseTcx"}
    assert {one.operation for one in seen} == operations | ({"rollUp"} if steps_from == "all" else set())


async def test_thirty_dates_of_sums_are_asked_each_exactly_once(types: Mapping[str, Any]) -> None:
    seen = await requests(FIRST, LAST, setup())
    for kind in {one.kind for one in seen if one.operation == "dailyRollUp"}:
        ranges = [civil_range(one) for one in seen if (one.kind, one.operation) == (kind, "dailyRollUp")]
        asked = [start + dt.timedelta(days=n) for start, end in ranges for n in range((end - start).days)]
        assert sorted(asked) == DATES
        assert len(ranges) == -(-30 // types[kind]["maxRollupRangeDays"])


async def test_thirty_dates_of_records_are_asked_each_exactly_once() -> None:
    seen = await requests(FIRST, LAST, setup())
    for one in DATA_STREAMS.values():
        if one.summed:
            continue
        first_pages = [
            request
            for request in seen
            if (request.kind, request.operation) == (one.data_type.path, "reconcile") and request.token is None
        ]
        said = [FILTER.fullmatch(request.filter) for request in first_pages]
        # what began before the dates may reach into them: those hours are asked with the first date
        spans = [((clock(held[2]) + one.early).date(), clock(held[4]).date()) for held in said if held]
        asked = [start + dt.timedelta(days=n) for start, end in spans for n in range((end - start).days)]
        assert sorted(asked) == DATES, one.stream
        assert all((end - start).days <= one.longest_range for start, end in spans)


def clock(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


async def test_the_source_asks_with_no_more_than_reading_scopes(types: Mapping[str, Any]) -> None:
    for one in DATA_STREAMS.values():
        assert types[one.data_type.path]["scope"] in one.scopes
        assert all(scope.endswith(".readonly") for scope in one.scopes)
    assert set(STREAMS) == {*DATA_STREAMS, "gps", "devices"}


def post(kind: str, operation: str, **body: object) -> Seen:
    return Seen(method="POST", path=f"{TYPES}/{kind}/dataPoints:{operation}", query={}, body=body)


def get(kind: str, **query: str) -> Seen:
    return Seen(method="GET", path=f"{TYPES}/{kind}/dataPoints:reconcile", query=query, body=None)


def days(first: int, end: int) -> dict[str, object]:
    return {name: {"date": {"year": 2026, "month": 3, "day": day}} for name, day in (("start", first), ("end", end))}


SHORT = "google-wearables"
STEPS_OF_A_DAY = 'steps.interval.civil_start_time >= "2026-03-10" AND steps.interval.civil_start_time < "2026-03-11"'
WRONG = [
    get("naps", pageSize="10"),
    get("steps", pageSize="10001", filter=STEPS_OF_A_DAY),
    get("steps", pageSize="many", filter=STEPS_OF_A_DAY),
    get("steps", pageSize="10"),
    get("steps", pageSize="10", filter=STEPS_OF_A_DAY.replace("<", "<=")),
    get("steps", pageSize="10", filter=STEPS_OF_A_DAY.replace("civil_start_time", "civil_end_time")),
    get("steps", pageSize="10", filter=STEPS_OF_A_DAY.replace("civil_start_time", "start_time")),
    get("steps", pageSize="10", filter=STEPS_OF_A_DAY, dataSourceFamily=SHORT),
    get("total-calories", pageSize="10"),
    get("steps", pageSize="10", filter=STEPS_OF_A_DAY, sort="asc"),
    post("total-calories", "dailyRollUp", range=days(1, 16), windowSizeDays=1),
    post("steps", "dailyRollUp", range=days(1, 2), windowSizeDays=1, pageSize=1),
    post("steps", "dailyRollUp", range=days(1, 2), windowSizeDays="1"),
    post("steps", "dailyRollUp", range=days(1, 2), dataSourceFamily=SHORT),
    post("steps", "dailyRollUp", range={"startTime": "2026-03-09T23:00:00Z"}),
    post("steps", "dailyRollUp", range=days(1, 2), sort="asc"),
]


@pytest.mark.parametrize("one", WRONG, ids=range(len(WRONG)))
def test_the_check_finds_what_is_wrong(document: Any, types: Mapping[str, Any], one: Seen) -> None:  # noqa: ANN401
    with pytest.raises((AssertionError, KeyError, TypeError)):
        check(document, types, one)
