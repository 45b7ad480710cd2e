"""`cromwelld check-config`: tell whether the configuration is right, and what it says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from cromwelld.config import Settings, find, load, warnings


@click.command("check-config")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_config(config: Path | None, *, as_json: bool) -> int:
    """Check the configuration and name every mistake in it, with its key and what is allowed."""
    path = find(config, dict(os.environ))
    settings = load(path)
    notes = warnings(settings)
    if as_json:
        click.echo(json.dumps({"config": str(path), "accounts": list(settings.accounts), "warnings": notes}))
        return 0
    click.echo(f"{path} is right.")
    for line in _summary(settings):
        click.echo(f"  {line}")
    for note in notes:
        click.echo(f"warning: {note}")
    return 0


def _summary(settings: Settings) -> list[str]:
    lines = [f"state    {settings.state_dir}"]
    archive = settings.archive
    lines.append(f"archive  {archive.folder if archive.store == 'folder' else f's3://{archive.bucket}'}")
    accounts = settings.accounts.values()
    return lines + [f"account  {one.name}: from {one.source}, tables in {one.data_dir}" for one in accounts]
