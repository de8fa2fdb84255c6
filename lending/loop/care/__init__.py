"""What needs a head or a heart: reviews, claims of residents, mercy, write-offs, reminders."""
