"""The token: made once, private, and told only to who has it."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from cromwelld.config import Http, Secret
from cromwelld.errors import ConfigurationError, DamagedFile
from cromwelld.web.token import TOKEN_FILE, opens, read_token, token_of

TOKEN = "s3cret-token"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "does"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (basic(f"anybody:{TOKEN}"), True),
        (basic(f":{TOKEN}"), True),
        (basic(TOKEN), False),
        (basic(f"{TOKEN}:"), False),
        (basic(f"user:{TOKEN}x"), False),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Bearer {TOKEN.upper()}", False),
        (f"Digest {TOKEN}", False),
        (TOKEN, False),
        ("Bearer", False),
        ("Bearer ", False),
        ("Basic !!!", False),
        ("Basic " + base64.b64encode(b"a:\xff\xfe").decode(), False),
        ("Bearer \udcff", False),
        ("", False),
        (None, False),
    ],
)
def test_who_has_the_token_comes_in(header: str | None, *, does: bool) -> None:
    assert opens(TOKEN, header) is does


def test_a_token_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = token_of(Http(), tmp_path / "state", {})
    file = tmp_path / "state" / TOKEN_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first) >= 43  # 256 bits
    assert token_of(Http(), tmp_path / "state", {}) == first == file.read_text("ascii")
    assert token_of(Http(), tmp_path / "other", {}) != first


def test_a_token_that_others_could_read_is_made_private_again(tmp_path: Path) -> None:
    file = tmp_path / TOKEN_FILE
    file.write_text(TOKEN)
    file.chmod(0o644)
    assert read_token(file) == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_token_of_the_settings_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text(f"{TOKEN}\n")
    assert token_of(Http(token=Secret(path=file)), tmp_path / "state", {}) == TOKEN
    assert not (tmp_path / "state").exists()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        token_of(Http(token=Secret(path=tmp_path / "gone")), tmp_path / "state", {})


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe"])
def test_a_damaged_token_is_named_with_its_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / TOKEN_FILE).write_bytes(content)
    with pytest.raises(DamagedFile, match=TOKEN_FILE) as caught:
        token_of(Http(), tmp_path, {})
    assert "delete" in caught.value.hint
