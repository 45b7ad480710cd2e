"""The synthetic person served as the Fitbit Web API."""

from cromwelld.simulator.fitbit_web.app import application
from cromwelld.simulator.fitbit_web.endpoints import ENDPOINTS
from cromwelld.simulator.fitbit_web.options import DOCUMENTED_QUOTA, Failure, Options

__all__ = ["DOCUMENTED_QUOTA", "ENDPOINTS", "Failure", "Options", "application"]
