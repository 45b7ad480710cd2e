"""The keys of config.toml, table by table: what reads each, and its default."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from cromwelld.config import values
from cromwelld.config.model import (
    BY_EXPORT,
    STATE_DIR,
    Account,
    Alerts,
    Archive,
    Backfill,
    Endpoint,
    Healthchecks,
    Http,
    Mail,
    Ntfy,
    Schedule,
    Settings,
    Stay,
)
from cromwelld.config.section import Mistakes, Section

NOWHERE = Path("/")
SOURCES = ("google_health", BY_EXPORT, "fitbit_web")
STORES = ("folder", "s3")
ENCRYPTIONS = ("AES256", "aws:kms")
STEPS_FROM = ("watch", "all")


def settings(top: Section, mistakes: Mistakes) -> Settings:
    """Read the whole file; every mistake is noted and a blank stands in for what is wrong."""
    found = Settings(
        state_dir=top.take("state_dir", values.folder, STATE_DIR),
        accounts=_accounts(top.section("accounts"), mistakes),
        archive=_archive(top.section("archive")),
        schedule=_schedule(top.section("schedule")),
        backfill=_backfill(top.section("backfill")),
        http=_http(top.section("http")),
        alerts=_alerts(top.section("alerts")),
    )
    top.close()
    return found


def _accounts(section: Section, mistakes: Mistakes) -> dict[str, Account]:
    if not section.names() and section.place not in mistakes.spoilt:
        mistakes.add(section.place, "missing; at least one table [accounts.NAME] is needed")
    for name in section.names():
        if not re.fullmatch(r"[a-z0-9_-]+", name):
            mistakes.add(section.key(name), "a name that does not fit; allowed: the letters a-z, digits, _ and -")
    return {name: _account(name, section.section(name)) for name in section.names()}


def _account(name: str, section: Section) -> Account:
    found = Account(
        name=name,
        source=section.take("source", values.one_of(*SOURCES), "google_health"),
        client_id=section.take("client_id", values.text, None),
        client_secret=section.take("client_secret_file", values.secret, None),
        data_dir=section.need("data_dir", values.folder, NOWHERE),
        prefix=section.need("prefix", values.prefix, ""),
        timezone=section.take("timezone", values.zone_or_auto, None),
        lived_in=_lived_in(section),
        device=section.take("device", values.text, None),
        steps_from=section.take("steps_from", values.one_of(*STEPS_FROM), "watch"),
        leave_out=section.take("leave_out", values.texts, ()),
        base_url=section.take("base_url", values.address, None),
        import_from=section.take("import_from", values.folder, None),
    )
    section.close()
    return found


def _lived_in(section: Section) -> tuple[Stay, ...]:
    stays = []
    for stay in section.sections("lived_in"):
        first = stay.need("from", values.day, dt.date.min)
        stays.append(Stay(first=first, timezone=stay.need("timezone", values.zone, "UTC")))
        stay.close()
    return tuple(sorted(stays, key=lambda stay: stay.first))


def _archive(section: Section) -> Archive:
    default = Archive()
    found = Archive(
        store=section.take("store", values.one_of(*STORES), default.store),
        folder=section.take("folder", values.folder, default.folder),
        bucket=section.take("bucket", values.bucket, None),
        endpoint=section.take("endpoint", values.address, None),
        region=section.take("region", values.text, None),
        path_style=section.take("path_style", values.flag, default.path_style),
        access_key=section.take("access_key_file", values.secret, None),
        secret_key=section.take("secret_key_file", values.secret, None),
        profile=section.take("profile", values.text, None),
        storage_class=section.take("storage_class", values.storage_class, None),
        server_side_encryption=section.take("server_side_encryption", values.one_of(*ENCRYPTIONS), None),
        kms_key_id=section.take("kms_key_id", values.text, None),
        keep_replaced_s=section.take("keep_replaced", values.duration, default.keep_replaced_s),
        verify_every_s=section.take("verify_every", values.duration_or_off, default.verify_every_s),
    )
    section.close()
    return found


def _schedule(section: Section) -> Schedule:
    default = Schedule()
    found = Schedule(
        daily_at=section.take("daily_at", values.clock, default.daily_at),
        refresh_today_s=section.take("refresh_today", values.duration_or_off, default.refresh_today_s),
        refresh_today_given=section.has("refresh_today"),
    )
    section.close()
    return found


def _backfill(section: Section) -> Backfill:
    found = Backfill(first=section.take("from", values.day_or_text, None))
    section.close()
    return found


def _http(section: Section) -> Http:
    default = Http()
    found = Http(
        listen=section.take("listen", values.endpoint("127.0.0.1:8377"), default.listen),
        allowed_hosts=section.take("allowed_hosts", values.hosts, default.allowed_hosts),
        token=section.take("token_file", values.secret, None),
    )
    section.close()
    return found


def _alerts(section: Section) -> Alerts:
    default = Alerts()
    found = Alerts(
        no_data_after_s=section.take("no_data_after", values.duration_or_off, default.no_data_after_s),
        not_worn_after_s=section.take("not_worn_after", values.duration_or_off, default.not_worn_after_s),
        not_synced_after_s=section.take("not_synced_after", values.duration_or_off, default.not_synced_after_s),
        import_reminder_after_s=section.take(
            "import_reminder_after", values.duration_or_off, default.import_reminder_after_s
        ),
        login_ends_within_s=section.take("login_ends_within", values.duration_or_off, default.login_ends_within_s),
        ntfy=_ntfy(section.optional("ntfy")),
        mail=_mail(section.optional("mail")),
        healthchecks=_healthchecks(section.optional("healthchecks")),
    )
    section.close()
    return found


def _ntfy(section: Section | None) -> Ntfy | None:
    if section is None:
        return None
    found = Ntfy(url=section.need("url", values.address, ""))
    section.close()
    return found


def _mail(section: Section | None) -> Mail | None:
    if section is None:
        return None
    found = Mail(
        to=section.need("to", values.mailboxes, ()),
        server=section.need("server", values.endpoint("smtp.example.org:587"), Endpoint(host="", port=0)),
        user=section.take("user", values.text, None),
        password=section.take("password_file", values.secret, None),
    )
    section.close()
    return found


def _healthchecks(section: Section | None) -> Healthchecks | None:
    if section is None:
        return None
    found = Healthchecks(url=section.need("url", values.address, ""))
    section.close()
    return found
