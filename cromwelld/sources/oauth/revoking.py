"""Giving a login back to the vendor."""

from __future__ import annotations

import aiohttp

from cromwelld.errors import FarSideAway, PersonNeeded
from cromwelld.sources.oauth.endpoint import revocation
from cromwelld.sources.oauth.provider import Application, Provider
from cromwelld.sources.oauth.tokens import Tokens

_OK, _NOT_KNOWN, _AWAY = 200, {400, 404, 410}, 500
_TIMEOUT_S = 20.0


async def revoke(session: aiohttp.ClientSession, provider: Provider, application: Application, tokens: Tokens) -> None:
    """Have a login revoked; one that the vendor does not know any more is as good as that.

    Raises: FarSideAway if it may work later; PersonNeeded if the vendor does not let us.
    """
    asking = revocation(provider, application, token=tokens.refresh_token or tokens.access_token)
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with session.post(
            asking.url, data=asking.form, headers=asking.headers, timeout=timeout, allow_redirects=False
        ) as answer:
            status = answer.status
    except (aiohttp.ClientError, OSError) as err:  # the text of these can name a host, never a token
        raise FarSideAway(f"the login could not be revoked ({type(err).__name__})", hint="try again later") from err
    if status >= _AWAY:
        raise FarSideAway(f"{status}: the login could not be revoked", hint="try again later")
    if status != _OK and status not in _NOT_KNOWN:
        hint = "take cromwelld's access away on the vendor's own page, then run it with --keep-login"
        raise PersonNeeded(f"{status}: the vendor does not revoke the login", hint=hint)
