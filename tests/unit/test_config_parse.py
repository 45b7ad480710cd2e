"""A whole settings file, right and wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.config import (
    Account,
    Alerts,
    Archive,
    Endpoint,
    Healthchecks,
    Http,
    Mail,
    Ntfy,
    Schedule,
    Secret,
    Settings,
    Stay,
    parse,
)
from cromwelld.errors import ConfigurationError

SMALLEST = """
[accounts.me]
source = "import"
data_dir = "/srv/cromwelld/data"
prefix = "cromwell/fitbit"
"""

EVERYTHING = """
state_dir = "/s"

[accounts.me]
source = "google_health"
client_id = "1.apps.googleusercontent.com"
client_secret_file = "credential:google"
data_dir = "/d/me"
prefix = "home/me"
timezone = "Europe/Berlin"
lived_in = [{from = 2020-05-01, timezone = "Europe/Berlin"}, {from = 2016-01-01, timezone = "Europe/London"}]
device = "PixelWatch3"
steps_from = "all"
leave_out = ["gps", "weight"]
base_url = "https://gateway.example.org/"

[accounts.my-partner_2]
source = "fitbit_web"
data_dir = "/d/partner"
prefix = "home/partner"

[archive]
store = "s3"
folder = "/a"
bucket = "my-health"
endpoint = "https://s3.example.org"
region = "eu-central-1"
path_style = true
access_key_file = "/k/access"
secret_key_file = "/k/secret"
storage_class = "STANDARD_IA"
server_side_encryption = "aws:kms"
kms_key_id = "alias/health"
keep_replaced = "30d"
verify_every = "off"

[schedule]
daily_at = "04:30"
refresh_today = "off"

[http]
listen = "0.0.0.0:9000"
allowed_hosts = ["nas"]
token_file = "/k/token"

[alerts]
no_data_after = "48h"
not_worn_after = "5d"
login_ends_within = "off"

[alerts.ntfy]
url = "https://ntfy.example.org/topic"

[alerts.mail]
to = ["you@example.org", "me@example.org"]
server = "smtp.example.org:587"
user = "you"
password_file = "/k/smtp"

[alerts.healthchecks]
url = "https://hc.example.org/ping/1"
"""

SEVERAL_MISTAKES = """
state_dir = "var/lib"
colour = "red"

[accounts.Me]
data_dir = "/d/me"
prefix = "home"

[accounts.me]
source = "fitbit"
client_id = "<...apps.googleusercontent.com>"
client_secret = "GOCSPX-hunter2"
client_secret_file = "GOCSPX-hunter2"
prefix = "home/me"
timezone = "Europe/Berln"
lived_in = [{from = "2016-01-01", zone = "Europe/London"}]
steps_from = "phone"
leave_out = "gps"

[accounts.partner]
source = "import"
data_dir = "/d/me/partner"
prefix = "away"

[archive]
store = "s3"
path_style = "no"
access_key_file = "/k/access"
keep_replaced = "off"

[schedule]
daily_at = "25:00"

[http]
listen = "0.0.0.0:8377"

[alerts]
no_data_after = 36
[alerts.mail]
to = ["hunter2"]
user = "you"
"""

A_SECRET = 'allowed: the full path of a file that holds the secret, or "credential:NAME"'

# Written by hand: the key, what was found, what is allowed.
THEIR_LINES = [
    'state_dir: found "var/lib"; allowed: a full path such as "/srv/cromwelld/data" or "~/cromwelld/data"',
    "accounts.Me: a name that does not fit; allowed: the letters a-z, digits, _ and -",
    'accounts.me.source: found "fitbit"; allowed: "google_health", "import" or "fitbit_web"',
    "accounts.me.client_id: still has the placeholder <...>; fill it in",
    "accounts.me.client_secret_file: found text that is no full path; " + A_SECRET,
    "accounts.me.data_dir: missing; it has no default",
    'accounts.me.timezone: found "Europe/Berln"; allowed: a time zone such as "Europe/Berlin", or "auto"',
    'accounts.me.lived_in[0].from: found "2016-01-01"; allowed: a date without quotes such as 2016-01-01',
    "accounts.me.lived_in[0].timezone: missing; it has no default",
    "accounts.me.lived_in[0].zone: unknown key; did you mean timezone?",
    'accounts.me.steps_from: found "phone"; allowed: "watch" or "all"',
    "accounts.me.leave_out: found text; allowed: a list of texts",
    "accounts.me.client_secret: unknown key; did you mean client_secret_file?",
    'archive.path_style: found "no"; allowed: true or false',
    'archive.keep_replaced: found "off"; allowed: a duration such as "36h" or "400d"',
    'schedule.daily_at: found "25:00"; allowed: a time of day such as "03:00"',
    'alerts.no_data_after: found a number; allowed: a duration such as "36h" or "400d", or "off"',
    'alerts.mail.to: found a list that does not fit; allowed: a list of mail addresses such as ["you@example.org"]',
    "alerts.mail.server: missing; it has no default",
    "colour: unknown key; known here: state_dir, accounts, archive, schedule, backfill, http, alerts",
    'accounts.Me.client_id: missing; source = "google_health" needs it',
    'accounts.Me.client_secret_file: missing; source = "google_health" needs it',
    "accounts.me.prefix: lies within accounts.Me.prefix; allowed: a place of its own",
    "accounts.partner.data_dir: lies within accounts.Me.data_dir; allowed: a place of its own",
    'archive.bucket: missing; store = "s3" needs it',
    "archive.secret_key_file: missing; access_key_file needs it",
    "http.token_file: missing; http.listen reaches beyond this machine and needs it",
    "alerts.mail.password_file: missing; user needs it",
]


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, "config.toml")
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def test_the_smallest_file_is_all_defaults() -> None:
    me = Account(name="me", source="import", data_dir=Path("/srv/cromwelld/data"), prefix="cromwell/fitbit")
    assert parse(SMALLEST, "x") == Settings(accounts={"me": me})


def test_every_key_arrives_in_its_place() -> None:
    found = parse(EVERYTHING, "x")
    assert found.state_dir == Path("/s")
    assert list(found.accounts) == ["me", "my-partner_2"]
    assert found.accounts["me"] == Account(
        name="me",
        source="google_health",
        client_id="1.apps.googleusercontent.com",
        client_secret=Secret(credential="google"),
        data_dir=Path("/d/me"),
        prefix="home/me",
        timezone="Europe/Berlin",
        lived_in=(
            Stay(first=dt.date(2016, 1, 1), timezone="Europe/London"),
            Stay(first=dt.date(2020, 5, 1), timezone="Europe/Berlin"),
        ),
        device="PixelWatch3",
        steps_from="all",
        leave_out=("gps", "weight"),
        base_url="https://gateway.example.org",
    )
    assert found.archive == Archive(
        store="s3",
        folder=Path("/a"),
        bucket="my-health",
        endpoint="https://s3.example.org",
        region="eu-central-1",
        path_style=True,
        access_key=Secret(path=Path("/k/access")),
        secret_key=Secret(path=Path("/k/secret")),
        storage_class="STANDARD_IA",
        server_side_encryption="aws:kms",
        kms_key_id="alias/health",
        keep_replaced_s=2_592_000,
        verify_every_s=None,
    )
    assert found.schedule == Schedule(daily_at=dt.time(4, 30), refresh_today_s=None, refresh_today_given=True)
    assert found.http == Http(
        listen=Endpoint(host="0.0.0.0", port=9000),  # noqa: S104 - what a container listens on
        allowed_hosts=("nas",),
        token=Secret(path=Path("/k/token")),
    )
    assert found.alerts == Alerts(
        no_data_after_s=172_800,
        not_worn_after_s=432_000,
        login_ends_within_s=None,
        ntfy=Ntfy(url="https://ntfy.example.org/topic"),
        mail=Mail(
            to=("you@example.org", "me@example.org"),
            server=Endpoint(host="smtp.example.org", port=587),
            user="you",
            password=Secret(path=Path("/k/smtp")),
        ),
        healthchecks=Healthchecks(url="https://hc.example.org/ping/1"),
    )


def test_every_mistake_is_named_at_once() -> None:
    assert problems(SEVERAL_MISTAKES) == THEIR_LINES


def test_no_line_shows_a_secret() -> None:
    assert "hunter2" not in "\n".join(problems(SEVERAL_MISTAKES))


def test_settings_do_not_show_secret_addresses() -> None:
    assert "topic" not in repr(parse(EVERYTHING, "x"))
    assert "ping" not in repr(parse(EVERYTHING, "x"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "accounts: missing; at least one table [accounts.NAME] is needed"),
        ("[accounts]", "accounts: missing; at least one table [accounts.NAME] is needed"),
        ("accounts = 3", "accounts: found a number; allowed: a table [accounts]"),
        ('accounts.me = "x"', "accounts.me: found text; allowed: a table [accounts.me]"),
        (SMALLEST + "lived_in = [3]",
         "accounts.me.lived_in: found a list that does not fit; allowed: a list of tables"),
        (SMALLEST + "[alerts]\nntfy = true", "alerts.ntfy: found true or false; allowed: a table [alerts.ntfy]"),
        (SMALLEST + "[alerts.ntfy]", "alerts.ntfy.url: missing; it has no default"),
        (SMALLEST + '[alerts.healthchecks]\nurl = "https://hc.example.org/ping/<uuid>"',
         "alerts.healthchecks.url: still has the placeholder <...>; fill it in"),
        (SMALLEST + '[http]\n"odd key" = 1',
         'http."odd key": unknown key; known here: listen, allowed_hosts, token_file'),
    ],
)  # fmt: skip
def test_one_mistake_is_one_line_first(text: str, line: str) -> None:
    assert problems(text)[0] == line


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("state_dir = \n", "line 1, column 13: "),
        ('state_dir = "/s"\nhttp listen', "line 2, column 6: "),
        ("[accounts.me", "end of document: "),
        ("a = " + "9" * 5000, ""),
    ],
)
def test_broken_toml_is_one_problem_with_its_line(text: str, place: str) -> None:
    (line,) = problems(text)
    assert line.startswith(place)


@pytest.mark.parametrize(
    ("schedule", "google", "fitbit"),
    [("", 7200, None), ('refresh_today = "30m"', 1800, 1800), ('refresh_today = "off"', None, None)],
)
def test_fitbit_is_asked_once_a_day_unless_told_otherwise(
    schedule: str, google: int | None, fitbit: int | None
) -> None:
    found = parse(f"{SMALLEST}[schedule]\n{schedule}", "x").schedule
    assert found.refresh_s("google_health") == google
    assert found.refresh_s("fitbit_web") == fitbit
