"""Counted ware: a double-entry ledger of quantities, parts of sets, and stocktaking."""
