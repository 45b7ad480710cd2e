"""A seeded synthetic person: what truly happened, in absolute instants, before any vendor gives it a shape."""

from cromwelld.simulator.person.person import Person
from cromwelld.simulator.person.values import (
    Activity,
    Device,
    HeartRate,
    Movement,
    NightDetails,
    PhoneSteps,
    Route,
    Sleep,
    Stage,
    Totals,
    Vitals,
    Weighing,
)

__all__ = [
    "Activity",
    "Device",
    "HeartRate",
    "Movement",
    "NightDetails",
    "Person",
    "PhoneSteps",
    "Route",
    "Sleep",
    "Stage",
    "Totals",
    "Vitals",
    "Weighing",
]
