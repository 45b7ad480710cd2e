"""Settings that are right alone and wrong together."""

from __future__ import annotations

import pytest

from cromwelld.config import parse
from cromwelld.errors import ConfigurationError

ACCOUNT = '[accounts.{name}]\nsource = "import"\ndata_dir = "{data_dir}"\nprefix = "{prefix}"\n'
ME = ACCOUNT.format(name="me", data_dir="/d/me", prefix="home/me")
A_FOLDER = 'a full path such as "/srv/cromwelld/data" or "~/cromwelld/data"'
A_SECRET = 'the full path of a file that holds the secret, or "credential:NAME"'
MINE = " allowed: a place of its own"


def lines(text: str) -> list[str]:
    try:
        parse(text, "x")
    except ConfigurationError as err:
        return list(err.problems)
    return []


@pytest.mark.parametrize(
    ("data_dir", "prefix", "expected"),
    [
        ("/d/partner", "home/partner", []),
        ("/d/me2", "home/me2", []),
        ("/d/me", "home/partner", ["accounts.b.data_dir: the same as accounts.me.data_dir;" + MINE]),
        ("/d/x/../me/", "home/partner", ["accounts.b.data_dir: the same as accounts.me.data_dir;" + MINE]),
        ("/d/me/b", "home/partner", ["accounts.b.data_dir: lies within accounts.me.data_dir;" + MINE]),
        ("/d", "home/partner", ["accounts.b.data_dir: has accounts.me.data_dir within it;" + MINE]),
        ("/d/b", "home/me", ["accounts.b.prefix: the same as accounts.me.prefix;" + MINE]),
        ("/d/b", "home/me/b", ["accounts.b.prefix: lies within accounts.me.prefix;" + MINE]),
        ("/d/b", "home", ["accounts.b.prefix: has accounts.me.prefix within it;" + MINE]),
        ("/var/lib/cromwelld/data", "b", ["accounts.b.data_dir: lies within state_dir;" + MINE]),
        ("/srv/cromwelld", "b", ["archive.folder: lies within accounts.b.data_dir;" + MINE]),
        ("data", "b", ['accounts.b.data_dir: found "data"; allowed: ' + A_FOLDER]),
    ],
)  # fmt: skip
def test_accounts_never_share_a_place(data_dir: str, prefix: str, expected: list[str]) -> None:
    assert lines(ME + ACCOUNT.format(name="b", data_dir=data_dir, prefix=prefix)) == expected


@pytest.mark.parametrize(
    ("import_from", "expected"),
    [
        ("/home/me/takeout", []),
        ("/d/me/takeout", ["accounts.me.import_from: lies within accounts.me.data_dir;" + MINE]),
        ("/d", ["accounts.me.import_from: has accounts.me.data_dir within it;" + MINE]),
    ],
)
def test_exports_lie_in_a_place_of_their_own(import_from: str, expected: list[str]) -> None:
    assert lines(f'{ME}import_from = "{import_from}"\n') == expected


def test_an_s3_archive_has_no_folder_to_collide() -> None:
    text = ACCOUNT.format(name="me", data_dir="/srv/cromwelld", prefix="p")
    assert lines(text + '[archive]\nstore = "s3"\nbucket = "days"') == []


def test_the_archive_may_not_lie_in_the_state_folder() -> None:
    text = ME + '[archive]\nfolder = "/var/lib/cromwelld/archive"'
    assert lines(text) == ["archive.folder: lies within state_dir; allowed: a place of its own"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("google_health", [
            'accounts.me.client_id: missing; source = "google_health" needs it',
            'accounts.me.client_secret_file: missing; source = "google_health" needs it',
        ]),
        ("import", []),
        ("fitbit_web", []),
    ],
)  # fmt: skip
def test_only_google_needs_a_client(source: str, expected: list[str]) -> None:
    assert lines(ME.replace('"import"', f'"{source}"')) == expected


@pytest.mark.parametrize(
    ("archive", "expected"),
    [
        ('store = "s3"', ['archive.bucket: missing; store = "s3" needs it']),
        ('store = "s3"\nbucket = "days"', []),
        ('access_key_file = "/k/a"', ["archive.secret_key_file: missing; access_key_file needs it"]),
        ('secret_key_file = "/k/s"', ["archive.access_key_file: missing; secret_key_file needs it"]),
        ('secret_key_file = "/k/s"\naccess_key_file = 3', [
            "archive.access_key_file: found a number; allowed: " + A_SECRET
        ]),
        ('profile = "surface"', []),
        ('server_side_encryption = "AES256"', []),
        ('server_side_encryption = "aws:kms"', []),
        ('server_side_encryption = "aws:kms"\nkms_key_id = "alias/x"', []),
        ('server_side_encryption = "AES256"\nkms_key_id = "alias/x"', [
            'archive.kms_key_id: is of no use; allowed: only with server_side_encryption = "aws:kms"'
        ]),
        ('kms_key_id = "alias/x"', [
            'archive.kms_key_id: is of no use; allowed: only with server_side_encryption = "aws:kms"'
        ]),
        ('server_side_encryption = "mine"', [
            'archive.server_side_encryption: found "mine"; allowed: "AES256" or "aws:kms"'
        ]),
        ('profile = "p"\naccess_key_file = "/k/a"\nsecret_key_file = "/k/s"', [
            "archive.profile: stands beside access_key_file; allowed: one of the two"
        ]),
    ],
)  # fmt: skip
def test_an_archive_has_all_that_it_needs(archive: str, expected: list[str]) -> None:
    assert lines(f"{ME}[archive]\n{archive}") == expected


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "127.8.0.1:1", "[::1]:1", "localhost:1"])
def test_listening_on_this_machine_needs_no_token(listen: str) -> None:
    assert lines(f'{ME}[http]\nlisten = "{listen}"') == []


@pytest.mark.parametrize("listen", ["0.0.0.0:1", "[::]:1", "192.168.1.5:1", "nas:1"])
def test_listening_beyond_this_machine_needs_a_token(listen: str) -> None:
    line = "http.token_file: missing; http.listen reaches beyond this machine and needs it"
    assert lines(f'{ME}[http]\nlisten = "{listen}"') == [line]
    assert lines(f'{ME}[http]\nlisten = "{listen}"\ntoken_file = "/k/t"') == []


def test_a_person_moves_once_on_a_date() -> None:
    stays = 'lived_in = [{from = 2016-01-01, timezone = "UTC"}, {from = 2016-01-01, timezone = "Europe/London"}]'
    assert lines(ME + stays) == ["accounts.me.lived_in: two entries begin on the same date; allowed: one for each date"]


def test_a_mail_login_is_whole() -> None:
    mail = '[alerts.mail]\nto = ["a@example.org"]\nserver = "h:25"\n'
    assert lines(ME + mail) == []
    assert lines(ME + mail + 'password_file = "/k/p"') == ["alerts.mail.user: missing; password_file needs it"]
