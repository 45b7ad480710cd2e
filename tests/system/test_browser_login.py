"""`cromwelld login` before a real browser: from the printed address to a collected date, for both vendors."""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.support.browser import Started, chromium, driver, tab
from tests.support.cli import Ran
from tests.support.logging_in import APIS, DATE, Attempt, Place, place_of, vendor_alone

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

DONE = "Thank you. You can close this window and go back to the terminal."
NOTHING = "The vendor gave no access. You can close this window; the terminal says what to do."
TAILS = {"fitbit_web": "#_=_", "google_health": ""}
SLEEP = {"fitbit_web": "sleep", "google_health": "https://www.googleapis.com/auth/googlehealth.sleep.readonly"}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with driver() as made:
        yield made


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=chromium()) as made:
        yield made


@pytest.fixture(params=APIS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with vendor_alone(request.param) as far, place_of(tmp_path / "home", far).tidied() as made:
        yield made


def press(page: Page, button: str) -> None:
    """Press a button of the vendor's page."""
    expect(page.get_by_role("heading")).to_have_text("An application asks for your data")
    page.get_by_role("button", name=button, exact=True).click()


def see_home(page: Page, place: Place, attempt: Attempt, text: str) -> None:
    """See that the browser came from the vendor to our own page, with the answer to this attempt in its address."""
    page.wait_for_url(re.compile(rf"^http://127\.0\.0\.1:{attempt.port}/\?"))
    answer = re.fullmatch(r"http://[^/]+/\?state=([^&]+)&(?:code|error)=([^&#]+)(#.*)?", page.url)
    assert answer is not None, page.url
    assert (answer[3] or "") == TAILS[place.far.api]
    place.far.secrets |= {answer[1], answer[2]} - {"access_denied"}
    expect(page.locator("body")).to_have_text(text)


def log_in(place: Place, browser: Browser, *more: object, account: str = "first", untick: str = "") -> Ran:
    """Log in from beginning to end; the window is still open when the program ends."""
    attempt = place.attempt(*more)
    with tab(browser) as page:
        page.goto(attempt.address())
        page.get_by_label(account, exact=True).check()
        if untick:
            page.get_by_label(untick, exact=True).uncheck()
        press(page, "Allow")
        see_home(page, place, attempt, DONE)
        return attempt.ended()


def check_stored(place: Place, ran: Ran) -> None:
    """See that the login is here, for nobody else, and that a date is collected with it."""
    assert (ran.code, ran.err) == (0, "")
    assert f"logged in: me, kept in {place.file}" in ran.out
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.file.parent.stat().st_mode) == 0o700
    place.far.secrets |= {place.stored["access_token"], place.stored["refresh_token"]}
    collected = place.collect(process=True)
    assert (collected.code, collected.err) == (0, "")
    assert (place.root / f"archive/fitbit/fitbit_backup_{DATE}.json.gz").exists()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_person_logs_in_and_collects_a_date(place: Place, browser: Browser, *, scripts: bool) -> None:
    attempt = place.attempt()
    with tab(browser, scripts=scripts) as page:
        page.goto(attempt.address())
        press(page, "Allow")
        see_home(page, place, attempt, DONE)
        check_stored(place, attempt.ended())


def test_the_browser_that_login_opens_is_enough(
    place: Place, playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Started(tmp_path / "person")
    monkeypatch.setenv("BROWSER", str(person.script))
    attempt = place.attempt(browser=True, stdin=subprocess.DEVNULL)
    with person.page(playwright) as page:
        press(page, "Allow")
        see_home(page, place, attempt, DONE)
        check_stored(place, attempt.ended())


def test_access_that_is_denied_is_said_on_the_page_and_in_the_terminal(place: Place, browser: Browser) -> None:
    attempt = place.attempt()
    with tab(browser) as page:
        page.goto(attempt.address())
        press(page, "Deny")
        see_home(page, place, attempt, NOTHING)
        ran = attempt.ended()
    assert ran.code == 77
    assert "access was not granted (access_denied)" in ran.err
    assert "log in again and allow access" in ran.err
    assert not place.file.exists()
    check_stored(place, log_in(place, browser))


def test_a_second_persons_account_is_refused(place: Place, browser: Browser) -> None:
    check_stored(place, log_in(place, browser))
    before = place.files()
    ran = log_in(place, browser, account="second")
    assert ran.code == 2
    assert "another person" in ran.err
    assert "--replace-person" in ran.err
    assert place.files() == before
    check_stored(place, log_in(place, browser, "--replace-person", account="second"))


def test_a_box_that_is_unticked_is_said_with_what_it_costs(place: Place, browser: Browser) -> None:
    ran = log_in(place, browser, untick=SLEEP[place.far.api])
    assert ran.code == 0
    (only,) = [line for line in ran.out.splitlines() if line.startswith("but: ")]
    assert re.match(r"but: (googlehealth\.)?sleep(\.readonly)? was not granted: ", only)
