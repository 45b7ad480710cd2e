from __future__ import annotations

import dataclasses

import pytest

from cromwelld import config
from cromwelld.config import Settings
from cromwelld.daemon.changes import ABSENT, MASKED, Change, changes

BASE = """
state_dir = "/s"
[accounts.me]
source = "fitbit_web"
data_dir = "/d"
prefix = "p"
"""


def settings(text: str = "") -> Settings:
    return config.parse(BASE + text, "config.toml")


def test_the_same_configuration_has_no_changes() -> None:
    assert changes(settings(), settings()) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("", '[schedule]\ndaily_at = "04:30"', ("schedule.daily_at", "03:00:00", "04:30:00", False)),
        ("", '[schedule]\nrefresh_today = "90m"', ("schedule.refresh_today", "2:00:00", "1:30:00", False)),
        ("", 'leave_out = ["gps", "weight"]', ("accounts.me.leave_out", "none", "gps, weight", False)),
        ('timezone = "Asia/Tokyo"', "", ("accounts.me.timezone", "Asia/Tokyo", ABSENT, False)),
        ("", '[http]\nlisten = "127.0.0.1:9000"', ("http.listen", "127.0.0.1:8377", "127.0.0.1:9000", True)),
        ("", '[http]\ntoken_file = "/t"', ("http.token_file", ABSENT, "/t", True)),
        (
            "",
            'lived_in = [{from = 2016-01-01, timezone = "Europe/London"}]',
            ("accounts.me.lived_in", "none", "2016-01-01 Europe/London", False),
        ),
    ],
)
def test_each_change_names_key_old_and_new(old: str, new: str, change: tuple[str, str, str, bool]) -> None:
    key, before, after, restart = change
    assert changes(settings(old), settings(new)) == [Change(key=key, old=before, new=after, restart=restart)]


def test_the_address_of_a_topic_is_a_secret_and_its_change_is_told_without_it() -> None:
    old, new = (settings(f'[alerts.ntfy]\nurl = "https://ntfy.example.org/{topic}"') for topic in ("first", "other"))
    assert changes(old, new) == [Change(key="alerts.ntfy.url", old=MASKED, new=MASKED, restart=False)]
    assert changes(settings(), new) == [Change(key="alerts.ntfy.url", old=ABSENT, new=MASKED, restart=False)]


def test_a_person_who_comes_is_told_by_every_key() -> None:
    found = changes(settings(), settings('[accounts.partner]\nsource = "import"\ndata_dir = "/e"\nprefix = "q"\n'))
    assert {one.key for one in found} >= {"accounts.partner.source", "accounts.partner.data_dir"}
    assert {one.old for one in found} == {ABSENT}


def test_the_state_folder_counts_only_from_the_next_start_on() -> None:
    (found,) = changes(settings(), config.parse(BASE.replace("/s", "/t"), "config.toml"))
    assert found == Change(key="state_dir", old="/s", new="/t", restart=True)


def test_every_key_that_is_marked_as_secret_is_masked() -> None:
    secret = [
        (kind, field.name)
        for kind in (config.Ntfy, config.Healthchecks)
        for field in dataclasses.fields(kind)
        if not field.repr
    ]
    assert secret == [(config.Ntfy, "url"), (config.Healthchecks, "url")]
