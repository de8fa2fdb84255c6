"""Running the installation: migrations, start, backup, checks."""
