"""Push messages by ntfy."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import aiohttp

from cromwelld.config import Ntfy
from cromwelld.monitor.alerts.channels.posting import Post, post
from cromwelld.monitor.alerts.letters import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class NtfyChannel:
    """Publish letters to one topic; whoever knows the topic can read them, so that they hold nothing private.

    Source: https://docs.ntfy.sh/publish/
    """

    told: Ntfy
    session: aiohttp.ClientSession
    timeout_s: float = 20.0

    @property
    def name(self) -> str:
        """Give its name."""
        return "ntfy"

    async def send(self, letter: Letter) -> None:
        """Publish a letter. Raises: as `Channel.send`."""
        headers = {
            "Title": _in_header(letter.subject),
            "Priority": "high" if letter.urgent else "default",
            "Tags": "warning" if letter.urgent else "white_check_mark",
        }
        what = Post(
            url=self.told.url, server="ntfy", key="alerts.ntfy.url", body=letter.text.strip().encode(), headers=headers
        )
        await post(self.session, what, self.timeout_s)


def _in_header(text: str) -> str:
    """Write text as headers have it; what is not ASCII in the form of RFC 2047, which ntfy reads."""
    return text if text.isascii() else f"=?UTF-8?B?{b64encode(text.encode()).decode()}?="
