"""Logging in to the simulated vendors as a browser and a program do, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from cromwelld.simulator.faces import FACES
from cromwelld.simulator.oauth import Client, LoginServer, Rules
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.simulated import synthetic

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "http://127.0.0.1:8765/back"
PREFIX = "https://www.googleapis.com/auth/googlehealth."
SLEEP, SETTINGS = f"{PREFIX}sleep.readonly", f"{PREFIX}settings.readonly"
BASIC = "Basic " + base64.b64encode(b"23SYNT:0123456789abcdef0123456789abcdef").decode()
GOOGLE_SECRETS = {"client_id": "123456789-synthetic.apps.googleusercontent.com", "client_secret": "GOCSPX-synthetic"}
FITBIT_ASKS = {"client_id": "23SYNT", "scope": "sleep profile settings"}
GOOGLE_ASKS = {
    "client_id": GOOGLE_SECRETS["client_id"],
    "scope": f"{SLEEP} {SETTINGS}",
    "access_type": "offline",
    "prompt": "consent",
}


@dataclass
class Time:
    now: dt.datetime = dt.datetime(2025, 11, 3, 9, 7, 31, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it: what its form sends when nothing is changed."""

    text: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    action: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "button":
            self.buttons.append(found["value"])
        elif tag == "input" and (found["type"] == "hidden" or "checked" in found):
            self.fields.append((found["name"], found["value"]))
        if tag == "input" and found["type"] == "checkbox":
            self.boxes.append(found["value"])


@dataclass
class Browser:
    """One vendor, its login and a session that follows no redirect."""

    api: str
    base: str
    session: aiohttp.ClientSession
    logins: LoginServer
    time: Time

    @property
    def asks(self) -> dict[str, str]:
        own = FITBIT_ASKS if self.api == "fitbit_web" else GOOGLE_ASKS
        shared = {"response_type": "code", "redirect_uri": BACK, "state": "st&te=1"}
        return {**shared, **own, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    @property
    def authorize(self) -> str:
        return self.base + ("/oauth2/authorize" if self.api == "fitbit_web" else "/o/oauth2/v2/auth")

    async def consent(self, **more: str) -> dict[str, str]:
        """Open the address with a choice in it; gives what came back."""
        address = URL(self.authorize).with_query({**self.asks, "consent": "allow", **more})
        async with self.session.get(address, allow_redirects=False) as got:
            assert got.status == 302, await got.text()
            return returned(got.headers["Location"])

    async def token(self, **form: str) -> tuple[int, Any]:
        """Ask the token endpoint as the registered client."""
        path = "/oauth2/token" if self.api == "fitbit_web" else "/token"
        headers = {"Authorization": BASIC} if self.api == "fitbit_web" else {}
        who = {"client_id": "23SYNT"} if self.api == "fitbit_web" else GOOGLE_SECRETS
        async with self.session.post(self.base + path, data={**who, **form}, headers=headers) as got:
            return got.status, await got.json()

    async def exchange(self, code: str, **form: str) -> tuple[int, Any]:
        wanted = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **form}
        return await self.token(grant_type="authorization_code", **wanted)

    async def refresh(self, token: str) -> tuple[int, Any]:
        return await self.token(grant_type="refresh_token", refresh_token=token)

    async def logged_in(self, **choice: str) -> Any:  # noqa: ANN401
        status, body = await self.exchange((await self.consent(**choice))["code"])
        assert status == 200, body
        return body

    async def get(self, path: str, token: str) -> tuple[int, Any]:
        async with self.session.get(self.base + path, headers={"Authorization": f"Bearer {token}"}) as got:
            return got.status, await got.json()


@asynccontextmanager
async def vendor(
    api: str, *, rules: Rules | None = None, client: Client | None = None, time: Time | None = None
) -> AsyncIterator[Browser]:
    time = time or Time()
    logins = LoginServer(FACES[api].manners, clock=time, client=client, rules=rules)
    app = FACES[api].application(Person(), time, quota=True, logins=logins)
    async with serving(app) as base, aiohttp.ClientSession() as session:
        yield Browser(api, base, session, logins, time)


def returned(location: str) -> dict[str, str]:
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


BOTH = pytest.mark.parametrize("api", ["fitbit_web", "google_health"])
FIRST_PATH = {"fitbit_web": "/1/user/-/profile.json", "google_health": "/v4/users/me/identity"}


@BOTH
async def test_a_browser_clicks_through_the_page(api: str) -> None:
    async with vendor(api) as browser:
        async with browser.session.get(browser.authorize, params=browser.asks) as got:
            page = Page(await got.text())
            assert (got.status, got.content_type) == (200, "text/html")
        assert page.boxes == browser.asks["scope"].split()
        assert page.buttons == ["allow", "deny"]
        sent = [*page.fields, ("consent", "allow")]
        async with browser.session.post(browser.base + page.action, data=sent, allow_redirects=False) as got:
            location = got.headers["Location"]
        status, body = await browser.exchange(returned(location)["code"])
        works = await browser.get(FIRST_PATH[api], body["access_token"])
    assert returned(location)["state"] == "st&te=1"
    assert location.endswith("#_=_") == (api == "fitbit_web")
    assert (status, works[0]) == (200, 200)
    assert set(body["scope"].split()) == set(browser.asks["scope"].split())


@BOTH
async def test_a_browser_unticks_a_box(api: str) -> None:
    async with vendor(api) as browser:
        async with browser.session.get(browser.authorize, params=browser.asks) as got:
            page = Page(await got.text())
        ticked = [pair for pair in page.fields if pair != ("tick", page.boxes[0])]
        sent = [*ticked, ("consent", "allow")]
        async with browser.session.post(browser.base + page.action, data=sent, allow_redirects=False) as got:
            _, body = await browser.exchange(returned(got.headers["Location"])["code"])
        none = [pair for pair in page.fields if pair[0] != "tick"]
        sent = [*none, ("consent", "allow")]
        async with browser.session.post(browser.base + page.action, data=sent, allow_redirects=False) as got:
            nothing = returned(got.headers["Location"])
    assert set(body["scope"].split()) == set(page.boxes[1:])
    assert (nothing["error"], "code" in nothing) == ("access_denied", False)


async def test_fitbit_answers_with_the_documented_keys() -> None:
    async with vendor("fitbit_web") as browser:
        body = await browser.logged_in()
        _, again = await browser.refresh(body["refresh_token"])
    assert body.keys() == again.keys() == synthetic("oauth-token-response.json").keys()
    assert (body["expires_in"], body["token_type"], body["user_id"]) == (28800, "Bearer", "SYNTH1")


@pytest.mark.parametrize("testing", [False, True])
async def test_google_answers_with_the_documented_keys(*, testing: bool) -> None:
    async with vendor("google_health", rules=Rules(testing=testing)) as browser:
        body = await browser.logged_in()
        _, again = await browser.refresh(body["refresh_token"])
    own = {"refresh_token_expires_in"} if testing else set()
    assert body.keys() == {"access_token", "expires_in", "refresh_token", "scope", "token_type"} | own
    assert again.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert (body["expires_in"], body.get("refresh_token_expires_in")) == (3599, 604799 if testing else None)


@BOTH
async def test_denying_comes_back_as_an_error(api: str) -> None:
    async with vendor(api) as browser:
        came = await browser.consent(consent="deny")
    assert came == {"error": "access_denied", "state": "st&te=1"}


WRONG = [
    ("client_id", "another", "invalid_client"),
    ("redirect_uri", "http://evil.example/back", "redirect_uri_mismatch"),
    ("redirect_uri", "", "redirect_uri_mismatch"),
    ("response_type", "token", "unsupported_response_type"),
    ("code_challenge_method", "plain", "invalid_request"),
    ("scope", "health.everything", "invalid_scope"),
    ("scope", "", "invalid_scope"),
]


@BOTH
@pytest.mark.parametrize(("name", "value", "said"), WRONG)
async def test_a_wrong_address_is_a_page_and_sends_nobody_back(api: str, name: str, value: str, said: str) -> None:
    async with vendor(api) as browser:
        query = {**browser.asks, "consent": "allow", name: value}
        async with browser.session.get(browser.authorize, params=query, allow_redirects=False) as got:
            text = await got.text()
    assert (got.status, got.content_type, "Location" in got.headers) == (400, "text/html", False)
    assert said in text


async def test_registered_addresses_are_compared_byte_for_byte() -> None:
    client = Client(id="web", secret="s", redirect_uris=("https://www.google.com",))
    async with vendor("google_health", client=client) as browser:
        statuses = []
        for redirect in ("https://www.google.com", "https://www.google.com/", BACK):
            query = {**browser.asks, "client_id": "web", "consent": "allow", "redirect_uri": redirect}
            async with browser.session.get(browser.authorize, params=query, allow_redirects=False) as got:
                statuses.append(got.status)
    assert statuses == [302, 400, 400]


@BOTH
async def test_a_code_works_once(api: str) -> None:
    async with vendor(api) as browser:
        code = (await browser.consent())["code"]
        first, second = await browser.exchange(code), await browser.exchange(code)
    assert (first[0], second[0]) == (200, 400)
    assert word(second[1]) == "invalid_grant"


@BOTH
@pytest.mark.parametrize(("waited", "status"), [(599, 200), (600, 400)])
async def test_a_code_lives_ten_minutes(api: str, waited: int, status: int) -> None:
    async with vendor(api) as browser:
        code = (await browser.consent())["code"]
        browser.time.passes(waited)
        assert (await browser.exchange(code))[0] == status


@BOTH
async def test_the_verifier_and_the_redirect_address_must_fit(api: str) -> None:
    async with vendor(api) as browser:
        verifier = await browser.exchange((await browser.consent())["code"], code_verifier=VERIFIER[:-1] + "j")
        none = await browser.exchange((await browser.consent())["code"], code_verifier="")
        redirect = await browser.exchange((await browser.consent())["code"], redirect_uri=BACK + "/")
        unknown = await browser.exchange("made-up")
    assert [one[0] for one in (verifier, none, redirect, unknown)] == [400, 400, 400, 400]
    own = "invalid_grant" if api == "fitbit_web" else "redirect_uri_mismatch"
    assert [word(one[1]) for one in (verifier, none, redirect, unknown)] == [
        "invalid_grant",
        "invalid_grant",
        own,
        "invalid_grant",
    ]


@BOTH
@pytest.mark.parametrize(("form", "said"), [({}, "invalid_request"), ({"grant_type": "password"}, "unsupported_gr")])
async def test_what_is_no_request_for_tokens(api: str, form: dict[str, str], said: str) -> None:
    async with vendor(api) as browser:
        status, body = await browser.token(**form)
        missing = await browser.token(grant_type="refresh_token")
    assert (status, word(body).startswith(said)) == (400, True)
    assert (missing[0], word(missing[1])) == (400, "invalid_request")


async def test_fitbit_wants_the_secret_in_the_header() -> None:
    async with vendor("fitbit_web") as browser:
        form = {"grant_type": "refresh_token", "refresh_token": browser.logins.issue().refresh_token}
        secret = {"client_id": "23SYNT", "client_secret": "0123456789abcdef0123456789abcdef"}
        async with browser.session.post(browser.base + "/oauth2/token", data={**form, **secret}) as got:
            status, body = got.status, await got.json()
    assert status == 401
    assert body == synthetic("error-401-invalid-client.json")


async def test_a_fitbit_client_without_a_secret_names_itself() -> None:
    async with vendor("fitbit_web", client=Client(id="23BARE")) as browser:
        form = {"grant_type": "refresh_token", "refresh_token": browser.logins.issue().refresh_token}
        statuses = []
        for who in ({"client_id": "23BARE"}, {"client_id": "other"}):
            async with browser.session.post(browser.base + "/oauth2/token", data={**form, **who}) as got:
                statuses.append(got.status)
    assert statuses == [200, 401]


async def test_google_wants_the_secret_in_the_form() -> None:
    async with vendor("google_health") as browser:
        status, body = await browser.token(grant_type="refresh_token", refresh_token="x", client_secret="wrong")
    assert (status, body) == (401, {"error": "invalid_client", "error_description": "Unauthorized"})


async def test_fitbit_refresh_tokens_rotate_and_work_once() -> None:
    async with vendor("fitbit_web") as browser:
        pair = browser.logins.issue()
        first, second = await browser.refresh(pair.refresh_token), await browser.refresh(pair.refresh_token)
        third = await browser.refresh(first[1]["refresh_token"])
        still = await browser.get(FIRST_PATH["fitbit_web"], pair.access_token)
    assert [first[0], second[0], third[0]] == [200, 400, 200]
    assert len({pair.refresh_token, first[1]["refresh_token"], third[1]["refresh_token"]}) == 3
    wanted = synthetic("error-400-invalid-grant.json")["errors"][0]["message"]
    assert second[1]["errors"][0]["message"] == wanted.replace("SYNTHETIC", pair.refresh_token), "it repeats the token"
    assert still[0] == 200, "an access token that has not expired works on"


async def test_of_many_renewals_at_once_one_wins() -> None:
    async with vendor("fitbit_web") as browser:
        pair = browser.logins.issue()
        answers = await asyncio.gather(*(browser.refresh(pair.refresh_token) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 7
    assert [one.outcome for one in browser.logins.said].count("ok") == 1


async def test_a_grace_gives_the_same_pair_again() -> None:
    async with vendor("fitbit_web", rules=Rules(replay_grace_s=120)) as browser:
        pair = browser.logins.issue()
        first = await browser.refresh(pair.refresh_token)
        browser.time.passes(119)
        again = await browser.refresh(pair.refresh_token)
        browser.time.passes(1)
        late = await browser.refresh(pair.refresh_token)
    assert first == again
    assert late[0] == 400


async def test_google_refresh_tokens_stay() -> None:
    async with vendor("google_health") as browser:
        pair = browser.logins.issue()
        answers = [await browser.refresh(pair.refresh_token) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 200]
    assert len({body["access_token"] for _, body in answers}) == 3


@pytest.mark.parametrize(("waited", "status"), [(604_799, 200), (604_800, 400)])
async def test_a_login_in_testing_status_dies_after_seven_days(waited: int, status: int) -> None:
    async with vendor("google_health", rules=Rules(testing=True)) as browser:
        pair = browser.logins.issue()
        browser.time.passes(waited)
        got, body = await browser.refresh(pair.refresh_token)
    assert got == status
    dead = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert body == dead or status == 200


async def test_without_asking_for_it_google_gives_no_refresh_token_again() -> None:
    async with vendor("google_health") as browser:
        offline = await browser.logged_in(prompt="none")
        second = await browser.logged_in(prompt="none")
        other = await browser.logged_in(prompt="none", account="second")
        again = await browser.logged_in()
        online = await browser.logged_in(access_type="online")
    has = ["refresh_token" in body for body in (offline, second, other, again, online)]
    assert has == [True, False, True, True, False]


EXPIRY = [("fitbit_web", 28_800), ("google_health", 3599)]


@pytest.mark.parametrize(("api", "life_s"), EXPIRY)
async def test_access_tokens_expire_by_the_simulated_clock(api: str, life_s: int) -> None:
    async with vendor(api) as browser:
        pair = browser.logins.issue()
        browser.time.passes(life_s - 1)
        before = await browser.get(FIRST_PATH[api], pair.access_token)
        browser.time.passes(1)
        after = await browser.get(FIRST_PATH[api], pair.access_token)
        _, body = await browser.refresh(pair.refresh_token)
        renewed = await browser.get(FIRST_PATH[api], body["access_token"])
    assert (before[0], after[0], renewed[0]) == (200, 401, 200)
    if api == "fitbit_web":
        wanted = synthetic("error-401-expired-token.json")["errors"][0]["message"]
        assert after[1]["errors"][0]["message"] == wanted.replace("SYNTHETIC", pair.access_token)
        assert after[1]["errors"][0]["errorType"] == "expired_token"
    else:
        assert after[1]["error"]["status"] == "UNAUTHENTICATED"
        assert "details" not in after[1]["error"]


@BOTH
async def test_a_token_can_be_over_before_its_time(api: str) -> None:
    async with vendor(api) as browser:
        pair = browser.logins.issue()
        browser.logins.expire(pair.access_token)
        refused = await browser.get(FIRST_PATH[api], pair.access_token)
        unknown = await browser.get(FIRST_PATH[api], "made-up")
        renewed = await browser.refresh(pair.refresh_token)
    assert (refused[0], unknown[0], renewed[0]) == (401, 401, 200)
    if api == "fitbit_web":
        assert [one[1]["errors"][0]["errorType"] for one in (refused, unknown)] == ["expired_token", "invalid_token"]


async def test_google_enforces_what_was_granted() -> None:
    async with vendor("google_health") as browser:
        token = (await browser.logged_in(untick="sleep.readonly"))["access_token"]
        settings = await browser.get("/v4/users/me/settings", token)
        sleep = await browser.get("/v4/users/me/dataTypes/sleep/dataPoints", token)
    assert (settings[0], sleep[0]) == (200, 403)
    assert sleep[1]["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


async def test_fitbit_enforces_what_was_granted() -> None:
    async with vendor("fitbit_web") as browser:
        token = (await browser.logged_in(untick="sleep"))["access_token"]
        profile = await browser.get("/1/user/-/profile.json", token)
        sleep = await browser.get("/1.2/user/-/sleep/date/2025-10-08.json", token)
        heart = await browser.get("/1/user/-/hrv/date/2025-10-08.json", token)
    assert (profile[0], sleep[0], heart[0]) == (200, 403, 403)
    assert sleep[1] == synthetic("error-403-insufficient-scope.json")


@BOTH
async def test_two_people_have_two_identities(api: str) -> None:
    async with vendor(api) as browser:
        first, second = await browser.logged_in(), await browser.logged_in(account="second")
        bodies = [(await browser.get(FIRST_PATH[api], one["access_token"]))[1] for one in (first, second)]
    if api == "fitbit_web":
        assert [one["user_id"] for one in (first, second)] == ["SYNTH1", "SYNTH2"]
        assert [body["user"]["encodedId"] for body in bodies] == ["SYNTH1", "SYNTH2"]
    else:
        assert bodies == [
            {"name": "users/me/identity", "legacyUserId": "SYNTH1", "healthUserId": "1000000007"},
            {"name": "users/me/identity", "legacyUserId": "SYNTH2", "healthUserId": "1000000008"},
        ]


@BOTH
async def test_withdrawing_ends_everything_of_one_person(api: str) -> None:
    async with vendor(api) as browser:
        mine, other = browser.logins.issue(), browser.logins.issue(account="second")
        browser.logins.withdraw("first")
        dead = await browser.get(FIRST_PATH[api], mine.access_token)
        gone = await browser.refresh(mine.refresh_token)
        alive = await browser.get(FIRST_PATH[api], other.access_token)
    assert (dead[0], gone[0], word(gone[1]), alive[0]) == (401, 400, "invalid_grant", 200)


async def test_revoking_at_google_by_either_token() -> None:
    async with vendor("google_health") as browser:
        pairs = [browser.logins.issue() for _ in range(2)]
        answers = []
        for token in (pairs[0].access_token, pairs[1].refresh_token, pairs[0].access_token):
            async with browser.session.post(browser.base + "/revoke", data={"token": token}) as got:
                answers.append((got.status, await got.json()))
        dead = [(await browser.refresh(pair.refresh_token))[0] for pair in pairs]
    assert [status for status, _ in answers] == [200, 200, 400]
    assert answers[2][1]["error"] == "invalid_token"
    assert dead == [400, 400]


async def test_revoking_at_fitbit_needs_the_client_and_answers_nothing() -> None:
    async with vendor("fitbit_web") as browser:
        pair = browser.logins.issue()
        address, form = browser.base + "/oauth2/revoke", {"token": pair.access_token}
        async with browser.session.post(address, data=form) as got:
            stranger = got.status
        async with browser.session.post(address, data=form, headers={"Authorization": BASIC}) as got:
            revoked = got.status, await got.text()
        dead = await browser.refresh(pair.refresh_token)
    assert (stranger, revoked, dead[0]) == (401, (200, ""), 400)


async def test_fitbit_tells_about_a_token() -> None:
    async with vendor("fitbit_web") as browser:
        pair = browser.logins.issue(scopes=["sleep", "heartrate"])
        old = browser.logins.issue()
        browser.logins.expire(old.access_token)
        headers = {"Authorization": f"Bearer {pair.access_token}"}
        bodies = []
        for token in (pair.access_token, old.access_token):
            address = browser.base + "/1.1/oauth2/introspect"
            async with browser.session.post(address, data={"token": token}, headers=headers) as got:
                bodies.append(await got.json())
    assert bodies[1] == synthetic("oauth-introspect-inactive.json")
    assert bodies[0].keys() == synthetic("oauth-introspect-active.json").keys()
    assert bodies[0]["scope"] == "{HEARTRATE=READ, SLEEP=READ}"
    assert bodies[0]["exp"] - bodies[0]["iat"] == 28_800_000


@BOTH
async def test_the_quota_does_not_count_the_login(api: str) -> None:
    async with vendor(api) as browser:
        for _ in range(310):
            assert (await browser.token())[0] == 400
        assert (await browser.get(FIRST_PATH[api], browser.logins.issue().access_token))[0] == 200
    assert {one.outcome for one in browser.logins.said} == {"invalid_request"}


@BOTH
async def test_a_restarted_vendor_knows_its_tokens(api: str, tmp_path: Path) -> None:
    async with vendor(api) as browser:
        pair = browser.logins.issue()
        await browser.refresh(pair.refresh_token)
        browser.logins.save(tmp_path / "logins.json")
    async with vendor(api) as browser:
        unknown = await browser.get(FIRST_PATH[api], pair.access_token)
        browser.logins.load(tmp_path / "logins.json")
        known = await browser.get(FIRST_PATH[api], pair.access_token)
        again = await browser.refresh(pair.refresh_token)
        fresh = browser.logins.issue()
    assert (unknown[0], known[0], again[0]) == (401, 200, 400 if api == "fitbit_web" else 200)
    assert fresh.access_token != pair.access_token


@BOTH
async def test_tokens_look_like_the_vendors_own(api: str) -> None:
    async with vendor(api) as browser:
        pair = browser.logins.issue()
    if api == "fitbit_web":
        assert pair.access_token.startswith("eyJ")
        assert pair.access_token.count(".") == 2
        assert len(pair.refresh_token) == 64
    else:
        assert (pair.access_token[:5], pair.refresh_token[:3]) == ("ya29.", "1//")
    assert pair.access_token not in repr(pair)


def word(body: Any) -> str:  # noqa: ANN401
    """Give the word of a refusal, in either shape."""
    found = body["error"] if "error" in body else body["errors"][0]["errorType"]
    assert isinstance(found, str)
    return found
