"""Delivery shops: what is packed for which order, who may be told, and what comes back."""
