"""What `collect` and `doctor` do with a login that was made by `cromwelld login`, until it ends and after."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from cromwelld.state import Ledger
from tests.support.logging_in import APIS, FIRST_PATHS, Far, Place, place_of

pytestmark = pytest.mark.slow  # a real process and a real browser's steps each

LOG_IN = "cromwelld login --account me"


@pytest.fixture(params=APIS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    far = Far(request.param)
    with far.serving(), place_of(tmp_path / "home", far).tidied() as made:
        yield made


@pytest.fixture
def mine(place: Place) -> Place:
    """Give a place whose login is made, with nothing noted of how."""
    assert place.given().code == 0
    place.far.forget()
    return place


def ago(seconds: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)).isoformat(timespec="seconds")


# --- collecting


def test_a_date_is_collected_with_the_login(place: Place) -> None:
    assert place.log_in().code == 0
    place.far.forget()
    before = place.stored
    ran = place.collect(process=True)
    assert (ran.code, ran.err) == (0, "")
    assert len(place.far.asked()) > 3
    assert set(place.far.statuses) == {200}
    assert place.far.refreshes() == []
    assert place.stored == before


def test_an_ended_access_token_is_renewed_once_for_all(mine: Place) -> None:
    before, file = mine.stored, mine.file.read_bytes()
    mine.far.logins.expire(before["access_token"])  # before its time: only a refusal tells
    ran = mine.collect()
    assert (ran.code, ran.err) == (0, "")
    assert mine.far.refreshes() == ["ok"]
    assert 401 in mine.far.statuses
    after = mine.stored
    assert after["access_token"] != before["access_token"]
    assert (after["refresh_token"] != before["refresh_token"]) == (mine.far.api == "fitbit_web")
    assert (after["person"], after["scope"]) == (before["person"], before["scope"])
    assert mine.file.with_name("me.json.previous").read_bytes() == file
    mine.far.forget()
    assert mine.collect().code == 0
    assert (mine.far.refreshes(), set(mine.far.statuses)) == ([], {200})


def test_an_access_token_that_is_due_is_renewed_before_it_is_used(mine: Place) -> None:
    mine.far.logins.expire(mine.stored["access_token"])
    mine.change(expires_at=ago(5))
    assert mine.collect(process=True).code == 0
    assert mine.far.refreshes() == ["ok"]
    assert set(mine.far.statuses) == {200}
    assert mine.far.received[0] == mine.far.token_path


def test_a_token_endpoint_that_is_away_leaves_the_valid_token(mine: Place) -> None:
    mine.change(expires_at=ago(-60), obtained_at=ago(3600))
    before = mine.stored
    mine.far.away[mine.far.token_path] = {"Retry-After": "600"}
    ran = mine.collect()
    assert ran.code == 0
    assert mine.far.token_path in mine.far.received
    assert set(mine.far.statuses) == {200}
    assert mine.stored == before
    mine.far.away.clear()
    mine.far.forget()
    assert mine.collect().code == 0
    assert mine.far.refreshes() == ["ok"], "it is renewed as soon as that can be done"


def test_a_token_endpoint_that_is_away_is_no_lost_login(mine: Place) -> None:
    before = mine.stored
    mine.far.logins.expire(before["access_token"])
    mine.far.away[mine.far.token_path] = {"Retry-After": "600"}
    ran = mine.collect()
    assert ran.code == 75
    assert LOG_IN not in ran.out + ran.err
    assert "away or busy" in ran.out + ran.err
    assert mine.stored == before
    mine.far.away.clear()
    assert mine.collect().code == 0


# --- when it is withdrawn


def test_a_withdrawn_login_needs_a_person(mine: Place) -> None:
    mine.far.logins.withdraw()
    ran = mine.collect(process=True)
    assert ran.code == 77
    said = ran.out + ran.err
    assert said.count(LOG_IN) == 1, said
    assert mine.far.refreshes() == ["invalid_grant"]
    mine.far.forget()
    assert mine.log_in().code == 0
    assert mine.collect().code == 0


def test_a_withdrawn_login_is_not_tried_by_the_next_process(mine: Place) -> None:
    mine.far.logins.withdraw()
    assert mine.collect().code == 77
    mine.far.forget()
    ran = mine.collect(process=True)
    assert ran.code == 77
    assert LOG_IN in ran.out + ran.err
    assert mine.far.received == []


def test_without_a_refresh_token_the_end_is_the_end(mine: Place) -> None:
    mine.far.logins.expire(mine.stored["access_token"])
    mine.change(refresh_token=None)
    ran = mine.collect()
    assert ran.code == 77
    assert LOG_IN in ran.out + ran.err
    assert mine.far.refreshes() == []


# --- the doctor


def problems(found: dict[str, dict[str, str]]) -> set[str]:
    return {name for name, one in found.items() if one.get("status") == "problem"}


@pytest.mark.parametrize("told", [True, False])
def test_an_ended_access_token_is_no_problem(mine: Place, *, told: bool) -> None:
    assert mine.collect().code == 0
    mine.far.forget()
    mine.far.logins.expire(mine.stored["access_token"])
    if told:
        mine.change(expires_at=ago(5))
    found = mine.doctor()
    assert problems(found) == set()
    assert found["login accepted"]["status"] == "ok"
    assert found["exit"]["code"] == "0"
    assert mine.far.refreshes() == ["ok"]
    mine.far.forget()
    assert mine.collect().code == 0, "what was renewed is kept"
    assert mine.far.refreshes() == []


def test_a_withdrawn_login_is_a_problem(mine: Place) -> None:
    mine.far.logins.withdraw()
    found = mine.doctor()
    assert "login accepted" in problems(found)
    assert found["login accepted"]["remedy"] == f"run {LOG_IN}"
    assert found["exit"]["code"] == "77"


def test_a_token_endpoint_that_is_away_is_no_fault_of_the_login(mine: Place) -> None:
    mine.far.logins.expire(mine.stored["access_token"])
    mine.far.away[mine.far.token_path] = {"Retry-After": "600"}
    found = mine.doctor()
    assert "login accepted" not in problems(found)
    assert found["exit"]["code"] == "75"


def test_unticked_boxes_are_named(place: Place) -> None:
    assert place.log_in(untick=("sleep", "sleep.readonly")).code == 0
    found = place.doctor()
    assert problems(found) == {"scopes"}
    assert "sleep" in found["scopes"]["sentence"]


# --- the budget


def _not_at_the_end_of_an_hour() -> None:
    if dt.datetime.now(dt.UTC).minute == 59:
        pytest.skip("the hour, and the budget with it, ends in the middle of this test")


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Place]:
    """Give a logged-in account at a vendor that counts: 150 requests in each hour on the clock."""
    _not_at_the_end_of_an_hour()
    far = Far("fitbit_web", quota=True)
    with far.serving(), place_of(tmp_path / "home", far).tidied() as made:
        assert made.given().code == 0
        far.forget()
        yield made


async def _spend(place: Place, count: int) -> None:
    headers = {"Authorization": f"Bearer {place.stored['access_token']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(count):
            async with session.get(place.far.url + FIRST_PATHS[place.far.api]) as got:
                assert got.status == 200


def minutes_said(said: str) -> int:
    found = re.search(r"in (\d+) minutes", said)
    assert found, said
    return int(found[1])


def test_what_the_vendor_says_is_spent_is_spent_in_every_process(counted: Place) -> None:
    """Another program has used the application: what is left is known by the first answer, not before."""
    asyncio.run(_spend(counted, 148))  # one was the login's
    counted.far.forget()
    first = counted.collect("2025-10-06..2025-10-12", process=True)
    assert first.code == 75
    assert counted.far.statuses.count(200) == 1, "of all that are sent at once, there is room for one"
    assert minutes_said(first.out + first.err) <= 61
    counted.far.forget()
    second = counted.collect(process=True)
    left = 60 - dt.datetime.now(dt.UTC).minute
    assert second.code == 75
    assert abs(minutes_said(second.out + second.err) - left) <= 1
    assert counted.far.received == []


def test_what_a_process_spent_is_spent_for_the_next(tmp_path: Path) -> None:
    """At a vendor that says nothing of its quota, which is what the simulator is without one."""
    _not_at_the_end_of_an_hour()
    far = Far("fitbit_web")
    with far.serving(), place_of(tmp_path / "home", far).tidied() as mine:
        assert mine.given().code == 0
        far.forget()
        assert mine.collect().code == 0
        ledger = Ledger(mine.root / "state/ledger.sqlite")
        found = ledger.budgets.load("me", "fitbit_web")
        assert found is not None
        assert found.left == 150 - len(far.asked())
        ledger.budgets.save("me", "fitbit_web", found._replace(left=3, silent_until=None))
        ledger.close()
        far.forget()
        first = mine.collect(process=True)
        assert (first.code, len(far.asked())) == (75, 3)
        far.forget()
        second = mine.collect(process=True)
        assert (second.code, far.received) == (75, [])
        assert minutes_said(second.out + second.err) <= 61
