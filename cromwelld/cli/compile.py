"""`cromwelld compile`: Parquet from archive files on disk."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click

from cromwelld.cli import show
from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.disk import check_writable
from cromwelld.errors import UsageError
from cromwelld.events import Event, Kind
from cromwelld.jobs import compile as compiling
from cromwelld.jobs.intake import Compiled, Hearing, Offer, take_in
from cromwelld.jobs.takeover import TakenOver, Takeover, take_over
from cromwelld.jobs.zones import Zones
from cromwelld.lake.memory import stay_small
from cromwelld.lake.rebuild import rebuilt
from cromwelld.lake.writer import Lake

_THREADS = 2  # each keeps memory of its own
_DONE, _INCOMPLETE, _FAILED = 0, 10, 1
_PLACE = click.Path(path_type=Path, exists=True)


_EXAMPLES = (
    ("compile archive --data-dir data", "new or changed days"),
    ("compile old --timezone Europe/London", ""),
    ("compile --all archive --data-dir data", "fresh tables"),
)


@click.command("compile", epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 130)))
@click.argument("places", nargs=-1, required=True, type=_PLACE, metavar="FILE|FOLDER...")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default="data",
    show_default=True,
    metavar="FOLDER",
    help="Where the tables go.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Build fresh tables and swap them in; the old ones stay beside."
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of foreign objects whose records imply none.")
@click.option("--as-is", is_flag=True, help="Mend nothing: take foreign records as they were written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compile_(  # noqa: PLR0913 - click hands over one for each option
    places: tuple[Path, ...], data_dir: Path, timezone: str, *, everything: bool, as_is: bool, as_json: bool
) -> int:
    """Write archive objects (fitbit_backup_DATE.json.gz) into Parquet tables. Needs no configuration."""
    objects = compiling.find_objects(places)
    zone = compiling.check_timezone(timezone)
    data_dir = _named(data_dir) if everything else data_dir
    aside = set(_set_aside(data_dir))
    check_writable(data_dir.parent if everything else data_dir)
    with show.progress(len(objects), "compiling", quiet=as_json) as tell, _tables(data_dir, fresh=everything) as lake:
        zones = Zones(given=zone)
        offer = Offer(objects=compiling.listed(objects, lake.origins()), zones=zones, repairing=not as_is)
        result = asyncio.run(take_in_small(lake, offer, tell))
        takeover = Takeover(old=data_dir, zones=zones, repairing=not as_is)
        taken = _take_over(lake, takeover) if everything and result.written else TakenOver()
    result.oddities.repaired.update(taken.repaired)
    result.problems += taken.problems
    result.oddities.passed_over += compiling.not_objects(places, objects)
    _present(result, taken, data_dir, as_json=as_json)
    for folder in sorted(set(_set_aside(data_dir)) - aside):
        click.echo(f"the tables that were there are now {folder}", err=True)
    return _DONE if not result.problems else _INCOMPLETE if result.written or result.unchanged else _FAILED


async def take_in_small(lake: Lake, offer: Offer, tell: Callable[[object], None]) -> Compiled:
    """Take files in with memory that stays small: settings of the whole process, which nothing else runs in."""
    stay_small()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    return await take_in(lake, compiling.Files(), offer=offer, hearing=Hearing(report=say, tell=tell))


def _named(folder: Path) -> Path:
    """Give a folder that can be renamed: one whose name is known."""
    folder = folder if folder.name else Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays a link
    if not folder.name:
        raise UsageError(f"{folder} cannot be built afresh", hint="choose a folder of its own for the tables")
    return folder


def _set_aside(folder: Path) -> list[Path]:
    return [path for path in folder.parent.glob("*.old*") if path.name.startswith(f"{folder.name}.old")]


@contextmanager
def _tables(data_dir: Path, *, fresh: bool) -> Iterator[Lake]:
    if not fresh:
        yield Lake(data_dir, report=say)
        return
    with rebuilt(data_dir) as folder:
        yield Lake(folder, report=say)


def _take_over(lake: Lake, takeover: Takeover) -> TakenOver:
    """Take the dates that only the tables to be replaced have, and name what of them could not be read."""
    taken = take_over(lake, takeover)
    for problem in taken.problems:
        say(Event(Kind.FILE_DAMAGED, {"problem": problem}))
    return taken


def _present(result: Compiled, taken: TakenOver, data_dir: Path, *, as_json: bool) -> None:
    if as_json:
        document = {
            "written": [date.isoformat() for date in result.written],
            "unchanged": result.unchanged,
            "from_old_tables": [date.isoformat() for date in taken.dates],
            **result.oddities.document(),
            "problems": result.problems,
            "tables": str(data_dir),
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"{len(result.written)} dates written, {result.unchanged} unchanged, tables in {data_dir}")
    if taken.dates:
        click.echo(f"from the old tables only, as no object has them: {len(taken.dates)} of the dates")
    for line in result.oddities.lines():
        click.echo(line)
    if result.problems:
        count = len(result.problems)
        remedy = "put another copy of what is damaged in its place, then run the same command again"
        click.echo(f"{count} {'objects were' if count > 1 else 'object was'} left out: {remedy}", err=True)
