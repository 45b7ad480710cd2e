"""The Google Health API, answered from whatever records it is given."""

from cromwelld.simulator.google_health.app import application
from cromwelld.simulator.google_health.options import DOCUMENTED_QUOTA, UNVERIFIED_QUOTA, Failure, Options, Paging

__all__ = ["DOCUMENTED_QUOTA", "UNVERIFIED_QUOTA", "Failure", "Options", "Paging", "application"]
