"""The failures of the field that are about logins, by their numbers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cromwelld.errors import FarSideAway, LoginNeeded
from cromwelld.events import Kind
from cromwelld.sources.oauth.consent import address, new_consent, read_code
from cromwelld.sources.oauth.endpoint import exchange
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE, Provider
from cromwelld.sources.oauth.sending import TokenEndpoint
from cromwelld.sources.oauth.tokens import encode
from tests.unit.oauth.token_house import APPLICATION, HTML, Fault, Home, at_home, told

# ruff: noqa: N802 - the numbers are written as in the list of failures

ROOT = Path(__file__).resolve().parents[3]
both = pytest.mark.parametrize("provider", [FITBIT, GOOGLE], ids=["fitbit", "google"])

RENEWER = """
import asyncio, sys
from pathlib import Path
import aiohttp
from cromwelld.sources.oauth import FITBIT, Application, Keeper, TokenStore

async def main(base_url, path):
    store = TokenStore(Path(path), lambda _: None)
    async with aiohttp.ClientSession() as session, Keeper(
        provider=FITBIT.at(base_url), application=Application(client_id="x"), store=store, session=session,
        report=lambda _: None,
    ) as keeper:
        print(await keeper.current())

asyncio.run(main(*sys.argv[1:]))
"""


async def renewing_process(home: Home) -> asyncio.subprocess.Process:
    """Start a real process that renews the login."""
    home.store.save(replace(home.house.first, expires_at=home.house.first.obtained_at))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RENEWER,
        home.base_url,
        str(home.store.path),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )


async def test_i01_a_process_that_is_not_killed_renews(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        output, _ = await (await renewing_process(home)).communicate()
        assert output == b"SECRET.access.1\n"


async def test_i01_killed_before_the_vendor_renewed_the_login_goes_on(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        process = await renewing_process(home)
        home.house.faults, home.house.arrived = [Fault()], process.kill
        assert await process.wait() == -9
        home.house.arrived = lambda: None
        async with home.keeper() as keeper:
            assert await keeper.renewed("SECRET.access.0") == "SECRET.access.1"


async def test_i01_killed_before_the_answer_came_a_login_is_needed_and_said(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        process = await renewing_process(home)
        home.house.renewed = process.kill
        assert await process.wait() == -9
        home.house.renewed = lambda: None
        async with home.keeper() as keeper:
            with pytest.raises(LoginNeeded, match="invalid_grant"):
                await keeper.renewed("SECRET.access.0")
        assert home.store.load() is not None
        assert [path.name for path in home.store.path.parent.glob("*.tmp")] == []


@both
async def test_i02_five_503s_then_200(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.faults = [Fault()] * 5
        home.clock.move(3600)
        with pytest.raises(FarSideAway):
            await keeper.current()
        for _ in range(50):  # no storm: it is left alone for a while
            with pytest.raises(FarSideAway) as caught:
                await keeper.current()
        assert caught.value.retry_after_s == 60.0
        assert len(home.house.forms) == 4
        home.clock.move(60)
        assert await keeper.current() == "SECRET.access.1"
        assert len(home.house.forms) == 6
        assert home.classes() == [*["5xx"] * 5, "2xx"]
        assert home.kinds() == [
            *[Kind.REQUEST_RETRIED] * 3,
            Kind.TOKEN_WAITS,
            Kind.REQUEST_RETRIED,
            Kind.TOKEN_REFRESHED,
        ]


async def test_i02_the_rest_grows_to_a_limit(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.faults = [Fault()] * 1000
        home.clock.move(3600)
        rests: list[float | None] = []
        for _ in range(7):
            with pytest.raises(FarSideAway):
                await keeper.current()
            with pytest.raises(FarSideAway) as caught:
                await keeper.current()
            rests.append(caught.value.retry_after_s)
            home.clock.move(caught.value.retry_after_s or 0)
        assert rests == [60, 120, 240, 480, 900, 900, 900]


async def test_i03_two_concurrent_401s_cause_one_refresh(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.refuse_access()
        assert list(await asyncio.gather(home.ask(keeper), home.ask(keeper))) == [200, 200]
        assert len(home.house.forms) == 1


async def test_i04_401_again_right_after_a_refresh(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.refuse_access()
        home.house.renewed = lambda: asyncio.get_running_loop().call_soon(home.house.refuse_access)
        assert await home.ask(keeper) == 401
        assert len(home.house.forms) == 1


@pytest.mark.parametrize("damage", [b"", b'{"access_token": "SECR', b"\x00" * 200])
async def test_A1_a_damaged_file_is_no_end(tmp_path: Path, damage: bytes) -> None:
    async with at_home(tmp_path, GOOGLE) as home, home.keeper() as keeper:
        home.clock.move(3600)
        await keeper.current()
        home.store.path.write_bytes(damage)
        async with home.keeper() as next_start:
            assert await next_start.current() == "SECRET.access.2"
        assert Kind.FILE_DAMAGED in home.kinds()


async def test_A2_every_rotated_token_is_sent_once(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        for _ in range(20):
            home.clock.move(3600)
            assert await home.ask(keeper) == 200
        sent = [form["refresh_token"] for form in home.house.forms]
        assert sent == [f"SECRET-refresh-{n}" for n in range(20)]


async def test_A3_the_loser_of_a_race_is_not_taken_for_revoked(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        keepers = [home.keeper() for _ in range(4)]
        home.house.refuse_access()
        assert await asyncio.gather(*(home.ask(keeper) for keeper in keepers)) == [200] * 4
        assert len(home.house.forms) == 1


async def test_A4_every_refresh_is_saved(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        for _ in range(3):
            await keeper.renewed(await keeper.current())
            tokens = home.store.load()
            assert tokens is not None
            assert tokens.refresh_token == home.house.live


async def test_A5_after_a_refresh_the_new_token_is_sent(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        for _ in range(3):
            home.house.refuse_access()
            assert await home.ask(keeper) == 200


@both
@pytest.mark.parametrize(
    "fault",
    [
        Fault(502, HTML),
        Fault(503, b""),
        Fault(500, b'{"errors":[{"errorType":"request"}]}'),
        Fault(200, HTML),
        Fault(200, b'{"access_token":"SECRET.cut'),
        Fault(200, b'{"access_token":"SECRET.much"}' + b" " * 2_000_000),
        Fault(429, b"{}", {"Retry-After": "7"}),
        Fault(302, b"", {"Location": "/data"}),
    ],
)
async def test_A6_a_token_endpoint_that_is_away_leaves_the_valid_token(
    tmp_path: Path, provider: Provider, fault: Fault
) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.faults = [fault] * 4
        home.clock.move(3500)
        for _ in range(10):
            assert await keeper.current() == "SECRET.access.0"
        assert len(home.house.forms) == 4
        assert home.kinds()[-1] is Kind.TOKEN_WAITS
        home.clock.move(100)
        assert await keeper.current() == "SECRET.access.1"


async def test_A6_a_vendor_that_asks_for_long_patience_gets_it(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.faults = [Fault(429, b"", {"Retry-After": "600"})]
        home.clock.move(3600)
        for _ in range(2):
            with pytest.raises(FarSideAway) as caught:
                await keeper.current()
        assert caught.value.retry_after_s == 600.0
        assert home.clock.slept_s == []


async def test_A6_nobody_listens(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        keeper.provider = FITBIT.at("http://127.0.0.1:9")
        home.clock.move(3600)
        with pytest.raises(FarSideAway, match="connection") as caught:
            await keeper.current()
        told(caught.value)


async def test_A6_silence_is_an_answer_that_was_lost(tmp_path: Path) -> None:
    async with at_home(tmp_path, GOOGLE) as home, home.keeper() as keeper:
        home.house.gate = asyncio.Event()
        keeper.patience = replace(keeper.patience, total_s=0.05, attempts=2)
        with pytest.raises(FarSideAway, match="TimeoutError"):
            await keeper.renewed("SECRET.access.0")
        home.house.gate.set()


async def test_A7_the_token_is_renewed_at_run_time(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        for _ in range(48):
            home.clock.move(1800)
            assert await home.ask(keeper) == 200
        assert 20 <= len(home.house.forms) <= 30


async def test_A8_a_token_that_aged_in_a_long_wait_is_renewed_before_the_next_request(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        assert await keeper.current() == "SECRET.access.0"
        home.clock.move(3599)
        assert await keeper.current() == "SECRET.access.1"


@both
async def test_A9_each_vendor_refuses_in_its_own_words(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.live = "SECRET-another"
        with pytest.raises(LoginNeeded, match="400 invalid_grant") as caught:
            await keeper.renewed("SECRET.access.0")
        told(caught.value)


async def test_an_answer_that_was_lost_costs_a_login_only_where_tokens_work_once(tmp_path: Path) -> None:
    async with at_home(tmp_path / "google", GOOGLE) as home, home.keeper() as keeper:
        home.house.faults = [Fault(lost=True)]
        assert await keeper.renewed("SECRET.access.0") == "SECRET.access.2"
        assert home.classes() == ["none", "2xx"]
    async with at_home(tmp_path / "fitbit", FITBIT) as home, home.keeper() as keeper:
        home.house.faults = [Fault(lost=True)]
        with pytest.raises(LoginNeeded):
            await keeper.renewed("SECRET.access.0")
        assert home.clock.slept_s[0] < 3


async def test_a_whole_login_from_the_address_to_the_file(tmp_path: Path) -> None:
    async with at_home(tmp_path, FITBIT) as home:
        attempt = new_consent("http://127.0.0.1:1/")
        opened = parse_qs(urlsplit(address(home.house.provider, "23ABCD", attempt)).query)
        home.house.code, home.house.challenge = "SECRET-code", opened["code_challenge"][0]
        code = read_code(f"http://127.0.0.1:1/?code=SECRET-code&state={opened['state'][0]}#_=_", attempt)
        endpoint = TokenEndpoint(session=home.session, report=home.events.append, clock=home.clock)
        asking = exchange(FITBIT.at(home.base_url), APPLICATION, code=code, consent=attempt)
        tokens = await endpoint.ask(asking)
        async with home.store.lock():
            home.store.save(tokens)
        async with home.keeper() as keeper:
            assert await home.ask(keeper) == 200
        with pytest.raises(LoginNeeded, match="the code is used up"):
            await endpoint.ask(asking)


@both
async def test_I15_nothing_secret_is_logged(
    tmp_path: Path, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.faults = [Fault(), Fault(200, b'{"access_token":"SECRET.cut'), Fault(lost=True)]
        home.store.save(home.house.first)
        home.store.path.write_bytes(b"SECRET.bare.token")
        home.house.refuse_access()
        await asyncio.gather(*(home.ask(keeper) for _ in range(3)), return_exceptions=True)
        home.house.live = "SECRET-another"
        home.house.refuse_access()
        await asyncio.gather(home.ask(keeper), return_exceptions=True)
        assert {Kind.FILE_DAMAGED, Kind.REQUEST_RETRIED, Kind.LOGIN_NEEDED} <= set(home.kinds())
    assert "SECRET" not in caplog.text


@both
async def test_a_login_put_there_by_hand_is_used_and_renewed(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        content = {"access_token": "SECRET.access.0", "refresh_token": "SECRET-refresh-0", "expires_in": 3600}
        home.store.path.write_text(json.dumps(content))
        assert await home.ask(keeper) == 200
        home.house.refuse_access()
        assert await home.ask(keeper) == 200
        assert home.store.path.read_bytes() == encode_again(home)


def encode_again(home: Home) -> bytes:
    """Give what is on disk as we write it: the form of a person's hand is gone after the first renewal."""
    tokens = home.store.load()
    assert tokens is not None
    replaces = json.loads(home.store.path.read_bytes())["replaces"]
    return encode(tokens, replaces=replaces)
