"""Letters by SMTP, as plain text."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

import aiosmtplib
from aiosmtplib import errors

from cromwelld.config import Mail, read_secret
from cromwelld.errors import CromwelldError, FarSideAway, PersonNeeded
from cromwelld.monitor.alerts.letters import Letter

TLS_PORT = 465
_REFUSED_S = range(500, 600)
_USER = "set alerts.mail.user right, and put the right password into the file of alerts.mail.password_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    """Send letters over one SMTP server.

    Port 465 is TLS from the start; every other must offer STARTTLS, but for a server on this machine that wants no
    user: nobody listens in between, and no password is sent. `timeout_s` is for each step of the conversation.
    """

    told: Mail
    timeout_s: float = 20.0
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """Give its name."""
        return "mail"

    async def send(self, letter: Letter) -> None:
        """Send a letter to everybody at once. Raises: as `Channel.send`."""
        password = None
        if self.told.password is not None:
            password = await asyncio.to_thread(read_secret, self.told.password, self.environ)
        message = self._message(letter)
        try:
            async with asyncio.timeout(4 * self.timeout_s):
                await self._sent(message, password)
        except (errors.SMTPException, OSError, ValueError) as err:
            raise self._explained(err) from err

    async def _sent(self, message: EmailMessage, password: str | None) -> None:
        """Log in once the connection is made, so that a server that refuses is taken leave of."""
        server = self.told.server
        implicit = server.port == TLS_PORT
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=self.timeout_s,
            use_tls=implicit,
            start_tls=not implicit and not (server.loopback and self.told.user is None),
            tls_context=self.tls,
        )
        async with client:
            if self.told.user is not None and password is not None:
                await client.login(self.told.user, password)
            await client.send_message(message, sender=self._sender, recipients=list(self.told.to))

    @property
    def _sender(self) -> str:
        """Write as the user, who may; else as the first who is written to."""
        user = self.told.user or ""
        return user if "@" in user else self.told.to[0]

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self.told.to)
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{letter.mark}@cromwelld>"  # a letter that comes twice is known as one
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _explained(self, err: Exception) -> CromwelldError:
        """Say what a failure means; what the server wrote is not repeated: it can hold an address."""
        where = f"{self.told.server.host}:{self.told.server.port}"
        if isinstance(err, errors.SMTPRecipientsRefused):
            return self._answered(where, max((one.code for one in err.recipients), default=0))
        if isinstance(err, errors.SMTPAuthenticationError) and err.code in _REFUSED_S:
            message = f"the mail server {where} does not accept the user and the password ({err.code})"
            return PersonNeeded(message, hint=_USER)
        if isinstance(err, errors.SMTPResponseException):
            return self._answered(where, err.code)
        if _untrusted(err):
            hint = "see to the name in alerts.mail.server, or to the server's certificate"
            return PersonNeeded(f"the certificate of the mail server {where} cannot be trusted", hint=hint)
        if isinstance(err, errors.SMTPTimeoutError | errors.SMTPConnectError | errors.SMTPServerDisconnected | OSError):
            return FarSideAway.connection(f"the mail server {where} cannot be reached, or does not answer", err)
        hint = "use its port for TLS (465), or another server, in alerts.mail.server"
        return PersonNeeded(f"the mail server {where} does not offer what is needed (STARTTLS, or a login)", hint=hint)

    def _answered(self, where: str, code: int) -> CromwelldError:
        if code not in _REFUSED_S:
            return FarSideAway(f"the mail server {where} takes no letters now ({code})")
        hint = "set alerts.mail.to and alerts.mail.user right, or ask who runs the server"
        return PersonNeeded(f"the mail server {where} refuses the letter ({code})", hint=hint)


def _untrusted(err: BaseException) -> bool:
    """Tell whether a certificate was not trusted, somewhere down the chain of causes."""
    below = err.__cause__ or err.__context__
    return isinstance(err, ssl.SSLCertVerificationError) or (below is not None and _untrusted(below))
