"""Settings that are allowed and deserve a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from cromwelld.config import parse, warnings

TEXT = """
[accounts.me]
source = "fitbit_web"
data_dir = "{data}"
prefix = "p"
{more}
"""
SAME_DISK = (
    "archive.folder: on the same disk as accounts.me.data_dir, so it is not a backup; "
    'put it on another disk, or use store = "s3"'
)
READABLE = ": what is sent there can be read on the way; use https"


def said(data: Path, more: str) -> list[str]:
    return warnings(parse(TEXT.format(data=data, more=more), "x"))


def test_a_folder_on_the_disk_of_the_data_is_no_backup(tmp_path: Path) -> None:
    more = f'[archive]\nfolder = "{tmp_path / "not" / "made" / "yet"}"'
    assert said(tmp_path / "data", more) == [SAME_DISK]


def test_a_folder_on_another_disk_is_a_backup(tmp_path: Path) -> None:
    other = Path("/proc")
    if other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one file system only")
    assert said(tmp_path / "data", f'[archive]\nfolder = "{other / "archive"}"') == []


def test_a_bucket_is_a_backup(tmp_path: Path) -> None:
    assert said(tmp_path, '[archive]\nstore = "s3"\nbucket = "days"') == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('base_url = "http://gateway.example.org"', ["accounts.me.base_url" + READABLE]),
        ('base_url = "https://gateway.example.org"', []),
        ('base_url = "http://127.0.0.1:8080"', []),
        ('[alerts.ntfy]\nurl = "http://ntfy.example.org/t"', ["alerts.ntfy.url" + READABLE]),
    ],
)
def test_plain_http_beyond_this_machine_is_mentioned(tmp_path: Path, more: str, expected: list[str]) -> None:
    assert said(tmp_path, more + '\n[archive]\nstore = "s3"\nbucket = "days"') == expected


@pytest.mark.parametrize(
    ("listen", "hosts", "mentioned"),
    [
        ("0.0.0.0:8377", '["localhost", "127.0.0.1"]', True),
        ("0.0.0.0:8377", '["localhost", "keeper.example"]', False),
        ("127.0.0.1:8377", '["localhost"]', False),
    ],
)
def test_listening_where_nobody_can_ask_is_mentioned(
    tmp_path: Path, listen: str, hosts: str, *, mentioned: bool
) -> None:
    http = f'[http]\nlisten = "{listen}"\nallowed_hosts = {hosts}\ntoken_file = "/t"\n'
    found = said(tmp_path, http + '[archive]\nstore = "s3"\nbucket = "days"')
    assert any(line.startswith("http.allowed_hosts: ") for line in found) is mentioned
