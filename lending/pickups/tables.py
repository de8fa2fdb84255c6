"""The tables of pick-up requests, which lie lower: couriers' rounds and orders stand on them too."""

from lending.requests.pickups.tables import OrderPlace, Pickup, PickupLoan, PickupVisit

__all__ = ["OrderPlace", "Pickup", "PickupLoan", "PickupVisit"]
