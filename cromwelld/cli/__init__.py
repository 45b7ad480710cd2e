"""The command line: what people type, and what they are told."""

from __future__ import annotations

import sys

import click

from cromwelld.cli.app import cromwelld
from cromwelld.cli.explain import explain
from cromwelld.errors import CromwelldError

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; errors are sentences, not tracebacks."""
    try:
        code = cromwelld.main(arguments, prog_name="cromwelld", standalone_mode=False)
    except CromwelldError as err:
        explain(err)
        code = err.exit_code
    except click.ClickException as err:
        err.show()
        code = err.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; what was collected is kept", err=True)
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)
