"""Two people in one household: what is stored at the same time stays apart."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from cromwelld.archive.folder import FolderStore
from cromwelld.config import load
from cromwelld.jobs.collect import Wish, collect
from cromwelld.state import Ledger
from cromwelld.wiring.build import now, places_of
from tests.support.answers import Told, heart_rate
from tests.support.collecting import DATE, read_records

CONFIGURATION = """
state_dir = "{root}/state"
[accounts.me]
source = "fitbit_web"
base_url = "http://127.0.0.1:9"
data_dir = "{root}/mine"
prefix = "mine"
timezone = "Europe/Berlin"
[accounts.partner]
source = "fitbit_web"
base_url = "http://127.0.0.1:9"
data_dir = "{root}/theirs"
prefix = "theirs"
timezone = "Europe/Berlin"
[archive]
folder = "{root}/archive"
"""


async def test_the_same_date_of_two_people_goes_to_each_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, put = asyncio.Barrier(2), FolderStore.put

    async def together(self: FolderStore, name: str, file: Path, about: Mapping[str, str]) -> str:
        await both.wait()  # each object is written, and neither is sent yet
        return await put(self, name, file, about)

    monkeypatch.setattr(FolderStore, "put", together)
    (tmp_path / "config.toml").write_text(CONFIGURATION.format(root=tmp_path), encoding="utf-8")
    settings, date = load(tmp_path / "config.toml"), dt.date.fromisoformat(DATE)
    Ledger(settings.state_dir / "ledger.sqlite").close()  # as the daemon does, before it opens any account

    async def collected(account: str, samples: int) -> None:
        async with places_of(settings, settings.accounts[account], lambda _: None, now) as places:
            told = Told([heart_rate(DATE, range(samples))])
            done = await collect(told, places, Wish(first=date, last=date), lambda _: None)
            assert done.complete, done

    await asyncio.gather(collected("me", 7), collected("partner", 11))
    name = f"fitbit_backup_{DATE}.json.gz"
    counts = {prefix: _samples(tmp_path / "archive" / prefix / name) for prefix in ("mine", "theirs")}
    assert counts == {"mine": 7, "theirs": 11}


def _samples(path: Path) -> int:
    return sum(record["measurement"] == "HeartRate_Intraday" for record in read_records(path))
