"""The washing centre's table: sets of pieces carried through receive, wash and pass."""
