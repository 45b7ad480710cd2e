"""`cromwelld run`: the daemon."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import click

from cromwelld.cli.lessons import lesson
from cromwelld.errors import CromwelldError

_EXAMPLES = (
    ("run", "with the configuration from the usual places"),
    ("run --config FILE", "with another one"),
)
_FAILED = 1


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
def run(config: Path | None) -> int:
    """Collect for every account by itself, day after day, until it is told to stop.

    SIGHUP reads the configuration again, and collects the dates in STATE_DIR/rerun, or yesterday; SIGTERM ends it.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it is heard: unheard it would kill
    from cromwelld.lake.frugal import begin_again, stay_for_long

    begin_again()
    stay_for_long()
    from cromwelld.config import find
    from cromwelld.daemon.supervisor import Surroundings, live, reasons
    from cromwelld.lake.memory import stay_small
    from cromwelld.monitor.logs import Log, Style, hear_libraries, style_of
    from cromwelld.monitor.looplag import loop_telling, take_turns_often
    from cromwelld.monitor.notify import Notifier
    from cromwelld.wiring.build import now

    environ = dict(os.environ)
    style = style_of(sys.stderr, environ)
    log = Log(sys.stderr, style)
    hear_libraries(log)
    stay_small()
    take_turns_often()
    try:
        around = Surroundings(
            config=find(config, environ), log=log, notifier=Notifier.of(environ), clock=now, environ=environ
        )
        with asyncio.Runner(loop_factory=loop_telling(around.lag)) as runner:
            runner.run(live(around))
    except Exception as err:
        if isinstance(err, CromwelldError) and style is not Style.JOURNAL:
            raise  # told to the person who starts it
        for reason in reasons(err):
            log(reason)
        return err.exit_code if isinstance(err, CromwelldError) else _FAILED
    return 0
