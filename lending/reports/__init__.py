"""Numbers of a district: the month, return rates and uses per piece, each with one definition."""
