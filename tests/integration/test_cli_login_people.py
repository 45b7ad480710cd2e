"""Whose login it is, what is said of it at once, and logins that an old script brings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cromwelld.simulator.oauth import Rules
from cromwelld.simulator.oauth.values import Pair
from tests.support.logging_in import APIS, Far, Place, place_of, walk

pytestmark = pytest.mark.slow  # a real process and a real browser's steps each


@pytest.fixture(params=APIS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    far = Far(request.param)
    with far.serving(), place_of(tmp_path / "home", far).tidied() as made:
        yield made


# --- said at once


def remarks(out: str) -> list[str]:
    return [line.removeprefix("but: ") for line in out.splitlines() if line.startswith("but: ")]


UNTICKED = {
    "fitbit_web": ("sleep", ("sleep",), ("sleep",)),
    "google_health": ("googlehealth.location.readonly", ("location.readonly",), ("gps",)),
}


def test_an_unticked_box_is_said_with_what_it_costs(place: Place) -> None:
    name, untick, streams = UNTICKED[place.far.api]
    ran = place.log_in(untick=untick)
    assert ran.code == 0
    (only,) = remarks(ran.out)
    assert only.startswith(f"{name} was not granted: ")
    assert all(stream in only for stream in streams)
    assert "Log in again and tick it" in only
    assert name not in ran.out.partition("granted: ")[2].splitlines()[0].split(", ")


def test_several_unticked_boxes_are_said_one_by_one(place: Place) -> None:
    short = {"fitbit_web": ("sleep", "weight", "heartrate"), "google_health": ("sleep.readonly", "location.readonly")}
    ran = place.log_in(untick=short[place.far.api])
    assert ran.code == 0
    assert len(remarks(ran.out)) == len(short[place.far.api])


@pytest.mark.parametrize(
    ("api", "box", "streams"),
    [
        ("fitbit_web", "profile", ""),  # of which the vendor needs it to say whose login it is
        ("fitbit_web", "settings", "devices"),
        ("google_health", "settings.readonly", "devices"),
    ],
)
def test_each_box_that_cromwelld_needs_itself_is_said(api: str, box: str, streams: str, tmp_path: Path) -> None:
    far = Far(api)
    with far.serving(), place_of(tmp_path / "home", far).tidied() as place:
        ran = place.log_in(untick=(box,))
        said = "\n".join(line for line in (ran.out + ran.err).splitlines() if not line.startswith("http"))
        assert box in said
        assert streams in said
        assert "log in again" in said.lower()


def test_status_testing_is_said_with_its_date(tmp_path: Path) -> None:
    far = Far("google_health", rules=Rules(testing=True))
    with far.serving(), place_of(tmp_path / "home", far).tidied() as place:
        ran = place.log_in()
        ends = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=604_799)).date()
        (only,) = remarks(ran.out)
        assert f"ends on {ends}" in only
        assert "Testing" in only
        assert "Publish it" in only
        assert place.stored["refresh_expires_at"][:10] == ends.isoformat()
        place.change(expires_at="2025-01-01T00:00:00+00:00")
        assert place.collect().code == 0
        assert place.stored["refresh_expires_at"][:10] == ends.isoformat(), "a renewal does not lengthen it"


def test_a_missing_refresh_token_is_said(tmp_path: Path) -> None:
    """Whatever the vendor's reason: here nobody asked for offline access."""
    far = Far("google_health")
    with far.serving(), place_of(tmp_path / "home", far).tidied() as place:
        attempt = place.attempt()
        walk_without_offline(attempt.address())
        ran = attempt.ended()
        assert ran.code == 0
        (only,) = remarks(ran.out)
        assert "no refresh token" in only
        assert place.stored["refresh_token"] is None
        assert place.collect().code == 0


def walk_without_offline(address: str) -> None:
    assert "&access_type=offline" in address
    walk(address.replace("&access_type=offline", ""))


# --- whose it is


def test_another_person_is_refused_and_nothing_changes(place: Place) -> None:
    assert place.given().code == 0
    assert place.given().code == 0, "the same person is welcome"
    before = place.files()
    ran = place.log_in(account="second")
    assert ran.code == 2
    assert "another person" in ran.err
    assert "nothing was changed" in ran.err
    assert "--replace-person" in ran.err
    assert place.files() == before
    assert place.collect().code == 0, "the login that was there works on"
    person = place.stored["person"]
    assert place.log_in("--replace-person", account="second").code == 0
    assert place.stored["person"] != person
    assert place.given(account="second").code == 0
    assert place.given().code == 2


def test_the_identity_is_kept_as_a_salted_hash_only(place: Place) -> None:
    assert place.log_in().code == 0
    assert place.collect().code == 0
    person = place.stored["person"]
    assert len(person) == 64
    other = place_of(place.root.parent / "other", place.far)
    with other.tidied():
        assert other.given().code == 0
        assert other.stored["person"] != person, "another salt, another hash"
    assert place.given().code == 0
    assert place.stored["person"] == person, "the salt stays"


def test_a_login_without_a_person_is_taken_over(place: Place) -> None:
    assert place.given().code == 0
    place.change(person=None)
    assert place.given(account="second").code == 0
    assert place.given().code == 2


# --- what an old script brings


def forms(pair: Pair) -> dict[str, dict[str, Any]]:
    """Write a login as each program does; every access token is good for an hour."""
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    access, refresh, scopes = pair.access_token, pair.refresh_token, pair.scope.split()
    return {
        "response": {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": 3600,
            "scope": pair.scope,
            "token_type": "Bearer",
        },
        "pair alone": {"access_token": access, "refresh_token": refresh},
        "oauthlib": {
            "access_token": access,
            "refresh_token": refresh,
            "expires_at": ends.timestamp(),
            "scope": scopes,
        },
        "google": {
            "token": access,
            "refresh_token": refresh,
            "token_uri": "https://oauth2.googleapis.com/token",
            "client_id": "of the old script",
            "scopes": scopes,
            "expiry": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }


@pytest.mark.parametrize("form", ["response", "pair alone", "oauthlib", "google"])
def test_an_old_scripts_login_is_taken_over(form: str, place: Place) -> None:
    pair = place.far.issue()
    ran = place.import_file(forms(pair)[form])
    assert (ran.code, ran.err) == (0, "")
    assert f"logged in: me, kept in {place.file}" in ran.out
    assert place.stored["refresh_token"] == pair.refresh_token
    assert len(place.stored["person"]) == 64
    assert place.far.refreshes() == []
    assert ("the vendor does not say" in ran.out) == (form == "pair alone")
    assert place.collect().code == 0


def test_with_a_mark_at_the_beginning_as_editors_leave_it(place: Place) -> None:
    content = json.dumps(forms(place.far.issue())["response"]).encode("utf-8-sig")
    assert place.import_file(content).code == 0


@pytest.mark.parametrize("form", ["oauthlib", "google", "refresh alone"])
def test_an_ended_access_token_is_renewed_first(form: str, place: Place) -> None:
    pair = place.far.issue()
    place.far.logins.expire(pair.access_token)
    past = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    content = {
        "oauthlib": {**forms(pair)["oauthlib"], "expires_at": past.timestamp()},
        "google": {**forms(pair)["google"], "expiry": past.strftime("%Y-%m-%dT%H:%M:%SZ")},
        "refresh alone": {"refresh_token": pair.refresh_token},
    }[form]
    ran = place.import_file(content)
    assert (ran.code, ran.err) == (0, "")
    assert place.far.refreshes() == ["ok"]
    assert set(place.far.statuses) == {200}
    assert place.stored["access_token"] != pair.access_token
    assert (place.stored["refresh_token"] == pair.refresh_token) == (place.far.api == "google_health")
    assert place.collect().code == 0


def test_an_ended_access_token_that_does_not_say_so_is_renewed(place: Place) -> None:
    """A plain token response has no end: only the vendor's refusal tells, which is how most old files are."""
    pair = place.far.issue()
    place.far.logins.expire(pair.access_token)
    ran = place.import_file(forms(pair)["response"])
    assert (ran.code, ran.err) == (0, "")
    assert place.far.refreshes() == ["ok"]
    assert place.collect().code == 0


def test_a_second_import_with_an_ended_token_keeps_its_pair(place: Place) -> None:
    assert place.given().code == 0
    pair = place.far.issue()
    place.far.logins.expire(pair.access_token)
    ran = place.import_file({**forms(pair)["oauthlib"], "expires_at": 1.0})
    assert (ran.code, ran.err) == (0, "")
    assert place.collect().code == 0


def test_the_rotated_pair_of_an_import_survives_a_vendor_that_then_is_away(place: Place) -> None:
    """What is renewed cannot be had again with the old file: it must not be lost whatever comes next."""
    assert place.given().code == 0
    pair = place.far.issue()
    place.far.logins.expire(pair.access_token)
    content = {**forms(pair)["oauthlib"], "expires_at": 1.0}
    identity = {"fitbit_web": "/1/user/-/profile.json", "google_health": "/v4/users/me/identity"}[place.far.api]
    place.far.away[identity] = {"Retry-After": "3600"}
    assert place.import_file(content).code == 75
    place.far.away.clear()
    assert place.import_file(content).code == 0


@pytest.mark.parametrize("ended", [True, False])
def test_an_import_heals_a_damaged_login(place: Place, *, ended: bool) -> None:
    assert place.given().code == 0
    place.file.write_bytes(b"{")
    place.file.with_name("me.json.previous").unlink(missing_ok=True)
    pair = place.far.issue()
    content = forms(pair)["oauthlib"]
    if ended:
        place.far.logins.expire(pair.access_token)
        content["expires_at"] = 1.0
    assert place.import_file(content).code == 0
    assert place.collect().code == 0


def test_another_persons_file_is_refused(place: Place) -> None:
    assert place.given().code == 0
    before = place.files()
    pair = place.far.issue(account="second")
    ran = place.import_file(forms(pair)["response"])
    assert (ran.code, "another person" in ran.err) == (2, True)
    assert place.files() == before
    assert place.import_file(forms(pair)["response"], "--replace-person").code == 0


def test_a_dead_file_is_said(place: Place) -> None:
    pair = place.far.issue()
    place.far.logins.withdraw()
    ran = place.import_file({**forms(pair)["oauthlib"], "expires_at": 1.0})
    assert ran.code == 77
    assert "cromwelld login" in ran.err
    assert not place.file.exists()


WRONG = [
    (lambda pair: pair.access_token.encode(), "it holds a bare token"),
    (lambda pair: f'"{pair.refresh_token}"\n'.encode(), "it holds a bare token"),
    (lambda _: b"", "it is empty"),
    (lambda pair: json.dumps({"refresh_token": pair.refresh_token}).encode()[:-1], "not a whole JSON object"),
    (lambda pair: json.dumps([pair.access_token]).encode(), "not a whole JSON object"),
    (lambda _: b'{"installed": {"client_id": "x"}}', "client of your Google Cloud project, not a login"),
    (lambda _: b'{"scope": "sleep"}', "neither access_token nor refresh_token"),
    (
        lambda pair: json.dumps({"access_token": "", "refresh_token": pair.access_token}).encode(),
        "an access token in the place of the refresh_token",
    ),
    (lambda pair: json.dumps({"access_token": f"{pair.access_token}\n"}).encode(), "that cannot be one"),
]


@pytest.mark.parametrize(("content", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_login_is_refused_with_what_is_expected(content: Any, words: str, place: Place) -> None:  # noqa: ANN401
    pair = place.far.issue()
    ran = place.import_file(content(pair))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert 'expected is a JSON object as the token endpoint gave it: {"access_token"' in ran.err
    assert not place.file.exists()
    assert not place.far.received
