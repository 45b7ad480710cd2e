"""The commands by name; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from cromwelld import __version__
from cromwelld.cli.lessons import EXIT_CODES, lesson

# name: where the command is, and the line that --help has for it
_COMMANDS = {
    "demo": ("demo:demo", "collect three invented days, no account needed"),
    "init": ("init:init", "a few questions, then your config.toml is there"),
    "login": ("login:login", "log in at the vendor, by browser or by pasting"),
    "doctor": ("doctor:doctor", "every check, each with one remedy"),
    "check-config": ("check_config:check_config", "is config.toml right, and what does it say?"),
    "account": ("account:account", "give a person what is theirs, or take an account away"),
    "pause": ("pause:pause", "collect nothing by itself for an account, for a while"),
    "run": ("run:run", "the daemon: every day of every account, by itself"),
    "collect": ("collect:collect", "fetch dates now, again if they are there"),
    "rerun": ("collect:rerun", "the same as collect"),
    "backfill": ("backfill:backfill", "fetch older dates from what today leaves over"),
    "status": ("status:status", "how everything stands"),
    "runs": ("runs:runs", "what was wished, and what became of it"),
    "accept": ("accept:accept", "take a date as it is: settle what only a person can"),
    "import": ("import_:import_", "an export of Google Takeout into archive and tables"),
    "compile": ("compile:compile_", "Parquet from archive files on disk, no configuration needed"),
    "sync": ("sync:sync", "new or changed days of the archive into tables; the restore"),
    "verify": ("verify:verify", "archive, tables and ledger against each other"),
    "split": ("split:split", "take over a monolithic fitbit_compiled.parquet"),
    "alert-test": ("alert_test:alert_test", "does a letter arrive? a trial over every channel"),
    "notebook": ("notebook:notebook", "notebooks on your tables, in Jupyter Lab"),
    "simulate": ("simulate:simulate", "serve an invented person as the vendor's API"),
}

_EXAMPLES = (
    ("demo", "see it work, in ./cromwelld-demo"),
    ("collect yesterday", "fetch one date"),
    ("collect 2025-10-06..2025-10-12", "a range, both ends included"),
    ("compile ARCHIVE --data-dir DATA", "Parquet from files on disk"),
    ("COMMAND --help", "more about a command"),
)


class _Commands(click.Group):
    """Look commands up in the table, so that --help and --version stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of the table."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f"cromwelld.cli.{module}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    epilog=lesson(_EXAMPLES, tuple(EXIT_CODES)),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="cromwelld")
def cromwelld() -> None:
    """Keep your wearable data: every day as a gzip JSON backup and as Parquet that notebooks read."""
