from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.errors import FarSideAway, Held, LoginNeeded, NotWritable, PersonNeeded, Retired
from cromwelld.events import Kind
from cromwelld.locks import held
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE, Provider
from cromwelld.sources.oauth.tokens import Tokens
from tests.unit.oauth.token_house import Fault, Home, at_home, told

both = pytest.mark.parametrize("provider", [FITBIT, GOOGLE], ids=["fitbit", "google"])


def on_disk(home: Home) -> Tokens:
    tokens = home.store.load()
    assert tokens is not None
    return tokens


async def arrived(home: Home, *, again: bool = False) -> None:
    """Wait until the vendor has a request in its hands."""
    if again:
        home.house.asked.clear()
    await home.house.asked.wait()


# --- when a token is renewed


@both
async def test_a_valid_token_is_used_without_asking(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        assert await keeper.current() == "SECRET.access.0"
        assert keeper.known == home.house.first
        assert home.house.forms == []
        told(keeper, *home.events)


@both
async def test_a_token_is_renewed_before_its_end(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.clock.move(3600 - provider.margin_s - 1)
        assert await keeper.current() == "SECRET.access.0"
        home.clock.move(1)
        assert await keeper.current() == "SECRET.access.1"
        assert len(home.house.forms) == 1
        assert home.house.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
        assert home.kinds() == [Kind.TOKEN_REFRESHED]


@both
async def test_new_tokens_are_on_disk_before_they_are_given_out(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        for turn in range(1, 4):
            home.clock.move(3600)
            assert await keeper.current() == on_disk(home).access_token == f"SECRET.access.{turn}"
            assert on_disk(home).refresh_token == home.house.live
            assert on_disk(home).person == "hash-of-a-person"


async def test_a_login_with_only_a_refresh_token_is_renewed_at_once(tmp_path: Path) -> None:
    tokens = Tokens(access_token="", refresh_token="SECRET-refresh-0")
    async with at_home(tmp_path, tokens=tokens) as home, home.keeper() as keeper:
        assert await keeper.current() == "SECRET.access.1"


async def test_an_access_token_alone_is_used_until_it_is_refused(tmp_path: Path) -> None:
    tokens = Tokens(access_token="SECRET.access.0")
    async with at_home(tmp_path, tokens=tokens) as home, home.keeper() as keeper:
        home.clock.move(100_000)
        assert await home.ask(keeper) == 200
        home.house.refuse_access()
        for _ in range(2):
            with pytest.raises(LoginNeeded, match="no refresh token"):
                await home.ask(keeper)
        assert home.house.forms == []
        assert home.kinds() == [Kind.LOGIN_NEEDED]


async def test_a_clock_that_was_set_back_ends_a_rest(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.faults = [Fault()] * 4
        with pytest.raises(FarSideAway):
            await keeper.renewed("SECRET.access.0")
        home.clock.move(-86_400)
        assert await keeper.renewed("SECRET.access.0") == "SECRET.access.1"


async def test_without_a_file_a_login_is_needed(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.store.path.unlink()
        with pytest.raises(LoginNeeded, match=r"me\.json does not exist"):
            await keeper.current()
        home.store.save(home.house.first)
        assert await keeper.current() == "SECRET.access.0"


# --- one refresh for everybody


@both
async def test_i03_any_number_of_401s_cause_one_refresh(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.refuse_access()
        assert await asyncio.gather(*(home.ask(keeper) for _ in range(30))) == [200] * 30
        assert len(home.house.forms) == 1


async def test_whoever_comes_with_an_older_token_gets_the_current_one(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        assert await keeper.renewed("SECRET.access.0") == "SECRET.access.1"
        assert await keeper.renewed("SECRET.access.0") == "SECRET.access.1"
        assert len(home.house.forms) == 1


async def test_cancelling_one_caller_leaves_the_refresh_to_the_others(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.gate = asyncio.Event()
        callers = [asyncio.ensure_future(keeper.renewed("SECRET.access.0")) for _ in range(3)]
        await arrived(home)
        callers[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await callers[0]
        home.house.gate.set()
        assert await asyncio.gather(*callers[1:]) == ["SECRET.access.1"] * 2
        assert len(home.house.forms) == 1


async def test_a_refresh_that_was_sent_is_saved_though_nobody_waits_for_it(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        async with home.keeper() as keeper:
            home.house.gate = asyncio.Event()
            caller = asyncio.ensure_future(keeper.renewed("SECRET.access.0"))
            await arrived(home)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            asyncio.get_running_loop().call_soon(home.house.gate.set)
        assert on_disk(home).refresh_token == "SECRET-refresh-1"
        assert on_disk(home).access_token == "SECRET.access.1"


async def test_closing_does_not_wait_out_a_pause(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        home.house.faults = [Fault()]
        asleep = asyncio.Event()

        async def sleep(_: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        keeper = home.keeper()
        keeper.patience = replace(keeper.patience, sleep=sleep)
        async with keeper:
            caller = asyncio.ensure_future(keeper.renewed("SECRET.access.0"))
            await asleep.wait()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert on_disk(home) == home.house.first
        assert await home.keeper().renewed("SECRET.access.0") == "SECRET.access.1"


async def test_closing_ends_the_attempts(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        home.house.faults = [Fault()] * 9
        home.house.gate = asyncio.Event()
        async with home.keeper() as keeper:
            caller = asyncio.ensure_future(keeper.renewed("SECRET.access.0"))
            await arrived(home)
            asyncio.get_running_loop().call_soon(home.house.gate.set)
        with pytest.raises(FarSideAway, match="before the end of the process"):
            await caller
        assert len(home.house.forms) == 1


# --- several processes


@both
async def test_two_processes_share_one_refresh(tmp_path: Path, provider: Provider) -> None:
    async with at_home(tmp_path, provider) as home, home.keeper() as one, home.keeper() as other:
        await asyncio.gather(one.current(), other.current())
        home.clock.move(3600)
        assert set(await asyncio.gather(one.current(), other.current())) == {"SECRET.access.1"}
        assert len(home.house.forms) == 1


async def test_a_process_that_came_late_takes_what_the_other_renewed(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as one, home.keeper() as late:
        assert await late.current() == "SECRET.access.0"
        assert await one.renewed("SECRET.access.0") == "SECRET.access.1"
        assert await home.ask(late) == 200
        assert len(home.house.forms) == 1


async def test_a_lock_that_is_not_given_back_leaves_the_valid_token(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        keeper = home.keeper()
        keeper.store = type(home.store)(home.store.path, home.events.append, wait_s=0.1)
        with held(Path(f"{home.store.path}.lock"), "login for me"):
            home.clock.move(3599)
            assert await keeper.current() == "SECRET.access.0"
            home.clock.move(1)
            with pytest.raises(Held, match="login for me"):
                await keeper.current()
        assert await keeper.current() == "SECRET.access.1"


# --- what the vendor says


async def test_A2_a_refresh_token_that_another_program_spent_is_read_again_once(tmp_path: Path) -> None:  # noqa: N802
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.gate = asyncio.Event()
        home.house.live = "SECRET-refresh-elsewhere"
        asking = asyncio.ensure_future(keeper.renewed("SECRET.access.0"))
        await arrived(home)
        changed = replace(home.house.first, access_token="SECRET.access.0", refresh_token="SECRET-refresh-elsewhere")
        home.store.save(changed)  # a program that takes no lock
        home.house.gate.set()
        assert await asking == "SECRET.access.1"
        sent = [form["refresh_token"] for form in home.house.forms]
        assert sent == ["SECRET-refresh-0", "SECRET-refresh-elsewhere"]


async def test_A2_tokens_that_another_program_renewed_meanwhile_are_taken(tmp_path: Path) -> None:  # noqa: N802
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.gate = asyncio.Event()
        home.house.live = "SECRET-refresh-elsewhere"
        asking = asyncio.ensure_future(keeper.renewed("SECRET.access.0"))
        await arrived(home)
        home.store.save(replace(home.house.first, access_token="SECRET.new", refresh_token="SECRET-refresh-elsewhere"))
        home.house.gate.set()
        assert await asking == "SECRET.new"
        assert len(home.house.forms) == 1


@both
async def test_A14_a_dead_login_is_said_once_and_nothing_more_is_asked(tmp_path: Path, provider: Provider) -> None:  # noqa: N802
    async with at_home(tmp_path, provider) as home, home.keeper() as keeper:
        home.house.live = "SECRET-nobody-has-this"
        home.house.refuse_access()
        answers = await asyncio.gather(*(home.ask(keeper) for _ in range(5)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {LoginNeeded}
        for _ in range(3):
            home.clock.move(100_000)
            with pytest.raises(LoginNeeded, match="invalid_grant") as caught:
                await keeper.current()
            with pytest.raises(LoginNeeded):
                await keeper.renewed("SECRET.access.0")
        assert len(home.house.forms) == 1
        assert home.kinds() == [Kind.LOGIN_NEEDED]
        told(caught.value, *(answer for answer in answers if isinstance(answer, BaseException)))


async def test_a_new_login_ends_the_silence(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.live = "SECRET-of-a-new-login"
        with pytest.raises(LoginNeeded):
            await keeper.renewed("SECRET.access.0")
        home.store.save(replace(home.house.first, access_token="SECRET.b", refresh_token="SECRET-of-a-new-login"))
        assert await keeper.current() == "SECRET.b"
        assert await keeper.renewed("SECRET.b") == "SECRET.access.1"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(401, b'{"errors":[{"errorType":"invalid_client"}]}'), PersonNeeded),
        (Fault(401, b'{"error":"invalid_client"}'), PersonNeeded),
        (Fault(410, b""), Retired),
    ],
)
async def test_what_a_person_must_see_to_is_not_asked_again(
    tmp_path: Path, fault: Fault, error: type[Exception]
) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.house.faults = [fault]
        for _ in range(3):
            with pytest.raises(error):
                await keeper.renewed("SECRET.access.0")
        assert len(home.house.forms) == 1
        assert on_disk(home) == home.house.first


async def test_a_vendor_that_refuses_every_new_token_is_not_asked_for_ever(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home, home.keeper() as keeper:
        for _ in range(20):
            await keeper.renewed(await keeper.current())
        for _ in range(3):
            with pytest.raises(LoginNeeded, match="just given"):
                await keeper.renewed(await keeper.current())
        assert len(home.house.forms) == 20
        home.clock.move(61)
        assert await keeper.renewed(await keeper.current()) == "SECRET.access.21"


# --- our own disk


async def test_I14_no_refresh_token_is_spent_whose_successor_could_not_be_kept(  # noqa: N802
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.clock.move(3500)
        with monkeypatch.context() as patched:
            patched.setattr("pathlib.Path.write_bytes", full)
            assert await keeper.current() == "SECRET.access.0"
            home.clock.move(100)
            with pytest.raises(NotWritable, match="No space left"):
                await keeper.current()
        assert home.house.forms == []
        assert await keeper.current() == "SECRET.access.1"


async def test_a_disk_that_fills_up_in_between_is_waited_for_with_the_new_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with at_home(tmp_path) as home, home.keeper() as keeper:
        home.clock.move(3600)
        with monkeypatch.context() as patched:
            home.house.renewed = lambda: patched.setattr("pathlib.Path.write_bytes", full)
            for _ in range(2):
                with pytest.raises(NotWritable):
                    await keeper.current()
            home.house.renewed = lambda: None
        assert on_disk(home).refresh_token == "SECRET-refresh-0"
        assert await keeper.current() == on_disk(home).access_token == "SECRET.access.1"
        assert len(home.house.forms) == 1


async def test_tokens_that_no_disk_would_take_are_saved_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with at_home(tmp_path) as home:
        async with home.keeper() as keeper:
            with monkeypatch.context() as patched:
                home.house.renewed = lambda: patched.setattr("pathlib.Path.write_bytes", full)
                with pytest.raises(NotWritable):
                    await keeper.renewed("SECRET.access.0")
        assert on_disk(home).refresh_token == home.house.live
