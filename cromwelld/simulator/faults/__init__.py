"""Faults on demand: which request fails how is decided by a plan, from a seed."""

from cromwelld.simulator.faults.asked import Asked, stream_of
from cromwelld.simulator.faults.kinds import KINDS, LASTING, LATE, PASSING, RETIRED, ROTATION, WITHOUT_LOGIN, Fault
from cromwelld.simulator.faults.middleware import faulty
from cromwelld.simulator.faults.plan import FaultPlan, Said, plan, scripted

__all__ = [
    "KINDS",
    "LASTING",
    "LATE",
    "PASSING",
    "RETIRED",
    "ROTATION",
    "WITHOUT_LOGIN",
    "Asked",
    "Fault",
    "FaultPlan",
    "Said",
    "faulty",
    "plan",
    "scripted",
    "stream_of",
]
