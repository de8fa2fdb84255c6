"""A demo district: places, people and two months of history, made through the one writer."""
