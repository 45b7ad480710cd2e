"""Letters to a mail server: STARTTLS, TLS from the start, logins, and all that it may refuse."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from cromwelld.config import Endpoint, Mail, Secret
from cromwelld.errors import ConfigurationError, CromwelldError, FarSideAway, PersonNeeded
from cromwelld.monitor.alerts.channels import MailChannel
from cromwelld.monitor.alerts.channels import mail as module
from cromwelld.monitor.alerts.letters import Letter, trial
from tests.support.certificates import Certificate, made
from tests.support.logging_in import free_port

LETTER = Letter(
    subject="[cromwelld] zoë: a login is needed", text="What: 401.\nTo do: log in.\n", mark="ab12", kind="login_needed"
)
PASSWORD = "correct horse"


@dataclass
class Postbox:
    """What a server was given, and with whose login; `answers` are its replies to the letter."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    in_clear: list[bool] = field(default_factory=list)
    answer: str = "250 OK"
    slow_s: float = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: ANN401, N802
        del server
        await asyncio.sleep(self.slow_s)
        content = envelope.content
        assert isinstance(content, bytes)
        if self.answer.startswith("250"):
            message = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.letters.append(message)
            self.recipients += envelope.rcpt_tos
            self.in_clear.append(session.ssl is None)
        return self.answer


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
    del server, session, envelope, mechanism
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return made(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@asynccontextmanager
async def serving(
    postbox: Postbox,
    tls: ssl.SSLContext | None = None,
    **options: Any,  # noqa: ANN401
) -> AsyncIterator[int]:
    """Serve in this loop, so that nothing of the server outlives it."""
    loop, talks = asyncio.get_running_loop(), list[SMTP]()

    def talk() -> SMTP:
        talks.append(SMTP(postbox, loop=loop, **options))
        return talks[-1]

    server = await loop.create_server(talk, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        ends = [one._handler_coroutine for one in talks if one._handler_coroutine is not None]  # noqa: SLF001
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        for one in talks:
            for transport in filter(None, (one.transport, one._original_transport)):  # noqa: SLF001
                transport.close()
        await server.wait_closed()


def secure(certificate: Certificate) -> dict[str, Any]:
    context = certificate.serving()
    return {
        "tls_context": context, "require_starttls": True, "authenticator": authenticate, "auth_required": True,
    }  # fmt: skip


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    path = tmp_path / "smtp"
    path.write_text(PASSWORD + "\n")
    return Secret(path=path)


def channel(
    port: int, certificate: Certificate, secret: Secret | None, *, user: str | None = "me@example.org"
) -> MailChannel:
    told = Mail(
        to=("me@example.org", "partner@example.org"),
        server=Endpoint(host="127.0.0.1", port=port),
        user=user,
        password=secret,
    )
    return MailChannel(told=told, timeout_s=5.0, environ={}, tls=certificate.trusting())


async def refused(one: MailChannel) -> CromwelldError:
    with pytest.raises(CromwelldError) as caught:
        await one.send(LETTER)
    return caught.value


async def test_a_letter_goes_by_starttls_with_a_login(
    postbox: Postbox, certificate: Certificate, secret: Secret
) -> None:
    async with serving(postbox, **secure(certificate)) as port:
        await channel(port, certificate, secret).send(LETTER)
    (letter,) = postbox.letters
    assert postbox.recipients == ["me@example.org", "partner@example.org"]
    assert postbox.in_clear == [False]
    assert letter["Subject"] == "[cromwelld] zoë: a login is needed"
    assert letter["From"] == "me@example.org"
    assert letter["Message-ID"] == "<ab12@cromwelld>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().splitlines() == ["What: 401.", "To do: log in."]


async def test_a_letter_goes_by_tls_from_the_start(postbox: Postbox, certificate: Certificate, secret: Secret) -> None:
    options: dict[str, Any] = {"authenticator": authenticate, "auth_require_tls": False}
    async with serving(postbox, certificate.serving(), **options) as port:
        with mock.patch.object(module, "TLS_PORT", port):
            await channel(port, certificate, secret).send(LETTER)
    assert len(postbox.letters) == 1  # who speaks in the clear is not understood there


async def test_a_server_on_this_machine_that_wants_no_user_is_spoken_to_in_the_clear(
    postbox: Postbox, certificate: Certificate
) -> None:
    async with serving(postbox) as port:
        await channel(port, certificate, None, user=None).send(LETTER)
    assert postbox.in_clear == [True]
    assert postbox.letters[0]["From"] == "me@example.org"


async def test_a_password_is_never_sent_in_the_clear(
    postbox: Postbox, certificate: Certificate, secret: Secret
) -> None:
    seen: list[str] = []

    def watching(*arguments: Any) -> AuthResult:  # noqa: ANN401
        seen.append("a password")
        return authenticate(*arguments)

    async with serving(postbox, authenticator=watching, auth_require_tls=False) as port:
        err = await refused(channel(port, certificate, secret))
    assert isinstance(err, PersonNeeded)
    assert "STARTTLS" in err.message
    assert (seen, postbox.letters) == ([], [])


async def test_a_wrong_password_is_a_persons_business(
    postbox: Postbox, certificate: Certificate, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("battery staple")
    async with serving(postbox, **secure(certificate)) as port:
        err = await refused(channel(port, certificate, Secret(path=wrong)))
    assert isinstance(err, PersonNeeded)
    assert err.message == f"the mail server 127.0.0.1:{port} does not accept the user and the password (535)"
    assert "alerts.mail.password_file" in err.hint
    assert "battery" not in f"{err} {err.hint}"


async def test_a_certificate_of_nobody_is_not_trusted(
    postbox: Postbox, certificate: Certificate, secret: Secret
) -> None:
    async with serving(postbox, **secure(certificate)) as port:
        err = await refused(replace(channel(port, certificate, secret), tls=ssl.create_default_context()))
    assert isinstance(err, PersonNeeded)
    assert "cannot be trusted" in err.message


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 try later", FarSideAway), ("554 <me@example.org> is no friend", PersonNeeded)]
)
async def test_what_a_server_answers_to_a_letter(
    postbox: Postbox, certificate: Certificate, secret: Secret, answer: str, kind: type[CromwelldError]
) -> None:
    postbox.answer = answer
    async with serving(postbox, **secure(certificate)) as port:
        err = await refused(channel(port, certificate, secret))
    assert isinstance(err, kind)
    assert answer[:3] in err.message
    assert "friend" not in err.message


async def test_a_server_that_is_not_there_is_away(certificate: Certificate, secret: Secret) -> None:
    err = await refused(channel(free_port(), certificate, secret))
    assert isinstance(err, FarSideAway)


async def test_a_server_that_says_nothing_is_given_up(certificate: Certificate, secret: Secret) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # connections are made, and nobody speaks
        port = silent.getsockname()[1]
        err = await refused(replace(channel(port, certificate, secret), timeout_s=0.1))
    assert isinstance(err, FarSideAway)


async def test_a_password_file_that_is_gone_is_named(certificate: Certificate, tmp_path: Path) -> None:
    err = await refused(channel(free_port(), certificate, Secret(path=tmp_path / "none")))
    assert isinstance(err, ConfigurationError)
    assert str(tmp_path / "none") in err.message


def test_a_trial_says_that_it_is_one() -> None:
    letter = trial(dt.datetime(2025, 10, 12, 9, 0, tzinfo=dt.UTC))
    assert "trial" in letter.subject
    assert "2025-10-12 at 09:00 UTC" in letter.text
