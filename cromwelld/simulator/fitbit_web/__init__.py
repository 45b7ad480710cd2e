"""The synthetic person served as the Fitbit Web API."""

from cromwelld.simulator.fitbit_web.app import application
from cromwelld.simulator.fitbit_web.endpoints import ENDPOINTS
from cromwelld.simulator.fitbit_web.options import Failure, Options

__all__ = ["ENDPOINTS", "Failure", "Options", "application"]
