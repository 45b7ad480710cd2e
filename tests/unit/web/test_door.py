"""Who may come in: hosts, origins, bodies."""

from __future__ import annotations

import pytest

from cromwelld.web.door import Heads, check_body, check_host, check_origin, shown_host
from cromwelld.web.problems import Problem

ALLOWED = ("localhost", "127.0.0.1", "Keeper.home.example", "::1")


def heads(*hosts: str, method: str = "GET", origins: tuple[str, ...] = (), site: str = "", kind: str = "") -> Heads:
    return Heads(method=method, hosts=hosts, origins=origins, authorization=(), content_type=kind, site=site)


def status_of(check: object, *arguments: object) -> int:
    assert callable(check)
    try:
        check(*arguments)
    except Problem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (("localhost",), 200),
        (("LOCALHOST:8377",), 200),
        (("localhost.:1",), 200),
        (("127.0.0.1:8377",), 200),
        (("keeper.home.example",), 200),
        (("[::1]:8377",), 200),
        (("evil.example",), 421),
        (("localhost.evil.example",), 421),
        (("127.0.0.1.evil.example:8377",), 421),
        (("127.0.0.2",), 421),
        (("0.0.0.0:8377",), 421),
        ((), 400),
        (("",), 400),
        (("localhost", "localhost"), 400),
        (("localhost@evil.example",), 400),
        (("localhost/evil",), 400),
        (("localhost:port",), 400),
        (("localhost, evil.example",), 400),
    ],
)
def test_a_request_is_for_a_name_that_is_allowed(hosts: tuple[str, ...], status: int) -> None:
    assert status_of(check_host, heads(*hosts), ALLOWED) == status


def test_a_refused_name_leads_to_the_key() -> None:
    with pytest.raises(Problem) as caught:
        check_host(heads("evil.example"), ALLOWED)
    assert "http.allowed_hosts" in caught.value.hint
    assert "evil" not in caught.value.detail


@pytest.mark.parametrize(
    ("origins", "site", "method", "status"),
    [
        ((), "", "POST", 200),
        (("http://localhost:8377",), "same-origin", "POST", 200),
        (("https://localhost:8377",), "", "GET", 200),  # a proxy that speaks TLS stands before us
        (("http://localhost",), "", "POST", 403),  # another port is another origin
        (("http://evil.example",), "", "GET", 403),
        (("null",), "", "POST", 403),
        (("file://localhost:8377",), "", "POST", 403),
        (("http://localhost:8377", "http://localhost:8377"), "", "POST", 403),
        (("",), "", "GET", 403),
        (("http://[::1",), "", "GET", 403),
        (("http://loc\xe4lhost:8377",), "", "GET", 403),
        ((), "cross-site", "POST", 403),
        ((), "same-site", "DELETE", 403),
        ((), "cross-site", "GET", 200),  # a link to the page
        ((), "none", "POST", 200),
    ],
)
def test_a_foreign_page_may_ask_nothing(origins: tuple[str, ...], site: str, method: str, status: int) -> None:
    asked = heads("localhost:8377", origins=origins, site=site, method=method)
    assert status_of(check_origin, asked) == status


@pytest.mark.parametrize(
    ("method", "kind", "status"),
    [
        ("POST", "application/json", 200),
        ("POST", "Application/JSON; charset=utf-8", 200),
        ("POST", "text/plain", 415),  # what a form can send without asking first
        ("POST", "application/x-www-form-urlencoded", 415),
        ("PUT", "", 415),
        ("GET", "", 200),
        ("DELETE", "", 200),
    ],
)
def test_a_body_is_json(method: str, kind: str, status: int) -> None:
    assert status_of(check_body, heads("localhost", method=method, kind=kind)) == status


@pytest.mark.parametrize(
    ("hosts", "shown"),
    [
        (("evil.example:80",), "evil.example:80"),
        (("a\x1b[31m\r\nb",), "a?[31m??b"),
        ((), "(none)"),
        (("a" * 500,), "a" * 80),
    ],
)
def test_a_refused_name_cannot_disturb_the_log(hosts: tuple[str, ...], shown: str) -> None:
    assert shown_host(hosts) == shown
