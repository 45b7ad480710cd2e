"""`cromwelld simulate`: the simulated vendor alone, or recorded answers, or both vendors against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cromwelld.cli.apis import APIS
from cromwelld.cli.lessons import lesson
from cromwelld.errors import CromwelldError, UsageError

if TYPE_CHECKING:
    from cromwelld.simulator.oauth import LoginServer

_EXAMPLE = "use a time like 2025-10-09T03:00:00+01:00"


_EXAMPLES = (
    ("simulate --port 8400", "on http://127.0.0.1:8400"),
    ("simulate --api fitbit_web", "the other vendor"),
    ("simulate --now 2025-10-09T03:00:00Z", "the same each time"),
    ("simulate --login", "for `cromwelld login`"),
    ("simulate --replay recorded", "answers that you recorded"),
    ("simulate --compare", "Fitbit against Google"),
)
_ENTRIES = """

\b
An entry of index.json:
  {"method": "GET", "path": "/v4/users/me/settings", "body": "settings.json"}
and, if wanted: "query", "sent" (the JSON it asks with), "status", "headers".
"""


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)) + _ENTRIES)
@click.option("--api", type=click.Choice(APIS), default=APIS[0], show_default=True, help="Which API.")
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
@click.option("--login", is_flag=True, help="Take only the tokens of a login, and serve its pages too.")
@click.option("--compare", is_flag=True, help="Serve nothing: fetch two weeks from both vendors and tell what differs.")
def simulate(  # noqa: PLR0913 - one parameter for each option
    api: str, port: int, seed: int, instant: str | None, replay: Path | None, *, login: bool, compare: bool
) -> int:
    """Serve an invented person as the vendor's API on loopback, until stopped."""
    from cromwelld.simulator import replay as recorded
    from cromwelld.simulator import serve
    from cromwelld.simulator.faces import FACES
    from cromwelld.simulator.oauth import LoginServer
    from cromwelld.simulator.person import Person

    if login and replay is not None:
        raise UsageError("--replay serves recorded answers, and no login", hint="leave out one of the two")
    if compare:
        from cromwelld.cli.compare import compare_vendors

        return compare_vendors(Person(seed=seed))
    face, clock = FACES[api], _clock(instant)
    logins = LoginServer(face.manners, clock=clock) if login else None
    if replay is not None:
        app = recorded.application(replay, unknown=face.unknown)
    else:
        app = face.application(Person(seed=seed), clock, quota=True, logins=logins)
    try:
        serve.run(app, port=port, announce=lambda url: click.echo(_sign(url, logins)))
    except OSError as err:
        reason = err.strerror or type(err).__name__
        raise CromwelldError(f"cannot serve on port {port}: {reason}", hint="--port 0 takes a free one") from err
    return 0


def _sign(url: str, logins: LoginServer | None) -> str:
    """Say where it is served, and with what to log in there; the client is as invented as the person."""
    served = f"serving on {url} (stop with Ctrl-C)"
    return served if logins is None else f"{served}\nclient_id {logins.client.id}\nclient_secret {logins.client.secret}"


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
