"""Photos people send along: cleaned, kept for thirty days, shown to officers alone."""
