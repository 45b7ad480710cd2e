"""Nights and naps from Google; the person lives in Berlin unless it says otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.sources.google_health.sleep import sleep
from tests.unit.fitbit_web.reading import asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, answer, date, interval, listed, reconciled

MARCH = asked("2026-03-01", "2026-03-31")
YEAR = asked("2026-01-01", "2026-12-31")
SUMMARY: Json = {"minutesInSleepPeriod": "460", "minutesAsleep": "430", "minutesAwake": "30"}
MAIN: Json = {"processed": True, "mainSleep": True}


def stage(start: str, end: str, word: str) -> Json:
    return {**interval(start, end), "type": word}


def night(start: str, end: str, *, offset: str = "3600s", end_offset: str | None = None, **more: object) -> Json:
    """Write a sleep with a summary; what is given as None is left out."""
    value: Json = {
        "interval": interval(start, end, offset=offset, end_offset=end_offset),
        "type": "STAGES",
        "metadata": {"processed": True},
        "summary": SUMMARY,
    }
    return {name: part for name, part in {**value, **more}.items() if part is not None}


def points(*nights: Json) -> list[bytes]:
    return [answer(*(reconciled("sleep", one) for one in nights))]


def summaries(*nights: Json, on: str = "2026-03-10") -> list[dict[str, str | float]]:
    return rows(sleep(points(*nights), YEAR), on, "SleepSummary")


def main_ones(*nights: Json, on: str = "2026-03-10") -> list[str]:
    """Give the starts of the sleeps that became main."""
    return [str(row["time"]) for row in summaries(*nights, on=on) if row["isMainSleep"] == "True"]


USUAL = ("2026-03-09T22:10:00Z", "2026-03-10T05:50:00Z")


def test_a_night_with_stages() -> None:
    value = night(
        *USUAL,
        metadata=MAIN,
        stages=[
            stage("2026-03-09T22:10:00Z", "2026-03-09T22:20:00Z", "AWAKE"),
            stage("2026-03-09T22:20:00Z", "2026-03-10T00:10:30Z", "LIGHT"),
            stage("2026-03-10T00:10:30Z", "2026-03-10T01:30:00Z", "DEEP"),
            stage("2026-03-10T01:30:00Z", "2026-03-10T05:50:00Z", "REM"),
        ],
        shortAwakenings=[stage("2026-03-10T03:10:00Z", "2026-03-10T03:11:30Z", "AWAKE")],
        summary={
            **SUMMARY,
            "stagesSummary": [
                {"type": "LIGHT", "minutes": "111", "count": "1"},
                {"type": "DEEP", "minutes": 79},
                {"type": "REM"},  # not told
                {"type": "RESTLESS", "minutes": "5"},
            ],
        },
    )
    parsed = sleep(points(value), MARCH)
    tags = {"isMainSleep": "True", "SleepType": "stages"}
    assert rows(parsed, "2026-03-10", "SleepSummary") == [
        {
            "time": "2026-03-09T22:10:00Z",
            **tags,
            "efficiencyDerived": 93.0,  # 43000 / 460 = 93.48
            "minutesAsleep": 430.0,
            "minutesInBed": 460.0,
            "minutesAwake": 30.0,
            "minutesLight": 111.0,
            "minutesDeep": 79.0,
            "endTime": "2026-03-10T05:50:00+00:00",
        }
    ]
    levels = [
        ("2026-03-09T22:10:00Z", 3.0, "AWAKE", 600.0),
        ("2026-03-09T22:20:00Z", 1.0, "LIGHT", 6630.0),
        ("2026-03-10T00:10:30Z", 0.0, "DEEP", 4770.0),
        ("2026-03-10T01:30:00Z", 2.0, "REM", 15600.0),
    ]
    assert rows(parsed, "2026-03-10", "SleepLevels") == [
        {"time": time, **tags, "level": level, "stage": word, "duration_seconds": seconds}
        for time, level, word, seconds in levels
    ]
    assert not parsed.rejected
    assert_in_contract(parsed, MARCH)


def test_a_classic_nap_of_a_listed_device() -> None:
    value = night(
        "2026-03-10T13:00:00Z",
        "2026-03-10T13:45:00Z",
        type="CLASSIC",
        metadata={"processed": True, "nap": True, "stagesStatus": "REJECTED_NAP"},
        stages=[
            stage("2026-03-10T13:00:00Z", "2026-03-10T13:05:00Z", "RESTLESS"),
            stage("2026-03-10T13:05:00Z", "2026-03-10T13:45:00Z", "ASLEEP"),
        ],
        summary={
            "minutesInSleepPeriod": 45,
            "minutesAsleep": 40,
            "minutesAwake": "5",
            "stagesSummary": [{"type": "RESTLESS", "minutes": "5"}, {"type": "LIGHT", "minutes": "40"}],
        },
    )
    parsed = sleep([answer(listed("sleep", value))], MARCH)
    tags = {"Device": "Charge 6", "isMainSleep": "False", "SleepType": "classic"}
    assert rows(parsed, "2026-03-10", "SleepSummary") == [
        {
            "time": "2026-03-10T13:00:00Z",
            **tags,
            "efficiencyDerived": 89.0,  # 4000 / 45 = 88.9
            "minutesAsleep": 40.0,
            "minutesInBed": 45.0,
            "minutesAwake": 5.0,
            "minutesRestless": 5.0,
            "endTime": "2026-03-10T13:45:00+00:00",
        }
    ]
    assert [(row["level"], row["stage"]) for row in rows(parsed, "2026-03-10", "SleepLevels")] == [
        (2.0, "RESTLESS"),
        (1.0, "ASLEEP"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "offsets", "on", "minutes"),
    [
        ("2026-03-28T22:30:00Z", "2026-03-29T05:00:00Z", ("3600s", "7200s"), "2026-03-29", 390.0),  # clock: 23:30-07:00
        ("2026-10-24T21:30:00Z", "2026-10-25T05:30:00Z", ("7200s", "3600s"), "2026-10-25", 480.0),  # clock: 23:30-06:30
        ("2026-03-10T14:00:00Z", "2026-03-10T22:59:59Z", ("3600s", "3600s"), "2026-03-10", 539.983),
        ("2026-03-10T14:00:00Z", "2026-03-10T23:00:00Z", ("3600s", "3600s"), "2026-03-11", 540.0),
        ("2026-03-09T10:00:00Z", "2026-03-09T18:00:00Z", ("46800s", "46800s"), "2026-03-10", 480.0),
        ("2026-03-10T02:00:00Z", "2026-03-10T10:30:00Z", ("-39600s", "-39600s"), "2026-03-09", 510.0),
        ("2026-03-10T08:00:00Z", "2026-03-10T13:00:00Z", ("46800s", "-36000s"), "2026-03-10", 300.0),  # over the line
    ],
)
def test_a_sleep_is_of_the_date_on_which_it_ends_and_as_long_as_it_was(
    start: str, end: str, offsets: tuple[str, str], on: str, minutes: float
) -> None:
    value = night(start, end, offset=offsets[0], end_offset=offsets[1], summary={"minutesAsleep": "300"})
    (row,) = summaries(value, on=on)
    assert (row["time"], row["endTime"]) == (start, end.replace("Z", "+00:00"))
    assert row["minutesInBed"] == pytest.approx(minutes, abs=0.001)
    assert row["efficiencyDerived"] == round(30_000 / minutes)


def test_both_passes_of_the_doubled_hour_are_there() -> None:
    value = night(
        "2026-10-24T23:30:00Z",
        "2026-10-25T02:30:00Z",
        offset="7200s",
        end_offset="3600s",
        stages=[
            stage("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "DEEP"),  # 02:30 to 02:30
            stage("2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z", "LIGHT"),
        ],
    )
    found = rows(sleep(points(value), YEAR), "2026-10-25", "SleepLevels")
    assert [(row["time"], row["duration_seconds"]) for row in found] == [
        ("2026-10-25T00:30:00Z", 3600.0),
        ("2026-10-25T01:30:00Z", 3600.0),
    ]


def test_the_civil_end_that_was_sent_decides() -> None:
    value = night(*USUAL)
    value["interval"] = {**interval(*USUAL), "civilEndTime": {"date": date("2026-03-09"), "time": {"hours": 23}}}
    assert len(summaries(value, on="2026-03-09")) == 1


def test_main_by_the_flag() -> None:
    long = night("2026-03-09T20:00:00Z", "2026-03-10T05:00:00Z")
    short = night("2026-03-10T10:00:00Z", "2026-03-10T13:00:00Z", metadata=MAIN)
    other_name = night("2026-03-10T10:00:00Z", "2026-03-10T13:00:00Z", metadata={"processed": True, "main": True})
    assert main_ones(long, short) == ["2026-03-10T10:00:00Z"]
    assert main_ones(other_name, long) == ["2026-03-10T10:00:00Z"]


def test_main_without_a_flag_is_the_longest_that_is_no_nap() -> None:
    nap = night("2026-03-10T08:00:00Z", "2026-03-10T18:00:00Z", metadata={"nap": True})
    late = night("2026-03-10T02:00:00Z", "2026-03-10T07:00:00Z", metadata={"nap": False, "mainSleep": False})
    early = night("2026-03-09T21:00:00Z", "2026-03-10T02:00:00Z", metadata=None)
    assert main_ones(nap, late, early) == ["2026-03-09T21:00:00Z"]  # as long as the other, and earlier
    assert main_ones(nap, late) == ["2026-03-10T02:00:00Z"]
    assert main_ones(nap) == []


def test_a_flag_is_of_its_own_date() -> None:
    flagged = night("2026-03-10T22:00:00Z", "2026-03-11T05:00:00Z", metadata=MAIN)
    plain = night(*USUAL)
    assert main_ones(flagged, plain) == ["2026-03-09T22:10:00Z"]
    assert main_ones(flagged, plain, on="2026-03-11") == ["2026-03-10T22:00:00Z"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("POLYPHASIC", "polyphasic"), ("SLEEP_TYPE_UNSPECIFIED", None), (None, None)]
)
def test_an_unknown_type_is_kept_as_text(sent: str | None, kept: str | None) -> None:
    summary = {**SUMMARY, "stagesSummary": [{"type": "REM", "minutes": "80"}, {"type": "RESTLESS", "minutes": "5"}]}
    (row,) = summaries(night(*USUAL, type=sent, summary=summary))
    assert row.get("SleepType") == kept
    assert not row.keys() & {"minutesREM", "minutesRestless"}


def test_absent_numbers_stay_absent() -> None:
    (row,) = summaries(night(*USUAL, summary={"minutesAsleep": "NaN"}))
    assert row == {
        "time": "2026-03-09T22:10:00Z",
        "isMainSleep": "True",
        "SleepType": "stages",
        "minutesInBed": 460.0,
        "endTime": "2026-03-10T05:50:00+00:00",
    }


def test_no_efficiency_of_a_bed_that_nobody_was_in() -> None:
    (row,) = summaries(night(*USUAL, summary={"minutesAsleep": "430", "minutesInSleepPeriod": "0"}))
    assert row["minutesInBed"] == 0.0
    assert "efficiencyDerived" not in row


def test_unknown_and_bad_stages() -> None:
    value = night(
        *USUAL,
        stages=[
            stage("2026-03-09T22:10:00Z", "2026-03-09T22:20:00Z", "MEDITATING"),
            {**interval("2026-03-09T22:20:00Z", "2026-03-09T22:30:00Z")},
            "REM",
            {"startTime": "2026-03-09T22:30:00Z", "type": "REM"},
            stage("2026-03-09T22:40:00Z", "2026-03-09T22:30:00Z", "REM"),
            stage("2026-03-09T22:40:00Z", "9999-03-09T22:30:00Z", "REM"),
            stage("2026-03-09T22:40:00Z", "2026-03-09T22:50:00Z", "REM" * 67),
            stage("2026-03-09T22:50:00.500Z", "2026-03-09T23:00:00Z", "DEEP"),
        ],
    )
    parsed = sleep(points(value), MARCH)
    found = rows(parsed, "2026-03-10", "SleepLevels")
    assert [(row["time"], row.get("level"), row.get("stage"), row["duration_seconds"]) for row in found] == [
        ("2026-03-09T22:10:00Z", None, "MEDITATING", 600.0),
        ("2026-03-09T22:20:00Z", None, None, 600.0),
        ("2026-03-09T22:50:00.500000Z", 0.0, "DEEP", 599.5),
    ]
    assert parsed.rejected == {
        "not an object": 1,
        "no endTime": 1,
        "a sleep or a level of a length that cannot be": 1,
        "a time outside the years that can be": 1,
        "type is not a text": 1,
    }


def without_end(start: str) -> Json:
    return {"interval": {"startTime": start, "startUtcOffset": "3600s"}, "metadata": {"processed": True}}


@pytest.mark.parametrize(
    "unfinished",
    [
        night(*USUAL, metadata={"processed": False}),
        night(*USUAL, summary=None),
        night(*USUAL, summary={}, stages=[]),
        without_end("2026-03-10T21:00:00Z"),
        without_end("2026-03-09T21:00:00Z"),  # it may end on the day after
    ],
)
def test_a_date_with_an_unfinished_sleep_is_unready(unfinished: Json) -> None:
    nap = night("2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z")
    parsed = sleep(points(nap, unfinished), asked("2026-03-10"))
    assert parsed.unready[dt.date(2026, 3, 10)] == "the vendor is still working on the sleep"


@pytest.mark.parametrize(
    "elsewhere",
    [
        night("2026-03-08T22:10:00Z", "2026-03-09T05:50:00Z", metadata={"processed": False}),
        night("2026-03-10T22:10:00Z", "2026-03-11T05:50:00Z", summary=None),
        without_end("2026-03-08T21:00:00Z"),
        without_end("2026-03-10T23:30:00Z"),  # the 11th in Berlin
    ],
)
def test_an_unfinished_sleep_of_another_date_does_not(elsewhere: Json) -> None:
    parsed = sleep(points(elsewhere, night(*USUAL)), asked("2026-03-10"))
    assert {on.isoformat() for on, _ in parsed.tables} == {"2026-03-10"}
    assert dt.date(2026, 3, 10) not in parsed.unready
    assert not parsed.rejected


@pytest.mark.parametrize(
    "finished",
    [
        night(*USUAL, metadata=None),
        night(*USUAL, metadata=None, summary=None, stages=[stage(*USUAL, "LIGHT")]),
    ],
)
def test_what_google_does_not_say_the_summary_tells(finished: Json) -> None:
    assert len(summaries(finished)) == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_copies_of_one_sleep_become_one_that_has_stages(backwards: bool) -> None:  # noqa: FBT001 - a parameter of the test
    copies = [
        listed("sleep", night(*USUAL, type="CLASSIC", metadata=MAIN), device="Phone"),
        listed("sleep", night(*USUAL, stages=[stage(*USUAL, "LIGHT")]), device="Watch"),
        listed("sleep", night(*USUAL), device="Band"),
        listed("sleep", night("2026-03-10T12:00:00Z", "2026-03-10T22:00:00Z")),
    ]
    parsed = sleep([answer(*(copies[::-1] if backwards else copies))], MARCH)
    found = [(row["Device"], row["isMainSleep"]) for row in rows(parsed, "2026-03-10", "SleepSummary")]
    assert sorted(found) == [("Charge 6", "False"), ("Watch", "True")]  # main, because one of the copies is
    assert len(rows(parsed, "2026-03-10", "SleepLevels")) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({}, "not an object"),
        ({"sleep": {"summary": SUMMARY}}, "no startTime"),
        ({"sleep": night("2026-03-10T05:50:00Z", "2026-03-09T22:10:00Z", end_offset="86400s")}, "endUtcOffset is more"),
        ({"sleep": night("2026-03-10T05:50:00Z", "2026-03-10T05:40:00Z")}, "of a length that cannot be"),
        ({"sleep": night("2026-03-01T05:50:00Z", "2026-03-10T05:40:00Z")}, "of a length that cannot be"),
        ({"sleep": night("2026-03-10T05:50:00Z", "9999-03-10T05:40:00Z")}, "a time outside the years that can be"),
        ({"sleep": night(*USUAL, summary={"minutesAsleep": True})}, "not a number"),
        ({"sleep": night(*USUAL, summary={"minutesAsleep": "-5"})}, "minutesAsleep is negative"),
        ({"sleep": night(*USUAL, summary={"stagesSummary": {"REM": 5}})}, "stagesSummary is not a list"),
        ({"sleep": night(*USUAL, metadata={"mainSleep": "yes"})}, "mainSleep is not a truth value"),
        ({"sleep": night(*USUAL, type=["STAGES"])}, "type is not a text"),
        ({"sleep": night(*USUAL, stages={})}, "stages is not a list"),
    ],
)
def test_a_bad_sleep_is_counted_and_the_others_stay(bad: Json, reason: str) -> None:
    good = night("2026-03-10T22:00:00Z", "2026-03-11T05:00:00Z")
    parsed = sleep([answer(bad, reconciled("sleep", good))], MARCH)
    assert [on.isoformat() for on, _ in parsed.tables] == ["2026-03-11"]
    (said,) = parsed.rejected
    assert reason in said
    assert parsed.rejected[said] == 1


def test_a_date_without_a_zone_waits() -> None:
    assert not sleep(points(night(*USUAL)), asked("2026-03-10", zone=None)).tables
