"""Devices, and what a person's folders hold that nobody should read."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.takeout.member import Member, old_data, table, topic
from tests.support.takeout.order import Order

CANARY = "canary@example.org"
PERSONAL = {
    "Your Profile/Profile.csv": f"id,full_name,email_address\nABC123,Canary Person,{CANARY}\n",
    "Account Changes/Account Changes.csv": f"timestamp,field,old value\n2024-01-01T00:00:00Z,email,{CANARY}\n",
    "User Security Data/User Security Data.csv": f"email,last_login\n{CANARY},2024-01-01T00:00:00Z\n",
    "Social/friends.csv": f"friend\n{CANARY}\n",
}
READMES = ("Heart Rate Variability", "Sleep Score", "Paired Devices")
MENSTRUAL = "id,cycle_start_date,cycle_end_date\n"


def devices(order: Order) -> Iterator[Member]:
    """Write the phone and the watch as they were when the export was made."""
    found = [each for each in order.person.devices(order.made) if each.kind != "scale"]
    rows = [
        f"{number},{order.person.member_since},{each.last_sync:%Y-%m-%dT%H:%M:%S}.000Z,{each.battery_percent},,{each.name}"
        for number, each in enumerate(found, start=1)
    ]
    header = "tracker_id,date_added,last_sync_date_time,batt_level,tracker_name,device_type"
    yield topic(order, "Paired Devices", "Trackers.csv", table(header, rows))


def folders(order: Order) -> Iterator[Member]:
    """Write files of no use: personal ones, empty ones, and what explains the others."""
    for name, text in PERSONAL.items():
        folder, _, within = name.partition("/")
        yield topic(order, folder, within, text.encode())
    for folder in READMES:
        yield topic(order, folder, f"{folder}_readme.txt", b"Data in this folder:\n\ntimestamp - a date, a time\n")
    yield old_data(order, "badge.json", b"[]")
    ratio = table("timestamp,Infrared to Red Signal Ratio", [f"{order.first:%m/%d/%y} 23:40:00,-14"])
    yield old_data(order, f"estimated_oxygen_variation-{order.first}.csv", ratio)
    yield topic(order, "Biometrics", f"Glucose {order.first:%Y%m}.csv", b"no data")
    yield topic(order, "Menstrual Health", "menstrual_health_cycles.csv", MENSTRUAL.encode())
    yield Member("Takeout/archive_browser.html", b"<!DOCTYPE html><title>Google Takeout</title>")
