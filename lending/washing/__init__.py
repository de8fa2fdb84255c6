"""The washing centre: its table, its batches and machines, its hygiene tests and its wall."""
