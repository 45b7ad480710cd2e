"""Whatever goes wrong in a collection, nothing that is said holds a token, an identity or a place."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from aiohttp import web

from cromwelld.cli import collect as command
from cromwelld.cli.explain import explain, say
from cromwelld.events import Event
from cromwelld.jobs.collect import Wish
from cromwelld.jobs.summary import summarize
from cromwelld.monitor.logs import Log, Style
from cromwelld.monitor.metrics import Metrics
from cromwelld.simulator.faults import KINDS, FaultPlan, plan, scripted
from cromwelld.wiring.vendors import STREAMS
from tests.support.surviving import APIS, FIRST, LAST, PERSON, Ground, Manner, Survived

BOTH = pytest.mark.parametrize("api", APIS)
NUMBER = re.compile(r"-?\d+\.\d{4,}")
ONE_DATE = Wish(first=LAST, last=LAST)
SEEDS = range(70, 74)
ALL = frozenset(KINDS)
ENDING = {name for name, fault in KINDS.items() if fault.group in {"retired", "rotation"}}
HARMLESS = {"slow", "late"}  # they cost time, or bring nothing yet
TOKENS = {"fitbit_web": "/oauth2/token", "google_health": "/token"}
FIRST_ASKED = {
    "fitbit_web": "/1/user/-/activities/list.json",
    "google_health": "/v4/users/me/dataTypes/exercise/dataPoints:reconcile",
}


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@cache
def coordinates() -> frozenset[str]:
    """Give where the person was on the days and around them, as far as four digits behind the point."""
    days = [FIRST + dt.timedelta(days=count) for count in range(-3, (LAST - FIRST).days + 4)]
    routes = [one.route for day in days for one in PERSON.activities(day) if one.route is not None]
    degrees = {degree for route in routes for degree in (*route.latitude, *route.longitude)}
    assert len(degrees) > 1000
    return frozenset(f"{degree:.7f}"[:-3] for degree in degrees)


def said_of(
    ground: Ground,
    faults: FaultPlan,
    captured: pytest.CaptureFixture[str],
    logged: pytest.LogCaptureFixture,
) -> tuple[Survived, str]:
    """Collect as the command does, printing all that it prints, and give that with all that was not printed."""
    captured.readouterr()
    logged.clear()
    lines, metrics = io.StringIO(), Metrics(["me"], STREAMS[ground.api])
    log = Log(lines, Style.JOURNAL)

    def hear(event: Event) -> None:
        for one in (say, log, metrics.report):
            one(event)

    ground.also = hear
    survived = asyncio.run(ground.collect(faults))
    for as_json in (True, False):
        command.present(summarize(survived.collected), ground.wish, {"state": str(ground.root)}, as_json=as_json)
    if survived.collected.ended_by is not None:
        explain(survived.collected.ended_by)
    printed = captured.readouterr()
    daemon = (lines.getvalue(), asyncio.run(metrics.rendered()).decode())
    assert all(text in daemon[number] for number, text in enumerate(('"account": "me"', "cromwelld_events_total{")))
    return survived, "\n".join((printed.out, printed.err, logged.text, *survived.texts(), *_chain(survived), *daemon))


def _chain(survived: Survived) -> Iterator[str]:
    """Give what stands behind an error, as a crash report would show it."""
    err: BaseException | None = survived.collected.ended_by
    while err is not None:
        yield repr(err)
        err = err.__cause__ or err.__context__


def leaks(ground: Ground, text: str) -> list[str]:
    """Find what may not be said."""
    found = [secret for secret in ground.secrets() if secret in text]
    places = coordinates()
    found += [number for number in NUMBER.findall(text) if number[: number.index(".") + 5] in places]
    return found


@BOTH
@pytest.mark.timeout(120)
def test_i15_faulty_runs_say_no_secret_and_no_place(
    tmp_path: Path, api: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for seed in SEEDS:
        ground = Ground(root=tmp_path / str(seed), api=api, manner=Manner(attempts=2))
        faults = plan(seed, kinds=ALL - ENDING, share=0.6, most_on_one=3)
        survived, text = said_of(ground, faults, capsys, caplog)
        assert faults.said
        assert survived.missing or survived.collected.ended_by
        assert "FAILED" in text.upper()
        assert leaks(ground, text) == []


def of_each(api: str) -> list[str]:
    """Name the faults that this vendor can have."""
    return sorted(name for name, fault in KINDS.items() if api == "fitbit_web" or not fault.fitbit)


@pytest.mark.parametrize(("api", "kind"), [(api, kind) for api in APIS for kind in of_each(api)])
def test_i15_no_kind_of_fault_says_a_secret_or_a_place(
    tmp_path: Path, api: str, kind: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    where = TOKENS[api] if KINDS[kind].group == "rotation" else FIRST_ASKED[api]
    ground = Ground(root=tmp_path / "home", api=api, manner=Manner(attempts=2), wish=ONE_DATE)
    faults = scripted({where: [kind] * 9})
    survived, text = said_of(ground, faults, capsys, caplog)
    assert {said.fault.name for said in faults.said} == {kind}
    assert survived.collected.ended_by is not None or survived.missing or kind in HARMLESS
    assert leaks(ground, text) == []


@BOTH
def test_a_refusal_that_repeats_the_token_is_not_repeated(
    tmp_path: Path, api: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The vendor says in every error body what was sent, and where the person is."""
    ground = Ground(root=tmp_path / "home", api=api)

    def echoing(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        if ground.logins.owns(request.path):
            return answer
        number = len(seen)
        seen.append(number)
        token = request.headers["Authorization"]
        status = (400, 403, 404, 409, 412, 422, 500, 302)[number % 8]
        texts = f"{token} of SYNTH1 or 1000000007 at {PERSON.start_latitude} {PERSON.start_longitude}"
        error = {
            "code": status,
            "message": texts,
            "status": texts,
            "details": [{"reason": texts, "metadata": {texts: texts}}],
        }
        body = {"errors": [{"errorType": texts, "fieldName": texts, "message": texts}], "error": error}
        return web.json_response(
            body, status=status, headers={"Location": f"http://127.0.0.1/{token[7:20]}", "Retry-After": "1"}
        )

    seen: list[int] = []
    ground.meddling = echoing
    survived, text = said_of(ground, scripted({}), capsys, caplog)
    assert survived.missing
    assert leaks(ground, text) == []


@BOTH
def test_a_login_that_is_over_says_no_secret(
    tmp_path: Path, api: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ground = Ground(root=tmp_path / "home", api=api)
    ground.logins.withdraw()
    survived, text = said_of(ground, scripted({}), capsys, caplog)
    assert survived.collected.ended_by is not None
    assert "cromwelld login" in text
    assert leaks(ground, text) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    ground = Ground(root=tmp_path / "home", api="fitbit_web")
    secret = ground.logins.issue().refresh_token
    first = next(iter(sorted(coordinates())))
    for leak in (secret, f"lat {first}21", "SYNTH1", str(PERSON.start_latitude)):
        assert leaks(ground, f"said: {leak}.") != []
    assert leaks(ground, "took 1.234567 s at 56.0 and 3.0") == []
