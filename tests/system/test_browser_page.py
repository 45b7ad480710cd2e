"""The page for people in a real browser, and what a foreign page cannot do with the login that the browser keeps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cromwelld.web import Health, Reason
from cromwelld.web.finding import ADDRESS_FILE
from cromwelld.web.protocol import Probe
from tests.support.browser import chromium, driver
from tests.support.daemon import TOKEN, FakeDaemon, fake_daemon, resident

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

FOREIGN = """<!doctype html><title>foreign</title>
<form id="form" method="post" enctype="text/plain" action="{url}/v1/imports" target="frame">
<input name='{{"account": "me", "content": "' value='"}}'></form>
<iframe name="frame"></iframe>
<script>
document.getElementById("form").submit();
const more = [["POST", "text/plain"], ["POST", "application/json"], ["PUT", "application/json"]];
const asked = more.map(([method, type]) => fetch("{url}/v1/runs", {{method, credentials: "include",
  headers: {{"Content-Type": type}}, body: '{{"account": "me", "dates": ["2025-10-08"]}}'}}));
asked.push(fetch("{url}/v1/status", {{credentials: "include"}}).then((answer) => answer.text()));
Promise.allSettled(asked).then((all) => {{ document.title = all.map((one) => one.status).join(" "); }});
</script>"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    with fake_daemon(tmp_path) as found, resident(tmp_path, found):
        yield found


@pytest.fixture
def url(tmp_path: Path, daemon: FakeDaemon) -> str:
    assert daemon.done == []
    return f"http://{(tmp_path / ADDRESS_FILE).read_text()}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with driver() as playwright, playwright.chromium.launch(executable_path=chromium()) as made:
        yield made


@contextmanager
def known(browser: Browser, url: str) -> Iterator[Page]:
    """Open a window of a person who has given the token for the daemon's address."""
    credentials = {"username": "whoever", "password": TOKEN, "origin": url}
    with browser.new_context(http_credentials=credentials) as context:  # type: ignore[arg-type]
        yield context.new_page()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def foreign(folder: Path, html: str) -> Iterator[str]:
    """Serve a page of somebody else's."""
    folder.mkdir()
    (folder / "index.html").write_text(html, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_person_sees_the_page_and_nothing_comes_from_elsewhere(
    browser: Browser, url: str, daemon: FakeDaemon
) -> None:
    reason = Reason(code="login_needed", account="partner", sentence="<b>log in</b> again")
    daemon.probes[Probe.READY] = Health(ok=False, reasons=(reason,))
    with known(browser, url) as page:
        asked: list[str] = []
        said: list[tuple[str, str]] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append((message.location["url"], message.text)))
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200
        expect(page.get_by_role("heading", level=2)).to_have_text(["me", "partner"])
        expect(page.get_by_role("row", name="It can work no")).to_contain_text("partner <b>log in</b> again")
        assert page.evaluate("getComputedStyle(document.body).maxWidth") == "960px"  # its own style is let in
        assert {one.removesuffix("favicon.ico") for one in asked} == {f"{url}/"}
        assert [text for place, text in said if "favicon" not in place] == []


def test_without_the_token_there_is_no_page(browser: Browser, url: str) -> None:
    with browser.new_context() as context:
        answer = context.request.get(url)
        assert (answer.status, "Basic" in answer.headers["www-authenticate"]) == (401, True)


def test_a_foreign_page_has_no_use_of_the_login_that_the_browser_keeps(
    browser: Browser, url: str, daemon: FakeDaemon, tmp_path: Path
) -> None:
    with known(browser, url) as page, foreign(tmp_path / "foreign", FOREIGN.format(url=url)) as elsewhere:
        page.goto(url)
        posted = f"{url}/v1/imports"
        with page.expect_response(lambda got: (got.request.method, got.url) == ("POST", posted)) as refused:
            page.goto(elsewhere)
        assert refused.value.status == 403
        expect(page).to_have_title("rejected rejected rejected rejected")  # it may not even read that it was refused
    assert (daemon.done, daemon.wished) == ([], [])
