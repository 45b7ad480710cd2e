"""Whatever the order in which callers come, are cancelled and meet faults: no refresh token is spent twice."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.errors import FarSideAway
from cromwelld.sources.oauth.keeper import Keeper
from cromwelld.sources.oauth.provider import FITBIT
from tests.unit.oauth.token_house import Fault, Home, at_home


@dataclass(frozen=True)
class Caller:
    """Ask after so many turns of the loop, through one of two processes' keepers; perhaps be cancelled later."""

    keeper: int
    begins: int
    cancelled_after: int | None
    refuses: bool
    moves_s: int


CALLERS = st.lists(
    st.builds(
        Caller,
        keeper=st.integers(0, 1),
        begins=st.integers(0, 40),
        cancelled_after=st.none() | st.integers(0, 30),
        refuses=st.booleans(),
        moves_s=st.sampled_from([0, 0, 0, 61, 3600]),
    ),
    min_size=1,
    max_size=8,
)
FAULTS = st.lists(st.sampled_from([Fault(503), Fault(200), Fault(429, b"{}")]), max_size=6)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def call(home: Home, keeper: Keeper, caller: Caller) -> int | None:
    await turns(caller.begins)
    home.clock.move(caller.moves_s)
    if caller.refuses:
        home.house.refuse_access()
    try:
        return await home.ask(keeper)
    except FarSideAway:
        return None


async def cancelled(task: asyncio.Task[int | None], caller: Caller) -> None:
    if caller.cancelled_after is not None:
        await turns(caller.begins + caller.cancelled_after)
        task.cancel()


async def play(folder: Path, callers: list[Caller], faults: list[Fault]) -> None:
    async with at_home(folder, FITBIT) as home:
        home.house.faults = list(faults)
        async with home.keeper() as one, home.keeper() as other:
            tasks = [asyncio.ensure_future(call(home, (one, other)[caller.keeper], caller)) for caller in callers]
            await asyncio.gather(*(cancelled(task, caller) for task, caller in zip(tasks, callers, strict=True)))
            found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [answer for answer in found if isinstance(answer, Exception)] == []
        kept = home.store.load()
        assert kept is not None
        assert kept.refresh_token == home.house.live
        assert len(home.house.spent) == len(set(home.house.spent)) == home.house.serial
        home.house.faults = []
        home.clock.move(100_000)
        assert await home.ask(home.keeper()) == 200


@settings(max_examples=25)
@given(CALLERS, FAULTS)
def test_no_interleaving_loses_a_login_or_spends_a_token_twice(callers: list[Caller], faults: list[Fault]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), callers, faults))
