"""Asking for pick-up at home: the asker's pages, the officer's list and settings."""
