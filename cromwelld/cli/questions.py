"""What `init` asks: each question with its reason, and how an answer is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cromwelld.config import values

GOOGLE, GATEWAY, TAKEOUT = "google_health", "fitbit_web", "import"
_EVERY = frozenset({GOOGLE, GATEWAY, TAKEOUT})

_WAYS_IN = """Which way in do you have?
  google_health  a Google Cloud project that may use the Google Health API
  import         no such project: Google Takeout, again every two months
  fitbit_web     a gateway, or a consent that still works, for the Fitbit Web API"""


def _plain(answer: str) -> str:
    return values.text(answer.strip())


def _source(answer: str) -> str:
    return values.one_of(GOOGLE, TAKEOUT, GATEWAY)(answer.strip())


def _account(answer: str) -> str:
    name = answer.strip()
    if not name or not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-"):
        raise values.Unsuitable(values.shown(answer), "the letters a-z, digits, _ and -")
    return name


def _client_id(answer: str) -> str:
    found = _plain(answer)
    if found.startswith("GOCSPX-"):
        raise values.Unsuitable("the client's secret", "its id, which ends in .apps.googleusercontent.com")
    return found


def secret_text(answer: str) -> str:
    """Read the secret itself, as it is typed."""
    found = _plain(answer)
    if found.startswith("{"):
        raise values.Unsuitable("the JSON that Google gave", "the text of client_secret in it")
    return found


def _secret_file(answer: str) -> str:
    """Read where the secret lies; a file that is there must hold the secret and nothing else."""
    if answer.startswith("credential:"):
        values.secret(answer)
        return answer
    path = Path(_folder(answer))
    try:
        values.secret(str(path))
        if path.exists():
            secret_text(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise values.Unsuitable("a file that cannot be read as text", "a file that holds the secret") from None
    return str(path)


def _folder(answer: str) -> str:
    """Read a folder; one that is no full path is taken from where the person stands."""
    return str(values.folder(os.path.abspath(Path(_plain(answer)).expanduser())))  # noqa: PTH100 - a link stays a link


def _timezone(answer: str) -> str:
    return values.zone_or_auto(answer.strip()) or "auto"


def _address(answer: str) -> str:
    return values.address(answer.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: the option that answers it, why it is asked, of whom, and how an answer is read."""

    option: str
    asked: str
    why: str
    read: Callable[[str], str]
    sources: frozenset[str] = _EVERY
    hidden: bool = False


SECRET = Question(
    option="--client-secret-file",
    asked="client secret (not shown)",
    why="It is written to a file of its own, which only you can read, never into the configuration.",
    read=_secret_file,
    sources=frozenset({GOOGLE}),
    hidden=True,
)

QUESTIONS = (
    Question(option="--source", asked="source", why=_WAYS_IN, read=_source),
    Question(
        option="--account",
        asked="account",
        why="Your own word for the person, in commands and messages.",
        read=_account,
    ),
    Question(
        option="--client-id",
        asked="client id",
        why='From your Google Cloud project, "Clients", type "Desktop app": ends in .apps.googleusercontent.com.',
        read=_client_id,
        sources=frozenset({GOOGLE}),
    ),
    SECRET,
    Question(
        option="--base-url",
        asked="address",
        why="Of the gateway that speaks the Fitbit Web API; the vendor's own was announced to end.",
        read=_address,
        sources=frozenset({GATEWAY}),
    ),
    Question(option="--data-dir", asked="tables", why="Where notebooks read: Parquet files.", read=_folder),
    Question(
        option="--archive-dir",
        asked="archive",
        why="The copy that must outlive this machine: a folder on another disk is a backup, one on this disk is not.",
        read=_folder,
    ),
    Question(
        option="--state-dir", asked="state", why="Logins and what was asked. Private, on this machine.", read=_folder
    ),
    Question(
        option="--timezone",
        asked="time zone",
        why='"auto" takes what the vendor knows, date by date; or a name such as Europe/Berlin.',
        read=_timezone,
    ),
)
