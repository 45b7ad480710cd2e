"""The routes of logins: begin, bring back what the browser ended on, or bring a file."""

from __future__ import annotations

from typing import Annotated

import msgspec

from cromwelld.web.call import Answer, Body, Call, as_json
from cromwelld.web.protocol import Daemon
from cromwelld.web.runs import Name, streams_of

# A code must come back to a machine of the person who logs in, never to an address that somebody else chose.
_LOOPBACK = r"^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?/?$"


class BeginBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who logs in, and where the browser comes back to."""

    account: Name
    redirect_uri: Annotated[str, msgspec.Meta(pattern=_LOOPBACK, max_length=100)]


class FinishBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the browser ended on."""

    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=8000)]
    replace_person: bool = False


class ImportBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The token file of another program."""

    account: Name
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=32_000)]
    replace_person: bool = False


_BEGIN, _FINISH, _IMPORT = Body(BeginBody), Body(FinishBody), Body(ImportBody)


async def begin(daemon: Daemon, call: Call) -> Answer:
    """Begin an attempt: 201, its name, and the address to open."""
    body = _BEGIN.read(call)
    streams_of(daemon, body.account)
    begun = await daemon.begin_login(body.account, body.redirect_uri)
    return as_json(begun, status=201)


async def finish(daemon: Daemon, call: Call) -> Answer:
    """Keep the login that the browser's answer brings."""
    body = _FINISH.read(call)
    kept = await daemon.finish_login(call.parts["login"], body.answer, replace_person=body.replace_person)
    return as_json(kept)


async def take_over(daemon: Daemon, call: Call) -> Answer:
    """Keep the login of another program's file."""
    body = _IMPORT.read(call)
    streams_of(daemon, body.account)
    return as_json(await daemon.import_login(body.account, body.content, replace_person=body.replace_person))
