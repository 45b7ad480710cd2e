"""config.toml.example is the truth about the settings."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import TypeVar

import pytest

from cromwelld.config import Account, Alerts, Archive, Http, Schedule, Secret, Settings, Stay, parse
from cromwelld.config.reading import settings
from cromwelld.config.section import Mistakes, Section
from cromwelld.config.values import Reader
from cromwelld.errors import ConfigurationError

EXAMPLE = Path(__file__).resolve().parents[2] / "config.toml.example"
TEXT = EXAMPLE.read_text(encoding="utf-8")
FILLED = TEXT.replace("<...apps.googleusercontent.com>", "1.apps.googleusercontent.com")
# every line that is commented out, except the second account, which has only a name
OPTIONAL = re.sub(r"^# (?=\[(?!accounts)|[a-z_]+ = )", "", FILLED.replace("<uuid>", "1"), flags=re.MULTILINE)

T = TypeVar("T")
D = TypeVar("D")


class Complete(Section):
    """A table from which no key may be left out."""

    def take(self, name: str, read: Reader[T], default: D) -> T | D:
        assert self.has(name), f"config.toml.example says nothing of {self.key(name)}"
        return super().take(name, read, default)


def test_the_example_as_it_lies_asks_to_be_filled_in() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(TEXT, "config.toml.example")
    assert caught.value.problems == ("accounts.me.client_id: still has the placeholder <...>; fill it in",)


def test_the_example_filled_in_is_the_defaults() -> None:
    me = Account(
        name="me",
        client_id="1.apps.googleusercontent.com",
        client_secret=Secret(path=Path("/etc/cromwelld/secrets/google_client_secret")),
        data_dir=Path("/srv/cromwelld/data"),
        prefix="cromwell/fitbit",
    )
    expected = Settings(
        accounts={"me": me},
        archive=Archive(),
        schedule=Schedule(refresh_today_given=True),
        http=Http(),
        alerts=Alerts(),
    )
    assert parse(FILLED, "config.toml.example") == expected


def test_the_example_shows_every_key_with_a_value_that_works() -> None:
    mistakes = Mistakes()
    found = settings(Complete("", tomllib.loads(OPTIONAL), mistakes), mistakes)
    assert mistakes.lines == []
    assert found.archive.bucket == "my-health"
    assert found.alerts.mail is not None
    assert found.alerts.ntfy is not None
    assert found.alerts.healthchecks is not None


def test_the_example_shows_what_a_stay_looks_like() -> None:
    (stay,) = re.findall(r"\{from = .*?\}", TEXT)
    account = f'[accounts.me]\nsource = "import"\ndata_dir = "/d"\nprefix = "p"\nlived_in = [{stay}]'
    assert parse(account, "x").accounts["me"].lived_in == (Stay(first=dt.date(2016, 1, 1), timezone="Europe/London"),)
