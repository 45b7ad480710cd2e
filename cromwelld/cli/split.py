"""`cromwelld split`: a monolithic table of the old scripts, as tables by date."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cromwelld.cli.explain import say
from cromwelld.cli.lessons import lesson
from cromwelld.events import Event, Kind
from cromwelld.jobs.compile import check_timezone
from cromwelld.jobs.oddities import Oddities
from cromwelld.jobs.split import Job, Split
from cromwelld.jobs.split import split as take_over
from cromwelld.jobs.zones import Zones
from cromwelld.lake.writer import Lake

_DONE, _INCOMPLETE, _FAILED = 0, 10, 1

_EXAMPLES = (
    ("split fitbit_compiled.parquet --data-dir data", ""),
    ("split old.parquet --timezone Europe/London", "where noons tell no zone"),
)


@click.command("split", epilog=lesson(_EXAMPLES, (0, 1, 2, 10, 130)))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default="data",
    show_default=True,
    metavar="FOLDER",
    help="Where the tables go.",
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of records of which noons imply none.")
@click.option("--as-is", is_flag=True, help="Mend nothing: take records as they were written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def split(file: Path, data_dir: Path, timezone: str, *, as_is: bool, as_json: bool) -> int:
    """Take over a fitbit_compiled.parquet into Parquet tables by date. Needs no configuration."""
    zones = Zones(given=check_timezone(timezone))
    job = Job(file=file, data_dir=data_dir, zones=zones, repairing=not as_is)
    done = take_over(Lake(data_dir, report=say), job)
    for problem in done.problems:
        say(Event(Kind.FILE_DAMAGED, {"problem": problem}))
    _present(done, data_dir, as_json=as_json)
    return _DONE if not done.problems else _INCOMPLETE if done.written or done.there else _FAILED


def _present(done: Split, data_dir: Path, *, as_json: bool) -> None:
    odd = Oddities(repaired=done.repaired, rejected=done.rejected)
    if as_json:
        document = {
            "written": [date.isoformat() for date in done.written],
            "there": [date.isoformat() for date in done.there],
            "repaired": odd.document()["repaired"],
            "rejected": odd.document()["rejected"],
            "problems": done.problems,
            "tables": str(data_dir),
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"{len(done.written)} dates written, tables in {data_dir}")
    if done.there:
        click.echo(f"there from an object, or collected, and left as they are: {len(done.there)} of the dates")
    for line in odd.lines():
        click.echo(line)
