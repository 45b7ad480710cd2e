"""One date of an archive as frames, with no tables in between."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cromwelld.archive.folder import FolderStore
from cromwelld.archive.objects import Archive
from cromwelld.archive.store import Store
from cromwelld.day import Day
from cromwelld.errors import UsageError
from cromwelld.jobs import foreign
from cromwelld.jobs.zones import Zones
from cromwelld.lake.columns import align, holding, union
from cromwelld.lake.frames import frames
from cromwelld.measurements import ORDER, describe
from cromwelld.wiring import build

_S3 = "s3://"


def load_archived(date: dt.date, address: str, timezone: str = "") -> dict[str, pd.DataFrame]:
    """Load one date from the archive at `s3://bucket/prefix` or in a folder, as `load_date` gives it from tables.

    Times are in the zone stored with the date; for an object of other programs in that of its noons, else `timezone`.
    A date without an object gives no frames. May be called where an event loop runs, as notebooks do.

    Raises: DamagedFile; UsageError for a folder that is none, or where no zone is known; StoreError; FarSideAway.
    """
    if not address.startswith(_S3) and not Path(address).is_dir():
        raise UsageError(f"there is no folder {address}", hint="name the one in which fitbit_backup_DATE.json.gz lie")
    with ThreadPoolExecutor(1) as aside:
        day = aside.submit(lambda: asyncio.run(_day(date, address, timezone))).result()
    if day is None:
        return {}
    order = sorted(day.tables, key=lambda name: ORDER.get(name, len(ORDER)))
    return frames({name: _rows(name, day) for name in order if day.tables[name].num_rows}, day.zone)


async def _day(date: dt.date, address: str, timezone: str) -> Day | None:
    async with _opened(address) as store:
        opened = await Archive(store).read(date)
    if opened is None or opened.day is not None:
        return None if opened is None else opened.day
    found = await asyncio.to_thread(foreign.day_of, date, opened, Zones(given=timezone))
    if found is None:
        raise UsageError(f"the object of {date} does not say in which zone it is", hint="name one, as Europe/London")
    return found


@asynccontextmanager
async def _opened(address: str) -> AsyncIterator[Store]:
    if address.startswith(_S3):
        async with build.store_at(address) as store:
            yield store
        return
    yield FolderStore(Path(address), "")


def _rows(name: str, day: Day) -> pa.Table:
    rows, own = day.tables[name], describe(name).schema
    whole = align(rows, union(own, holding(rows, own)))
    return whole.add_column(1, "date", pa.repeat(day.date.isoformat(), rows.num_rows))
