"""What becomes of a new login: whose it is, whether it is kept, and what is said of it."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from cromwelld.errors import BadAnswer, UsageError
from cromwelld.events import ignore
from cromwelld.jobs import login
from cromwelld.simulator.serve import serving
from cromwelld.sources.client import Client
from cromwelld.sources.oauth import FITBIT, GOOGLE, Provider, Tokens, TokenStore
from cromwelld.sources.verdict import judge

NOW = dt.datetime(2025, 11, 3, 9, 7, 31, tzinfo=dt.UTC)
SLEEP = "https://www.googleapis.com/auth/googlehealth.sleep.readonly"
LOCATION = "https://www.googleapis.com/auth/googlehealth.location.readonly"
COSTS = {SLEEP: ("sleep", "breathing_stages"), LOCATION: ("gps",)}
WHOLE = Tokens(access_token="access", refresh_token="refresh", scope=" ".join(GOOGLE.scopes))


def said(tokens: Tokens, provider: Provider = GOOGLE) -> list[str]:
    return list(login.remarks(tokens, provider, COSTS, NOW))


# --- what is said


def test_of_a_whole_login_nothing_is_said() -> None:
    assert said(WHOLE) == []
    assert said(replace(WHOLE, scope=f"{WHOLE.scope} openid")) == []


def test_nothing_is_said_of_scopes_that_the_vendor_does_not_name() -> None:
    assert said(replace(WHOLE, scope=None)) == []


def test_a_missing_refresh_token_comes_first() -> None:
    first, second = said(replace(WHOLE, refresh_token=None, refresh_expires_at=NOW + dt.timedelta(days=7)))
    assert "no refresh token" in first
    assert "log in again" in first
    assert second.startswith("this login ends on 2025-11-10 (in 7 days)")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (dt.timedelta(seconds=604_799), "2025-11-10 (in 6 days)"),
        (dt.timedelta(hours=3), "2025-11-03 (in 0 days)"),
        (dt.timedelta(days=-2), "2025-11-01 (in 0 days)"),
    ],
)
def test_status_testing_is_said_with_its_date(left: dt.timedelta, words: str) -> None:
    (only,) = said(replace(WHOLE, refresh_expires_at=NOW + left))
    assert words in only
    assert "Testing" in only
    assert "Publish it" in only


def test_each_missing_scope_is_said_with_the_streams_that_it_costs() -> None:
    has = [scope for scope in GOOGLE.scopes if scope not in {SLEEP, LOCATION}]
    found = said(replace(WHOLE, scope=" ".join(has)))
    assert found == [
        "googlehealth.sleep.readonly was not granted: sleep, breathing_stages cannot be had. Log in again and tick it",
        "googlehealth.location.readonly was not granted: gps cannot be had. Log in again and tick it",
    ]


def test_a_scope_is_compared_by_its_whole_name() -> None:
    (only,) = said(replace(WHOLE, scope=" ".join(one for one in FITBIT.scopes if one != "sleep") + " sleeping"), FITBIT)
    assert only.startswith("sleep was not granted: ")


# --- whose it is


@asynccontextmanager
async def answering(body: str) -> AsyncIterator[Client]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    async def token() -> str:
        return "access"

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with serving(app) as base, aiohttp.ClientSession() as session:
        yield Client(session=session, base_url=base, token=token, report=ignore, judge=judge)


@pytest.mark.parametrize(
    ("provider", "body"),
    [(FITBIT, '{"user": {"encodedId": "ABC"}}'), (GOOGLE, '{"healthUserId": "ABC", "legacyUserId": "DEF"}')],
)
async def test_the_vendor_says_whose_it_is(provider: Provider, body: str) -> None:
    async with answering(body) as client:
        assert await login.identity(client, provider) == "ABC"


@pytest.mark.parametrize(
    "body",
    ["{}", "[]", "null", '{"user": null}', '{"user": {"encodedId": ""}}', '{"user": {"encodedId": 7}}'],
)
async def test_an_answer_that_names_nobody_is_no_answer(body: str) -> None:
    async with answering(body) as client:
        with pytest.raises(BadAnswer) as caught:
            await login.identity(client, FITBIT)
    assert "encodedId" not in str(caught.value)


def test_a_person_is_a_hash_with_the_salt_of_the_folder(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    first = login.person_of(one, GOOGLE, "1000000007")
    assert first == login.person_of(one, GOOGLE, "1000000007"), "the salt is kept"
    assert first != login.person_of(one, GOOGLE, "1000000008")
    assert first != login.person_of(one, FITBIT, "1000000007"), "an id of another vendor is another person"
    assert first != login.person_of(other, GOOGLE, "1000000007")
    assert len(bytes.fromhex(first)) == 32
    salt = one / "salt"
    assert len(salt.read_bytes()) >= 16
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert b"1000000007" not in salt.read_bytes()


def test_a_login_is_named_and_otherwise_the_same(tmp_path: Path) -> None:
    found = login.named(WHOLE, tmp_path, GOOGLE, "1000000007")
    assert found == replace(WHOLE, person=login.person_of(tmp_path, GOOGLE, "1000000007"))
    assert "1000000007" not in repr(found)
    assert str(found.person) not in repr(found)


# --- whether it is kept


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens/me.json", ignore)


def mine(access: str, person: str | None = "me") -> Tokens:
    return replace(WHOLE, access_token=access, person=person)


async def test_a_login_is_kept_and_its_successor_too(store: TokenStore) -> None:
    await login.keep(store, mine("first"), replace_person=False)
    await login.keep(store, mine("second"), replace_person=False)
    assert store.load() == mine("second")
    assert b'"first"' in store.previous.read_bytes()


async def test_another_person_is_refused_and_nothing_changes(store: TokenStore) -> None:
    await login.keep(store, mine("first"), replace_person=False)
    await login.keep(store, mine("second"), replace_person=False)
    before = store.path.read_bytes(), store.previous.read_bytes()
    with pytest.raises(UsageError) as caught:
        await login.keep(store, mine("third", "another"), replace_person=False)
    assert (store.path.read_bytes(), store.previous.read_bytes()) == before
    assert "another person" in caught.value.message
    assert "--replace-person" in caught.value.hint
    await login.keep(store, mine("third", "another"), replace_person=True)
    assert store.load() == mine("third", "another")


async def test_a_login_of_nobody_known_is_replaced(store: TokenStore) -> None:
    """It was put there by hand, or before anybody asked."""
    async with store.lock():
        store.save(mine("old", None))
    await login.keep(store, mine("new"), replace_person=False)
    assert store.load() == mine("new")


async def test_a_login_that_is_damaged_for_good_is_replaced(store: TokenStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"\0\0\0")
    await login.keep(store, mine("new"), replace_person=False)
    assert store.load() == mine("new")


async def test_a_damaged_login_still_tells_by_its_previous_generation_whose_it_was(store: TokenStore) -> None:
    await login.keep(store, mine("first"), replace_person=False)
    await login.keep(store, mine("second"), replace_person=False)
    store.path.write_bytes(b"{")
    with pytest.raises(UsageError):
        await login.keep(store, mine("third", "another"), replace_person=False)
    assert store.path.read_bytes() == b"{"
