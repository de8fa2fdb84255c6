"""Orders of delivery shops: packing, numbers, contacts and addresses, and how each stands."""
