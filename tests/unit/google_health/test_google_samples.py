"""Every sample goes through the whole source, with records worked out by hand; the others are listed with a reason."""

from __future__ import annotations

import pytest

from cromwelld.errors import BadAnswer, FarSideAway
from cromwelld.sources.google_health.streams import DATA_STREAMS, STREAMS
from cromwelld.sources.parsed import Asked
from tests.support.reference import reference
from tests.unit.google_health.google_oracles import (
    EMPTY,
    ENTRIES,
    LISTED,
    OK,
    ORACLES,
    RUN,
    TRACK,
    WALK,
    Oracle,
    Unused,
    as_reconciled,
    path_of,
)
from tests.unit.google_health.google_reading import (
    DATE,
    OURS,
    PARIS,
    Circumstances,
    Vendor,
    assert_in_contract,
    day,
    fetching,
    names,
    pieces,
    points,
    sample,
    sent,
    tables,
    track,
)


def test_every_sample_has_its_entry_and_every_entry_its_file() -> None:
    reference("google-health/samples")
    assert names("samples") == sorted(ENTRIES)


def test_no_stream_is_without_a_sample() -> None:
    assert {oracle.stream for oracle in ORACLES.values()} == STREAMS.keys() - {"gps"}


@pytest.mark.parametrize("name", ORACLES)
async def test_a_sample_goes_through_the_source(name: str) -> None:
    oracle, vendor = ORACLES[name], Vendor()
    vendor.lay(path_of(oracle.stream), sent(sample(name)))
    async with fetching(vendor) as one:
        found = await one.all(pieces([oracle.stream], oracle.on))
    assert found.keys() == {(oracle.stream, oracle.on)}
    answer = found[oracle.stream, oracle.on]
    assert tables(answer) == oracle.found
    assert answer.outcome is (OK if oracle.found else EMPTY)
    assert (answer.reason, answer.source, answer.zone) == ("", "google_health", "Europe/Paris")
    assert answer.tables.keys() == set(STREAMS[oracle.stream].measurements)
    assert_in_contract(day(oracle.on), answer.tables)
    assert one.events == []


@pytest.mark.parametrize("name", ORACLES)
async def test_a_sample_of_another_date_is_not_of_the_date_asked(name: str) -> None:
    """Wherever a filter is not obeyed; only a battery belongs to its own date, whatever was asked."""
    oracle, vendor = ORACLES[name], Vendor()
    vendor.lay(path_of(oracle.stream), sent(sample(name)))
    async with fetching(vendor) as one:
        found = await one.all(pieces([oracle.stream], "2026-03-12"))
    if oracle.stream == "devices":
        assert {place: tables(answer) for place, answer in found.items()} == {("devices", DATE): oracle.found}
        return
    assert {place: answer.outcome for place, answer in found.items()} == {(oracle.stream, "2026-03-12"): EMPTY}
    assert one.events == []


@pytest.mark.parametrize("name", LISTED)
async def test_a_listed_sample_as_reconcile_sends_it(name: str) -> None:
    """The same records; what each was measured with is not known then, and named nowhere."""
    oracle, vendor = ORACLES[name], Vendor()
    vendor.lay(path_of(oracle.stream), sent(as_reconciled(sample(name))))
    async with fetching(vendor) as one:
        found = await one.all(pieces([oracle.stream], oracle.on))
    nameless = {
        measurement: [
            {field: value for field, value in row.items() if field not in {"Device", "Source"}} for row in told
        ]
        for measurement, told in oracle.found.items()
    }
    assert tables(found[oracle.stream, oracle.on]) == nameless
    assert one.events == []


async def test_a_track_is_asked_by_the_name_that_reconcile_gives() -> None:
    vendor = Vendor()
    vendor.lay(points("exercise"), sent(as_reconciled(sample("exercise.list"))))
    vendor.lay(track("3001"), sent(sample("exercise.exportExerciseTcx")))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["gps", "activities"]))
    assert tables(found["gps", DATE]) == {"GPS": TRACK}
    assert tables(found["activities", DATE]) == {"ActivityRecords": [WALK, RUN]}


@pytest.mark.parametrize(("steps_from", "family"), [("watch", "google-wearables"), ("all", "all-sources")])
async def test_whose_steps_count(steps_from: str, family: str) -> None:
    """Totals and minutes alike, by the full name; nights and what only a watch tells are never limited."""
    vendor = Vendor()
    async with fetching(vendor, Circumstances(steps_from=steps_from)) as one:
        await one.all(pieces())
    name = f"users/me/dataSourceFamilies/{family}"
    limited = {seen.path: seen.query["dataSourceFamily"] for seen in vendor.seen if "dataSourceFamily" in seen.query}
    assert limited == {points("steps"): name, points("activity-level"): name}
    sums = {posted.path: posted.body.get("dataSourceFamily") for posted in vendor.posted}
    totals = ("steps", "total-calories", "distance", "floors", "sedentary-period")
    zones = ("time-in-heart-rate-zone", "active-zone-minutes")
    assert sums == {points(one, "dailyRollUp"): name if one in totals else None for one in (*totals, *zones)}


async def test_all_samples_at_once() -> None:
    """A day as the samples tell it, asked in one fetch: one answer a stream, and the tracker's name on each."""
    vendor = Vendor()
    told = [name for name, oracle in ORACLES.items() if oracle.on == DATE and not name.endswith((".empty", ".list"))]
    told += [name for name, oracle in ORACLES.items() if name.endswith(".list") and oracle.on == DATE]
    expected = {ORACLES[name].stream: ORACLES[name].found for name in told}  # of two forms the `list` one
    for name in told:
        vendor.lay(path_of(ORACLES[name].stream), sent(sample(name)))
    vendor.lay(track("3001"), sent(sample("exercise.exportExerciseTcx")))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    assert {stream: tables(answer) for (stream, _), answer in found.items()} == {**expected, "gps": {"GPS": TRACK}}
    assert {answer.outcome for answer in found.values()} == {OK}
    assert {answer.device for answer in found.values()} == {"Charge 6"}
    assert one.events == []
    assert len(vendor.seen) <= 60


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not isinstance(entry, Oracle)])
async def test_no_stream_takes_another_answer_amiss(name: str) -> None:
    """Whatever is sent in place of what was asked: nothing that breaks, and nothing outside the contract."""
    vendor = Vendor()
    vendor.otherwise = sent(sample(name))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    assert not [answer.reason for answer in found.values() if OURS in answer.reason]
    for answer in found.values():
        assert_in_contract(answer.date, answer.tables)


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if isinstance(entry, Unused)])
def test_no_parser_makes_records_of_another_types_answer(name: str) -> None:
    about = Asked(first=day("2026-03-01"), last=day("2026-03-31"), zone=lambda _: PARIS)
    for stream in DATA_STREAMS.values():
        own = name.startswith(f"{stream.data_type.path}.")  # another operation of its own type
        try:
            parsed = stream.parse([sample(name)], about)
        except (BadAnswer, FarSideAway):
            continue
        assert own or parsed.tables == {}
