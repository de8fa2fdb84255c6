"""The washing table: sets and trays of pieces carried through receive, wash and pass by beeps."""
