"""How the entries of the catalogue are written down."""

from __future__ import annotations

from cromwelld.measurements.model import DAILY_TABLE, Field, Likeness, Measurement, Merge, Stamp


def number(name: str, unit: str, note: str = "", *, lacking: tuple[str, ...] = ()) -> Field:
    """Describe a field that is a number."""
    return Field(name=name, unit=unit, note=note, lacking=lacking)


DEVICE = ("Device",)
FITBIT, GOOGLE, TAKEOUT = "fitbit_web", "google_health", "takeout"


def like(google: Likeness, takeout: Likeness) -> dict[str, Likeness]:
    """Say how the values of Google and of an export relate to those of Fitbit."""
    return {FITBIT: Likeness.SAME, GOOGLE: google, TAKEOUT: takeout}


SAME = like(Likeness.SAME, Likeness.SAME)
NEW = {GOOGLE: Likeness.SAME, TAKEOUT: Likeness.SAME}  # the Fitbit source never asked for these
CLOSE = like(Likeness.CLOSE, Likeness.SAME)
EXPORTED = {TAKEOUT: Likeness.SAME}  # no API has these
ADDED_UP = like(Likeness.CLOSE, Likeness.DERIVED)  # an export has the minutes, not their sum


def daily(name: str, fields: tuple[Field, ...], likeness: dict[str, Likeness], note: str = "") -> Measurement:
    """Describe a measurement with one record a date, stamped at noon."""
    return Measurement(
        name=name,
        stamp=Stamp.NOON,
        merge=Merge.DAILY,
        table=DAILY_TABLE,
        tags=DEVICE,
        fields=fields,
        key=("time",),
        likeness=likeness,
        note=note,
    )


def total(resource: str, unit: str, likeness: dict[str, Likeness], note: str = "") -> Measurement:
    """Describe the total of a date."""
    return daily(f"Activity-{resource}", (number("value", unit),), likeness, note)


def sampled(name: str, stamp: Stamp, fields: tuple[Field, ...], *, note: str) -> Measurement:
    """Describe what is recorded many times a day; each date has a folder of its own."""
    return Measurement(
        name=name,
        stamp=stamp,
        merge=Merge.SAMPLED,
        table=f"{name.lower()}/",
        tags=DEVICE,
        fields=fields,
        key=("time",),
        likeness=SAME,
        note=note,
    )
