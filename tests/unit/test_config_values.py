"""How single values of config.toml are read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.config import values
from cromwelld.config.model import Endpoint, Secret

GOOD: list[tuple[values.Reader[object], object, object]] = [
    (values.duration, "90m", 5400),
    (values.duration, "36h", 129_600),
    (values.duration, "400d", 34_560_000),
    (values.duration_or_off, "2h", 7200),
    (values.duration_or_off, "off", None),
    (values.clock, "03:00", dt.time(3, 0)),
    (values.clock, "23:59", dt.time(23, 59)),
    (values.day, dt.date(2016, 1, 1), dt.date(2016, 1, 1)),
    (values.day_or_text, dt.date(2019, 1, 1), dt.date(2019, 1, 1)),
    (values.day_or_text, "2019-01-01", dt.date(2019, 1, 1)),
    (values.zone, "Europe/Berlin", "Europe/Berlin"),
    (values.zone_or_auto, "auto", None),
    (values.zone_or_auto, "Pacific/Apia", "Pacific/Apia"),
    (values.folder, "/srv/data", Path("/srv/data")),
    (values.folder, "~/data", Path.home() / "data"),
    (values.prefix, "cromwell/fitbit", "cromwell/fitbit"),
    (values.prefix, "a", "a"),
    (values.endpoint("h:1"), "127.0.0.1:8377", Endpoint(host="127.0.0.1", port=8377)),
    (values.endpoint("h:1"), "[::1]:0", Endpoint(host="::1", port=0)),
    (values.endpoint("h:1"), "smtp.example.org:587", Endpoint(host="smtp.example.org", port=587)),
    (values.address, "https://s3.example.org/", "https://s3.example.org"),
    (values.address, "http://127.0.0.1:8080/health", "http://127.0.0.1:8080/health"),
    (values.hosts, ["localhost", "10.0.0.5", "::1"], ("localhost", "10.0.0.5", "::1")),
    (values.bucket, "my-health", "my-health"),
    (values.bucket, "days.2025", "days.2025"),
    (values.storage_class, "STANDARD_IA", "STANDARD_IA"),
    (values.storage_class, "GLACIER_IR", "GLACIER_IR"),
    (values.secret, "/etc/secrets/x", Secret(path=Path("/etc/secrets/x"))),
    (values.secret, "credential:smtp", Secret(credential="smtp")),
    (values.mailboxes, ["you@example.org"], ("you@example.org",)),
    (values.texts, [], ()),
    (values.texts, ["gps", "weight"], ("gps", "weight")),
    (values.flag, False, False),
    (values.text, "PixelWatch3", "PixelWatch3"),
]

HOSTS = 'allowed: a list of names or addresses without scheme and port such as ["localhost", "keeper.home.example"]'
BAD: list[tuple[values.Reader[object], object, str]] = [
    (values.duration, "off", 'found "off"; allowed: a duration such as "36h" or "400d"'),
    (values.duration, 36, 'found a number; allowed: a duration such as "36h" or "400d"'),
    (values.duration, "0h", 'found "0h"; allowed: a duration such as "36h" or "400d"'),
    (values.duration, "-2h", 'found "-2h"; allowed: a duration such as "36h" or "400d"'),
    (values.duration, "\u0663h", 'found "\u0663h"; allowed: a duration such as "36h" or "400d"'),
    (values.duration_or_off, True, 'found true or false; allowed: a duration such as "36h" or "400d", or "off"'),
    (values.hosts, ["keeper.example:8377"], f'found "keeper.example:8377"; {HOSTS}'),
    (values.hosts, ["http://keeper.example"], f'found "http://keeper.example"; {HOSTS}'),
    (values.hosts, ["localhost", "*"], f'found "*"; {HOSTS}'),
    (values.hosts, [1], f"found a number; {HOSTS}"),
    (values.hosts, [], f"found a list without names; {HOSTS}"),
    (values.hosts, "localhost", f"found text; {HOSTS}"),
    (values.clock, "3:00", 'found "3:00"; allowed: a time of day such as "03:00"'),
    (values.clock, "24:00", 'found "24:00"; allowed: a time of day such as "03:00"'),
    (values.clock, dt.time(3), 'found a date or time; allowed: a time of day such as "03:00"'),
    (values.day_or_text, "2019-02-30", 'found "2019-02-30"; allowed: a date such as 2019-01-01'),
    (values.day_or_text, 2019, "found a number; allowed: a date without quotes such as 2016-01-01"),
    (values.day, "2016-01-01", 'found "2016-01-01"; allowed: a date without quotes such as 2016-01-01'),
    (
        values.day,
        dt.datetime(2016, 1, 1, tzinfo=dt.UTC),
        "found a date or time; allowed: a date without quotes such as 2016-01-01",
    ),
    (values.zone, "Europe/Berln", 'found "Europe/Berln"; allowed: a time zone such as "Europe/Berlin"'),
    (values.zone, "", 'found ""; allowed: a time zone such as "Europe/Berlin"'),
    (values.zone, "../../etc/passwd", 'found "../../etc/passwd"; allowed: a time zone such as "Europe/Berlin"'),
    (values.zone, "Europe", 'found "Europe"; allowed: a time zone such as "Europe/Berlin"'),
    (values.zone_or_auto, "CEST", 'found "CEST"; allowed: a time zone such as "Europe/Berlin", or "auto"'),
    (values.folder, "data", 'found "data"; allowed: a full path such as "/srv/cromwelld/data" or "~/cromwelld/data"'),
    (
        values.folder,
        "~nobody-of-that-name/data",
        'found "~nobody-of-that-name/data"; allowed: a full path such as "/srv/cromwelld/data" or "~/cromwelld/data"',
    ),
    (
        values.prefix,
        "/cromwell",
        'found "/cromwell"; allowed: names with a slash between them such as "cromwell/fitbit"',
    ),
    (values.prefix, "a/../b", 'found "a/../b"; allowed: names with a slash between them such as "cromwell/fitbit"'),
    (values.prefix, "", 'found ""; allowed: names with a slash between them such as "cromwell/fitbit"'),
    (values.endpoint("127.0.0.1:8377"), "8377", 'found "8377"; allowed: host:port such as "127.0.0.1:8377"'),
    (values.endpoint("127.0.0.1:8377"), "h:70000", 'found "h:70000"; allowed: host:port such as "127.0.0.1:8377"'),
    (values.endpoint("127.0.0.1:8377"), "[:::1]:80", 'found "[:::1]:80"; allowed: host:port such as "127.0.0.1:8377"'),
    (
        values.bucket,
        "s3://my-health",
        'found "s3://my-health"; allowed: the name of a bucket such as "my-health", without s3:// and slashes',
    ),
    (
        values.bucket,
        "my-health/fitbit",
        'found "my-health/fitbit"; allowed: the name of a bucket such as "my-health", without s3:// and slashes',
    ),
    (
        values.storage_class,
        "DEEP_ARCHIVE",
        'found "DEEP_ARCHIVE"; allowed: a class from which objects can be read at once such as "STANDARD_IA"',
    ),
    (
        values.storage_class,
        "standard",
        'found "standard"; allowed: a class from which objects can be read at once such as "STANDARD_IA"',
    ),
    (values.flag, "yes", 'found "yes"; allowed: true or false'),
    (values.texts, "gps", "found text; allowed: a list of texts"),
    (values.texts, [1], "found a number; allowed: text"),
    (values.text, "  ", "found empty text; allowed: text on one line"),
    (values.text, "a\nb", "found text with control characters; allowed: text on one line"),
    (values.one_of("folder", "s3"), "S3", 'found "S3"; allowed: "folder" or "s3"'),
    (values.one_of("a", "b", "c"), [], 'found a list; allowed: "a", "b" or "c"'),
]

SECRETS: list[tuple[values.Reader[object], object]] = [
    (values.secret, "GOCSPX-hunter2"),
    (values.secret, ["hunter2"]),
    (values.secret, "credential:hunter2/.."),
    (values.address, "ntfy.example.org/hunter2"),
    (values.address, "https://me:hunter2@example.org"),
    (values.address, "https://example.org/?token=hunter2"),
    (values.address, "https://[hunter2/"),
    (values.address, "https://example.org:hunter2/"),
    (values.mailboxes, "hunter2@example.org"),
    (values.mailboxes, ["hunter2"]),
    (values.text, "hunter2\x00"),
]


@pytest.mark.parametrize(("read", "value", "expected"), GOOD)
def test_a_good_value_is_read(read: values.Reader[object], value: object, expected: object) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(("read", "value", "sentence"), BAD)
def test_a_bad_value_is_described_with_what_is_allowed(
    read: values.Reader[object], value: object, sentence: str
) -> None:
    with pytest.raises(values.Unsuitable) as caught:
        read(value)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("read", "value"), SECRETS)
def test_what_may_be_a_secret_is_never_shown(read: values.Reader[object], value: object) -> None:
    with pytest.raises(values.Unsuitable) as caught:
        read(value)
    assert "hunter2" not in str(caught.value)


def test_a_long_value_is_shown_shortened() -> None:
    with pytest.raises(values.Unsuitable) as caught:
        values.clock("x" * 1000)
    assert str(caught.value) == f'found "{"x" * 60}..."; allowed: a time of day such as "03:00"'
