from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from cromwelld.state import Ledger, Obstacle, Standing

SINCE = dt.datetime(2025, 10, 9, 3, tzinfo=dt.UTC)
RETIRED = Standing(obstacle=Obstacle.RETIRED, reason="410: switched off", way="fitbit_web", since=SINCE)
PAUSED = Standing(
    obstacle=Obstacle.PAUSED, reason="", way="", since=SINCE, until=dt.datetime(2025, 10, 20, tzinfo=dt.UTC)
)


def test_obstacles_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with closing(Ledger(file)) as ledger:
        assert ledger.standings.of("me") == {}
        for one in (RETIRED, PAUSED):
            ledger.standings.put("me", one)
    with closing(Ledger(file)) as ledger:
        assert ledger.standings.of("me") == {Obstacle.RETIRED: RETIRED, Obstacle.PAUSED: PAUSED}
        assert ledger.standings.of("partner") == {}


def test_one_of_a_kind_replaces_the_other_and_can_be_taken_away(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        ledger.standings.put("me", PAUSED)
        endless = replace(PAUSED, until=None)
        ledger.standings.put("me", endless)
        ledger.standings.put("me", RETIRED)
        assert ledger.standings.of("me")[Obstacle.PAUSED] == endless
        ledger.standings.clear("me", Obstacle.PAUSED, Obstacle.LOGIN)
        assert ledger.standings.of("me") == {Obstacle.RETIRED: RETIRED}
