"""The person's time zone, as set at Google."""

from __future__ import annotations

from cromwelld import localtime
from cromwelld.errors import BadAnswer
from cromwelld.sources.values import decode, obj, text


def time_zone(body: bytes) -> str:
    """Read the zone of the settings.

    The offset beside it is no substitute: it is today's, and would be kept for dates of the other half of the year.

    Raises: BadAnswer if there is none, or none that is known here.
    Source: https://developers.google.com/health/reference/rest/v4/users/getSettings
    """
    try:
        name = text(obj(decode(body)), "timeZone")
    except ValueError as err:
        raise BadAnswer("the answer is not the settings") from err
    if name is None or not localtime.known_zone(name):
        raise BadAnswer("the settings have no time zone that is known here", hint="set timezone in the configuration")
    return name
