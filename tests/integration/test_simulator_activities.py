"""The simulated vendor's lists, page by page, and its tracks."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

from cromwelld.simulator.fitbit_web import Options
from cromwelld.simulator.person import Person
from tests.support.simulated import ACTIVITIES, PERSON, Client, keys, synthetic, vendor

TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


async def test_activities_have_the_fields_of_the_vendor() -> None:
    async with vendor() as client:
        body = await client.json(f"{ACTIVITIES}/list.json?afterDate=2025-10-06&sort=asc&limit=100&offset=0")
    walk, indoor, manual = body["activities"][:3]
    recorded = synthetic("activity-list-page1.json")["activities"][1]
    assert set(recorded) <= set(walk)
    assert set(manual) == set(synthetic("activity-list-page2-last.json")["activities"][0])
    assert (walk["activityName"], walk["hasGps"], indoor["hasGps"]) == ("Walk", True, False)
    assert (walk["distanceUnit"], walk["source"]["name"]) == ("Kilometer", "PixelWatch3")
    assert re.fullmatch(r"2025-10-06T\d\d:\d\d:\d\d\.000\+01:00", walk["startTime"])
    assert walk["lastModified"].endswith("Z")
    assert body["pagination"] == {
        "afterDate": "2025-10-06",
        "limit": 100,
        "next": "",
        "offset": 0,
        "previous": "",
        "sort": "asc",
    }


async def test_activities_come_in_pages() -> None:
    path = f"{ACTIVITIES}/list.json?beforeDate=2025-10-10&sort=desc&limit=100&offset=0"
    async with vendor(Options(page_size=3, quota=None)) as client:
        pages = [await client.json(path)]
        while pages[-1]["pagination"]["next"] and len(pages) < 3:
            assert pages[-1]["pagination"]["next"].startswith(f"{client.base_url}{ACTIVITIES}/list.json?")
            pages.append(await client.json(pages[-1]["pagination"]["next"]))
        whole = await client.json(f"{ACTIVITIES}/list.json?beforeDate=2025-10-10&sort=desc&limit=9&offset=0")
    paged = [each["logId"] for page in pages for each in page["activities"]]
    assert [page["pagination"]["offset"] for page in pages] == [0, 3, 6]
    assert len(set(paged)) == 9
    assert paged[:3] == [each["logId"] for each in whole["activities"]]


async def test_the_last_page_has_no_next() -> None:
    person = Person(member_since=date(2025, 10, 6))
    path = f"{ACTIVITIES}/list.json?beforeDate=2025-10-09&sort=desc&limit=4&offset=0"
    async with vendor(Options(page_size=2, quota=None), person=person) as client:
        first = await client.json(path)
        second = await client.json(first["pagination"]["next"])
        third = await client.json(second["pagination"]["next"])
    assert [len(page["activities"]) for page in (first, second, third)] == [2, 2, 2]
    assert third["pagination"]["next"] == ""
    assert third["pagination"]["previous"].endswith("offset=2&limit=2&sort=desc&beforeDate=2025-10-09")


async def test_sleeps_are_listed_too() -> None:
    async with vendor() as client:
        body = await client.json("/1.2/user/-/sleep/list.json?afterDate=2025-10-06&sort=asc&limit=2&offset=0")
    assert [log["dateOfSleep"] for log in body["sleep"]] == ["2025-10-07", "2025-10-07"]
    assert body["pagination"]["next"]


async def test_links_can_name_the_vendor() -> None:
    async with vendor(Options(links="https://api.fitbit.com", quota=None)) as client:
        body = await client.json(f"{ACTIVITIES}/list.json?afterDate=2025-10-06&sort=asc&limit=2&offset=0")
    assert body["pagination"]["next"] == (
        "https://api.fitbit.com/1/user/-/activities/list.json?offset=2&limit=2&sort=asc&afterDate=2025-10-06"
    )


async def test_lists_of_unused_features_are_empty() -> None:
    async with vendor() as client:
        ecg = await client.json("/1/user/-/ecg/list.json?beforeDate=2025-10-08&sort=desc&limit=10&offset=0")
        alerts = await client.json("/1/user/-/irn/alerts/list.json?beforeDate=2025-10-08&sort=desc&limit=10&offset=0")
    assert keys(ecg) == keys(synthetic("ecg-list-empty.json"))
    assert keys(alerts) == keys(synthetic("irn-alerts-empty.json"))


async def tracks(client: Client, suffix: str = "") -> dict[str, ET.Element]:
    body = await client.json(f"{ACTIVITIES}/list.json?afterDate=2025-10-06&sort=asc&limit=3&offset=0")
    found = {}
    for each in body["activities"]:
        answer = await client.get(f"{ACTIVITIES}/{each['logId']}.tcx{suffix}")
        assert answer.headers["content-type"].startswith("application/vnd.garmin.tcx+xml")
        found[each.get("activityName", each["logType"])] = ET.fromstring(answer.text)  # noqa: S314 - our own text
    return found


async def test_a_walk_has_a_track() -> None:
    async with vendor() as client:
        found = await tracks(client)
    points = found["Walk"].findall(f".//{TCX}Trackpoint")
    (truth,) = (each for each in PERSON.activities(date(2025, 10, 6)) if each.kind == "walk")
    assert len(points) == truth.seconds
    times = [datetime.fromisoformat(point.findtext(f"{TCX}Time", "")) for point in points]
    assert times[0] == truth.start
    assert times[0].utcoffset() == timedelta(hours=1)
    assert truth.route is not None
    assert float(points[100].findtext(f".//{TCX}LatitudeDegrees", "")) == truth.route.latitude[100]
    assert float(points[100].findtext(f".//{TCX}DistanceMeters", "")) == truth.route.distance_m[100]
    assert 80 <= int(points[-1].findtext(f"{TCX}HeartRateBpm/{TCX}Value", "")) <= 130
    assert found["Walk"].find(f"{TCX}Activities/{TCX}Activity").get("Sport") == "Walking"  # type: ignore[union-attr]


async def test_a_track_without_positions_is_empty_unless_partial_ones_are_asked_for() -> None:
    async with vendor() as client:
        bare, partial = await tracks(client), await tracks(client, "?includePartialTCX=true")
    assert bare["Elliptical"].find(f".//{TCX}Lap") is None
    assert bare["manual"].find(f".//{TCX}Lap") is None
    assert partial["manual"].find(f".//{TCX}Lap") is None
    assert len(partial["Elliptical"].findall(f".//{TCX}HeartRateBpm")) > 900
    assert partial["Elliptical"].find(f".//{TCX}Position") is None
