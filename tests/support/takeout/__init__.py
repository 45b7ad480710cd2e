"""A Takeout export of the synthetic person, written from the vendor's reference and the person's truth alone.

Nothing here knows the importer: what is written is what an import is held against.
"""

from tests.support.takeout.export import members
from tests.support.takeout.member import Member
from tests.support.takeout.order import Layout, Order, Planted, Trap
from tests.support.takeout.packing import Form, pack

__all__ = ["Form", "Layout", "Member", "Order", "Planted", "Trap", "members", "pack"]
