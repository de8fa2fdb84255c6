"""Delivery platforms: their keys, what they tell of orders, and what they are told in return."""
