"""The budget of requests, as properties of any course of claims, answers and waits."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cromwelld.errors import OutOfBudget
from cromwelld.events import Event, Kind
from cromwelld.sources import verdict as fitbit
from cromwelld.sources.budget import Budget, Quota, Told, at, claimed, fresh, settled, wait_s
from cromwelld.sources.client import Client, Retries
from cromwelld.sources.google_health import verdict as google
from cromwelld.sources.purse import Purse
from cromwelld.sources.raw import Request
from tests.support.google import token

NOW = dt.datetime(2025, 10, 9, 9, 7, 31, tzinfo=dt.UTC)
HOUR = Quota(most=20, window_s=3600.0, reserve=5)
HOUR_ENDS = dt.datetime(2025, 10, 9, 10, 0, 2, tzinfo=dt.UTC)  # with the margin
FAR_S = 90_000.0

quotas = st.builds(
    Quota,
    most=st.integers(1, 200),
    window_s=st.sampled_from([60.0, 3600.0]),
    reserve=st.integers(0, 250),
    margin_s=st.floats(0, 10),
)
tolds = st.builds(
    Told,
    left=st.none() | st.integers(0, 10**12),
    reset_s=st.none() | st.floats(allow_nan=True, allow_infinity=True),
    spent=st.booleans(),
)
waits = st.floats(0, FAR_S)
texts = st.text(max_size=12) | st.sampled_from(
    ["", "-1", "0", "17", "1e9", "nan", "inf", "soon", "9" * 40, "\u0661\u0667", "17.5"]
)
NAMES = ("fitbit-rate-limit-limit", "fitbit-rate-limit-remaining", "fitbit-rate-limit-reset", "retry-after")
headers = st.dictionaries(st.sampled_from(NAMES), texts)
steps = st.lists(st.tuples(st.sampled_from(["claim", "answer", "wait"]), tolds, waits), max_size=40)


def after(seconds: float, since: dt.datetime = NOW) -> dt.datetime:
    return since + dt.timedelta(seconds=seconds)


@given(quotas, steps, st.booleans())
def test_what_is_left_is_never_below_nothing_nor_above_the_quota(
    quota: Quota,
    course: list[tuple[str, Told, float]],
    urgent: bool,  # noqa: FBT001 - a case
) -> None:
    now, budget = NOW, fresh(quota, NOW)
    for what, told, seconds in course:
        budget = at(budget, quota, now)
        if what == "claim" and wait_s(budget, quota, now, urgent=urgent) == 0:
            budget = claimed(budget, quota, now)
        elif what == "answer":
            budget = settled(budget, quota, told, now)
        elif what == "wait":
            now = after(seconds, now)
        assert 0 <= budget.left <= quota.most
        assert budget.in_flight >= 0


@given(quotas, tolds, st.integers(0, 200), st.integers(0, 30))
def test_no_answer_raises_what_is_left_of_a_window(quota: Quota, told: Told, left: int, in_flight: int) -> None:
    budget = Budget(left=min(left, quota.most), resets_at=fresh(quota, NOW).resets_at, in_flight=in_flight)
    found = settled(budget, quota, told, NOW)
    assert found.left <= budget.left
    assert found.in_flight == max(0, in_flight - 1)


@given(quotas, tolds, st.integers(2, 30))
def test_what_is_in_flight_is_taken_off_what_the_vendor_says(quota: Quota, told: Told, in_flight: int) -> None:
    budget = Budget(left=quota.most, resets_at=fresh(quota, NOW).resets_at, in_flight=in_flight)
    found = settled(budget, quota, told, NOW)
    if told.left is not None and not told.spent:
        assert found.left <= max(0, told.left - (in_flight - 1))


@given(quotas, tolds, st.floats(0, 0.9))
def test_nothing_is_sent_between_a_refusal_and_its_reset(quota: Quota, told: Told, share: float) -> None:
    refusal = Told(left=told.left, reset_s=told.reset_s, spent=True)
    budget = settled(claimed(fresh(quota, NOW), quota, NOW), quota, refusal, NOW)
    assert budget.silent_until is not None
    during = NOW + (budget.silent_until - NOW) * share
    for urgent in (True, False):
        assert wait_s(at(budget, quota, during), quota, during, urgent=urgent) > 0


@given(quotas, waits)
def test_a_wait_ends_with_room_for_one_more(quota: Quota, seconds: float) -> None:
    now = after(seconds)
    spent = Budget(left=0, resets_at=fresh(quota, now).resets_at)
    waiting_s = wait_s(spent, quota, now, urgent=True)
    assert 0 < waiting_s <= quota.window_s + quota.margin_s
    then = after(waiting_s + 0.001, now)
    assert wait_s(at(spent, quota, then), quota, then, urgent=True) == 0


@given(quotas, st.integers(0, 200))
def test_the_reserve_is_kept_from_what_is_not_urgent(quota: Quota, left: int) -> None:
    budget = Budget(left=min(left, quota.most), resets_at=fresh(quota, NOW).resets_at)
    may_backfill = wait_s(budget, quota, NOW, urgent=False) == 0
    assert may_backfill == (budget.left > quota.reserve)
    assert (wait_s(budget, quota, NOW, urgent=True) == 0) == (budget.left > 0)


@given(
    st.lists(st.floats(0, 12), min_size=1, max_size=150),
    st.floats(-2, 2),
    st.sampled_from([Quota(most=5, window_s=60.0), Quota(most=1, window_s=60.0)]),
)
@example([30.5, 0, 0, 1, 0, 0, 0, 0], 0.0, Quota(most=5, window_s=60.0))  # 09:08:01.5 and 09:08:02.5
@example([27.5, 0, 0, 4, 0, 0, 0, 0], 2.0, Quota(most=5, window_s=60.0))  # 09:07:58.5, when it is 09:08:00.5 there
def test_no_window_of_the_vendor_sees_more_than_there_are(pauses: list[float], ahead_s: float, quota: Quota) -> None:
    """Its clock goes up to the margin before ours or behind it, and each answer comes at once."""
    now, budget, counted = NOW, fresh(quota, NOW), Counter[int]()
    for seconds in pauses:
        now = after(seconds, now)
        budget = at(budget, quota, now)
        if not wait_s(budget, quota, now, urgent=True):
            budget = settled(claimed(budget, quota, now), quota, Told(), now)
            counted[int(after(ahead_s, now).timestamp() // quota.window_s)] += 1
    assert max(counted.values(), default=0) <= quota.most


def test_what_was_sent_late_is_taken_off_the_next_window_alone() -> None:
    budget = Budget(left=20, resets_at=HOUR_ENDS)
    for seconds in (-4.5, -3.9, -0.1):
        budget = settled(claimed(budget, HOUR, after(seconds, HOUR_ENDS)), HOUR, Told(), NOW)
    assert at(budget, HOUR, HOUR_ENDS).left == 18
    assert at(at(budget, HOUR, HOUR_ENDS), HOUR, after(3600, HOUR_ENDS)).left == 20
    assert at(budget, HOUR, after(3600, HOUR_ENDS)).left == 20


def test_an_answer_of_the_next_window_begins_it() -> None:
    """Fitbit says that 149 of the new hour are left, while ours, with its margin, has a second to go."""
    now = after(-1, HOUR_ENDS)
    budget = claimed(Budget(left=1, resets_at=HOUR_ENDS), HOUR, now)
    found = settled(budget, HOUR, Told(left=19, reset_s=3599.0), now)
    assert (found.left, found.resets_at) == (19, after(3600, HOUR_ENDS))
    assert settled(budget, HOUR, Told(left=19, reset_s=1.0), now).left == 0


def test_a_short_refusal_does_not_fill_up_the_hour() -> None:
    """What was left of the vendor's hour is not more because it asked for some seconds of silence."""
    budget = Budget(left=3, resets_at=HOUR_ENDS)
    told = settled(claimed(budget, HOUR, NOW), HOUR, Told(spent=True, reset_s=17.0), NOW)
    assert at(told, HOUR, after(20)).left <= 2


@given(st.integers(100, 599), headers)
@example(429, {"fitbit-rate-limit-reset": "9" * 40, "fitbit-rate-limit-remaining": "9" * 40})
@example(429, {"retry-after": "Thu, 09 Oct 2025 09:08:00 GMT"})
def test_no_header_is_nonsense_enough(status: int, said: dict[str, str]) -> None:
    for told, window_s in ((fitbit.told, 3600.0), (google.told, 60.0)):
        quota = Quota(most=20, window_s=window_s)
        budget = settled(claimed(fresh(quota, NOW), quota, NOW), quota, told(status, said, NOW), NOW)
        assert 0 <= budget.left <= 19
        assert NOW <= budget.resets_at <= after(86_400 + quota.margin_s)
        if status == 429:
            assert wait_s(budget, quota, NOW, urgent=True) > 0


@dataclass
class Drawer:
    """Where a budget is kept; every save is remembered."""

    saved: list[Budget] = field(default_factory=list)

    def load(self) -> Budget | None:
        return self.saved[-1] if self.saved else None

    def save(self, budget: Budget) -> None:
        self.saved.append(budget)


def never(status: int, said: Mapping[str, str], now: dt.datetime) -> Told:
    del status, said, now
    return Told()


def purse(drawer: Drawer | None = None, quota: Quota = HOUR, now: dt.datetime = NOW) -> Purse:
    return Purse(quota=quota, told=never, clock=lambda: now, kept=drawer)


async def claim(one: Purse, *, urgent: bool = True) -> bool:
    try:
        await one.claim(urgent=urgent)
    except OutOfBudget as err:
        if not err.retry_after_s:
            raise
        return False
    return True


@given(st.lists(st.integers(0, 8), min_size=1, max_size=8))
def test_restarts_within_a_window_spend_nothing_twice(lives: list[int]) -> None:
    """Each life claims some and is killed before any answer."""

    async def live() -> int:
        drawer = Drawer()
        return sum(
            [await claim(one) for one, count in ((purse(drawer), count) for count in lives) for _ in range(count)]
        )

    assert asyncio.run(live()) == min(sum(lives), HOUR.most)


async def test_a_claim_is_kept_before_it_is_given() -> None:
    drawer = Drawer()
    await claim(purse(drawer))
    assert [one.left for one in drawer.saved] == [19]


@pytest.mark.parametrize(("urgent", "most"), [(True, 20), (False, 15)])
async def test_claims_at_once_are_never_more_than_there_are(urgent: bool, most: int) -> None:  # noqa: FBT001
    one = purse(Drawer())
    assert sum(await asyncio.gather(*(claim(one, urgent=urgent) for _ in range(50)))) == most


async def test_a_refusal_outlives_the_process() -> None:
    drawer = Drawer()
    first = Purse(quota=HOUR, told=fitbit.told, clock=lambda: NOW, kept=drawer)
    await first.claim()
    await first.settle(429, {"fitbit-rate-limit-reset": "17"})
    assert not await claim(purse(drawer, now=after(16)))
    assert await claim(purse(drawer, now=after(20)))


async def test_a_lower_count_than_believed_outlives_the_process() -> None:
    """The vendor says that one request is left: after a restart there is one, not as many as were believed."""
    drawer = Drawer()
    first = Purse(quota=HOUR, told=fitbit.told, clock=lambda: NOW, kept=drawer)
    await first.claim()
    await first.settle(200, {"fitbit-rate-limit-remaining": "1", "fitbit-rate-limit-reset": "3149"})
    second = purse(drawer)
    assert [await claim(second) for _ in range(3)] == [True, False, False]


async def test_without_an_answer_the_request_stays_counted() -> None:
    one = purse(Drawer())
    for _ in range(20):
        assert await claim(one)
        await one.forfeit()
    assert not await claim(one)


async def test_a_wait_for_the_budget_ends_at_once_when_it_is_interrupted() -> None:
    """It would last an hour of real time."""
    spent, waiting = purse(Drawer(), Quota(most=0, window_s=3600.0)), asyncio.Event()

    def report(event: Event) -> None:
        assert event.kind is Kind.BUDGET_WAITS
        waiting.set()

    async with aiohttp.ClientSession() as session:
        client = Client(
            session=session,
            base_url="http://127.0.0.1:9",
            token=token,
            report=report,
            purse=spent,
            retries=Retries(quota_wait_s=3700.0),
        )
        sending = asyncio.ensure_future(client.send(Request(path="/v4/users/me/settings")))
        await waiting.wait()
        assert not sending.done()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
