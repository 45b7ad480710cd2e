"""What an answer does to a date: every sentence of the rules, worked out by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.day import Day, Merged, Rules, Verdict, empty, merge
from cromwelld.measurements import MEASUREMENTS
from cromwelld.pieces import Answer, Outcome
from tests.support.days import FITBIT, GOOGLE, Values, answer, daily, day, heart, minutes, rows, text

HEART, STEPS, BATTERY = "HeartRate_Intraday", "Steps_Intraday", "DeviceBatteryLevel"
NO_RULES = Rules()


def merged(base: Day, *answers: Answer, rules: Rules = NO_RULES) -> Day:
    return merge(base, answers, rules).day


def verdicts(result: Merged) -> dict[str, Verdict]:
    return {change.measurement: change.verdict for change in result.changes}


def stored(tables: dict[str, pa.Table], source: str = FITBIT) -> Day:
    return day(tables, dict.fromkeys(tables, f"{source} ok"))


def none_of(*names: str) -> dict[str, pa.Table]:
    return {name: empty(MEASUREMENTS[name]) for name in names}


def devices(of: Day, name: str) -> list[str | None]:
    found: list[str | None] = of.tables[name]["tag_Device"].to_pylist()
    return found


def sleep(start: str, stages: Sequence[tuple[str, str]], end: str) -> dict[str, pa.Table]:
    """Build a night: its summary and the stages that begin at the given times."""
    night = {"tag_isMainSleep": ["True"], "tag_SleepType": ["stages"]}
    times = [time for time, _ in stages]
    return {
        "SleepLevels": rows(
            "SleepLevels",
            times,
            tag_isMainSleep=["True"] * len(times),
            tag_SleepType=["stages"] * len(times),
            field_stage=[stage for _, stage in stages],
        ),
        "SleepSummary": rows("SleepSummary", [start], **night, field_endTime=[end]),
    }


# A measurement that was not answered


def test_a_measurement_that_was_not_answered_keeps_what_the_archive_has() -> None:
    base = stored({HEART: heart(["10:00"]), "HRV": daily("HRV", 30.0, field="dailyRmssd")})
    after = merged(base, answer("hrv", {"HRV": daily("HRV", 31.0, field="dailyRmssd")}))
    assert after.tables[HEART].equals(base.tables[HEART])
    assert after.tables["HRV"]["field_dailyRmssd"].to_pylist() == [31.0]
    assert after.asked == {HEART: "fitbit_web ok", "HRV": "fitbit_web ok"}


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.UNSUPPORTED, Outcome.NOT_OFFERED])
def test_what_was_not_answered_leaves_records_and_words_alone(outcome: Outcome) -> None:
    base = stored({HEART: heart(["10:00"]), "Weight": rows("Weight", ["07:00"], field_weight_kg=[70.0])})
    wordless = Answer(stream="heart", date=base.date, outcome=outcome, source=FITBIT, measurements=(HEART, "Weight"))
    emptied = answer("weight", none_of("Weight", HEART), outcome=outcome)
    assert text(merged(base, wordless, emptied)) == text(base)


def test_what_was_not_answered_before_either_is_said() -> None:
    refused = Answer(stream="hrv", date=day().date, outcome=Outcome.REFUSED, source=FITBIT, measurements=("HRV",))
    after = merged(day(), refused)
    assert (after.tables, after.asked) == ({}, {"HRV": "fitbit_web refused"})
    assert merged(after, answer("hrv", none_of("HRV"))).asked == {"HRV": "fitbit_web empty"}


def test_an_empty_answer_for_an_empty_date_is_remembered() -> None:
    result = merge(day(), [answer("sleep", none_of("SleepLevels", "SleepSummary"))], NO_RULES)
    assert result.day.tables == {}
    assert result.day.asked == {"SleepLevels": "fitbit_web empty", "SleepSummary": "fitbit_web empty"}
    assert set(verdicts(result).values()) == {Verdict.UNCHANGED}


# Sampled


@pytest.mark.parametrize(
    ("kept", "verdict", "count"),
    [
        (100, Verdict.UNCHANGED, 100),
        (91, Verdict.TAKEN, 91),
        (90, Verdict.TAKEN, 90),
        (89, Verdict.SHRUNK, 100),
        (0, Verdict.SHRUNK, 100),
    ],
)
def test_fewer_than_nine_tenths_of_the_samples_keep_the_old_ones(kept: int, verdict: Verdict, count: int) -> None:
    base = stored({HEART: heart(minutes(0, 100))})
    result = merge(base, [answer("heart", {HEART: heart(minutes(0, kept))})], NO_RULES)
    assert verdicts(result) == {HEART: verdict}
    assert result.day.tables[HEART].num_rows == count
    assert result.day.asked == {HEART: "fitbit_web ok"}
    (change,) = result.changes
    assert (change.stream, change.before, change.offered) == ("heart", 100, kept)


def test_it_is_the_archived_timestamps_that_count_not_the_number() -> None:
    base = stored({HEART: heart(minutes(0, 100))})
    elsewhere = answer("heart", {HEART: heart(minutes(11, 500))})
    assert merged(base, elsewhere).tables[HEART].num_rows == 100
    most = answer("heart", {HEART: heart(minutes(10, 500))})
    assert merged(base, most).tables[HEART].num_rows == 500


def test_a_sampled_answer_replaces_and_does_not_add() -> None:
    base = stored({HEART: heart(minutes(0, 10), value=60.0)})
    after = merged(base, answer("heart", {HEART: heart(minutes(1, 10), value=61.0)}))
    assert after.tables[HEART]["field_value"].to_pylist() == [61.0] * 10
    assert after.tables[HEART]["time"].to_pylist() == heart(minutes(1, 10))["time"].to_pylist()


def test_an_empty_sampled_answer_never_erases_even_when_repeated() -> None:
    base = stored({HEART: heart(["10:00"])})
    rules = Rules(emptiness_repeated=frozenset({"heart"}))
    result = merge(base, [answer("heart", none_of(HEART))], rules)
    assert (verdicts(result), text(result.day)) == ({HEART: Verdict.SHRUNK}, text(base))


# Logged


def test_a_night_that_moved_leaves_no_ghost() -> None:
    """From 23:10 the evening before to 00:05, in Berlin: 21:10 and 22:05 UTC."""
    first = sleep(
        "2025-10-07T21:10:00",
        [("2025-10-07T21:10:00", "light"), ("2025-10-07T22:30:00", "deep"), ("2025-10-08T03:00:00", "rem")],
        "2025-10-08T04:50:00+00:00",
    )
    moved = sleep("2025-10-07T22:05:00", [("2025-10-07T22:05:00", "light")], "2025-10-08T04:50:00+00:00")
    after = merged(merged(day(), answer("sleep", first)), answer("sleep", moved))
    assert after.tables["SleepSummary"].to_pylist() == moved["SleepSummary"].to_pylist()
    assert after.tables["SleepLevels"].to_pylist() == moved["SleepLevels"].to_pylist()
    assert text(after) == text(merged(day(), answer("sleep", moved)))


def test_a_night_that_was_split_in_two_leaves_no_ghost() -> None:
    whole = sleep("2025-10-07T21:10:00", [("2025-10-07T21:10:00", "light")], "2025-10-08T04:50:00+00:00")
    parts = {
        "SleepLevels": empty(MEASUREMENTS["SleepLevels"]),
        "SleepSummary": rows(
            "SleepSummary", ["2025-10-07T22:05:00", "2025-10-08T02:00:00"], tag_isMainSleep=["True", "False"]
        ),
    }
    after = merged(merged(day(), answer("sleep", whole)), answer("sleep", parts))
    assert after.tables["SleepSummary"].num_rows == 2
    assert "SleepLevels" not in after.tables
    assert after.asked == {"SleepLevels": "fitbit_web empty", "SleepSummary": "fitbit_web ok"}


@pytest.mark.parametrize("name", ["Weight", "ActivityRecords", "SleepSummary"])
def test_emptiness_replaces_only_when_it_is_repeated(name: str) -> None:
    base = stored({name: rows(name, ["07:00"])})
    nothing = answer("logged", none_of(name))
    doubted = merge(base, [nothing], NO_RULES)
    assert (verdicts(doubted), text(doubted.day)) == ({name: Verdict.DOUBTED}, text(base))
    believed = merge(base, [nothing], Rules(emptiness_repeated=frozenset({"logged"})))
    assert verdicts(believed) == {name: Verdict.TAKEN}
    assert (believed.day.tables, believed.day.asked) == ({}, {name: "fitbit_web empty"})


def test_an_answer_of_which_nothing_was_usable_is_no_less_doubted() -> None:
    base = stored({"Weight": rows("Weight", ["07:00"])})
    hollow = answer("weight", none_of("Weight"), outcome=Outcome.OK)
    assert text(merged(base, hollow)) == text(base)


def test_a_logged_answer_may_hold_less() -> None:
    base = stored({"Weight": rows("Weight", ["07:00", "08:00", "09:00"])})
    after = merged(base, answer("weight", {"Weight": rows("Weight", ["08:00"])}))
    assert after.tables["Weight"].num_rows == 1


# Daily


def test_a_daily_value_replaces_and_an_absent_one_keeps() -> None:
    base = stored({"RestingHR": daily("RestingHR", 61.0)})
    assert merged(base, answer("heart", {"RestingHR": daily("RestingHR", 60.0)})).tables["RestingHR"][
        "field_value"
    ].to_pylist() == [60.0]
    kept = merge(base, [answer("heart", none_of("RestingHR"))], Rules(emptiness_repeated=frozenset({"heart"})))
    assert (verdicts(kept), text(kept.day)) == ({"RestingHR": Verdict.ABSENT}, text(base))


def test_a_daily_value_is_stamped_at_noon_of_the_zone_that_the_date_has() -> None:
    """The date was lived in Berlin; the answer was stamped in another zone."""
    after = merged(day(), answer("hrv", {"HRV": rows("HRV", ["16:00"], field_dailyRmssd=[30.0])}))
    assert [time.isoformat() for time in after.tables["HRV"]["time"].to_pylist()] == ["2025-10-08T10:00:00+00:00"]


# Readings


def test_battery_readings_are_all_kept_by_device_and_time() -> None:
    first = rows(BATTERY, ["07:00", "09:00"], tag_Device=["Charge", "Scale"], field_value=[80.0, 50.0])
    later = rows(BATTERY, ["07:00", "20:00"], tag_Device=["Charge", "Charge"], field_value=[81.0, 60.0])
    after = merged(day(), answer("devices", {BATTERY: first}), answer("devices", {BATTERY: later}))
    assert [tuple(row.values())[1:] for row in after.tables[BATTERY].to_pylist()] == [
        ("Charge", 81.0),
        ("Charge", 60.0),
        ("Scale", 50.0),
    ]
    emptied = merge(after, [answer("devices", none_of(BATTERY))], Rules(emptiness_repeated=frozenset({"devices"})))
    assert (verdicts(emptied), text(emptied.day)) == ({BATTERY: Verdict.UNCHANGED}, text(after))
    of_google = rows(BATTERY, ["21:00"], tag_Device=["Pixel"], field_value=[10.0])
    assert merged(after, answer("devices", {BATTERY: of_google}, source=GOOGLE)).tables[BATTERY].num_rows == 4


# Device


def test_a_record_keeps_its_own_device() -> None:
    base = stored({HEART: heart(["10:00"], device="Old")})
    own = answer("heart", {HEART: heart(["10:00"], device="Own")}, device="Paired")
    assert devices(merged(base, own, rules=Rules(label="Label")), HEART) == ["Own"]


@pytest.mark.parametrize(
    ("first", "label", "paired", "expected"),
    [
        ("First", "Label", "Paired", "First"),
        (None, "Label", "Paired", "Label"),
        (None, "", "Paired", "Paired"),
        (None, "", "", None),
    ],
)
def test_else_it_is_what_was_first_stored_else_the_label_else_the_paired_one(
    first: str | None, label: str, paired: str, expected: str | None
) -> None:
    base = stored({HEART: heart(["10:00"], device=first)}) if first else day()
    offered = {HEART: heart(["10:00", "10:01"]), "HRV": daily("HRV", 30.0, field="dailyRmssd")}
    after = merged(base, answer("both", offered, device=paired), rules=Rules(label=label))
    assert devices(after, HEART) == [expected] * 2
    assert devices(after, "HRV") == [expected]


def test_a_refetch_never_renames() -> None:
    first = merged(day(), answer("heart", {HEART: heart(["10:00"])}, device="Charge6"), rules=Rules(label=""))
    new_watch = answer("heart", {HEART: heart(["10:00"])}, device="PixelWatch3")
    assert text(merged(first, new_watch, rules=Rules(label="New label"))) == text(first)


def test_each_measurement_keeps_the_device_that_it_had() -> None:
    base = stored({HEART: heart(["10:00"], device="Chest"), "RestingHR": daily("RestingHR", 61.0, device="Watch")})
    after = merged(base, answer("resting", {"RestingHR": daily("RestingHR", 60.0)}, device="Paired"))
    assert devices(after, "RestingHR") == ["Watch"]


def test_a_battery_reading_does_not_tell_what_was_worn() -> None:
    base = stored({BATTERY: rows(BATTERY, ["07:00"], tag_Device=["Scale"], field_value=[50.0])})
    after = merged(base, answer("heart", {HEART: heart(["10:00"])}, device="Watch"))
    assert devices(after, HEART) == ["Watch"]


def test_a_device_that_was_unknown_is_filled_in_later() -> None:
    base = merged(day(), answer("heart", {HEART: heart(["10:00"])}))
    assert devices(merged(base, answer("heart", {HEART: heart(["10:00"])}, device="Watch")), HEART) == ["Watch"]


# Tracks

WALK, HIKE = "2025-10-08T07:00:00+00:00-Walk", "2025-10-08T07:00:00+00:00-Hike"
RUN = "2025-10-08T12:00:00+00:00-Run"
HALF_HOUR_MS = 1_800_000.0


def track(name: str, times: Sequence[str], altitude: float = 10.0) -> pa.Table:
    return rows("GPS", times, tag_ActivityID=[name] * len(times), field_altitude=[altitude] * len(times))


def joined(*parts: pa.Table) -> dict[str, pa.Table]:
    return {"GPS": pa.concat_tables(parts)}


def listing(*activities: tuple[str, str]) -> dict[str, pa.Table]:
    """Build a list of activities of half an hour each from their start and name."""
    columns: dict[str, Values] = {
        "tag_ActivityName": [name for _, name in activities],
        "field_duration": [HALF_HOUR_MS] * len(activities),
    }
    return {"ActivityRecords": rows("ActivityRecords", [start for start, _ in activities], **columns)}


def points(of: Day) -> dict[str, int]:
    """Count the points of each track."""
    ids = of.tables["GPS"]["tag_ActivityID"].to_pylist() if "GPS" in of.tables else []
    return {name: ids.count(name) for name in ids}


def two_tracks() -> Day:
    gps = answer("gps", joined(track(WALK, minutes(420, 20)), track(RUN, minutes(720, 10))))
    return merged(day(), answer("activities", listing(("07:00", "Walk"), ("12:00", "Run"))), gps)


def test_a_track_grows_while_its_activity_is_listed() -> None:
    longer = answer("gps", joined(track(WALK, minutes(420, 30)), track(RUN, minutes(720, 10))))
    assert points(merged(two_tracks(), longer)) == {WALK: 30, RUN: 10}


def test_tracks_are_merged_activity_by_activity() -> None:
    """One shrank to less than nine tenths, the other changed: the first stays, the second is taken."""
    offered = answer("gps", joined(track(WALK, minutes(420, 17)), track(RUN, minutes(720, 12))))
    result = merge(two_tracks(), [offered], NO_RULES)
    assert points(result.day) == {WALK: 20, RUN: 12}
    assert verdicts(result) == {"GPS": Verdict.SHRUNK}


def test_nine_tenths_of_a_track_are_enough() -> None:
    assert points(merged(two_tracks(), answer("gps", joined(track(WALK, minutes(420, 18)))))) == {WALK: 18, RUN: 10}


def test_an_answer_without_a_track_keeps_it_while_its_activity_is_listed() -> None:
    base = two_tracks()
    assert text(merged(base, answer("gps", none_of("GPS")))) == text(base)


def test_a_track_goes_with_its_activity() -> None:
    after = merged(two_tracks(), answer("activities", listing(("07:00", "Walk"))))
    assert points(after) == {WALK: 20}
    assert points(merged(after, answer("activities", listing(("20:00", "Swim"))))) == {}


def test_doubted_emptiness_of_the_list_keeps_the_tracks_and_believed_emptiness_takes_them() -> None:
    base = two_tracks()
    nothing = answer("activities", none_of("ActivityRecords"))
    assert points(merged(base, nothing)) == {WALK: 20, RUN: 10}
    gone = merged(base, nothing, rules=Rules(emptiness_repeated=frozenset({"activities"})))
    assert gone.tables == {}


def test_a_renamed_activity_is_known_by_its_time() -> None:
    renamed = answer("activities", listing(("07:00", "Hike"), ("12:00", "Run")))
    failed = Answer(stream="gps", date=day().date, outcome=Outcome.FAILED, source=FITBIT, measurements=("GPS",))
    assert points(merged(two_tracks(), renamed, failed)) == {HIKE: 20, RUN: 10}
    fetched = answer("gps", joined(track(HIKE, minutes(420, 25)), track(RUN, minutes(720, 10))))
    assert points(merged(two_tracks(), renamed, fetched)) == {HIKE: 25, RUN: 10}


def test_a_renamed_activity_whose_track_shrank_keeps_the_old_points_under_the_new_name() -> None:
    renamed = answer("activities", listing(("07:00", "Hike"), ("12:00", "Run")))
    shrunk = answer("gps", joined(track(HIKE, minutes(420, 3)), track(RUN, minutes(720, 10))))
    for answers in ([renamed, shrunk], [shrunk, renamed]):
        result = merge(two_tracks(), answers, NO_RULES)
        assert points(result.day) == {HIKE: 20, RUN: 10}
        assert verdicts(result)["GPS"] is Verdict.SHRUNK


def test_an_activity_whose_start_moved_takes_its_track_along() -> None:
    after = merged(two_tracks(), answer("activities", listing(("07:05", "Walk"), ("12:00", "Run"))))
    assert points(after) == {"2025-10-08T07:05:00+00:00-Walk": 20, RUN: 10}


def test_two_activities_at_the_same_time_keep_a_track_each() -> None:
    listed = answer("activities", listing(("07:00", "Walk"), ("07:00", "Hike")))
    gps = answer("gps", joined(track(WALK, minutes(420, 20), 1.0), track(HIKE, minutes(420, 20), 2.0)))
    both = merged(day(), listed, gps)
    assert points(both) == {WALK: 20, HIKE: 20}
    assert text(merged(both, listed, gps)) == text(both)
    assert points(merged(both, answer("gps", joined(track(WALK, minutes(420, 22)))))) == {WALK: 22, HIKE: 20}


def test_a_failed_answer_gives_the_tracks_that_it_could_bring() -> None:
    partial = answer("gps", joined(track(RUN, minutes(720, 15))), outcome=Outcome.FAILED)
    base = two_tracks()
    after = merged(base, partial)
    assert points(after) == {WALK: 20, RUN: 15}
    assert after.asked["GPS"] == "fitbit_web ok"
    first = merged(day(), answer("activities", listing(("07:00", "Walk"), ("12:00", "Run"))), partial)
    assert (points(first), first.asked["GPS"]) == ({RUN: 15}, "fitbit_web failed")
    again = answer("gps", joined(track(WALK, minutes(420, 20)), track(RUN, minutes(720, 15))))
    assert merged(first, again).asked["GPS"] == "fitbit_web ok"


def test_an_absurd_duration_does_no_harm() -> None:
    for length in (-5.0, 1e300):
        odd = {
            "ActivityRecords": rows("ActivityRecords", ["07:00"], tag_ActivityName=["Hike"], field_duration=[length])
        }
        assert points(merged(two_tracks(), answer("activities", odd))) == {HIKE: 20}


# One vendor a date


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (HEART, heart(["10:00"]), heart(minutes(600, 20))),
        ("RestingHR", daily("RestingHR", 61.0), daily("RestingHR", 60.0)),
        ("Weight", rows("Weight", ["07:00"]), rows("Weight", ["07:00", "08:00"])),
        ("GPS", track(WALK, minutes(420, 5)), track(WALK, minutes(420, 9))),
    ],
)
def test_another_source_only_fills_what_is_absent_unless_forced(name: str, old: pa.Table, new: pa.Table) -> None:
    base = stored({name: old})
    other = answer("stream", {name: new}, source=GOOGLE)
    result = merge(base, [other], NO_RULES)
    assert (verdicts(result), text(result.day)) == ({name: Verdict.SOURCE_KEPT}, text(base))
    forced = merged(base, replace(other, forced=True))
    assert (forced.tables[name].num_rows, forced.asked[name]) == (new.num_rows, "google_health ok")
    filled = merged(day({}, {name: "fitbit_web empty"}), other)
    assert (filled.tables[name].num_rows, filled.asked[name]) == (new.num_rows, "google_health ok")


def test_another_source_fills_in_the_track_that_is_absent_and_the_first_stays_the_source() -> None:
    after = merged(
        two_tracks(), answer("gps", joined(track("2025-10-08T18:00:00+00:00-Bike", ["18:00"])), source=GOOGLE)
    )
    assert sum(points(after).values()) == 31
    assert after.asked["GPS"] == "fitbit_web ok"


def test_records_of_an_unknown_source_may_be_replaced() -> None:
    base = day({"RestingHR": daily("RestingHR", 61.0)})
    after = merged(base, answer("heart", {"RestingHR": daily("RestingHR", 60.0)}, source=GOOGLE))
    assert (after.tables["RestingHR"]["field_value"].to_pylist(), after.asked) == (
        [60.0],
        {"RestingHR": "google_health ok"},
    )


# Force


@pytest.mark.parametrize("name", [HEART, "Weight", "RestingHR", "GPS"])
def test_a_forced_answer_overrides(name: str) -> None:
    base = stored({name: track(WALK, ["07:00"]) if name == "GPS" else rows(name, ["10:00"])})
    nothing = answer("stream", none_of(name))
    assert merged(base, replace(nothing, forced=True)).tables == {}
    assert text(merged(base, nothing)) == text(base)


def test_force_does_not_make_an_answer_of_a_failure() -> None:
    base = stored({HEART: heart(["10:00"])})
    failed = answer("heart", none_of(HEART), outcome=Outcome.FAILED)
    assert text(merged(base, replace(failed, forced=True))) == text(base)


# Properties

NAMES = (HEART, STEPS, "GPS", "SleepSummary", "HRV", "RestingHR", BATTERY, "Weight", "ActivityRecords")
TIMES = ("07:00", "07:10", "07:20", "12:00", "12:10")
CASES = st.sampled_from([None, None, None, Outcome.FAILED, Outcome.REFUSED])


@st.composite
def tables_of(draw: st.DrawFn, name: str) -> pa.Table:
    if name == "GPS":
        ids = draw(st.lists(st.sampled_from([WALK, HIKE, RUN]), unique=True, max_size=3))
        parts = [track(one, draw(st.lists(st.sampled_from(TIMES), min_size=1, max_size=5))) for one in ids]
        return pa.concat_tables([empty(MEASUREMENTS["GPS"]), *parts])
    if name == "ActivityRecords":
        kinds = [("07:00", "Walk"), ("07:00", "Hike"), ("12:00", "Run")]
        return listing(*draw(st.lists(st.sampled_from(kinds), unique=True, max_size=3)))[name]
    times = draw(st.lists(st.sampled_from(TIMES), max_size=5))
    columns: dict[str, Values] = {}
    if name == BATTERY:
        columns["tag_Device"] = draw(st.lists(st.sampled_from(["A", "B"]), min_size=len(times), max_size=len(times)))
    if any(field.name == "value" for field in MEASUREMENTS[name].fields):
        columns["field_value"] = draw(st.lists(st.sampled_from([1.0, 2.0]), min_size=len(times), max_size=len(times)))
    return rows(name, times, **columns)


@st.composite
def batches(draw: st.DrawFn) -> list[Answer]:
    """Draw one answer for each of some streams, as one run brings them."""
    return [
        replace(
            answer(name.lower(), {name: draw(tables_of(name))}, outcome=draw(CASES), device="Watch", source=source),
            forced=draw(st.sampled_from([False, False, False, True])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
        for source in [draw(st.sampled_from([FITBIT, FITBIT, GOOGLE]))]
    ]


RULES = st.builds(
    Rules,
    emptiness_repeated=st.frozensets(st.sampled_from([name.lower() for name in NAMES]), max_size=3),
    label=st.sampled_from(["", "Label"]),
)


@settings(max_examples=60)
@given(first=batches(), second=batches(), rules=RULES)
def test_the_same_answers_again_change_nothing(first: list[Answer], second: list[Answer], rules: Rules) -> None:
    once = merged(merged(day(), *first, rules=rules), *second, rules=rules)
    again = merge(once, second, rules)
    assert text(again.day) == text(once)
    taken = {name for name, verdict in verdicts(again).items() if verdict is Verdict.TAKEN}
    assert taken <= {"GPS"}  # a track without an activity comes and goes again


@settings(max_examples=60)
@given(first=batches(), second=batches(), rules=RULES, order=st.randoms(use_true_random=False))
def test_the_order_of_the_streams_does_not_matter(
    first: list[Answer], second: list[Answer], rules: Rules, order: random.Random
) -> None:
    base = merged(day(), *first, rules=rules)
    shuffled = list(second)
    order.shuffle(shuffled)
    assert text(merged(base, *shuffled, rules=rules)) == text(merged(base, *second, rules=rules))
