"""Requests that nobody decent sends: each is a good one with something wrong about it, as bytes for a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.support.daemon import LOGIN, TOKEN

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
GOOD: tuple[tuple[str, str, object], ...] = (
    ("GET", "/", None),
    ("GET", "/healthz", None),
    ("GET", "/metrics", None),
    ("GET", "/v1/status", None),
    ("GET", "/v1/runs?limit=3", None),
    ("GET", "/v1/runs/1?wait=0", None),
    ("GET", "/v1/runs/1/report", None),
    ("GET", "/v1/days?account=me&from=2025-10-07&to=2025-10-08", None),
    ("GET", "/v1/verifications/1", None),
    ("POST", "/v1/runs", {"account": "me", "dates": ["2025-10-08"], "force": ["sleep"]}),
    ("POST", "/v1/logins", {"account": "me", "redirect_uri": "http://127.0.0.1:8378"}),
    ("POST", f"/v1/logins/{LOGIN}", {"answer": "code=abc"}),
    ("POST", "/v1/imports", {"account": "me", "content": "{}"}),
    ("POST", "/v1/backfills", {"account": "me", "from": "2024-01-01"}),
    ("POST", "/v1/verifications", {"account": "me"}),
    ("POST", "/v1/acceptances", {"account": "me", "date": "2025-10-08"}),
    ("PUT", "/v1/accounts/me/pause", {}),
    ("DELETE", "/v1/accounts/me/pause", None),
)


@dataclass
class Sent:
    """A request in the making; `framed` turns its parts into what goes over the wire."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)
    frame: Callable[[bytes], bytes] = bytes

    @property
    def changes(self) -> bool:
        return self.method in {"POST", "PUT"}

    def raw(self) -> bytes:
        pairs = [*self.headers.items(), *self.more]
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in pairs)]
        head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        return self.frame(head + b"\r\n\r\n" + self.body)


def built(method: str, target: str, body: object) -> Sent:
    """Build a request that is as it should be."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"Host": "localhost", "Authorization": f"Bearer {TOKEN}", "Connection": "close"}
    if body is not None:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
    return Sent(method, target, content, headers)


_TOKENS = st.one_of(
    st.just(""),
    st.just(f"Bearer {TOKEN}x"),
    st.just(f"Bearer {TOKEN[:-1]}"),
    st.just(TOKEN),
    st.just("Basic ====="),
    st.just("Basic dTpwOnc="),
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=40).map(lambda t: f"Bearer {t}"),
)
_HOSTS = st.sampled_from(
    [
        "evil.example",
        "localhost.evil.example",
        "localhost:8377@evil.example",
        "127.0.0.1.nip.example:8377",
        "[::ffff:127.0.0.1]",
        "0x7f.1",
        "2130706433",
        "0.0.0.0",  # noqa: S104 - a name that is asked for
        "localhost,evil.example",
        "",
        "localhost evil",
        "l\u00f6calhost",
        "\u0000",
    ]
)
_ORIGINS = st.sampled_from(["http://evil.example", "null", "file://", "http://localhost.evil.example", "http://[", ""])
_PARTS = st.one_of(
    st.sampled_from(
        [
            "..", ".", "%2e%2e", "..%2f..%2fetc%2fpasswd", "..;/", "%00", "1%00", "-1", "1.0", "1e3", "0x1", "+1", " 1",
            "1'--", "99999999999999999999", "%ff%fe", "\u0661", "me%2f..", "${jndi:x}", "{run}", "*", "~root", "CON",
        ]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#%"), min_size=30, max_size=60),
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
_BODIES = st.one_of(
    st.binary(max_size=200).filter(lambda data: not data.strip().startswith(b"{")),
    _JSON.filter(lambda value: not isinstance(value, dict)).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.text(max_size=8), _JSON, max_size=4).map(lambda d: json.dumps({**d, "un known": 1}).encode()),
    st.integers(1, 60_000).map(lambda count: b"[" * count),
    st.integers(1, 12_000).map(lambda count: b'{"a":' * count),
    st.just(b"\xef\xbb\xbf{}"),
    st.just(b'{"account": "me", "dates": ["2025-10-08"], "force": [' + b'"\\ud800",' * 9 + b'"x"]}'),
    st.just(b'{"account": "me", "date": "2025-10-08", "dates": ["' + b"9" * 4000 + b'"], "from": 1e999, "answer": 3}'),
)


def _wrong_token(draw: st.DrawFn, sent: Sent) -> None:
    if sent.target in {"/healthz", "/metrics"}:
        sent.target = "/v1/nothing"
    sent.headers["Authorization"] = draw(_TOKENS)


def _no_token(draw: st.DrawFn, sent: Sent) -> None:
    del draw
    sent.headers.pop("Authorization", None)


def _wrong_host(draw: st.DrawFn, sent: Sent) -> None:
    sent.headers["Host"] = draw(_HOSTS)


def _two_hosts(draw: st.DrawFn, sent: Sent) -> None:
    sent.more.append(("Host", draw(_HOSTS)))


def _foreign_page(draw: st.DrawFn, sent: Sent) -> None:
    sent.headers["Origin"] = draw(_ORIGINS)


def _bad_body(draw: st.DrawFn, sent: Sent) -> None:
    if not sent.changes:
        _wrong_method(draw, sent)
        return
    sent.body = draw(_BODIES)
    sent.headers["Content-Length"] = str(len(sent.body))


def _giant_body(draw: st.DrawFn, sent: Sent) -> None:
    if not sent.changes:
        _wrong_method(draw, sent)
    sent.body = b'{"account": "' + b"x" * draw(st.integers(65_536, 300_000)) + b'"}'
    sent.headers["Content-Length"] = str(len(sent.body))


def _other_type(draw: st.DrawFn, sent: Sent) -> None:
    if not sent.changes:
        _wrong_method(draw, sent)
        return
    kinds = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json5"]
    sent.headers["Content-Type"] = draw(st.sampled_from(kinds))


def _odd_path(draw: st.DrawFn, sent: Sent) -> None:
    """Put something into the path that is no id and no account, or lead it elsewhere."""
    part = draw(_PARTS)
    forms = (
        "/v1/runs/{}",
        "/v1/runs/{}/report",
        "/v1/logins/{}",
        "/v1/accounts/{}/pause",
        "/v1/verifications/{}",
        "/{}",
    )
    sent.target = draw(st.sampled_from(forms)).format(part).encode("utf-8").decode("latin-1")


def _odd_query(draw: st.DrawFn, sent: Sent) -> None:
    more = [
        "limit=-1",
        "limit=x",
        "a=b",
        "wait=31",
        "wait=1&wait=1",
        "from=%00",
        "account=..%2f",
        "&&==",
        "%=%",
        "to=9999-99-99",
    ]
    separator = "&" if "?" in sent.target else "?"
    sent.target += separator + draw(st.sampled_from(more)) + "&nobody=knows"


def _wrong_method(draw: st.DrawFn, sent: Sent) -> None:
    path = sent.target.partition("?")[0]
    known = {method for method, target, _ in GOOD if target.partition("?")[0] == path}
    known |= {"HEAD"} if "GET" in known else set()
    known |= {"GET", "HEAD"} if path == "/v1/runs" else set()
    sent.method = draw(st.sampled_from([method for method in METHODS if method not in known]))


def _broken_frame(draw: st.DrawFn, sent: Sent) -> None:
    """Break the message itself, so that no whole request is left of it."""
    kind = draw(st.integers(0, 6))
    if kind == 0:
        sent.headers["Content-Length"] = draw(
            st.sampled_from(["-1", "1e3", "0x10", "1, 2", "99999999999999999999", "x"])
        )
    elif kind == 1:
        sent.headers["Content-Length"] = "5"
        sent.headers["Transfer-Encoding"] = "chunked"
    elif kind == 2:
        sent.headers.pop("Content-Length", None)
        sent.headers["Transfer-Encoding"] = draw(st.sampled_from(["chunked", "gzip, chunked", "identity", "xchunked"]))
        sent.body = draw(st.sampled_from([b"zz\r\n{}\r\n", b"-2\r\n", b"fffffffffffffffff\r\n", b"2\r\n{}", b"\r\n"]))
        if not sent.changes:
            sent.method = "PATCH"
    elif kind == 3:
        place = draw(st.integers(0, 40))
        sent.frame = lambda raw: raw[:place]
    elif kind == 4:
        noise = draw(st.binary(min_size=1, max_size=60).filter(lambda data: data.strip(b"\r\n") != b""))
        sent.frame = lambda raw: b"\x00" + noise + raw
    elif kind == 5:
        sent.frame = lambda raw: raw.replace(b" HTTP/1.1\r\n", b" HTTP/3.0\r\n", 1)
    else:
        sent.more.append(("X-Long", "x" * draw(st.integers(8200, 70_000))))


DEFECTS = (
    _wrong_token, _no_token, _wrong_host, _two_hosts, _foreign_page, _bad_body, _giant_body, _other_type, _odd_path,
    _odd_query, _wrong_method, _broken_frame,
)  # fmt: skip
_ODDITIES = (
    ("X-Forwarded-Host", "localhost"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("Expect", "100-continue"),
    ("Upgrade", "websocket"),
    ("Range", "bytes=0-"),
    ("Content-Encoding", "gzip"),
    ("Cookie", "a=b"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Accept-Encoding", "gzip"),
    ("If-None-Match", "*"),
)


@st.composite
def hostile(draw: st.DrawFn) -> Sent:
    """Make a request with at least one thing about it for which it must have no effect."""
    sent = built(*draw(st.sampled_from(GOOD)))
    for defect in draw(st.lists(st.sampled_from(DEFECTS), min_size=1, max_size=3, unique=True)):
        defect(draw, sent)
    sent.more += draw(st.lists(st.sampled_from(_ODDITIES), max_size=2, unique=True))
    return sent
