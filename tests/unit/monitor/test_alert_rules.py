"""When there is something to tell, case by case; and what is told when, over each channel."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cromwelld.config import Alerts
from cromwelld.jobs.importing.standing import Exports
from cromwelld.monitor.alerts.model import FAULTS, Alert, AlertKind
from cromwelld.monitor.alerts.rules import decide
from cromwelld.monitor.alerts.turns import SETTLED, lasting, pending, told, turn
from cromwelld.monitor.freshness import Diagnosis, Fault
from cromwelld.monitor.snapshot import AccountNow, Device, Disk, Login, Snapshot, Trouble
from cromwelld.state import Phase, Raised

NOW = dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR
LATELY = dt.date(2025, 10, 1)
MINUTE = dt.timedelta(minutes=1)
HOURS_S = 3600
EVERYTHING = Alerts(not_worn_after_s=5 * 24 * HOURS_S, not_synced_after_s=19 * HOURS_S)
SYNCED_ONCE = Device(name="Pixel Watch 3", last_sync=NOW - 11 * DAY, battery=0.5)
ME = AccountNow(
    source="google_health",
    began_at=NOW - 100 * HOUR,
    devices=(Device(name="Pixel Watch 3", last_sync=NOW - HOUR, battery=0.5),),
    newest={"HeartRate_Intraday": NOW - HOUR},
    answered={"heart_rate": NOW},
)
WELL = Snapshot(at=NOW, accounts={"me": ME}, clock_ahead_s={"google_health": 0.4})
STALE = replace(ME, newest={}, answered={"heart_rate": NOW - 2 * HOUR})
FULL = Disk(key="state_dir", path="/var/lib/cromwelld", free=300_000_000, total=10**12)


def keys(snapshot: Snapshot, limits: Alerts = EVERYTHING) -> list[str]:
    return [alert.key for alert in decide(snapshot, limits)]


def me(**changes: object) -> Snapshot:
    return replace(WELL, accounts={"me": replace(ME, **changes)})  # type: ignore[arg-type] # fields of AccountNow


def test_nothing_is_told_while_all_is_well() -> None:
    assert keys(WELL) == []
    assert keys(replace(WELL, accounts={})) == []


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (me(lost={dt.date(2025, 10, 8): "sleep: 503"}), ["day_lost:me:2025-10-08"]),
        (me(login=Login(needed="401: the vendor does not accept the login any more")), ["login_needed:me"]),
        (me(login=Login(refresh_ends_at=NOW + 47 * HOUR)), ["login_ends:me"]),
        (me(login=Login(refresh_ends_at=NOW + 49 * HOUR)), []),
        (me(login=Login(needed="x", refresh_ends_at=NOW)), ["login_needed:me"]),
        (me(newest={}, answered={"heart_rate": NOW - 2 * HOUR}), ["data_stale:me"]),
        (me(answered={"heart_rate": NOW - 37 * HOUR}), ["data_stale:me"]),
        (me(answered={"heart_rate": NOW - 37 * HOUR}, paused=True), []),
        (me(answered={"heart_rate": NOW - 37 * HOUR}, login=Login(needed="x")), ["login_needed:me"]),
        (me(devices=(Device(name="x", last_sync=NOW - 20 * HOUR),)), ["not_synced:me"]),
        (me(newest={"HeartRate_Intraday": NOW - 122 * HOUR}), ["not_worn:me"]),
        (me(newest={"HeartRate_Intraday": NOW - 100 * HOUR}), []),
        (me(began_at=NOW - 62 * 24 * HOUR), []),  # an API brings everything
        (me(began_at=NOW - 62 * 24 * HOUR, exports=Exports()), ["import_due:me"]),
        (me(began_at=NOW - 61 * 24 * HOUR, exports=Exports()), []),
        (me(began_at=NOW - 2 * DAY, source="import", exports=Exports()), ["import_due:me"]),
        (me(began_at=NOW - DAY, source="import", exports=Exports()), []),  # it may be on its way in
        (me(exports=Exports(until=dt.date(2025, 8, 11))), ["import_due:me"]),  # 62 days before
        (me(exports=Exports(until=dt.date(2025, 8, 12)), began_at=NOW - 900 * 24 * HOUR), []),
        (me(exports=Exports(until=dt.date(2025, 10, 1), every=11 * DAY)), []),
        (me(exports=Exports(until=dt.date(2025, 10, 1), every=10 * DAY)), ["import_due:me"]),
        (me(exports=Exports(until=LATELY, refused={"a.zip": "torn"})), ["import_refused:me:a.zip"]),
        (me(exports=Exports(until=LATELY, waiting={"a.zip": "the archive is away"})), []),
        (me(source="import", answered={}, exports=Exports(until=LATELY)), []),
        (me(source="import", devices=(SYNCED_ONCE,), newest={}, exports=Exports(until=LATELY)), []),
        (replace(WELL, archive=Trouble(since=NOW - 2 * HOUR, sentence="away")), ["archive_away"]),
        (replace(WELL, archive=Trouble(since=NOW - 59 * MINUTE, sentence="away")), []),
        (replace(WELL, disks=(FULL,)), ["disk_full:state_dir"]),
        (replace(WELL, clock_ahead_s={"google_health": -400.0}), ["clock_wrong:google_health"]),
    ],
)
def test_what_is_told(snapshot: Snapshot, expected: list[str]) -> None:
    assert keys(snapshot) == expected


@pytest.mark.parametrize(
    "snapshot",
    [
        me(devices=(Device(name="x", last_sync=NOW - 300 * HOUR),)),
        me(newest={"HeartRate_Intraday": NOW - 300 * HOUR}),
    ],
)
def test_what_is_off_by_default(snapshot: Snapshot) -> None:
    assert keys(snapshot, Alerts()) == []
    assert len(keys(snapshot)) == 1


def test_what_is_switched_off_is_not_told() -> None:
    off = Alerts(no_data_after_s=None, login_ends_within_s=None)
    assert keys(me(answered={"heart_rate": NOW - 370 * HOUR}, login=Login(refresh_ends_at=NOW)), off) == []


def test_each_account_is_told_for_itself() -> None:
    snapshot = replace(WELL, accounts={"me": ME, "partner": STALE})
    (alert,) = decide(snapshot, EVERYTHING)
    assert (alert.key, alert.account) == ("data_stale:partner", "partner")


@pytest.mark.parametrize(
    ("snapshot", "fault", "remedy"),
    [
        (me(login=Login(needed="x")), Fault.VENDOR, "run cromwelld login --account me"),
        (me(newest={}, answered={"heart_rate": NOW - 2 * HOUR}, refusal="403"), Fault.VENDOR, "run cromwelld doctor"),
        (
            replace(me(newest={}, answered={"heart_rate": NOW - 2 * HOUR}), disks=(FULL,)),
            Fault.US,
            "make space on that disk",
        ),
        (me(devices=(Device(name="x", last_sync=NOW - 20 * HOUR, battery=0.03),)), Fault.WATCH, "charge the watch"),
        (me(devices=(Device(name="x", last_sync=NOW - 20 * HOUR, battery=0.9),)), Fault.PHONE, "open the vendor's app"),
    ],
)
def test_whose_fault_it_is_and_what_to_do(snapshot: Snapshot, fault: Fault, remedy: str) -> None:
    alert = decide(snapshot, EVERYTHING)[0]
    assert alert.says.fault is fault
    assert alert.says.remedy.startswith(remedy)


def test_a_disk_that_is_full_must_have_a_little_more_space_to_be_well_again() -> None:
    snapshot = replace(WELL, disks=(replace(FULL, free=1_100_000_000),))
    assert decide(snapshot, EVERYTHING) == ()
    assert [one.key for one in decide(snapshot, EVERYTHING, {"disk_full:state_dir"})] == ["disk_full:state_dir"]
    more = replace(WELL, disks=(replace(FULL, free=1_300_000_000),))
    assert decide(more, EVERYTHING, {"disk_full:state_dir"}) == ()


def test_every_fault_has_a_word() -> None:
    assert set(FAULTS) == set(Fault)
    assert len({kind.word for kind in AlertKind}) == len(AlertKind)


# --- what changes


SAYS = Diagnosis(what="nobody answered", fault=Fault.US, remedy="run cromwelld doctor")


def alert(name: str) -> Alert:
    return Alert(key=f"data_stale:{name}", kind=AlertKind.DATA_STALE, account=name, says=SAYS)


def kept(name: str, *told: tuple[Phase, str], gone_at: dt.datetime | None = None) -> Raised:
    (raised,) = turn([], [alert(name)], NOW)
    return replace(raised, told=frozenset(told), gone_at=gone_at)


RAISED, FIXED = Phase.RAISED, Phase.FIXED


def test_what_is_new_is_raised_once() -> None:
    first = turn([], [alert("me")], NOW)
    assert [one.key for one in first] == ["data_stale:me"]
    assert turn(first, [alert("me")], NOW + HOUR) == first


def test_what_is_found_no_more_is_gone_and_may_come_back() -> None:
    (gone,) = turn([kept("me")], [], NOW)
    assert gone.gone_at == NOW
    assert turn([gone], [], NOW + HOUR) == [gone]
    assert turn([gone], [alert("me")], NOW + HOUR) == [kept("me")]


def test_what_comes_back_after_one_channel_said_fixed_is_told_anew() -> None:
    half = kept("me", (RAISED, "mail"), (FIXED, "mail"), (RAISED, "ntfy"), gone_at=NOW - HOUR)
    (again,) = turn([half], [alert("me")], NOW + HOUR)
    assert (again.raised_at, again.told, again.gone_at) == (NOW + HOUR, frozenset(), None)


def due(one: Raised, channel: str = "mail", at: dt.datetime = NOW) -> list[Phase]:
    return [letter.phase for letter in pending([one], channel, at)]


def test_a_letter_is_due_until_its_channel_took_it() -> None:
    assert due(kept("me")) == [RAISED]
    assert due(kept("me", (RAISED, "mail"))) == []
    assert due(kept("me", (RAISED, "ntfy"))) == [RAISED]


def test_what_a_channel_took_is_noted_of_that_alert_alone() -> None:
    both = [kept("me"), kept("partner")]
    (letter, _) = pending(both, "mail", NOW)
    assert told(both, letter, "mail") == [kept("me", (RAISED, "mail")), kept("partner")]


def test_a_letter_that_comes_too_late_is_not_of_the_alert_that_began_anew() -> None:
    (letter,) = pending([kept("me")], "mail", NOW)
    anew = replace(kept("me"), raised_at=NOW + HOUR)
    assert told([anew], letter, "mail") == [anew]


def test_fixed_follows_when_the_cause_has_been_gone_for_a_while() -> None:
    gone = kept("me", (RAISED, "mail"), gone_at=NOW - SETTLED + MINUTE)
    assert due(gone) == []
    assert due(gone, at=NOW + MINUTE) == [FIXED]
    assert due(replace(gone, told=gone.told | {(FIXED, "mail")}), at=NOW + MINUTE) == []


def test_of_what_was_gone_before_it_could_be_told_nothing_is_told() -> None:
    gone = kept("me", (RAISED, "ntfy"), gone_at=NOW - HOUR)
    assert due(gone, "mail") == []
    assert due(gone, "ntfy") == [FIXED]
    assert lasting([gone], ["mail", "ntfy"], NOW) == [gone]
    assert lasting([gone], ["mail"], NOW) == []
    assert lasting([replace(gone, told=gone.told | {(FIXED, "ntfy")})], ["mail", "ntfy"], NOW) == []


def test_what_lasts_is_kept() -> None:
    assert lasting([kept("me", (RAISED, "mail"))], ["mail"], NOW + 1000 * HOUR) != []


def test_alerts_of_one_kind_and_account_share_a_letter() -> None:
    lost = {dt.date(2025, 10, day): "sleep: 503" for day in (6, 7)}
    raised = turn([], decide(me(lost=lost, login=Login(needed="x")), EVERYTHING), NOW)
    letters = pending(raised, "mail", NOW)
    assert [[one.key for one in letter.alerts] for letter in letters] == [
        ["day_lost:me:2025-10-06", "day_lost:me:2025-10-07"],
        ["login_needed:me"],
    ]


@given(st.lists(st.booleans(), max_size=40))
def test_however_a_cause_comes_and_goes_letters_alternate(looks: list[bool]) -> None:
    """One look every four minutes; the channel takes whatever is due."""
    book: list[Raised] = []
    said: list[Phase] = []
    for number, there in enumerate(looks):
        at = NOW + number * 4 * MINUTE
        book = turn(book, [alert("me")] if there else [], at)
        for letter in pending(book, "mail", at):
            said.append(letter.phase)
            book = told(book, letter, "mail")
        book = lasting(book, ["mail"], at)
    assert said[::2] == [RAISED] * len(said[::2])
    assert said[1::2] == [FIXED] * len(said[1::2])
    assert bool(said) is any(looks)


def test_an_export_that_is_due_is_told_with_what_to_do() -> None:
    (alert,) = decide(me(exports=Exports(until=dt.date(2025, 8, 1), folder="/srv/takeout")), EVERYTHING)
    assert alert.says.what == "the newest Takeout that was imported ends on 2025-08-01"
    assert "https://takeout.google.com" in alert.says.remedy
    assert "put all parts into /srv/takeout" in alert.says.remedy


def test_the_reminder_of_an_export_can_be_switched_off() -> None:
    assert keys(me(exports=Exports(until=dt.date(2020, 1, 1))), Alerts(import_reminder_after_s=None)) == []


def test_an_export_is_reminded_of_every_two_months_and_fixed_when_it_is_there() -> None:
    """Look once a day, with nothing in mind but what is kept."""
    kept: list[Raised] = []
    letters: list[tuple[dt.date, Phase]] = []
    for passed in range(300):
        at = NOW + passed * DAY
        until = dt.date(2025, 10, 12) if passed < 200 else dt.date(2026, 4, 29)
        kept = turn(kept, decide(replace(me(exports=Exports(until=until)), at=at), Alerts(no_data_after_s=None)), at)
        for letter in pending(kept, "mail", at):
            letters.append((at.date(), letter.phase))
            kept = told(kept, letter, "mail")
        kept = lasting(kept, ["mail"], at)
    assert letters == [
        (dt.date(2025, 12, 13), Phase.RAISED),  # 62 days after the end of the export
        (dt.date(2026, 2, 12), Phase.RAISED),
        (dt.date(2026, 4, 14), Phase.RAISED),
        (dt.date(2026, 5, 1), Phase.FIXED),  # imported on 30 April, and settled since
        (dt.date(2026, 6, 30), Phase.RAISED),
    ]
