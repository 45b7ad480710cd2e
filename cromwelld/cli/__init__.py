"""The command line: what people type, and what they are told."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import click

from cromwelld.cli.app import cromwelld
from cromwelld.cli.explain import explain
from cromwelld.errors import CromwelldError, ours
from cromwelld.lake.frugal import stay_narrow

INTERRUPTED = 130
_NARROW = {"import"}  # works through years in one process


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; errors are sentences, not tracebacks."""
    if arguments is None:  # a program of our own, not a call from another one
        signal.signal(signal.SIGTERM, _stop_as_with_ctrl_c)
        if _NARROW.intersection(sys.argv[1:2]):
            stay_narrow()
    try:
        code = cromwelld.main(arguments, prog_name="cromwelld", standalone_mode=False)
    except CromwelldError as err:
        explain(err)
        code = err.exit_code
    except click.ClickException as err:
        err.show()
        code = err.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("cromwelld: stopped; what was done is kept, and running it again goes on from there", err=True)
        code = INTERRUPTED
    except Exception as err:  # noqa: BLE001 - whatever goes wrong is said in a sentence
        told = ours(err)
        explain(told)
        code = told.exit_code
    sys.exit(code if isinstance(code, int) else 0)


def _stop_as_with_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Leave the same way whoever stops us, so that nothing stays half-written."""
    del number
    interrupt = signal.getsignal(signal.SIGINT)
    if not callable(interrupt):  # a shell's background job ignores SIGINT
        raise KeyboardInterrupt
    interrupt(signal.SIGINT, frame)
