"""What a district decides: terms, limits, and how long ware may stand on a shelf."""
