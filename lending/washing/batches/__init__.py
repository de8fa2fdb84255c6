"""Wash batches: machines and programmes, what goes in, stages and readings, begin and end."""
