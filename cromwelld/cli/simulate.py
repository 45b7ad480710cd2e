"""`cromwelld simulate`: the simulated vendor alone, or recorded answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import click

from cromwelld.cli.lessons import lesson
from cromwelld.errors import CromwelldError, UsageError

_EXAMPLE = "use a time like 2025-10-09T03:00:00+01:00"


_EXAMPLES = (
    ("simulate --port 8400", "on http://127.0.0.1:8400"),
    ("simulate --now 2025-10-09T03:00:00Z", "the same each time"),
    ("simulate --replay recorded", "answers that you recorded"),
)
_ENTRIES = """

\b
An entry of index.json:
  {"method": "GET", "path": "/1/user/-/devices.json", "body": "devices.json"}
and, if wanted: "query" (absent: any), "status" (200), "headers".
"""


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)) + _ENTRIES)
@click.option("--api", type=click.Choice(["fitbit_web"]), default="fitbit_web", show_default=True, help="Which API.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Where on loopback; 0 is any free port."
)
@click.option("--seed", type=int, default=7, show_default=True, metavar="N", help="Which invented person.")
@click.option("--now", "instant", metavar="TIME", help="Let the vendor's clock stand still at this time.")
@click.option(
    "--replay",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Serve the recorded answers of this folder's index.json instead; anything else is the API's 404.",
)
def simulate(api: str, port: int, seed: int, instant: str | None, replay: Path | None) -> int:
    """Serve an invented person as the vendor's API on loopback, until stopped."""
    del api  # one so far
    from cromwelld.simulator import fitbit_web, serve
    from cromwelld.simulator import replay as recorded
    from cromwelld.simulator.person import Person

    if replay is not None:
        app = recorded.application(replay)
    else:
        app = fitbit_web.application(Person(seed=seed), clock=_clock(instant), options=fitbit_web.Options())
    try:
        serve.run(app, port=port, announce=lambda url: click.echo(f"serving on {url} (stop with Ctrl-C)"))
    except OSError as err:
        reason = err.strerror or type(err).__name__
        raise CromwelldError(f"cannot serve on port {port}: {reason}", hint="--port 0 takes a free one") from err
    return 0


def _clock(instant: str | None) -> Callable[[], dt.datetime]:
    if instant is None:
        return lambda: dt.datetime.now(dt.UTC)
    try:
        time = dt.datetime.fromisoformat(instant)
    except ValueError as err:
        raise UsageError(f"--now {instant!r} is not a time", hint=_EXAMPLE) from err
    if time.tzinfo is None:
        raise UsageError(f"--now {instant!r} has no offset", hint=_EXAMPLE)
    return lambda: time
