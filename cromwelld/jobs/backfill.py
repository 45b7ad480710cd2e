"""Old dates, asked for from what today leaves over."""

from __future__ import annotations

import asyncio
import datetime as dt

from cromwelld.jobs.fetching import Manner, Source
from cromwelld.jobs.open_work import awaited
from cromwelld.jobs.performing import Orders, Performed, Sources, Tell, drain, perform
from cromwelld.jobs.places import Places
from cromwelld.jobs.sealing import seal
from cromwelld.jobs.stages import Stages
from cromwelld.planner import batches, dates_of, joined, lacking
from cromwelld.state import Stretch


def lacking_within(source: Source, places: Places, stretch: Stretch, today: dt.date) -> dict[str, set[dt.date]]:
    """Give what a backfill of a stretch would ask for: every date of it that was never asked, by stream. Blocks."""
    dated = [name for name, stream in source.streams.items() if not stream.undated]
    asked = places.ledger.open_work.asked(places.account, dated)
    found = {name: lacking(joined([stretch], today), asked.get(name, [])) for name in dated}
    return {name: {date for one in stretches for date in dates_of(one)} for name, stretches in found.items()}


async def backfill(sources: Sources, places: Places, stretch: Stretch, today: dt.date, tell: Tell) -> Performed:
    """Promise a stretch, and ask for what it lacks, newest first, leaving the reserve of the budget alone.

    Ended early, by a spent budget or a kill, the same call goes on where it was: what was answered is not asked again.
    A daemon does the rest of what was promised in its cycles.
    """
    await asyncio.to_thread(places.ledger.open_work.promise, places.account, stretch)
    asked = await asyncio.to_thread(lacking_within, sources.patient, places, stretch, today)
    orders = Orders(
        manner=Manner(),
        tell=tell,
        held_back=lambda: awaited(sources.patient, places, today),
        stages=Stages(asyncio.get_running_loop().time),
    )
    await drain(places, orders)
    patient = Sources(urgent=sources.patient, patient=sources.patient)
    done = await perform(patient, places, batches(places.account, sources.patient.streams, asked), orders)
    await seal(sources.patient, places, today)
    return done
