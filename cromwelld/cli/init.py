"""`cromwelld init`: a few questions that write config.toml."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from cromwelld.cli.lessons import lesson
from cromwelld.cli.questions import GATEWAY, GOOGLE, QUESTIONS, SECRET, TAKEOUT, Question, secret_text
from cromwelld.config import file, parse, values
from cromwelld.config.writing import Answers, filled
from cromwelld.disk import write_bytes
from cromwelld.errors import ConfigurationError, CromwelldError, UsageError

_PRIVATE = 0o600
_SECRET_NAME = "google_client_secret"  # noqa: S105 - a file's name
_VENDOR = "https://api.fitbit.com"
_TAKE_SECRET = "take it with --client-secret-file {}, or move it away"  # noqa: S105 - a hint


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things go for whoever asks: a person on a laptop, or root on a server."""

    config: Path
    root: Path | None

    def defaults(self) -> dict[str, str]:
        """Give the answer that is offered to each question that has one."""
        home = self.root
        return {
            "--source": GOOGLE,
            "--account": "me",
            "--base-url": _VENDOR,
            "--data-dir": "/srv/cromwelld/data" if home is None else str(home / "data"),
            "--archive-dir": "/srv/cromwelld/archive" if home is None else str(home / "archive"),
            "--state-dir": "/var/lib/cromwelld" if home is None else str(home / "state"),
            "--timezone": "auto",
        }


_EXAMPLES = (
    ("init", "asks, and writes your config.toml"),
    ("init --config my.toml", "writes this one"),
    ("init --yes --source import", "asks nothing"),
)


@click.command(epilog=lesson(_EXAMPLES, (0, 1, 2, 130)))
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The file to write, instead of the usual one."
)
@click.option("--account", metavar="NAME", help="Your word for the person.")
@click.option("--source", metavar="S", help="google_health, import or fitbit_web.")
@click.option("--state-dir", metavar="D", help="Where logins and the state go.")
@click.option("--data-dir", metavar="D", help="Where the Parquet tables go.")
@click.option("--archive-dir", metavar="D", help="Where the archive goes.")
@click.option("--client-id", metavar="ID", help="Of your Google Cloud client.")
@click.option("--client-secret-file", metavar="F", help="The file that holds its secret.")
@click.option("--base-url", metavar="URL", help="The gateway, for fitbit_web.")
@click.option("--timezone", metavar="Z", help="auto, or a name such as Europe/Berlin.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults for what is not said.")
def init(config: Path | None, *, yes: bool, **options: str | None) -> int:
    """Ask a few questions and write config.toml; a file that is there is never touched."""
    places = _places(config, dict(os.environ))
    _check_free(places.config, "choose another with --config FILE; to change it, edit it and run check-config")
    given = {f"--{name.replace('_', '-')}": answer for name, answer in options.items() if answer is not None}
    answers = _Interview(given, places, asking=not yes and sys.stdin.isatty()).answers(offering=yes)
    secret = _write(answers, places.config)
    _teach(answers, places.config, secret, named=config is not None)
    return 0


def _places(config: Path | None, environ: Mapping[str, str]) -> _Places:
    """Choose where things go; the file goes to where the other commands look for it."""
    named = config or (Path(environ[file.VARIABLE]) if environ.get(file.VARIABLE) else None)
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    if os.name != "nt" and os.geteuid() == 0:
        return _Places(named or file.SYSTEM_FILE, None)
    return _Places(named or home / file.HOME_FILE, home / "cromwelld")


def _check_free(path: Path, hint: str) -> None:
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already and is not overwritten", hint=hint)


class _Interview:
    """The questions put to a person; what options have answered is not asked."""

    def __init__(self, given: Mapping[str, str], places: _Places, *, asking: bool) -> None:
        self._places = places
        self._asking = asking
        self._typed: dict[str, str] = {}
        self._defaults = places.defaults()
        self._found = {one.option: _checked(one, given[one.option]) for one in QUESTIONS if one.option in given}

    def answers(self, *, offering: bool) -> dict[str, str]:
        """Give every answer by its option; the secret, if it was typed, by "secret".

        Raises: UsageError naming the options of what is missing where nobody can be asked.
        """
        missing = []
        for question in QUESTIONS:
            default = self._defaults.get(question.option)
            if not self._wanted(question):
                continue
            if self._asking:
                self._ask(question, default)
            elif offering and default is not None:
                self._found[question.option] = default
            else:
                missing.append(question.option)
        if missing:
            hint = "answer them, or take the defaults with --yes" if not offering else "these have no default"
            raise UsageError(f"nobody is there to answer: {', '.join(missing)}", hint=hint)
        return {**self._found, **self._typed}

    def _wanted(self, question: Question) -> bool:
        """Tell whether a question is open; while nobody knows the source, those of the first one are asked."""
        source = self._found.get("--source", self._defaults["--source"])
        return question.option not in self._found and source in question.sources

    def _ask(self, question: Question, default: str | None) -> None:
        click.echo(f"\n{question.why}")
        if question is not SECRET:
            told = click.prompt(question.asked, default=default, value_proc=_proc(question.read))
            self._found[question.option] = str(told)
            return
        target = self._places.config.absolute().with_name(_SECRET_NAME)
        _check_free(target, _TAKE_SECRET.format(target))
        self._typed["secret"] = str(click.prompt(question.asked, hide_input=True, value_proc=_proc(secret_text)))
        self._found[question.option] = str(target)


def _proc(read: Callable[[str], str]) -> Callable[[str], str]:
    """Make a prompt ask again, with what is allowed."""

    def check(answer: str) -> str:
        try:
            return read(answer)
        except values.Unsuitable as wrong:
            raise click.UsageError(str(wrong)) from wrong

    return check


def _checked(question: Question, answer: str) -> str:
    try:
        return question.read(answer)
    except values.Unsuitable as wrong:
        raise UsageError(f"{question.option}: {wrong}", hint="see cromwelld init --help") from wrong


def _write(answers: Mapping[str, str], config: Path) -> Path | None:
    """Write the secret if one was typed, then the configuration; give the secret's file. Raises: NotWritable."""
    text = filled(_answers(answers))
    try:
        parse(text, str(config))
    except ConfigurationError as err:
        sentence = "these answers do not go together; nothing was written"
        raise ConfigurationError(sentence, problems=err.problems, hint="run it again with other answers") from err
    secret = Path(answers[SECRET.option]) if "secret" in answers else None
    if secret is not None:
        _check_free(secret, _TAKE_SECRET.format(secret))
        write_bytes(secret, answers["secret"].encode() + b"\n", mode=_PRIVATE)
    try:
        _check_free(config, "it appeared while you were asked; look at it first")
        write_bytes(config, text.encode(), mode=_PRIVATE)
    except CromwelldError:
        if secret is not None:
            secret.unlink(missing_ok=True)
        raise
    return secret


def _answers(found: Mapping[str, str]) -> Answers:
    base_url = found.get("--base-url")
    return Answers(
        account=found["--account"],
        source=found["--source"],
        state_dir=found["--state-dir"],
        data_dir=found["--data-dir"],
        archive_folder=found["--archive-dir"],
        timezone=found["--timezone"],
        client_id=found.get("--client-id"),
        client_secret_file=found.get(SECRET.option),
        base_url=None if base_url == _VENDOR else base_url,
    )


def _teach(answers: Mapping[str, str], config: Path, secret: Path | None, *, named: bool) -> None:
    """Say what was written and what to do next."""
    click.echo(f"\n{config} is written; only you can read it.")
    place = answers.get(SECRET.option, "")
    if secret is not None:
        click.echo(f"The client's secret lies in {secret}.")
    elif place and not place.startswith("credential:") and not Path(place).exists():
        click.echo(f"Write the client's secret to {place}, readable by you only.")
    more = f" --config {shlex.quote(str(config))}" if named else ""
    steps = _NEXT[answers["--source"]]
    wide = max(len(command) for command, _ in steps) + len(more) + 2
    click.echo("Next:")
    for command, purpose in steps:
        click.echo(f"  cromwelld {command + more:{wide}}{purpose}")


_CHECK = ("doctor", "is everything as it must be?")
_NEXT = {
    GOOGLE: (
        ("login", "with the Google account that wears the watch"),
        _CHECK,
        ("collect 7d", "the last seven days"),
    ),
    GATEWAY: (("login", "with the account that wears the watch"), _CHECK, ("collect 7d", "the last seven days")),
    TAKEOUT: (("doctor --offline", "is everything as it must be?"),),
}
