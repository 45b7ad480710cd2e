"""`cromwelld check-config`: tell whether the configuration is right, and what it says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from cromwelld.cli.lessons import lesson
from cromwelld.config import Settings, find, load, warnings
from cromwelld.errors import ConfigurationError

_EXAMPLES = (
    ("check-config", "the one that collect takes"),
    ("check-config --config my.toml", "this one"),
)


@click.command("check-config", epilog=lesson(_EXAMPLES, (0, 2)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_config(config: Path | None, *, as_json: bool) -> int:
    """Check the configuration and name every mistake in it, with its key and what is allowed."""
    path = find(config, dict(os.environ))
    try:
        settings = load(path)
    except ConfigurationError as err:
        if not as_json:
            raise
        _print_json(path, message=err.message, problems=err.problems)
        return err.exit_code
    notes = warnings(settings)
    if as_json:
        _print_json(path, accounts=list(settings.accounts), problems=(), warnings=notes)
        return 0
    click.echo(f"{path} is right.")
    for line in _summary(settings):
        click.echo(f"  {line}")
    for note in notes:
        click.echo(f"warning: {note}")
    return 0


def _print_json(path: Path, **said: object) -> None:
    click.echo(json.dumps({"config": str(path), **said}, indent=2))


def _summary(settings: Settings) -> list[str]:
    lines = [f"state    {settings.state_dir}"]
    archive = settings.archive
    lines.append(f"archive  {archive.folder if archive.store == 'folder' else f's3://{archive.bucket}'}")
    accounts = settings.accounts.values()
    return lines + [f"account  {one.name}: from {one.source}, tables in {one.data_dir}" for one in accounts]
