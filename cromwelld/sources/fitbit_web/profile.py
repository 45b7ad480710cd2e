"""The person's time zone, as set at the vendor."""

from __future__ import annotations

from cromwelld import localtime
from cromwelld.errors import BadAnswer
from cromwelld.sources.values import decode, member, obj, text


def time_zone(body: bytes) -> str:
    """Read the zone of the profile.

    The offset beside it is no substitute: it is today's, and would be kept for dates of the other half of the year.

    Raises: BadAnswer if there is none, or none that is known here.
    Source: https://dev.fitbit.com/build/reference/web-api/user/get-profile/
    """
    try:
        name = text(member(obj(decode(body)), "user"), "timezone")
    except ValueError as err:
        raise BadAnswer("the answer is not a profile") from err
    if name is None or not localtime.known_zone(name):
        raise BadAnswer("the profile has no time zone that is known here", hint="set timezone in the configuration")
    return name
