"""Every payload of the synthetic person has the shape of the published samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cromwelld.simulator.google_health.person_records import TELLINGS, PersonRecords
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.person import Person
from tests.support.reference import references

RECORDS = PersonRecords(Person(member_since=date(2025, 9, 1)), datetime(2025, 10, 20, 12, tzinfo=UTC))
FIRST, LAST = date(2025, 9, 1), date(2025, 9, 30)
CONTAINERS = {"interval", "sampleTime", "date"}
SOURCE_KEYS = {"recordingMethod", "platform", "device", "application"}

# Types without `list`, whose payloads nobody sees; what the roll-ups add up has these fields.
UNSEEN = {
    "total-calories": {("kcal", "number")},
    "calories-in-heart-rate-zone": {("heartRateZoneType", "str"), ("kcal", "number")},
}
# Optional fields that the samples leave out.
BEYOND_THE_SAMPLES = {"respiratory-rate-sleep-summary": ("standardDeviation", "signalToNoise")}

Shape = set[tuple[str, str]]


def shape(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Name every leaf with its JSON type, elements of lists all alike."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from shape(member, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for member in value:
            yield from shape(member, path)
    else:
        kinds = {bool: "bool", int: "number", float: "number", str: "str"}
        yield path, kinds[type(value)]


def camel(path: str) -> str:
    first, *rest = path.split("-")
    return first + "".join(word.capitalize() for word in rest)


def published(path: str) -> Shape:
    """Give what the samples of a type show beside their time."""
    found: Shape = set()
    for file in references("google-health/samples", f"{path}.*.json"):
        for point in json.loads(file.read_text("utf-8")).get("dataPoints", []):
            payload = {key: value for key, value in point[camel(path)].items() if key not in CONTAINERS}
            found |= set(shape(payload))
    return found


def points(path: str) -> Sequence[Point]:
    """Give a month of a type, of the heart's samples one day."""
    return RECORDS.points(path, FIRST, FIRST if path == "heart-rate" else LAST)


def told(path: str) -> Shape:
    return {leaf for point in points(path) for leaf in shape(dict(point.payload))}


@pytest.mark.parametrize("path", TELLINGS)
def test_every_payload_has_the_shape_of_the_samples(path: str) -> None:
    expected = UNSEEN[path] if path in UNSEEN else published(path)
    more = {each for each in told(path) - expected if not each[0].endswith(BEYOND_THE_SAMPLES.get(path, ("//",)))}
    assert more == set()


@pytest.mark.parametrize("path", TELLINGS)
def test_every_point_says_who_recorded_it(path: str) -> None:
    for point in points(path):
        assert set(point.source) <= SOURCE_KEYS
        assert {"recordingMethod", "platform"} <= set(point.source)


@pytest.mark.parametrize("name", ["settings", "profile", "identity"])
def test_the_account_has_the_shape_of_the_samples(name: str) -> None:
    (file,) = references("google-health/samples", f"{name}.json")
    body = getattr(RECORDS, name)()
    assert set(shape(body)) == set(shape(json.loads(file.read_text("utf-8"))))


def test_the_devices_have_the_shape_of_the_samples() -> None:
    (file,) = references("google-health/samples", "pairedDevices.list.json")
    sample = json.loads(file.read_text("utf-8"))["pairedDevices"]
    assert set(shape(list(RECORDS.paired_devices()))) <= set(shape(sample))
