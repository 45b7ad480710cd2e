"""A folder that the daemon looks into: each export is imported once, and what cannot be is said and left alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cromwelld import config
from cromwelld.daemon import importing
from cromwelld.daemon.board import Board
from cromwelld.daemon.importing import Importer
from cromwelld.daemon.member import Member, member_of
from cromwelld.errors import FarSideAway
from cromwelld.events import Event
from cromwelld.jobs.importing.attempts import MOST_TRIES
from cromwelld.jobs.importing.standing import Exports, standing
from cromwelld.state import Obstacle, Standing
from cromwelld.state.database import Database
from tests.support.exports import zipped
from tests.support.places import Clock

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
STEPS = "Takeout/Google Health/Physical Activity_GoogleData/steps_2025-10-01.csv"
BERLIN = 'timezone = "Europe/Berlin"'
TEXT = """
state_dir = "{root}/state"
[accounts.me]
source = "import"
data_dir = "{root}/data"
prefix = "me"
import_from = "{root}/takeout"
{more}
[archive]
folder = "{root}/archive"
"""


class Scene:
    """One account with a folder; what was reported, and a clock that is set by hand."""

    def __init__(self, root: Path, more: str) -> None:
        self.root = root
        self.clock = Clock(NOW)
        self.events: list[Event] = []
        self.hear: Callable[[Event], None] = lambda _: None
        (root / "takeout").mkdir(exist_ok=True)
        (root / "config.toml").write_text(TEXT.format(root=root, more=more))
        self.settings = config.load(root / "config.toml")

    def report(self, event: Event) -> None:
        self.events.append(event)
        self.hear(event)

    def put(self, name: str, *dates: str, age: dt.timedelta = HOUR) -> Path:
        rows = "".join(f"{date}T12:00:00Z,7,Charge 6\n" for date in dates)
        part = zipped(self.root / "takeout" / name, {STEPS: f"timestamp,steps,data source\n{rows}"})
        os.utime(part, ((self.clock() - age).timestamp(),) * 2)
        return part

    @property
    def told(self) -> list[str]:
        """Give what was said of exports, in order."""
        return [one.kind.label for one in self.events if one.kind.label.startswith("export.")]

    @property
    def exports(self) -> Exports:
        found = standing(self.settings.state_dir, self.settings.accounts["me"], None)
        assert found is not None
        return found

    def stored(self) -> list[str]:
        return sorted(path.name[14:24] for path in (self.root / "archive" / "me").glob("fitbit_backup_*"))


@asynccontextmanager
async def watched(root: Path, more: str = BERLIN) -> AsyncIterator[tuple[Scene, Member, Importer]]:
    scene = Scene(root, more)
    async with member_of(scene.settings, scene.settings.accounts["me"], scene.report, scene.clock) as member:
        yield scene, member, Importer(member, Board(lambda: None, lambda: None))


async def test_an_export_is_imported_once_also_by_a_process_that_is_started_later(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout-20261030T120000Z-001.zip", "2025-10-01", "2025-10-02")
        await importer.look()
        await importer.look()
        assert scene.told == ["export.begun", "export.imported"]
        assert scene.stored() == ["2025-10-01", "2025-10-02"]
        assert (scene.exports.until, scene.exports.due_on) == (dt.date(2025, 10, 2), dt.date(2025, 12, 2))
        assert (scene.exports.refused, scene.exports.waiting) == ({}, {})
    async with watched(tmp_path) as (scene, _, importer):
        await importer.look()
        assert scene.told == []


async def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01", age=dt.timedelta(seconds=10))
        await importer.look()
        assert scene.told == []
        scene.clock.now = NOW + HOUR
        await importer.look()
        assert scene.told == ["export.begun", "export.imported"]


async def test_parts_belong_together(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout-20261030T120000Z-001.zip", "2025-10-01")
        scene.put("takeout-20261030T120000Z-002.zip", "2025-10-01", "2025-10-02")
        await importer.look()
        (begun,) = [one for one in scene.events if one.kind.label == "export.begun"]
        assert begun.fields["files"] == 2
        assert begun.fields["export"] == "takeout-20261030T120000Z-001.zip"


async def test_a_torn_export_is_refused_once_and_forgotten_when_it_is_taken_away(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        torn = scene.put("takeout.zip", "2025-10-01")
        torn.write_bytes(torn.read_bytes()[:-30])
        os.utime(torn, (0, 0))
        await importer.look()
        scene.clock.now = NOW + 30 * DAY
        await importer.look()
        assert scene.told == ["export.begun", "export.refused"]
        assert "takeout.zip cannot be read" in scene.exports.refused["takeout.zip"]
        torn.unlink()
        await importer.look()
        assert scene.exports.refused == {}
        scene.put("takeout.zip", "2025-10-01")
        await importer.look()
        assert scene.told[2:] == ["export.begun", "export.imported"]


async def test_what_lies_there_and_is_no_export_is_refused(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        os.utime(zipped(tmp_path / "takeout" / "holiday.zip", {"photo.jpg": "x"}), (0, 0))
        await importer.look()
        assert "is it the export of Fitbit or Google Health?" in scene.exports.refused["holiday.zip"]


async def test_other_settings_are_another_try(tmp_path: Path) -> None:
    async with watched(tmp_path, more="") as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01")
        await importer.look()
        await importer.look()
        assert scene.told == ["export.begun", "export.refused"]
        assert "set timezone or lived_in" in scene.exports.refused["takeout.zip"]
    async with watched(tmp_path) as (scene, _, importer):
        await importer.look()
        assert scene.told == ["export.begun", "export.imported"]
        assert scene.exports.refused == {}


async def test_what_passes_by_itself_is_tried_again_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise FarSideAway("the archive is away")

    monkeypatch.setattr(importing, "import_export", away)
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01")
        await importer.look()
        await importer.look()  # at once: it rests
        assert scene.told == ["export.begun", "export.waits"]
        assert scene.exports.waiting == {"takeout.zip": "the archive is away"}
        for _ in range(2 * MOST_TRIES):
            scene.clock.now += DAY
            await importer.look()
        assert len(scene.told) == 2 * MOST_TRIES
        assert scene.exports.refused == {"takeout.zip": "the archive is away"}


async def test_a_mistake_of_ours_is_no_end_of_the_daemon_and_tells_no_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistaken(*_: object) -> None:
        raise ValueError("61 bpm")

    monkeypatch.setattr(importing, "import_export", mistaken)
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01")
        await importer.look()
        assert "a mistake in cromwelld itself (ValueError in test_importing.py" in scene.exports.refused["takeout.zip"]
        assert "bpm" not in str(scene.exports.refused)


async def test_told_to_finish_it_leaves_an_export_where_it_is_and_goes_on_later(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01", "2025-10-02")
        scene.hear = lambda _: importer.finish()
        await asyncio.wait_for(importer.work(), 10)
        assert scene.told == ["export.begun"]
        assert (scene.exports.refused, scene.exports.waiting) == ({}, {})
    async with watched(tmp_path) as (scene, _, importer):
        await importer.look()
        assert scene.told == ["export.begun", "export.imported"]


async def test_cancelled_it_waits_for_the_thread_that_reads(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", "2025-10-01")
        begun = asyncio.Event()
        scene.hear = lambda _: begun.set()
        task = asyncio.create_task(importer.look())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "export.refused" not in scene.told


async def test_nothing_is_imported_while_somebody_stores(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, member, importer):
        await importer.look()
        scene.put("takeout.zip", "2025-10-01")
        begun = asyncio.Event()
        scene.hear = lambda _: begun.set()
        async with member.turn:
            task = asyncio.create_task(importer.look())
            await begun.wait()
            for _ in range(20):
                await asyncio.sleep(0)
            assert not (tmp_path / "state" / "import").exists()
        await task
        assert scene.stored() == ["2025-10-01"]


async def test_nothing_of_it_waits_for_the_ledger_on_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noting(name: str) -> None:
        plain = getattr(Database, name)

        def noted(self: Database, *args: object) -> object:
            if threading.current_thread() is threading.main_thread():
                asked.append(f"{name} {args}")
            return plain(self, *args)

        monkeypatch.setattr(Database, name, noted)

    async with watched(tmp_path) as (scene, _, importer):
        scene.put("takeout.zip", *(f"2025-10-{date:02}" for date in range(1, 4)))
        await importer.look()  # what is looked after once a day
        scene.put("more.zip", *(f"2025-11-{date:02}" for date in range(1, 4)))
        noting("rows")
        noting("change")
        await importer.look()
        assert scene.told[2:] == ["export.begun", "export.imported"]
        assert asked == []


async def test_a_paused_account_imports_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, member, importer):
        scene.put("takeout.zip", "2025-10-01")
        paused = Standing(obstacle=Obstacle.PAUSED, reason="", way="", since=NOW)
        member.places.ledger.standings.put("me", paused)
        await importer.look()
        assert scene.told == []


async def test_a_folder_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as (scene, member, importer):
        (tmp_path / "takeout").rmdir()
        task = asyncio.create_task(importer.work())
        while not scene.events:
            await asyncio.sleep(0.01)
        member.exports.ring()
        await asyncio.sleep(0.05)
        importer.finish()
        await task
        assert [one.kind.label for one in scene.events] == ["work.waits"]
        assert "takeout cannot be read: No such file or directory" in str(scene.events[0].fields["problem"])
