"""The lag of a loop, with a clock that tests turn."""

from __future__ import annotations

import asyncio

from cromwelld.monitor.looplag import loop_telling


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(clock: _Clock, stalls: list[float]) -> list[float]:
    """Run a loop whose callbacks take as long as `stalls` says, and give what was told of it."""
    told: list[float] = []

    async def stall() -> None:
        for seconds in stalls:
            clock.now += seconds
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=loop_telling(told.append, clock)) as runner:
        runner.run(stall())
    return told


def test_a_stall_is_told_whole() -> None:
    assert [lag for lag in run(_Clock(), [0.25]) if lag] == [0.25]


def test_each_turn_is_told_for_itself() -> None:
    assert [lag for lag in run(_Clock(), [0.25, 0.5, 0.125]) if lag] == [0.25, 0.5, 0.125]


def test_sleep_is_no_lag() -> None:
    clock, told = _Clock(), list[float]()

    async def sleep() -> None:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        loop.call_later(0.01, waiter.set_result, None)
        await waiter

    with asyncio.Runner(loop_factory=loop_telling(told.append, clock)) as runner:
        runner.run(sleep())
    assert told
    assert max(told) == 0


def test_by_the_real_clock_a_stall_is_at_least_as_long() -> None:
    told: list[float] = []

    async def stall() -> None:
        import time  # noqa: PLC0415 - the stall is the only thing here that blocks

        time.sleep(0.06)

    with asyncio.Runner(loop_factory=loop_telling(told.append)) as runner:
        runner.run(stall())
    assert max(told) >= 0.06
