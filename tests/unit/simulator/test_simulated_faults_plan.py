"""What a plan of faults decides, without any request being sent."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import pytest

from cromwelld.simulator.faults import (
    KINDS,
    LASTING,
    LATE,
    PASSING,
    RETIRED,
    ROTATION,
    WITHOUT_LOGIN,
    Asked,
    FaultPlan,
    plan,
    scripted,
    stream_of,
)

NOW = dt.datetime(2025, 11, 3, 9, 7, 31, tzinfo=dt.UTC)
DAYS = [f"2025-10-{day:02}" for day in range(1, 11)]
FITBIT = [
    *(Asked(method="GET", path=f"/1/user/-/hrv/date/{day}.json") for day in DAYS),
    *(Asked(method="GET", path=f"/1/user/-/br/date/{day}.json") for day in DAYS),
    *(Asked(method="GET", path=f"/1/user/-/activities/heart/date/{day}/1d/1sec.json") for day in DAYS),
    *(Asked(method="GET", path=f"/1.2/user/-/sleep/date/{day}.json") for day in DAYS),
    Asked(method="GET", path="/1/user/-/profile.json"),
    Asked(method="GET", path="/1/user/-/devices.json"),
]
GOOGLE = [
    Asked(method="POST", path="/v4/users/me/dataTypes/steps/dataPoints:rollUp", body=str(number))
    for number in range(40)
]
REFRESH = Asked(method="POST", path="/oauth2/token", body="abc", is_refresh=True)
SEEDS = range(200)


def names(made: FaultPlan, asked: Asked) -> list[str]:
    return [fault.name for fault in made.course(asked)]


def handed(made: FaultPlan, asked: Asked, attempts: int) -> list[str | None]:
    """Take the faults of a request's attempts, each with a token of its own."""
    found = (made.fault(asked, token=f"T{number}", at=NOW) for number in range(attempts))
    return [fault.name if fault else None for fault in found]


def test_every_kind_has_its_group() -> None:
    assert {
        "429 reset",
        "429 lower case",
        "429 retry-after",
        "429 bare",
        "429 nonsense",
        "429 remaining",
        "500",
        "502 html",
        "503",
        "504",
        "520 html",
        "no answer",
        "slow",
        "cut body",
        "cut json",
        "html",
        "401",
    } == PASSING
    assert {"403 legacy", "403 google", "404"} == LASTING
    assert [sorted(group) for group in (RETIRED, LATE, ROTATION)] == [
        ["410"],
        ["late"],
        ["rotation cut", "rotation lost"],
    ]
    assert sorted(PASSING - WITHOUT_LOGIN) == ["401"]
    assert KINDS.keys() == PASSING | LASTING | RETIRED | LATE | ROTATION


def test_no_more_than_the_share_of_known_requests_is_faulted() -> None:
    for seed in SEEDS:
        made = plan(seed, share=0.3, most_on_one=2, among=FITBIT)
        courses = [names(made, asked) for asked in FITBIT]
        assert sum(bool(course) for course in courses) == 12, "0.3 of 42 requests"
        assert max(len(course) for course in courses) <= 2
        assert all(course.count("401") <= 1 for course in courses)


@pytest.mark.parametrize("seed", range(20))
def test_streams_that_cannot_be_had_count_as_well(seed: int) -> None:
    made = plan(seed, share=0.5, kinds=PASSING | LASTING, among=FITBIT)
    faulted = [asked for asked in FITBIT if made.course(asked)]
    lasting = made.lasting_streams(FITBIT)
    assert len(faulted) == 21, "0.5 of 42 requests"
    assert len(lasting) == 1, "a stream has 10 of the 10 requests that half of the share allows"
    (stream,) = lasting
    ten = [asked for asked in FITBIT if stream_of(asked.path) == stream]
    assert len(ten) == 10
    assert {tuple(names(made, asked)) for asked in ten} == {(lasting[stream].name,)}
    assert lasting[stream].name in LASTING


def test_by_chance_alone_the_share_is_kept_on_average() -> None:
    courses = [names(plan(seed), asked) for seed in SEEDS for asked in GOOGLE]
    faulted = [course for course in courses if course]
    assert 0.28 < len(faulted) / len(courses) < 0.32
    assert {len(course) for course in faulted} == {1, 2}


def test_a_seed_decides_the_same_whatever_the_order() -> None:
    one, two = plan(7, among=FITBIT), plan(7, among=list(reversed(FITBIT)))
    shuffled = FITBIT * 3
    random.Random(3).shuffle(shuffled)
    first = {asked: handed(one, asked, 3) for asked in FITBIT}
    second: dict[Asked, list[str | None]] = {asked: [] for asked in FITBIT}
    for turn, asked in enumerate(shuffled):
        fault = two.fault(asked, token=f"T{turn}", at=NOW)
        second[asked].append(fault.name if fault else None)
    assert first == second
    assert first != {asked: handed(plan(8, among=FITBIT), asked, 3) for asked in FITBIT}


def test_passing_faults_are_over_and_lasting_ones_are_not() -> None:
    made = plan(1, share=1.0, most_on_one=2)
    assert [handed(made, asked, 4)[2:] for asked in FITBIT] == [[None, None]] * 42
    made = plan(1, share=1.0, kinds={"404"})
    assert handed(made, FITBIT[0], 5) == ["404"] * 5
    assert handed(made, FITBIT[-1], 5) == [None] * 5, "the account's own paths are no stream"


def test_some_requests_meet_the_same_fault_twice() -> None:
    courses = [names(plan(seed, share=1.0), asked) for seed in range(20) for asked in FITBIT]
    pairs = [course for course in courses if len(course) == 2]
    alike = [course for course in pairs if course[0] == course[1]]
    assert 0.4 < len(alike) / len(pairs) < 0.7
    assert ["503", "503"] in alike


def test_every_kind_happens_where_it_can() -> None:
    every = Counter(
        name for seed in SEEDS for asked in (*FITBIT, REFRESH) for name in names(plan(seed, kinds=KINDS), asked)
    )
    assert every.keys() == KINDS.keys()
    google = {name for seed in SEEDS for asked in GOOGLE for name in names(plan(seed, kinds=KINDS), asked)}
    own = {"429 reset", "429 lower case", "429 nonsense", "429 remaining", "520 html", "403 legacy"}
    assert google == KINDS.keys() - own - ROTATION


def test_renewals_fail_but_a_first_login_does_not() -> None:
    first = Asked(method="POST", path="/oauth2/token", body="abc")
    page = Asked(method="GET", path="/oauth2/authorize")
    made = [plan(seed, share=1.0, kinds=KINDS) for seed in SEEDS]
    assert all(one.course(asked) == () for one in made for asked in (first, page))
    met = {name for one in made for name in names(one, REFRESH)}
    untouched = {"429 retry-after", "500", "502 html", "503", "504", "no answer", "slow", "html"}
    assert met == ROTATION | untouched, "where nothing was rotated, or rotation is asked for"


def test_a_token_once_refused_for_a_request_is_refused_for_it_again() -> None:
    made = scripted({FITBIT[0].path: ["401", "503"]})
    took = [made.fault(FITBIT[0], token=token, at=NOW) for token in ("A", "A", "A", "B", "A", "B")]
    assert [fault.name if fault else None for fault in took] == ["401", "401", "401", "503", "401", None]
    assert [said.attempt for said in made.said] == [1, 1, 1, 2, 2]


def test_a_script_counts_by_path_and_says_what_was_done() -> None:
    made = scripted({"/token": ["503"] * 5})
    asked = [Asked(method="POST", path="/token", body=str(number), is_refresh=True) for number in range(6)]
    took = [made.fault(one, token="", at=NOW) for one in asked]
    assert [fault.status if fault else None for fault in took] == [503] * 5 + [None]
    assert [(said.asked, said.fault.name, said.at) for said in made.said] == [(one, "503", NOW) for one in asked[:5]]


@pytest.mark.parametrize(
    ("path", "stream"),
    [
        ("/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp", "heart-rate"),
        ("/v4/users/me/dataTypes/exercise/dataPoints/77:exportExerciseTcx", "exercise"),
        ("/1/user/-/activities/heart/date/2025-10-08/1d/1sec.json", "/1/user/-/activities/heart/date/*/1d/1sec.json"),
        ("/1/user/-/br/date/2025-10-08/2025-10-09.json", "/1/user/-/br/date/*/*.json"),
        ("/1/user/-/activities/60000000000.tcx", "/1/user/-/activities/*.tcx"),
        ("/1/user/-/activities/list.json", "/1/user/-/activities/list.json"),
    ],
)
def test_a_stream_is_the_path_without_dates_and_ids(path: str, stream: str) -> None:
    assert stream_of(path) == stream
