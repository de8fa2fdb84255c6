"""Districts, sites and their opening days: where things happen."""
