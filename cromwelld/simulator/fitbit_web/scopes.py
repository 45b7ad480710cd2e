"""The scopes that the vendor's endpoints need.

Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design (scopes)
"""

from __future__ import annotations

from collections.abc import Mapping

from cromwelld.simulator.front.prefixes import longest

# the longest beginning of an endpoint's path counts
NEEDED: Mapping[str, tuple[str, ...]] = {
    "/1/user/-/profile.json": ("profile",),
    "/1/user/-/devices.json": ("settings",),
    "/1/user/-/activities/": ("activity",),
    "/1/user/-/activities/{log_id}.tcx": ("activity", "location"),
    "/1/user/-/activities/heart/": ("heartrate",),
    "/1.2/user/-/sleep/": ("sleep",),
    "/1/user/-/hrv/": ("heartrate",),
    "/1/user/-/br/": ("respiratory_rate",),
    "/1/user/-/spo2/": ("oxygen_saturation",),
    "/1/user/-/temp/": ("temperature",),
    "/1/user/-/cardioscore/": ("cardio_fitness",),
    "/1/user/-/body/": ("weight",),
    "/1/user/-/ecg/": ("electrocardiogram",),
    "/1/user/-/irn/": ("irregular_rhythm_notifications",),
}


def needed(path: str) -> tuple[str, ...]:
    """Find the scopes that an endpoint needs, by its path as it is declared."""
    return longest(NEEDED, path) or ()
