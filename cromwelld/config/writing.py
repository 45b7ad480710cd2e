"""config.toml as `init` writes it: the example with a person's answers in their places."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.config.model import REFRESHED_SOURCES

_ACCOUNT, _REFRESH = "accounts.me", "2h"  # as the example has them
_COMMENTS_BEGIN = 46  # the column in which the example has them
_TABLE = re.compile(r"\[([\w.]+)\]")
_KEY = re.compile(r"(?:# )?([a-z_]+) = (\S+(?: \S+)*?)(?: +(# .*))?")

EXAMPLE = """\
# /etc/cromwelld/config.toml      (one person on a laptop: ~/.config/cromwelld/config.toml)
# Check: cromwelld check-config.  Secrets are never written here: *_file is a path, or "credential:NAME" under systemd.
# Uncommented = the default, or a line you must fill in (<...>). Commented = optional, with an example.

state_dir = "/var/lib/cromwelld"              # logins, ledger, waiting uploads. Private; not a backup.

[accounts.me]                                 # the name in commands, metrics and messages. One block per person.
source = "google_health"                      # google_health | import (Takeout only) | fitbit_web (gateways; the vendor's API is off)
client_id = "<...apps.googleusercontent.com>" # your Google Cloud "Desktop app" client; a household can share one
client_secret_file = "/etc/cromwelld/secrets/google_client_secret"
data_dir = "/srv/cromwelld/data"              # Parquet for notebooks. Two accounts may never share it.
prefix = "cromwell/fitbit"                    # place in the archive. Two accounts may never share it.
timezone = "auto"                             # the vendor's setting, stored with each date; or "Europe/Berlin"
lived_in = []                                 # old data has no zone: [{from = 2016-01-01, timezone = "Europe/London"}, ...]
# device = "PixelWatch3"                      # label where the vendor names none
steps_from = "watch"                          # watch = as Fitbit counted | all = with phone, as the app shows
leave_out = []                                # never asked for, never stored, never "incomplete": ["gps", "weight"]
# import_from = "/srv/cromwelld/takeout"      # where you put exports of Google Takeout; the daemon imports them
# base_url = "https://gateway.example.org"    # a gateway that speaks the vendor's API, in its place
# [accounts.partner]                          # own login, own data_dir, own prefix

[archive]                                     # the copy that must outlive this machine
store = "folder"                              # folder | s3. A folder on the disk of data_dir is reported as "not a backup".
folder = "/srv/cromwelld/archive"
# bucket = "my-health"                        # for store = "s3" (AWS, Backblaze B2, MinIO, SeaweedFS, ...)
# endpoint = "https://s3.example.org"         # leave out for AWS
# region = "eu-central-1"
# path_style = false                          # true for most MinIO
# access_key_file = "/etc/cromwelld/secrets/s3_access_key"
# secret_key_file = "/etc/cromwelld/secrets/s3_secret_key"
# profile = "surface"                         # in place of the two keys: a profile of the AWS configuration
# storage_class = "STANDARD_IA"               # one that can be read at once; leave out for the bucket's own
# server_side_encryption = "aws:kms"          # AES256 | aws:kms; leave out for the bucket's own
# kms_key_id = "alias/health"                 # with "aws:kms"; leave out for the key of AWS
keep_replaced = "400d"                        # versions that held records which their successor lacks
verify_every = "7d"                           # read dates back and compare

[schedule]                                    # in each person's own time zone
daily_at = "03:00"                            # finishes yesterday
refresh_today = "2h"                          # last night's sleep by breakfast; "off" = only daily_at (the default for fitbit_web)

[backfill]                                    # older dates too, from the requests that today leaves over
# from = 2019-01-01                           # every date from here on, newest first

[http]
listen = "127.0.0.1:8377"                     # in a container: "0.0.0.0:8377"
allowed_hosts = ["localhost", "127.0.0.1"]    # add the name that Prometheus or your proxy uses
# token_file = "/etc/cromwelld/secrets/http_token"   # else one is made in state_dir; required beyond loopback

[alerts]                                      # with Alertmanager leave mail and ntfy out: same alerts, once
no_data_after = "36h"                         # watch worn and synced, yet nothing newer here
not_worn_after = "off"                        # "5d" to be told that the watch lies in a drawer
not_synced_after = "off"                      # "19h" to be told that the phone does not sync, or the battery is empty
import_reminder_after = "61d"                 # the next Takeout is due; for accounts with source = "import" or import_from
login_ends_within = "48h"
# [alerts.ntfy]
# url = "https://ntfy.example.org/your-secret-topic"
# [alerts.mail]
# to = ["you@example.org"]
# server = "smtp.example.org:587"             # STARTTLS; 465 = TLS
# user = "you"
# password_file = "/etc/cromwelld/secrets/smtp"
# [alerts.healthchecks]
# url = "https://hc.example.org/ping/<uuid>"  # one ping per daily run and account ({account}: its name); never any log text
"""  # noqa: E501 - word for word config.toml.example, which the package does not have with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person says about their one account; None is what they need not say, so that it stays a comment.

    Folders are full paths. `client_secret_file` is a path or `credential:NAME`, never the secret.
    """

    account: str
    source: str
    state_dir: str
    data_dir: str
    archive_folder: str
    timezone: str
    client_id: str | None = None
    client_secret_file: str | None = None
    base_url: str | None = None


def filled(answers: Answers) -> str:
    """Write config.toml: every line and comment of the example, with the answers in their places."""
    places = _places(answers)
    lines, table = [], ""
    for line in EXAMPLE.splitlines():
        header = _TABLE.match(line)
        table = header[1] if header else table
        lines.append(_line(line, table, places, account=answers.account))
    return "\n".join(lines) + "\n"


def _places(answers: Answers) -> Mapping[tuple[str, str], str | None]:
    """Give each answer by its table and key."""
    return {
        ("", "state_dir"): answers.state_dir,
        (_ACCOUNT, "source"): answers.source,
        (_ACCOUNT, "client_id"): answers.client_id,
        (_ACCOUNT, "client_secret_file"): answers.client_secret_file,
        (_ACCOUNT, "data_dir"): answers.data_dir,
        (_ACCOUNT, "timezone"): answers.timezone,
        (_ACCOUNT, "base_url"): answers.base_url,
        ("archive", "folder"): answers.archive_folder,
        # as a comment it lets each source have its own default
        ("schedule", "refresh_today"): _REFRESH if answers.source in REFRESHED_SOURCES else None,
    }


def _line(line: str, table: str, places: Mapping[tuple[str, str], str | None], *, account: str) -> str:
    """Write one line of the example anew if an answer belongs there."""
    if line.startswith(f"[{_ACCOUNT}]"):
        _, _, comment = line.partition("]")
        return _aligned(f"[accounts.{account}]", comment.strip())
    found = _KEY.fullmatch(line)
    if found is None or (table, found[1]) not in places:
        return line
    answer = places[table, found[1]]
    text = f"# {found[1]} = {found[2]}" if answer is None else f"{found[1]} = {_quoted(answer)}"
    return _aligned(text, found[3] or "")


def _aligned(text: str, comment: str) -> str:
    return f"{text.ljust(_COMMENTS_BEGIN - 1)} {comment}".rstrip()


def _quoted(text: str) -> str:
    """Write text as TOML does; of what prints, JSON escapes the same signs in the same way."""
    return json.dumps(text, ensure_ascii=False)
