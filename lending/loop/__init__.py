"""The scan log, the one table of steps and the one writer."""
