"""What stands before either API: the door that every request passes, and the ways in which an answer can be sent."""

from cromwelld.simulator.front.answers import JSON_TYPE, Cut, Failure, Silent, Verbatim, Voice, failed
from cromwelld.simulator.front.door import Allowed, Clock, Door, Guard, Handler, Vendor
from cromwelld.simulator.front.received import RECEIVED, Budget, Received
from cromwelld.simulator.front.refusing import VendorRefusal

__all__ = [
    "JSON_TYPE",
    "RECEIVED",
    "Allowed",
    "Budget",
    "Clock",
    "Cut",
    "Door",
    "Failure",
    "Guard",
    "Handler",
    "Received",
    "Silent",
    "Vendor",
    "VendorRefusal",
    "Verbatim",
    "Voice",
    "failed",
]
