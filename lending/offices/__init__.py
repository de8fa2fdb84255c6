"""The district office's own cups: departments, bookings, staff cards, and what each had in a month."""
