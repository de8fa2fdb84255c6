"""The officer's desk: stock, loans, people, places and everything a district decides."""
