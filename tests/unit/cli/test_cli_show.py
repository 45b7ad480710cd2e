from __future__ import annotations

import datetime as dt
import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace

import pytest

from cromwelld.cli import show
from cromwelld.cli.explain import explain, say
from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, LoginNeeded, StoreError
from cromwelld.events import Event, Kind
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.store import Stored
from cromwelld.jobs.summary import summarize
from cromwelld.pieces import Outcome
from tests.support.days import day, heart

FIRST = dt.date(2025, 10, 8)


def asked(stream: str, offset: int = 0, outcome: Outcome = Outcome.OK, reason: str = "") -> Asked:
    return Asked(date=FIRST + dt.timedelta(days=offset), stream=stream, outcome=outcome, reason=reason, records=1)


def stored(offset: int = 0, error: StoreError | None = None) -> Stored:
    date = FIRST + dt.timedelta(days=offset)
    held = None if error is not None else replace(day({"HeartRate_Intraday": heart(["10:00"])}), date=date)
    return Stored(date=date, day=held, archived=held is not None, changed=True, error=error)


def printed(collected: Collected, count: int = 1) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        dates = [FIRST + dt.timedelta(days=offset) for offset in range(count)]
        show.print_collected(summarize(collected), dates, {"tables": "/srv/[data]"})
    return out.getvalue()


AWAY = FarSideAway("the vendor is away")


@pytest.mark.parametrize(
    ("collected", "code"),
    [
        (Collected(asked=(asked("sleep"),), stored=(stored(),)), 0),
        (Collected(asked=(asked("sleep", outcome=Outcome.EMPTY),), stored=()), 0),
        (Collected(asked=(asked("sleep"), asked("hrv", outcome=Outcome.REFUSED)), stored=(stored(),)), 10),
        (Collected(asked=(asked("sleep"), asked("hrv", outcome=Outcome.UNSUPPORTED)), stored=(stored(),)), 0),
        (Collected(asked=(asked("sleep", outcome=Outcome.FAILED),), stored=()), 75),
        (Collected(asked=(asked("sleep"),), stored=(stored(error=StoreError("full")),)), 1),
        (Collected(asked=(asked("sleep"),), stored=(stored(),), ended_by=AWAY), 75),
        (Collected(asked=(asked("sleep"),), stored=(stored(),), ended_by=LoginNeeded("no")), 77),
    ],
)
def test_the_exit_code_says_how_it_went(collected: Collected, code: int) -> None:
    assert summarize(collected).exit_code == code


def test_the_same_trouble_is_said_once_for_all_its_streams_and_dates() -> None:
    failed = [
        asked(name, offset, Outcome.FAILED, "503: away")
        for offset in (0, 1, 2)
        for name in ("sleep", "hrv")  # the order in which answers come is nobody's concern
    ]
    gaps = [asked("spo2", offset, Outcome.REFUSED, "403: no permission") for offset in (0, 2)]
    lines = printed(Collected(asked=(asked("weight"), *failed, *gaps), stored=())).splitlines()
    assert lines == [
        "2025-10-08..2025-10-10 hrv, sleep: failed: 503: away",
        "2025-10-08 and 1 more spo2: refused: 403: no permission",
        "tables   /srv/[data]",
    ]


def test_an_end_without_a_hint_is_a_whole_sentence() -> None:
    failed = asked("sleep", 0, Outcome.FAILED, AWAY.message)
    out = printed(Collected(asked=(failed,), stored=(), ended_by=AWAY))
    assert out.splitlines() == ["ended early: the vendor is away", "tables   /srv/[data]"]


def test_a_date_that_could_not_be_stored_is_told_with_its_remedy() -> None:
    error = StoreError("cannot write /srv/[data]", hint="free space")
    out = printed(Collected(asked=(asked("sleep"),), stored=(stored(error=error),)))
    assert "2025-10-08: not stored: cannot write /srv/[data]; free space\n" in out


@pytest.mark.parametrize(
    ("columns", "count", "titles"),
    [
        (80, 1, ["2025-10-08"]),
        (80, 3, ["2025-10-08", "2025-10-09", "2025-10-10"]),
        (80, 4, ["10-08", "10-09", "10-10", "10-11"]),
        (80, 6, ["6", "dates"]),
        (120, 6, ["2025-10-08", "2025-10-09", "2025-10-10", "2025-10-11", "2025-10-12", "2025-10-13"]),
        (200, 8, ["8", "dates"]),
        (20, 2, ["2", "dates"]),
    ],
)
def test_a_column_for_each_date_as_long_as_they_fit(
    columns: int, count: int, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "_PLAIN_COLUMNS", columns)
    out = printed(Collected(asked=(), stored=tuple(stored(offset) for offset in range(count))), count)
    head, _, first, *_ = [line for line in out.splitlines() if line]
    assert head.split() == ["measurement", *titles]
    assert first.split()[0] == "HeartRate_Intraday"
    assert len(head) <= max(columns, 40)
    assert "\x1b" not in out


def test_dates_of_two_years_are_never_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "_PLAIN_COLUMNS", 80)
    assert show._titles([dt.date(2025, 12, 31), dt.date(2026, 1, 1)], 80) == ["2025-12-31", "2026-01-01"]  # noqa: SLF001
    many = [dt.date(2025, 12, 29) + dt.timedelta(days=count) for count in range(5)]
    assert show._titles(many, 80) == ["5 dates"]  # noqa: SLF001


def said(event: Event) -> str:
    err = io.StringIO()
    with redirect_stderr(err):
        say(event)
    return err.getvalue()


def test_events_are_said_as_they_happen_unless_the_end_tells_them() -> None:
    assert said(Event(Kind.DAY_ARCHIVED, {"date": "2025-10-08"})) == ""
    assert said(Event(Kind.STREAM_FAILED, {"date": "2025-10-08"})) == ""
    assert said(Event(Kind.REQUEST_RETRIED, {"attempt": 1})) == ""
    assert said(Event(Kind.FILE_DAMAGED, {"problem": "x is torn"})) == "error: x is torn\n"
    shrunk = said(Event(Kind.MEASUREMENT_SHRUNK, {"date": "2025-10-08", "measurement": "GPS", "reason": ""}))
    assert shrunk.startswith("warning: measurement.shrunk: ")
    assert "(date 2025-10-08, measurement GPS)" in shrunk


def test_an_error_is_a_sentence_its_problems_and_the_one_thing_to_do() -> None:
    def told(error: CromwelldError) -> list[str]:
        err = io.StringIO()
        with redirect_stderr(err):
            explain(error)
        return err.getvalue().splitlines()

    assert told(CromwelldError("it broke")) == ["cromwelld: it broke"]
    wrong = ConfigurationError("config.toml has 2 mistakes", problems=["a: b", "c: d"], hint="correct it")
    assert told(wrong) == ["cromwelld: config.toml has 2 mistakes", "  - a: b", "  - c: d", "  correct it"]
