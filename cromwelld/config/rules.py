"""What no key can show alone: which settings need, exclude or endanger each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePath, PurePosixPath

from cromwelld.config.model import Settings
from cromwelld.config.section import Mistakes, join


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: the key to change, what is wrong, and the key whose value makes it wrong."""

    key: str
    sentence: str
    because: str


Rule = Callable[[Settings], Iterator[Finding]]
Placed = tuple[str, PurePath]


def check(settings: Settings, mistakes: Mistakes) -> None:
    """Note every broken rule, except where one of the two keys is wrong already and a blank stands in for it."""
    for rule in RULES:
        for finding in rule(settings):
            if not {finding.key, finding.because} & mistakes.spoilt:
                mistakes.add(finding.key, finding.sentence)


def _clients(settings: Settings) -> Iterator[Finding]:
    for name, account in settings.accounts.items():
        place = join("accounts", name)
        for key, value in (("client_id", account.client_id), ("client_secret_file", account.client_secret)):
            if account.source == "google_health" and value is None:
                yield Finding(f"{place}.{key}", 'missing; source = "google_health" needs it', f"{place}.source")


def _stays(settings: Settings) -> Iterator[Finding]:
    for name, account in settings.accounts.items():
        dates = [stay.first for stay in account.lived_in]
        key = join("accounts", name, "lived_in")
        if len(set(dates)) < len(dates):
            yield Finding(key, "two entries begin on the same date; allowed: one for each date", key)


def _prefixes(settings: Settings) -> Iterator[Finding]:
    accounts = settings.accounts.items()
    yield from _overlaps(
        [(join("accounts", name, "prefix"), PurePosixPath(account.prefix)) for name, account in accounts]
    )


def _folders(settings: Settings) -> Iterator[Finding]:
    places: list[Placed] = [("state_dir", _plain(settings.state_dir))]
    places += [
        (join("accounts", name, "data_dir"), _plain(account.data_dir)) for name, account in settings.accounts.items()
    ]
    places += [
        (join("accounts", name, "import_from"), _plain(account.import_from))
        for name, account in settings.accounts.items()
        if account.import_from is not None
    ]
    if settings.archive.store == "folder":
        places.append(("archive.folder", _plain(settings.archive.folder)))
    yield from _overlaps(places)


def _bucket(settings: Settings) -> Iterator[Finding]:
    if settings.archive.store == "s3" and settings.archive.bucket is None:
        yield Finding("archive.bucket", 'missing; store = "s3" needs it', "archive.store")


def _keys(settings: Settings) -> Iterator[Finding]:
    archive = settings.archive
    yield from _together(
        ("archive.access_key_file", archive.access_key), ("archive.secret_key_file", archive.secret_key)
    )
    if archive.profile is not None and archive.access_key is not None:
        sentence = "stands beside access_key_file; allowed: one of the two"
        yield Finding("archive.profile", sentence, "archive.access_key_file")


def _encryption(settings: Settings) -> Iterator[Finding]:
    archive = settings.archive
    if archive.kms_key_id is not None and archive.server_side_encryption != "aws:kms":
        sentence = 'is of no use; allowed: only with server_side_encryption = "aws:kms"'
        yield Finding("archive.kms_key_id", sentence, "archive.server_side_encryption")


def _mail_login(settings: Settings) -> Iterator[Finding]:
    mail = settings.alerts.mail
    if mail is not None:
        yield from _together(("alerts.mail.user", mail.user), ("alerts.mail.password_file", mail.password))


def _token(settings: Settings) -> Iterator[Finding]:
    if not settings.http.listen.loopback and settings.http.token is None:
        sentence = "missing; http.listen reaches beyond this machine and needs it"
        yield Finding("http.token_file", sentence, "http.listen")


def _together(*pair: tuple[str, object]) -> Iterator[Finding]:
    given = [key for key, value in pair if value is not None]
    missing = [key for key, value in pair if value is None]
    if given and missing:
        yield Finding(missing[0], f"missing; {given[0].rpartition('.')[2]} needs it", given[0])


def _overlaps(places: list[Placed]) -> Iterator[Finding]:
    for (first, one), (second, other) in combinations(places, 2):
        if one == other:
            yield Finding(second, f"the same as {first}; allowed: a place of its own", first)
        elif other.is_relative_to(one):
            yield Finding(second, f"lies within {first}; allowed: a place of its own", first)
        elif one.is_relative_to(other):
            yield Finding(second, f"has {first} within it; allowed: a place of its own", first)


def _plain(path: Path) -> PurePath:
    return Path(os.path.normcase(os.path.normpath(path)))


RULES: tuple[Rule, ...] = (_clients, _stays, _prefixes, _folders, _bucket, _keys, _encryption, _token, _mail_login)
