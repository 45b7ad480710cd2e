"""`cromwelld notebook`: the notebooks in a folder of the user's, and Jupyter Lab on them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

import cromwelld
from cromwelld.cli.lessons import lesson
from cromwelld.config import Settings
from cromwelld.disk import write_bytes
from cromwelld.errors import ConfigurationError, UsageError
from cromwelld.wiring import build

_DONE, _INCOMPLETE = 0, 10
_NEEDED = ("jupyterlab", "ipykernel", "matplotlib")
_REMEDY = 'pip install "cromwelld[notebooks]", or in a clone: pip install -c deploy/constraints.txt -e ".[notebooks]"'

_EXAMPLES = (
    ("notebook", "on your own tables"),
    ("notebook --data-dir cromwelld-demo/data", "on the demo's"),
    ("notebook FOLDER --copy-only", "only the files"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 10)))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("cromwelld-notebooks"))
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The tables to look at, instead of those of the configuration.",
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, instead of the usual places."
)
@click.option("--account", metavar="NAME", help="Whose tables, if there are several accounts.")
@click.option("--copy-only", is_flag=True, help="Start nothing.")
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Where Jupyter Lab listens.")
def notebook(  # noqa: PLR0913 - one parameter for each option
    folder: Path,
    data_dir: Path | None,
    config: Path | None,
    account: str | None,
    *,
    copy_only: bool,
    no_browser: bool,
    port: int | None,
) -> int:
    """Copy the notebooks to FOLDER and open them in Jupyter Lab, with the tables' folder set.

    A notebook that is there already is yours and stays as it is: remove it to have it afresh.
    """
    told = {} if copy_only else _places(data_dir, config, account)
    _present(folder, _copy(folder))
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if not copy_only and not missing:
        _start(folder, told, [*(["--no-browser"] if no_browser else []), *([f"--port={port}"] if port else [])])
    if not copy_only:
        click.echo(f"Jupyter Lab cannot be started, {', '.join(missing)} is not installed: {_REMEDY}", err=True)
    return _DONE if copy_only else _INCOMPLETE


def _places(data_dir: Path | None, config: Path | None, account: str | None) -> dict[str, str]:
    """Say for the notebooks where tables and archive are, as environment variables."""
    if data_dir is not None:
        if not data_dir.is_dir():
            raise UsageError(f"there is no folder {data_dir}", hint="name one with tables: cromwelld demo makes one")
        return {"CROMWELLD_DATA_DIR": str(data_dir.resolve())}
    settings = _settings(config)
    chosen = build.account_of(settings, account)
    return {
        "CROMWELLD_DATA_DIR": str(chosen.data_dir),
        "CROMWELLD_ARCHIVE": build.archive_place(settings, chosen),
    }


def _settings(config: Path | None) -> Settings:
    try:
        return build.settings_from(config, dict(os.environ))
    except ConfigurationError as err:
        hint = "or name the tables: cromwelld notebook --data-dir FOLDER"
        raise ConfigurationError(err.message, problems=err.problems, hint=f"{err.hint}; {hint}") from err


# --- the files


def _copy(folder: Path) -> list[str]:
    """Copy what is not there; name the files that are there and differ from ours."""
    shipped, kept = _shipped(), []
    for name in _names(shipped):
        target, content = folder / name, (shipped / name).read_bytes()
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, content)
        elif target.read_bytes() != content:
            kept.append(name)
    return kept


def _shipped() -> Path:
    """Find the notebooks: in an installed package they lie in it, in a clone beside it."""
    package = Path(cromwelld.__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def _names(shipped: Path) -> Iterator[str]:
    yield from sorted(path.name for path in shipped.glob("*.ipynb"))
    yield from sorted(path.relative_to(shipped).as_posix() for path in shipped.glob("functions/*.py"))


def _present(folder: Path, kept: list[str]) -> None:
    click.echo(f"the notebooks are in {folder}")
    if kept:
        click.echo(f"there already, and left as they are: {', '.join(kept)}")


# --- Jupyter Lab


def _start(folder: Path, told: Mapping[str, str], options: list[str]) -> NoReturn:
    """Become Jupyter Lab, so that it has the terminal and its signals to itself."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}", *options]
    sys.stdout.flush()
    os.execve(sys.executable, command, {**os.environ, **told})  # noqa: S606 - a fixed program, no shell
