"""`cromwelld login` as a program against the simulated vendors: by browser and by paste."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.support.cli import call
from tests.support.logging_in import APIS, FIRST_PATHS, Far, Place, free_port, place_of, vendor_alone, walk

SCOPES = {
    "fitbit_web": "activity heartrate location oxygen_saturation profile respiratory_rate settings sleep temperature "
    "weight",
    "google_health": "activity_and_fitness.readonly health_metrics_and_measurements.readonly sleep.readonly "
    "settings.readonly location.readonly",
}


def placed(api: str, root: Path) -> Iterator[Place]:
    far = Far(api)
    with far.serving(), place_of(root / "home", far).tidied() as made:
        yield made


@pytest.fixture(params=APIS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from placed(request.param, tmp_path)


@pytest.fixture
def any_place(tmp_path: Path) -> Iterator[Place]:
    """Give a place for what happens on this side only: the vendor whose redirect address is the odder one."""
    yield from placed("fitbit_web", tmp_path)


def query(address: str) -> dict[str, str]:
    return {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}


# --- by browser


def test_a_browser_comes_back_on_loopback(place: Place) -> None:
    attempt = place.attempt()
    address = attempt.address()
    asked = query(address)
    assert address.startswith(place.far.url + place.far.logins.manners.authorize + "?")
    assert asked["redirect_uri"] == f"http://127.0.0.1:{attempt.port}"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 32
    walk(address)
    ran = attempt.ended()
    assert (ran.code, ran.err) == (0, "")
    assert f"logged in: me, kept in {place.file}" in ran.out
    granted = ran.out.partition("granted: ")[2].splitlines()[0]
    assert sorted(name.removeprefix("googlehealth.") for name in granted.split(", ")) == sorted(
        SCOPES[place.far.api].split()
    )
    assert "but: " not in ran.out
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.file.parent.stat().st_mode) == 0o700
    assert [told.outcome for told in place.far.logins.said] == ["ok"]
    assert place.far.asked() == [FIRST_PATHS[place.far.api]], "only whose it is"


def test_the_way_for_a_browser_elsewhere_is_printed(any_place: Place) -> None:
    attempt = any_place.attempt()
    walk(attempt.address())
    ran = attempt.ended()
    assert f"ssh -L {attempt.port}:127.0.0.1:{attempt.port} " in ran.out
    assert f"paste here the address that it ends on (http://127.0.0.1:{attempt.port}/?...)" in ran.out


def test_a_second_login_keeps_the_generation_before(any_place: Place) -> None:
    assert any_place.log_in().code == 0
    first = any_place.file.read_bytes()
    assert any_place.log_in().code == 0
    previous = any_place.file.with_name("me.json.previous")
    assert any_place.file.read_bytes() != first
    assert previous.read_bytes() == first
    assert stat.S_IMODE(previous.stat().st_mode) == stat.S_IMODE(any_place.file.stat().st_mode) == 0o600


BROWSER = """#!{python}
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1] + "&consent=allow", timeout=6) as got:
    open({seen!r}, "wb").write(got.read())
"""


@pytest.mark.parametrize("form", ["{} %s &", "{} %s", "{}"])
def test_the_browser_of_the_environment_is_opened(form: str, any_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    script, seen = any_place.root.parent / "browser", any_place.root.parent / "seen"
    script.write_text(BROWSER.format(python=sys.executable, seen=str(seen)), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", form.format(script))
    attempt = any_place.attempt(browser=True, stdin=subprocess.DEVNULL)
    ran = attempt.ended()
    assert ran.code == 0, ran.err
    assert "Your browser opens." in ran.out
    assert any_place.file.exists()
    assert b"close this window" in seen.read_bytes()


def test_what_is_no_answer_does_not_end_the_waiting(any_place: Place) -> None:
    async def wander(port: int) -> list[int]:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            found = []
            for path in ("/", "/favicon.ico", "/?other=1"):
                async with session.get(path) as got:
                    found.append(got.status)
            return found

    attempt = any_place.attempt()
    address = attempt.address()
    assert asyncio.run(wander(attempt.port)) == [200, 404, 200]
    walk(address)
    assert attempt.ended().code == 0


def test_the_end_of_the_terminal_leaves_the_browser(any_place: Place) -> None:
    attempt = any_place.attempt()
    address = attempt.address()
    attempt.hang_up()
    walk(address)
    assert attempt.ended().code == 0


def test_a_port_that_is_taken_is_said(any_place: Place) -> None:
    first = any_place.attempt()
    address = first.address()
    second = any_place.attempt(port=first.port, stdin=subprocess.DEVNULL).ended()
    assert (second.code, second.out) == (2, "")
    assert f"port {first.port} is taken" in second.err
    assert "--port" in second.err
    walk(address)
    assert first.ended().code == 0


@pytest.mark.parametrize("api", APIS)
def test_the_vendor_of_the_command_line_takes_a_login(api: str, tmp_path: Path) -> None:
    with vendor_alone(api) as far, place_of(tmp_path / "home", far).tidied() as place:
        place.file.parent.mkdir(parents=True)
        place.file.write_text('{"access_token": "any"}', encoding="utf-8")
        assert place.collect().code == 77, "no token but those of a login is taken"
        attempt = place.attempt()
        attempt.paste(walk(attempt.address(), home=False) + "\n")
        assert attempt.ended().code == 0
        assert place.collect().code == 0


def test_recorded_answers_have_no_login(tmp_path: Path) -> None:
    ran = call("simulate", "--login", "--replay", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "--replay" in ran.err


# --- at a terminal


def test_a_terminal_waits_while_the_browser_answers(any_place: Place) -> None:
    master, slave = os.openpty()
    try:
        attempt = any_place.attempt(stdin=slave)
        walk(attempt.address())
        ran = attempt.ended()
    finally:
        os.close(master)
        os.close(slave)
    assert (ran.code, ran.err) == (0, "")


def test_the_address_is_typed_at_a_terminal(any_place: Place) -> None:
    master, slave = os.openpty()
    try:
        attempt = any_place.attempt(stdin=slave)
        os.write(master, walk(attempt.address(), home=False).encode() + b"\n")
        ran = attempt.ended()
    finally:
        os.close(master)
        os.close(slave)
    assert (ran.code, ran.err) == (0, "")


def test_it_is_stopped_from_the_keyboard(any_place: Place) -> None:
    attempt = any_place.attempt()
    attempt.address()
    attempt.interrupt()
    ran = attempt.ended()
    assert ran.code == 130
    assert not any_place.file.exists()


# --- by paste


def test_the_address_is_pasted(place: Place) -> None:
    attempt = place.attempt()
    attempt.paste(walk(attempt.address(), home=False) + "\n")
    ran = attempt.ended()
    assert (ran.code, ran.err) == (0, "")
    assert place.stored["refresh_token"]


@pytest.mark.parametrize("form", ["\n  \n{}\n", "  <{}>  \n", "{}"])
def test_the_address_is_pasted_with_what_came_along(form: str, any_place: Place) -> None:
    attempt = any_place.attempt()
    attempt.paste(form.format(walk(attempt.address(), home=False)))
    if not form.endswith("\n"):
        attempt.hang_up()
    ran = attempt.ended()
    assert (ran.code, ran.err) == (0, "")


def test_the_address_is_pasted_with_line_breaks(place: Place) -> None:
    attempt = place.attempt()
    address = walk(attempt.address(), home=False)
    attempt.paste("\n".join(address[begin : begin + 40] for begin in range(0, len(address), 40)) + "\n")
    ran = attempt.ended()
    assert (ran.code, ran.err) == (0, "")


def test_the_query_or_the_code_alone_is_pasted(place: Place) -> None:
    for part in ("query", "code"):
        attempt = place.attempt()
        location = walk(attempt.address(), home=False)
        attempt.paste((urlsplit(location).query if part == "query" else query(location)["code"]) + "\n")
        ran = attempt.ended()
        assert (ran.code, ran.err) == (0, ""), part


def untouched(place: Place) -> bool:
    return not place.file.exists() and not place.far.logins.said


def test_a_wrong_state_is_refused(any_place: Place) -> None:
    attempt = any_place.attempt()
    address = walk(attempt.address(), home=False)
    attempt.paste(address.replace(query(address)["state"], "x" * 43) + "\n")
    ran = attempt.ended()
    assert ran.code == 2
    assert "another attempt" in ran.err
    assert "run the login again" in ran.err
    assert untouched(any_place)


def test_an_address_of_another_attempt_is_refused(any_place: Place) -> None:
    first, second = any_place.attempt(), any_place.attempt()
    other = walk(first.address(), home=False)
    second.address()
    second.paste(other + "\n")
    ran = second.ended()
    assert (ran.code, "another attempt" in ran.err) == (2, True)
    assert untouched(any_place)
    first.paste(other + "\n")
    assert first.ended().code == 0


def test_a_stranger_on_loopback_does_not_end_the_attempt(any_place: Place) -> None:
    """Any page in any browser may call loopback: a state that is not ours is no answer to us."""
    attempt = any_place.attempt()
    address = attempt.address()

    async def intrude() -> None:
        url = f"http://127.0.0.1:{attempt.port}/?code=0123456789abcdef&state=guessed"
        async with aiohttp.ClientSession() as session, session.get(url):
            pass

    asyncio.run(intrude())
    walk(address)
    assert attempt.ended().code == 0


@pytest.mark.parametrize("home", [True, False])
def test_consent_that_is_denied_is_said(place: Place, *, home: bool) -> None:
    attempt = place.attempt()
    address = walk(attempt.address(), consent="deny", home=home)
    if not home:
        attempt.paste(address + "\n")
    ran = attempt.ended()
    assert ran.code == 77
    assert "access was not granted (access_denied)" in ran.err
    assert "log in again and allow access" in ran.err
    assert untouched(place)


def test_the_printed_address_is_pasted_by_mistake(place: Place) -> None:
    attempt = place.attempt()
    attempt.paste(attempt.address() + "\n")
    ran = attempt.ended()
    assert (ran.code, "the address to open" in ran.err) == (2, True)
    assert untouched(place)


def test_a_code_that_is_used_up_is_said(place: Place) -> None:
    attempt = place.attempt()
    location = walk(attempt.address(), home=False)
    place.far.logins.withdraw()
    attempt.paste(location + "\n")
    ran = attempt.ended()
    assert ran.code == 77
    assert "used up or too old" in ran.err
    assert not place.file.exists()


# --- without what is needed


def test_a_login_needs_a_client(any_place: Place) -> None:
    lines = any_place.config.read_text("utf-8").splitlines()
    any_place.config.write_text("\n".join(line for line in lines if not line.startswith("client_")), encoding="utf-8")
    ran = any_place.attempt(stdin=subprocess.DEVNULL).ended()
    assert (ran.code, ran.out) == (2, "")
    assert "client_id" in ran.err
    assert not any_place.far.received


def test_a_wrong_secret_is_said(place: Place) -> None:
    (place.root / "secret").write_text("wrong", encoding="utf-8")
    ran = place.log_in()
    assert ran.code == 77
    assert "client_id or client_secret" in ran.err
    assert not place.file.exists()


def test_a_vendor_that_is_away_is_said(place: Place) -> None:
    place.far.away[place.far.token_path] = {"Retry-After": "3600"}
    ran = place.log_in()
    assert ran.code == 75
    assert "away or busy" in ran.err
    assert not place.file.exists()


def test_ports_out_of_range_are_refused(any_place: Place) -> None:
    ran = any_place.attempt(port=free_port() + 65536, stdin=subprocess.DEVNULL).ended()
    assert (ran.code, ran.out) == (2, "")
