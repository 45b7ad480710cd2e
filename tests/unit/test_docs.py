"""README, deploy/ and config.toml.example say everything that the program has, and say it truly."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest

import cromwelld
from cromwelld import config, datapage
from cromwelld.archive.refusals import RIGHTS
from cromwelld.cli import INTERRUPTED
from cromwelld.cli.app import cromwelld as commands
from cromwelld.config import Settings
from cromwelld.day.decoding import decode
from cromwelld.errors import CromwelldError
from cromwelld.events import Kind
from cromwelld.lake.layout import DAYS, OUTCOME, many_dates
from cromwelld.measurements import CATALOGUE, Measurement
from cromwelld.monitor.alerts import AlertKind
from cromwelld.monitor.health import MEANINGS
from cromwelld.monitor.metrics import FAMILIES, PREFIX
from cromwelld.pieces import Outcome
from cromwelld.sources.fitbit_web import endpoints
from cromwelld.sources.google_health import streams
from cromwelld.sources.takeout import answers as takeout
from cromwelld.web.call import Route
from cromwelld.web.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DATA = (ROOT / "deploy/DATA.md").read_text("utf-8")
MONITORING = (ROOT / "deploy/MONITORING.md").read_text("utf-8")
OPERATING = (ROOT / "deploy/OPERATING.md").read_text("utf-8")
BUCKETS = (ROOT / "deploy/S3.md").read_text("utf-8")
EXAMPLE = (ROOT / "config.toml.example").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "deploy").glob("*.md"))]

FIRST_SCREEN_LINES = 40
FIRST_SCREEN_ORDER = (
    "Keeps the wearable data",
    "**Try it**",
    "cromwelld demo",
    ".venv/bin/pytest",
    "**Your own data: which way in do you have?**",
    "**Read it**",
    "**Before you compare years**",
    "**Run it for good**",
    "**What it does not do**",
)

# What the settings call otherwise than config.toml, and what is no key of it.
OTHER_NAMES = {"first": "from"}
NO_KEYS = {"name", "refresh_today_given"}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def options() -> list[tuple[str, str]]:
    return [
        (name, max(parameter.opts, key=len))
        for name, command in command_table().items()
        for part in (command, *(command.commands.values() if isinstance(command, click.Group) else ()))
        for parameter in part.params
        if isinstance(parameter, click.Option)
    ]


def command_table() -> dict[str, click.Command]:
    context = click.Context(commands)
    found = {name: commands.get_command(context, name) for name in commands.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def exit_codes(kind: type[CromwelldError]) -> set[int]:
    return {kind.exit_code}.union(*(exit_codes(child) for child in kind.__subclasses__()))


# --- the first screen


def test_the_first_screen_is_short() -> None:
    lines = README.splitlines()
    assert next(number for number, line in enumerate(lines) if line.startswith("## ")) <= FIRST_SCREEN_LINES


def test_the_first_screen_answers_in_order() -> None:
    screen = README.partition("\n## ")[0]
    places = [screen.find(words) for words in FIRST_SCREEN_ORDER]
    assert -1 not in places
    assert places == sorted(places)


def test_the_readme_speaks_of_this_version() -> None:
    assert f"(version {cromwelld.__version__}, checked on" in README


# --- everything is said


@pytest.mark.parametrize("name", list(command_table()))
def test_every_command_is_told(name: str) -> None:
    assert re.search(rf"^\| `cromwelld {name}\b", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "option"), options())
def test_every_option_is_told(command: str, option: str) -> None:
    assert option in README, command


def test_every_exit_code_is_told() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {0, 1, 2, 10, 75, 77, 130}
    assert told >= exit_codes(CromwelldError) | {INTERRUPTED}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_event_is_told(kind: Kind) -> None:
    assert f"\n| `{kind.label}` | {kind.level.value} | {kind.meaning} |\n" in MONITORING


def test_no_event_is_told_that_is_none() -> None:
    section = MONITORING.partition("\n## Events\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", section, re.MULTILINE)
    assert told == [kind.label for kind in Kind]


def told_of_the_daemon() -> dict[str, str]:
    """Give what the operating page says of each command while the daemon runs."""
    section = OPERATING.partition("\n## Commands while the daemon runs\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|$", section, re.MULTILINE)
    return {name: words for names, words in rows for name in re.findall(r"`([a-z -]+)`", names)}


def test_every_command_says_what_it_is_while_the_daemon_runs() -> None:
    assert {name.partition(" ")[0] for name in told_of_the_daemon()} == set(command_table())


@pytest.mark.parametrize("name", list(command_table()))
def test_the_daemon_does_what_is_said_of_it(name: str) -> None:
    module = getattr(command_table()[name].callback, "__module__", "")
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    asks = "daemon_of(" in source or "looked_at(" in source
    assert told_of_the_daemon().get(name, "").startswith("the daemon ") is asks


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_told(route: Route) -> None:
    row = re.search(rf"^\| `{route.method} {re.escape(route.path)}` \| (no|yes) \|", OPERATING, re.MULTILINE)
    assert row is not None
    assert (row[1] == "no") is route.open
    line = OPERATING[row.start() :].partition("\n")[0]
    assert [name for name in route.query if f"{name}=" not in line] == []


def test_no_route_is_told_that_is_none() -> None:
    told = re.findall(r"^\| `([A-Z]+ /\S*)` \|", OPERATING, re.MULTILINE)
    assert sorted(told) == sorted(f"{route.method} {route.path}" for route in ROUTES)


def test_the_readme_leads_to_the_routes() -> None:
    assert "(deploy/OPERATING.md)" in README


def test_every_metric_is_told() -> None:
    rows = {
        f"| `{PREFIX}{one.name}` | {one.type.value} |{' ' if one.labels else ''}"
        f"{', '.join(f'`{label}`' for label in one.labels)} | {one.help} |"
        for one in FAMILIES
    }
    section = MONITORING.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `cromwelld_.*$", section, re.MULTILINE)) == rows


def test_every_reason_of_a_probe_is_told() -> None:
    section = MONITORING.partition("\n## Probes\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE) == [(c.value, m) for c, m in MEANINGS.items()]


def test_every_alert_is_told() -> None:
    section = MONITORING.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert told == [(kind.word, kind.subject, kind.meaning) for kind in AlertKind]


def keys(kind: type) -> Iterator[str]:
    for name, hint in get_type_hints(kind).items():
        if name in NO_KEYS:
            continue
        insides = list(sections(hint))
        secret = config.Secret in insides
        yield f"{name}_file" if secret else OTHER_NAMES.get(name, name.removesuffix("_s"))
        for inside in insides:
            if inside not in (config.Secret, config.Endpoint):
                yield from keys(inside)


def sections(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from sections(argument)


@pytest.mark.parametrize("key", sorted(set(keys(Settings))))
def test_every_setting_is_shown(key: str) -> None:
    places = rf"^(# )?{key} = |[{{,] ?{key} = |^(# )?\[(\w+\.)?{key}(\.\w+)?\]"
    assert re.search(places, EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize("table", [name for name, value in tomllib.loads(EXAMPLE).items() if isinstance(value, dict)])
def test_every_table_of_the_settings_is_told(table: str) -> None:
    assert f"[{table}]" in README


def test_every_room_is_in_the_house() -> None:
    house = README.partition("## The house")[2]
    rooms = [path.name for path in (ROOT / "cromwelld").iterdir() if path.is_dir() or path.suffix == ".py"]
    inside = [room for room in rooms if not room.startswith("__")]
    assert [room for room in inside if f"`cromwelld/{room}" not in house] == []


# --- the page on the data


def test_the_page_on_the_data_is_what_the_catalogue_says() -> None:
    assert datapage.page() == DATA, "write it again: python -m cromwelld.datapage > deploy/DATA.md"


@pytest.mark.parametrize("measurement", CATALOGUE, ids=lambda m: m.name)
def test_every_measurement_has_its_section(measurement: Measurement) -> None:
    section = DATA.partition(f"\n### {measurement.name}\n")[2].partition("\n### ")[0]
    assert f"`{measurement.table}`" in section
    assert [field.name for field in measurement.fields if f"| `{field.name}` | {field.unit} |" not in section] == []


def test_every_column_of_the_days_is_told() -> None:
    section = DATA.partition("\n## days.parquet\n")[2]
    own = [name for name in DAYS.schema.names if not name.startswith(OUTCOME)]
    assert [name for name in own if f"| `{name}` |" not in section] == []


def test_every_word_that_the_data_use_is_told() -> None:
    tags = {tag for measurement in CATALOGUE for tag in measurement.tags}
    assert set(datapage.TAGS) == tags
    assert set(datapage.OUTCOMES) == set(Outcome)
    assert set(datapage.MERGES) == {measurement.merge for measurement in CATALOGUE}
    assert {word for m in CATALOGUE for word in m.likeness.values()} <= set(datapage.LIKENESS)


def test_every_stream_is_told() -> None:
    section = DATA.partition("\n## Streams\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [
        *streams.STREAMS,
        *endpoints.STREAMS,
        *takeout.STREAMS,
    ]


def test_every_table_is_told() -> None:
    assert [path for path in many_dates() if f"\n  {path}\n" not in DATA] == []


def test_a_source_that_a_measurement_does_not_name_offers_none() -> None:
    nobody = dataclasses.replace(CATALOGUE[0], likeness={})
    assert datapage.likeness_of(nobody, "takeout") == "none"


def test_the_record_of_the_page_is_one() -> None:
    (text,) = blocks(DATA, "json")
    decoded = decode(text.encode())
    assert decoded.rejected == {}
    assert [record["measurement"] for record in json.loads(text)] == list(decoded.tables)


# --- what is shown works


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_code_in_pages_compiles(path: Path) -> None:
    for number, code in enumerate(blocks(path.read_text("utf-8"), "python")):
        compile(code, f"{path.name} block {number}", "exec")


def test_the_settings_in_the_readme_are_right() -> None:
    accounts = [config.parse(text, "README.md").accounts["me"] for text in blocks(README, "toml")]
    assert [account.source for account in accounts] == ["google_health", "import", "fitbit_web"]


def test_the_settings_of_the_page_on_buckets_are_right() -> None:
    account = '[accounts.me]\nsource = "import"\ndata_dir = "/d"\nprefix = "p"\n'
    shown = [config.parse(account + text, "S3.md").archive for text in blocks(BUCKETS, "toml")]
    assert [archive.bucket for archive in shown] == ["my-health"] * 4


def test_every_setting_of_a_bucket_is_told_on_its_page() -> None:
    own = {"store", "folder", "keep_replaced", "verify_every"}
    assert [key for key in keys(config.Archive) if key not in own and f"{key}" not in BUCKETS] == []


def test_the_policy_has_every_right_that_is_used_and_no_other() -> None:
    writer, reader = (json.loads(text)["Statement"] for text in blocks(BUCKETS, "json"))
    allowed = {action for statement in writer for action in statement["Action"]}
    assert allowed == {right for rights in RIGHTS.values() for right in rights}
    assert {statement["Action"] for statement in reader} == {"s3:ListBucket", "s3:GetObject"}


def anchors(text: str) -> set[str]:
    """Name the headings as the forges do: lower case, spaces to hyphens, other signs gone."""
    outside_code = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", outside_code, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        page = path.parent / target if target else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text("utf-8")), f"{target}#{anchor}"
