"""The way to a person's consent and back: the address to open, and what the vendor sends back. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlencode

from cromwelld.errors import CromwelldError, FarSideAway, PersonNeeded, UsageError
from cromwelld.sources.oauth.provider import Provider

_BLANKS = re.compile(r"\s+")
_CODE = re.compile(r"[A-Za-z0-9/_.~+=-]{8,1024}")
_WORD = re.compile(r"[a-z_]{1,60}")
_START_AGAIN = "run the login again and use the address that it prints"
_EXPECTED = "paste the whole address that the browser ended on: it holds code=... and state=..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One attempt to log in: what is sent along and must come back; nothing of it is in the repr.

    `redirect_uri` is sent again, byte for byte, when the code is exchanged.
    """

    redirect_uri: str
    verifier: str = field(repr=False)
    state: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """Give the S256 challenge of the verifier. Source: RFC 7636, 4.2."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def new_consent(redirect_uri: str) -> Consent:
    """Begin an attempt with secrets of its own."""
    return Consent(redirect_uri=redirect_uri, verifier=secrets.token_urlsafe(64), state=secrets.token_urlsafe(32))


def consent_of(url: str, redirect_uri: str) -> Consent:
    """Give what is needed to know the answer to an attempt that another process began; its verifier stays there."""
    return Consent(
        redirect_uri=redirect_uri, verifier="", state=(parse_qs(url.partition("?")[2]).get("state") or [""])[0]
    )


def address(provider: Provider, client_id: str, consent: Consent) -> str:
    """Give the address at which a person grants access; it holds no secret that would let another use the code."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": consent.redirect_uri,
        "scope": " ".join(provider.scopes),
        "code_challenge": consent.challenge,
        "code_challenge_method": "S256",
        "state": consent.state,
        **provider.extra,
    }
    return f"{provider.authorize_url}?{urlencode(asked)}"


def read_code(pasted: str, consent: Consent) -> str:
    """Find the code in a redirect address, in its query alone, or in a bare code (which has no state to compare).

    Raises: UsageError if it is none of them or belongs to another attempt; PersonNeeded if access was not granted;
    FarSideAway if the vendor has a fault.
    """
    found = _BLANKS.sub("", pasted).strip("<>\"'").split("#")[0]  # terminals and mail break long lines
    if "=" not in found or _bare(found):
        return _bare_code(found)
    query = parse_qs(found.partition("?")[2] or found)
    if "code_challenge" in query:
        raise UsageError("this is the address to open, not the one that the browser ended on", hint=_EXPECTED)
    state = query.get("state", [""])[0]
    if not hmac.compare_digest(state.encode("utf-8", "replace"), consent.state.encode()):
        raise UsageError("this address belongs to another attempt to log in", hint=_START_AGAIN)
    if "error" in query:
        raise _refusal(query["error"][0])
    return _bare_code(query.get("code", [""])[0])


def _bare(found: str) -> bool:
    """Tell a bare code that ends in padding from a query."""
    return _CODE.fullmatch(found) is not None and not found.startswith(("code=", "state=", "error="))


def _bare_code(found: str) -> str:
    code = unquote(found)
    if not _CODE.fullmatch(code):
        raise UsageError("there is no code in what was pasted", hint=_EXPECTED)
    return code


def _refusal(error: str) -> CromwelldError:
    """Turn the vendor's refusal into a sentence; its own text is not repeated. Source: RFC 6749, 4.1.2.1."""
    word = error if _WORD.fullmatch(error) else "an unknown error"
    if word in {"server_error", "temporarily_unavailable"}:
        return FarSideAway(f"the vendor could not log in ({word})", hint="try again in some minutes")
    return PersonNeeded(f"access was not granted ({word})", hint=_REFUSALS.get(word, _START_AGAIN))


_REFUSALS = {
    "access_denied": "log in again and allow access; if Google refused it, add the account to the test users of your "
    "project or publish it",
    "invalid_scope": "check that the project or application may ask for health data",
    "unauthorized_client": "check client_id, and the type of application it was registered as",
}
